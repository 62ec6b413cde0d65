//! Web origins whose pages may call the server.

use std::str::FromStr;

use axum::http::{HeaderValue, Uri};

use crate::error::ServeError;

/// An origin as browsers send it, `https://app.example.org` or `http://localhost:3000`; `*` stands
/// for every origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(HeaderValue);

impl Origin {
    /// True for `*`.
    pub(crate) fn is_any(&self) -> bool {
        self.0 == "*"
    }

    pub(crate) const fn header(&self) -> &HeaderValue {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = ServeError;

    fn from_str(text: &str) -> Result<Self, ServeError> {
        let fail = || ServeError::Origin { found: text.to_owned() };
        let is_origin = |uri: &Uri| {
            let parts = uri.scheme_str().zip(uri.authority());
            parts.is_some_and(|(scheme, host)| text == format!("{scheme}://{host}"))
        };
        if text != "*" && !text.parse::<Uri>().is_ok_and(|uri| is_origin(&uri)) {
            return Err(fail());
        }
        HeaderValue::from_str(text).map(Self).map_err(|_| fail())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_an_origin() {
        for (text, fine) in [
            ("*", true),
            ("https://app.example.org", true),
            ("http://localhost:3000", true),
            ("http://[::1]:3000", true),
            ("app.example.org", false),
            ("https://app.example.org/", false),
            ("https://app.example.org/page", false),
            ("", false),
            ("null", false),
        ] {
            assert_eq!(text.parse::<Origin>().is_ok(), fine, "{text}");
        }
    }
}
