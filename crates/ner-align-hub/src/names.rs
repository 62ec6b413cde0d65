//! Texts that are safe as names of files and as parts of addresses.

/// Length of a commit's name, in hexadecimal digits.
const COMMIT: usize = 40;

/// Whether a text has only characters that mean nothing special in paths and addresses.
pub(crate) fn is_plain(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    !text.is_empty() && text.bytes().all(plain)
}

/// Whether a text can name a file of its own: plain, not hidden, not a way up.
pub(crate) fn is_file_name(text: &str) -> bool {
    is_plain(text) && !text.starts_with('.')
}

/// Whether a revision is the full name of a commit, which never means another one.
pub(crate) fn is_commit(revision: &str) -> bool {
    revision.len() == COMMIT && revision.bytes().all(|byte| byte.is_ascii_hexdigit())
}
