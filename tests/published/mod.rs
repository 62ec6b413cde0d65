//! The published corpora, which are not part of the repository. The tests that read them include this
//! file by its path.

use std::path::PathBuf;

/// A file or folder of the corpora, which `NER_ALIGN_DATA` names.
pub(crate) fn data(name: &str) -> PathBuf {
    let Some(folder) = std::env::var_os("NER_ALIGN_DATA") else {
        panic!("NER_ALIGN_DATA does not name the folder of the published corpora");
    };
    let path = PathBuf::from(folder).join(name);
    assert!(path.exists(), "NER_ALIGN_DATA lacks {}", path.display());
    path
}
