//! The name of a model on the Hub.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::error::HubError;
use crate::names::is_plain;

/// Longest part of a model's id, as the Hub has it.
const LONGEST_PART: usize = 96;
/// The branch that is meant where none is named.
const DEFAULT_REVISION: &str = "main";

/// A model on the Hub, as people write it: `NAME`, `ORG/NAME` or `ORG/NAME@REVISION`.
///
/// ```
/// use ner_align_hub::HubId;
///
/// let id: HubId = "google-bert/bert-base-cased@v1.0".parse()?;
/// assert_eq!((id.name(), id.revision()), ("google-bert/bert-base-cased", "v1.0"));
/// assert_eq!("distilbert-base-cased".parse::<HubId>()?.revision(), "main");
/// assert!("./a/folder".parse::<HubId>().is_err());
/// # Ok::<(), ner_align_hub::HubError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HubId {
    name: String,
    revision: String,
}

impl HubId {
    /// Reads an id; `None` if the text does not have the form of one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (name, revision) = text.split_once('@').unwrap_or((text, DEFAULT_REVISION));
        let parts: Vec<&str> = name.split('/').collect();
        let valid = parts.len() <= 2
            && parts.iter().all(|part| is_part(part))
            && !name.ends_with(".git")
            && !name.contains("--")
            && !name.contains("..");
        (valid && is_revision(revision))
            .then(|| Self { name: name.to_owned(), revision: revision.to_owned() })
    }

    /// Reads an argument that may be a path or an id: `None` if there is something at that path, or
    /// if it does not have the form of an id.
    #[must_use]
    pub fn from_argument(argument: impl AsRef<Path>) -> Option<Self> {
        let argument = argument.as_ref();
        argument.to_str().and_then(Self::parse).filter(|_| !argument.exists())
    }

    /// `NAME` or `ORG/NAME`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A branch, a tag or a commit; `main` if none was named.
    #[must_use]
    pub fn revision(&self) -> &str {
        &self.revision
    }

    /// The same model at another branch, tag or commit.
    ///
    /// # Errors
    /// [`HubError::InvalidId`]: the revision has characters that no revision has.
    pub fn at(&self, revision: &str) -> Result<Self, HubError> {
        if is_revision(revision) {
            Ok(Self { name: self.name.clone(), revision: revision.to_owned() })
        } else {
            Err(HubError::InvalidId { text: format!("{}@{revision}", self.name) })
        }
    }
}

impl fmt::Display for HubId {
    /// `NAME@REVISION`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.revision)
    }
}

impl FromStr for HubId {
    type Err = HubError;

    fn from_str(text: &str) -> Result<Self, HubError> {
        Self::parse(text).ok_or_else(|| HubError::InvalidId { text: text.to_owned() })
    }
}

fn is_part(part: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let bytes = part.as_bytes();
    part.len() <= LONGEST_PART
        && is_plain(part)
        && bytes.first().copied().is_some_and(word)
        && bytes.last().copied().is_some_and(word)
}

/// A revision becomes a path in the cache and a part of an address.
fn is_revision(revision: &str) -> bool {
    revision.split('/').all(|part| is_plain(part) && !part.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_paths_differ() {
        for (text, expected) in [
            ("bert-base-cased", Some(("bert-base-cased", "main"))),
            ("google/bert_uncased_L-2", Some(("google/bert_uncased_L-2", "main"))),
            ("a/b.c@v1.0", Some(("a/b.c", "v1.0"))),
            ("a/b@refs/pr/1", Some(("a/b", "refs/pr/1"))),
            ("./model", None),
            ("/models/a", None),
            ("models/", None),
            ("a/b/c", None),
            ("a\\b", None),
            ("a b", None),
            ("a--b", None),
            ("a..b", None),
            ("a/b.git", None),
            ("-a", None),
            ("a.", None),
            ("a@", None),
            ("a@../../b", None),
            ("a@b//c", None),
            ("", None),
        ] {
            let found = HubId::parse(text);
            let found = found.as_ref().map(|id| (id.name(), id.revision()));
            assert_eq!(found, expected, "{text}");
            assert_eq!(text.parse::<HubId>().is_ok(), expected.is_some(), "{text}");
        }
        assert_eq!(HubId::parse(&"a".repeat(LONGEST_PART + 1)), None);
    }

    #[test]
    fn a_revision_stays_a_name() {
        let id = HubId::parse("a/b").unwrap();
        assert_eq!(id.at("refs/pr/1").unwrap().to_string(), "a/b@refs/pr/1");
        assert!(id.at("../../c").is_err());
    }

    #[test]
    fn what_exists_is_a_path() {
        // The folder that the tests run in has this one.
        assert_eq!(HubId::from_argument("src"), None);
        assert_eq!(HubId::from_argument("./no-such-folder"), None);
        assert_eq!(HubId::from_argument("no-such-folder"), HubId::parse("no-such-folder"));
    }
}
