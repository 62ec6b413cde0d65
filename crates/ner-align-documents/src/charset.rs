//! Bytes to text.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::error::DocumentsError;

/// How much of an HTML file may come before its `meta` with the charset: the standard's 1024 bytes
/// are exceeded by real pages.
const META_BYTES: usize = 4096;

/// Plain text or Markdown: UTF-8, or UTF-16 with a byte order mark. The mark is no part of the text.
pub(crate) fn text(bytes: &[u8], what: &str) -> Result<String, DocumentsError> {
    let (encoding, mark) = Encoding::for_bom(bytes).unwrap_or((UTF_8, 0));
    let body = &bytes[mark..];
    if encoding == UTF_8 {
        return std::str::from_utf8(body).map(str::to_owned).map_err(|error| {
            let at = mark + error.valid_up_to();
            let byte = bytes.get(at).copied().unwrap_or_default();
            DocumentsError::malformed(
                format!("{what} in UTF-8"),
                format!("byte 0x{byte:02X} at byte {at}, which is none"),
            )
        });
    }
    let (text, faulty) = encoding.decode_without_bom_handling(body);
    if faulty {
        let found = format!("{} with an unpaired surrogate or half a unit", encoding.name());
        return Err(DocumentsError::malformed(what, found));
    }
    Ok(text.into_owned())
}

/// HTML: by the byte order mark, else by the `meta` element, else UTF-8 if it is that, else
/// Windows-1252. As in browsers, faulty bytes become U+FFFD.
pub(crate) fn html(bytes: &[u8]) -> String {
    let (encoding, mark) = match Encoding::for_bom(bytes) {
        Some(known) => known,
        None => (declared(bytes).unwrap_or_else(|| guessed(bytes)), 0),
    };
    encoding.decode_without_bom_handling(&bytes[mark..]).0.into_owned()
}

fn guessed(bytes: &[u8]) -> &'static Encoding {
    if std::str::from_utf8(bytes).is_ok() { UTF_8 } else { WINDOWS_1252 }
}

/// The charset that a `meta` element or an XML declaration names.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(META_BYTES)];
    let head = head.to_ascii_lowercase();
    let mut rest = head.as_slice();
    if let Some(xml) = rest.strip_prefix(b"<?xml") {
        let end = find(xml, b"?>").unwrap_or(xml.len());
        if let Some(encoding) = named(&xml[..end], b"encoding") {
            return Some(encoding);
        }
    }
    while let Some(at) = find(rest, b"<") {
        rest = &rest[at..];
        if rest.starts_with(b"<!--") {
            rest = &rest[find(rest, b"-->")?..];
        } else if rest.starts_with(b"<meta") {
            let end = find(rest, b">").unwrap_or(rest.len());
            if let Some(encoding) = named(&rest[..end], b"charset") {
                return Some(encoding);
            }
        }
        rest = rest.get(1..)?;
    }
    None
}

/// The encoding in `charset = "NAME"`. A page that can be read as ASCII so far is not in UTF-16.
fn named(tag: &[u8], key: &[u8]) -> Option<&'static Encoding> {
    let after = &tag[find(tag, key)? + key.len()..];
    let after = after.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let after = after.strip_prefix(b"\"").or_else(|| after.strip_prefix(b"'")).unwrap_or(after);
    let is_label = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_:.".contains(byte);
    let end = after.iter().position(|byte| !is_label(byte)).unwrap_or(after.len());
    let encoding = Encoding::for_label(&after[..end])?;
    Some(if [UTF_16BE, UTF_16LE].contains(&encoding) { UTF_8 } else { encoding })
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text() {
        assert_eq!(text(b"\xEF\xBB\xBFAda", "text").unwrap(), "Ada");
        assert_eq!(text(b"\xFF\xFEA\0d\0", "text").unwrap(), "Ad");
        assert_eq!(text(b"\xFE\xFF\0A", "text").unwrap(), "A");
        let error = text(b"caf\xE9", "text").unwrap_err().to_string();
        assert_eq!(error, "expected text in UTF-8, found byte 0xE9 at byte 3, which is none");
        assert!(text(b"\xFF\xFEA\0d", "text").is_err());
    }

    #[test]
    fn charsets_of_html() {
        for (bytes, expected) in [
            (b"caf\xC3\xA9".as_slice(), "café"),
            (b"caf\xE9 \x80", "café €"),
            (b"\xEF\xBB\xBF<meta charset=latin1>\xC3\xA9", "<meta charset=latin1>é"),
            (b"<META CharSet='koi8-r'>\xC1", "<META CharSet='koi8-r'>а"),
            (
                b"<meta http-equiv=content-type content=\"text/html; charset=shift_jis\">\x82\xA0",
                "<meta http-equiv=content-type content=\"text/html; charset=shift_jis\">あ",
            ),
            (
                b"<!-- <meta charset=koi8-r> --><meta charset=latin1>\xE9",
                "<!-- <meta charset=koi8-r> --><meta charset=latin1>é",
            ),
            (
                b"<?xml version='1.0' encoding='iso-8859-2'?>\xB1",
                "<?xml version='1.0' encoding='iso-8859-2'?>ą",
            ),
            (b"<meta charset=utf-16>\xC3\xA9", "<meta charset=utf-16>é"),
            (b"<meta charset=none>\xE9", "<meta charset=none>é"),
            (b"<!--", "<!--"),
        ] {
            assert_eq!(html(bytes), expected);
        }
    }
}
