//! Accents that are drawn by themselves above or below their letter, as TeX does.

use unicode_normalization::char::compose;

use super::mark::Mark;

/// An accent belongs to a letter that covers this share of its width.
const COVERED: f32 = 0.5;

/// Accents and what they are on a letter.
const ACCENTS: [(char, char); 16] = [
    ('`', '\u{300}'),
    ('´', '\u{301}'),
    ('^', '\u{302}'),
    ('ˆ', '\u{302}'),
    ('~', '\u{303}'),
    ('˜', '\u{303}'),
    ('¯', '\u{304}'),
    ('ˉ', '\u{304}'),
    ('˘', '\u{306}'),
    ('˙', '\u{307}'),
    ('¨', '\u{308}'),
    ('˚', '\u{30A}'),
    ('˝', '\u{30B}'),
    ('ˇ', '\u{30C}'),
    ('¸', '\u{327}'),
    ('˛', '\u{328}'),
];

/// Joins accents with their letters in a row of characters, which is sorted from left to right.
pub(crate) fn join(marks: &mut Vec<Mark>) {
    if !marks.iter().any(|mark| combining(mark.c).is_some()) {
        return;
    }
    let mut at = 0;
    while at < marks.len() {
        let Some((letter, c)) = host(marks, at) else {
            at += 1;
            continue;
        };
        marks[letter].c = c;
        marks.remove(at);
    }
}

/// The letter that an accent stands on, and what both are together.
fn host(marks: &[Mark], at: usize) -> Option<(usize, char)> {
    let accent = &marks[at];
    let sign = combining(accent.c)?;
    let covered = |letter: &Mark| {
        let shared = accent.u1.min(letter.u1) - accent.u0.max(letter.u0);
        shared / (accent.u1 - accent.u0).max(f32::MIN_POSITIVE)
    };
    let around = [at.checked_sub(1), Some(at + 1)].into_iter().flatten();
    let joined = around.filter_map(|index| {
        let letter = marks.get(index)?;
        let c = compose(with_dot(letter.c), sign)?;
        Some((covered(letter), index, c))
    });
    let best = joined.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= COVERED).then_some((best.1, best.2))
}

fn combining(c: char) -> Option<char> {
    match c {
        '\u{300}'..='\u{36F}' => Some(c),
        _ => ACCENTS.iter().find(|(accent, _)| *accent == c).map(|(_, sign)| *sign),
    }
}

/// The letter without its dot, on which accents stand, as the letter.
const fn with_dot(c: char) -> char {
    match c {
        'ı' => 'i',
        'ȷ' => 'j',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_over_letters() {
        // A character and where it starts; all are 10 wide, accents 6.
        for (name, drawn, expected) in [
            ("accent drawn first", &[('M', 0.0), ('¨', 12.0), ('u', 10.0), ('l', 20.0)][..], "Mül"),
            ("accent drawn last", &[('o', 0.0), ('˝', 2.0), ('s', 10.0)], "ős"),
            ("no dot", &[('n', 0.0), ('a', 10.0), ('ı', 20.0), ('¨', 22.0)], "naï"),
            ("below", &[('c', 0.0), ('¸', 3.0), ('a', 10.0)], "ça"),
            ("two", &[('e', 0.0), ('´', 2.0), ('e', 10.0), ('`', 12.0)], "éè"),
            ("beside its letter", &[('a', 0.0), ('^', 10.0), ('b', 16.0)], "a^b"),
            ("on no letter", &[('1', 0.0), ('¨', 2.0)], "1¨"),
            ("combining", &[('a', 0.0), ('\u{301}', 2.0)], "á"),
        ] {
            let mark = |&(c, u0): &(char, f32)| {
                let width = if combining(c).is_some() { 6.0 } else { 10.0 };
                Mark { c, u0, u1: u0 + width, v: 0.0, size: 20.0 }
            };
            let mut marks: Vec<Mark> = drawn.iter().map(mark).collect();
            marks.sort_by(|a, b| a.u0.total_cmp(&b.u0));
            join(&mut marks);
            let found: String = marks.iter().map(|mark| mark.c).collect();
            assert_eq!(found, expected, "{name}");
        }
    }
}
