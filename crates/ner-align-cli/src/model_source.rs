//! Where a model or a tokenizer comes from: a folder, or the Hugging Face Hub.

use std::path::{Path, PathBuf};

use crate::Failure;

/// Longest part of a model's id, as the Hub has it.
const LONGEST_PART: usize = 96;
/// The branch that is meant where none is named.
const DEFAULT_REVISION: &str = "main";

/// A model on the Hub, as people write it: `NAME`, `ORG/NAME`, `ORG/NAME@REVISION`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubId {
    /// `NAME` or `ORG/NAME`.
    pub id: String,
    /// A branch, a tag or a commit.
    pub revision: String,
}

impl HubId {
    /// Reads an id; `None` where the text has not the form of one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (id, revision) = text.split_once('@').unwrap_or((text, DEFAULT_REVISION));
        let parts: Vec<&str> = id.split('/').collect();
        let fine = parts.len() <= 2
            && parts.iter().all(|part| is_part(part))
            && !id.ends_with(".git")
            && !id.contains("--")
            && !id.contains("..");
        // A revision becomes a path in the cache and a part of an address.
        let named = revision.split('/').all(|part| is_name(part) && !part.starts_with('.'));
        (fine && named).then(|| Self { id: id.to_owned(), revision: revision.to_owned() })
    }
}

fn is_part(part: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let bytes = part.as_bytes();
    part.len() <= LONGEST_PART
        && is_name(part)
        && bytes.first().copied().is_some_and(word)
        && bytes.last().copied().is_some_and(word)
}

/// Whether a text has only characters that are plain in paths and addresses alike.
pub(crate) fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    !text.is_empty() && text.bytes().all(plain)
}

/// What is needed of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parts {
    /// The whole model.
    Model,
    /// Its tokenizer.
    Tokenizer,
}

/// Files on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// The folder, or the file that was named.
    pub path: PathBuf,
    /// Where on the Hub it came from, and the commit that was taken.
    pub origin: Option<(HubId, String)>,
}

impl Located {
    /// The name for people: the id on the Hub, or the folder's name.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.origin {
            Some((hub, _)) => hub.id.clone(),
            None => {
                let name = self.path.file_name().map(|name| name.to_string_lossy().into_owned());
                name.unwrap_or_else(|| self.path.display().to_string())
            }
        }
    }

    /// The commit, where it came from the Hub.
    #[must_use]
    pub fn commit(&self) -> Option<&str> {
        self.origin.as_ref().map(|(_, commit)| commit.as_str())
    }
}

/// The place of what the command line names: a path that exists is meant as such, everything else
/// that has the form of an id is taken from the Hub, or from the cache of it.
///
/// What is neither is returned as a path, for its reader to say what is wrong with it.
///
/// # Errors
/// A model that can be had neither from the Hub nor from the cache.
pub fn locate(argument: &Path, parts: Parts, offline: bool) -> Result<Located, Failure> {
    let path = || Located { path: argument.to_owned(), origin: None };
    match argument.to_str().and_then(HubId::parse) {
        Some(hub) if !argument.exists() => {
            fetch(&hub, parts, offline).map_err(|failure| match failure.hint {
                None => failure.hint(format!("and there is no folder {}", argument.display())),
                Some(_) => failure,
            })
        }
        _ => Ok(path()),
    }
}

/// Takes a model from the Hub, or from the cache of it.
///
/// # Errors
/// As [`locate`].
#[cfg(feature = "hub")]
pub fn fetch(hub: &HubId, parts: Parts, offline: bool) -> Result<Located, Failure> {
    let mut settings = crate::hub::Settings::from_env()?;
    settings.offline |= offline;
    crate::hub::fetch(hub, parts, &settings)
}

/// Says that this program cannot take models from the Hub.
///
/// # Errors
/// Always.
#[cfg(not(feature = "hub"))]
pub fn fetch(hub: &HubId, _: Parts, _: bool) -> Result<Located, Failure> {
    Err(Failure::environment(format!("{}: expected a folder, found nothing", hub.id))
        .hint("this program was built without the feature `hub`, which takes models from the Hub"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_from_paths() {
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
            let found = found.as_ref().map(|hub| (hub.id.as_str(), hub.revision.as_str()));
            assert_eq!(found, expected, "{text}");
        }
        assert_eq!(HubId::parse(&"a".repeat(LONGEST_PART + 1)), None);
    }

    #[test]
    fn what_exists_is_a_path() {
        let folder = tempfile::tempdir().unwrap();
        let located = locate(folder.path(), Parts::Model, true).unwrap();
        assert_eq!(located.path, folder.path());
        assert_eq!(located.commit(), None);
        // The folder that the tests run in has this one.
        assert_eq!(locate("src".as_ref(), Parts::Model, true).unwrap().name(), "src");
        let nowhere = locate("./no-such-folder".as_ref(), Parts::Model, true).unwrap();
        assert_eq!(nowhere.path, Path::new("./no-such-folder"));
    }
}
