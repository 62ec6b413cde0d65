//! UTF-8 that was read as cp1252 or Latin-1.

/// What a word was before its UTF-8 was read as cp1252, if it looks like that.
///
/// A word qualifies if some run of its characters is, byte by byte, UTF-8 of a Latin letter, of
/// general punctuation, or of two letters of another script in a row. Single pairs that occur in
/// honest text, such as `É»` at the end of a French quotation, do not.
pub(super) fn meant(word: &str) -> Option<String> {
    if word.is_ascii() {
        return None;
    }
    let mut result = String::with_capacity(word.len());
    let characters: Vec<char> = word.chars().collect();
    let (mut index, mut found, mut others) = (0, false, 0);
    while let Some(&character) = characters.get(index) {
        match sequence(&characters[index..]) {
            Some((decoded, length)) => {
                let latin = matches!(decoded, '\u{A0}'..='\u{17F}');
                let closing = characters.get(index + 1) == Some(&'»');
                let punctuation = matches!(decoded, '\u{2010}'..='\u{20CF}' | '\u{2122}');
                others = if latin || punctuation { 0 } else { others + 1 };
                found |= (latin && !closing) || punctuation || others > 1;
                result.push(decoded);
                index += length;
            }
            None => {
                others = 0;
                result.push(character);
                index += 1;
            }
        }
    }
    found.then_some(result)
}

/// The character whose UTF-8 these characters are the bytes of, and how many they are.
fn sequence(characters: &[char]) -> Option<(char, usize)> {
    let first = byte_of(*characters.first()?)?;
    let length = match first {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return None,
    };
    let mut bytes = [0; 4];
    for (byte, character) in bytes.iter_mut().zip(characters.get(..length)?) {
        *byte = byte_of(*character)?;
    }
    let decoded = std::str::from_utf8(&bytes[..length]).ok()?.chars().next()?;
    Some((decoded, length))
}

/// The byte that a character is in cp1252, with Latin-1 where cp1252 has none.
fn byte_of(character: char) -> Option<u8> {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž',
        '\u{8F}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}',
        'ž', 'Ÿ',
    ];
    match u8::try_from(character) {
        Ok(byte) => Some(byte),
        Err(_) => {
            let index = HIGH.iter().position(|&high| high == character)?;
            u8::try_from(0x80 + index).ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::meant;

    #[test]
    fn only_what_was_read_twice() {
        for (word, expected) in [
            ("cafÃ©", Some("café")),
            ("itâ€™s", Some("it’s")),
            ("Â£5", Some("£5")),
            // One byte was lost on the way.
            ("ÐœÐ¾ÑÐºÐ²Ð°", Some("МоÑква")),
            ("ÐŸÑ€Ð¸", Some("При")),
            ("â€œyes", Some("“yes")),
            ("café", None),
            ("CAFÉ»", None),
            ("«SÃ»", None),
            ("São", None),
            ("naïve", None),
            ("Müller’s", None),
            ("Москва", None),
            ("½°", None),
        ] {
            assert_eq!(meant(word).as_deref(), expected, "{word}");
        }
    }
}
