//! Paths of a machine in texts that others will read.

/// What absolute paths of files begin with, on the usual systems.
const ROOTS: [&str; 14] = [
    "/home/",
    "/root/",
    "/Users/",
    "/tmp/",
    "/var/",
    "/mnt/",
    "/media/",
    "/opt/",
    "/srv/",
    "/data/",
    "/private/",
    "/workspace/",
    "/work/",
    "file://",
];
/// What may stand before a path that begins here; after another character it is a part of more,
/// such as an address on the web.
const BEFORE: &str = " \t\"'`([{<=:,|";

/// The first path of a machine in a text: its line, counted from 1, and the path.
pub(super) fn find(text: &str) -> Option<(usize, &str)> {
    text.lines().enumerate().find_map(|(index, line)| Some((index + 1, in_line(line)?)))
}

fn in_line(line: &str) -> Option<&str> {
    let mut previous = ' ';
    for (at, c) in line.char_indices() {
        let rest = line.get(at..)?;
        if BEFORE.contains(previous) && (ROOTS.iter().any(|it| rest.starts_with(it)) || drive(rest))
        {
            let end = rest.find(|c: char| c.is_whitespace() || "\"'`)]}>,|".contains(c));
            return rest.get(..end.unwrap_or(rest.len()));
        }
        previous = c;
    }
    None
}

/// A path of Windows, such as `C:\Users`.
fn drive(text: &str) -> bool {
    let bytes = text.as_bytes();
    matches!(bytes, [letter, b':', b'\\', ..] if letter.is_ascii_alphabetic())
        || matches!(bytes, [letter, b':', b'/', next, ..]
            if letter.is_ascii_alphabetic() && next.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_from_addresses_and_labels() {
        for (text, expected) in [
            ("a\n`/home/ada/data.conll` b", Some((2, "/home/ada/data.conll"))),
            ("{\"_name_or_path\": \"/mnt/models/bert\"}", Some((1, "/mnt/models/bert"))),
            ("path=/Users/ada", Some((1, "/Users/ada"))),
            ("\"C:\\\\Users\\\\ada\"", Some((1, "C:\\\\Users\\\\ada"))),
            ("(D:/data/x)", Some((1, "D:/data/x"))),
            ("file:///x", Some((1, "file:///x"))),
            ("https://example.org/home/ada", None),
            ("\"/person/artist\"", None),
            ("org/data and/or a/home/b", None),
            ("https://x.org", None),
            ("re:/x", None),
        ] {
            assert_eq!(find(text), expected, "{text}");
        }
    }
}
