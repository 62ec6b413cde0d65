//! Text from right to left, which a page holds as it is seen, in the order in which it is read.

use super::mark::Mark;

/// Puts the characters of a line, which come from left to right, in the order of reading.
pub(crate) fn logical(mut marks: Vec<Mark>) -> Vec<Mark> {
    let from_right = marks.iter().filter(|mark| is_from_right(mark.c)).count();
    if from_right == 0 {
        return marks;
    }
    let from_left = marks.iter().filter(|mark| is_from_left(mark.c)).count();
    if from_right >= from_left {
        // The line runs from right to left; numbers and foreign words in it do not.
        marks.reverse();
        turn_runs(&mut marks, |c| is_from_left(c) || c.is_ascii_digit());
    } else {
        turn_runs(&mut marks, is_from_right);
    }
    marks
}

/// Reverses each run of such characters, with what stands between them.
fn turn_runs(marks: &mut [Mark], belongs: impl Fn(char) -> bool) {
    let opposite = |c: char| !belongs(c) && (is_from_left(c) || is_from_right(c));
    let mut at = 0;
    while at < marks.len() {
        if !belongs(marks[at].c) {
            at += 1;
            continue;
        }
        let end = marks[at..].iter().position(|mark| opposite(mark.c));
        let end = end.map_or(marks.len(), |length| at + length);
        let last = marks[at..end].iter().rposition(|mark| belongs(mark.c)).unwrap_or(0);
        marks[at..=at + last].reverse();
        at = end;
    }
}

/// Hebrew, Arabic, Syriac, Thaana and their presentation forms.
const fn is_from_right(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}')
        && !matches!(c, '\u{660}'..='\u{669}' | '\u{6F0}'..='\u{6F9}')
}

fn is_from_left(c: char) -> bool {
    c.is_alphabetic() && !is_from_right(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_as_seen_and_as_read() {
        for (seen, read) in [
            ("Ada 1843", "Ada 1843"),
            ("\u{5DD}\u{5D5}\u{5DC}\u{5E9}", "\u{5E9}\u{5DC}\u{5D5}\u{5DD}"),
            // A number within a line from right to left.
            ("12 \u{5E3}\u{5D3} ,\u{5D0}", "\u{5D0}, \u{5D3}\u{5E3} 12"),
            // A name of two words within a line from left to right.
            ("see \u{5D1}\u{5D0} \u{5D2} here", "see \u{5D2} \u{5D0}\u{5D1} here"),
            // A Latin name within a line from right to left.
            (
                "\u{5D4}\u{5D3}\u{5D2} Ada \u{5D1}\u{5D0}",
                "\u{5D0}\u{5D1} Ada \u{5D2}\u{5D3}\u{5D4}",
            ),
        ] {
            let marks = seen.chars().enumerate().map(|(index, c)| Mark {
                c,
                u0: index as f32,
                u1: index as f32 + 1.0,
                v: 0.0,
                size: 1.0,
            });
            let found: String = logical(marks.collect()).iter().map(|mark| mark.c).collect();
            assert_eq!(found, read, "{seen}");
        }
    }
}
