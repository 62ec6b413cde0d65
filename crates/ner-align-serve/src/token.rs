//! The bearer token that clients show.

use std::fmt;
use std::fs::File;
use std::path::Path;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use ner_align_core::{MAX_SETTINGS_BYTES, read_at_most};
use subtle::ConstantTimeEq;

use crate::error::ServeError;

/// Most bytes of a file that can hold a token.
const MOST_BYTES: usize = 4096;

/// A secret that clients send as `Authorization: Bearer TOKEN`. It shows itself nowhere.
#[derive(Clone)]
pub struct Token(Box<[u8]>);

impl Token {
    /// A token; white space around it is no part of it.
    ///
    /// # Errors
    /// [`ServeError::Token`] if it is empty or has other characters than visible ASCII.
    pub fn new(text: &str) -> Result<Self, ServeError> {
        let fail = |found| ServeError::Token { expected: "visible ASCII characters", found };
        let text = text.trim();
        match text.bytes().find(|byte| !byte.is_ascii_graphic()) {
            _ if text.is_empty() => Err(fail("nothing")),
            Some(_) => Err(fail("another character")),
            None => Ok(Self(text.as_bytes().into())),
        }
    }

    /// The token that a file holds.
    ///
    /// # Errors
    /// [`ServeError::Io`] if the file cannot be read, and those of [`Token::new`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ServeError> {
        let path = path.as_ref();
        let bytes = File::open(path)
            .and_then(|file| read_at_most(file, MAX_SETTINGS_BYTES))
            .map_err(|error| ServeError::io(path, error))?;
        match std::str::from_utf8(&bytes) {
            Ok(text) if text.len() <= MOST_BYTES => Self::new(text),
            _ => Err(ServeError::Token {
                expected: "a file with one line of visible ASCII characters",
                found: "something else",
            }),
        }
    }

    /// True if a request shows this token. The time that this takes says nothing of the token but
    /// its length.
    pub(crate) fn is_shown(&self, headers: &HeaderMap) -> bool {
        let shown = headers.get(AUTHORIZATION).map(axum::http::HeaderValue::as_bytes);
        let Some((scheme, token)) = shown.and_then(|value| value.split_at_checked(7)) else {
            return false;
        };
        scheme.eq_ignore_ascii_case(b"bearer ") && bool::from(token.trim_ascii().ct_eq(&self.0))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_token_and_who_shows_it() {
        for wrong in ["", " \n", "two words", "é"] {
            assert!(Token::new(wrong).is_err(), "{wrong:?}");
        }
        let token = Token::new(" s3cret\n").unwrap();
        assert_eq!(format!("{token:?}"), "Token(…)");
        for (value, shown) in [
            ("Bearer s3cret", true),
            ("bearer  s3cret", true),
            ("Bearer s3cre", false),
            ("Bearer s3crets", false),
            ("Basic s3cret", false),
            ("s3cret", false),
            ("", false),
            ("Bearer", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, value.parse().unwrap());
            assert_eq!(token.is_shown(&headers), shown, "{value:?}");
        }
        assert!(!token.is_shown(&HeaderMap::new()));
    }
}
