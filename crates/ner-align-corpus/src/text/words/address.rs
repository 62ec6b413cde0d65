//! Where addresses of the web and of mail end.

/// Signs that open and close, for the end of an address.
const BRACKETS: [(char, char); 3] = [('(', ')'), ('[', ']'), ('{', '}')];

/// The bytes of a web address: all but punctuation and closing signs at its end.
pub(super) fn web_end(text: &str) -> usize {
    let mut end = text.len();
    while let Some(last) = text.get(..end).and_then(|address| address.chars().next_back()) {
        let address = text.get(..end).unwrap_or_default();
        let unopened = BRACKETS.iter().any(|(open, close)| {
            last == *close && address.matches(*open).count() < address.matches(*close).count()
        });
        let trails = matches!(
            last,
            '.' | ',' | ';' | ':' | '!' | '?' | '…' | '"' | '\'' | '’' | '”' | '»' | '>'
        );
        if !unopened && !trails {
            break;
        }
        end -= last.len_utf8();
    }
    end
}

/// The bytes of a mail address at the start, `NAME@HOST.TOP`.
pub(super) fn mail_end(text: &str) -> Option<usize> {
    let (name, host) = text.split_once('@')?;
    let in_name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-');
    if name.is_empty() || !name.chars().all(in_name) {
        return None;
    }
    let in_host = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-');
    let length = host.find(|c| !in_host(c)).unwrap_or(host.len());
    let host = host.get(..length)?.trim_end_matches(['.', '-']);
    let (domain, top) = host.rsplit_once('.')?;
    let fits = !domain.is_empty() && !top.is_empty() && top.chars().all(char::is_alphabetic);
    fits.then(|| name.len() + 1 + host.len())
}
