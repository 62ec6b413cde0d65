//! The tokenizer that a command line names.

use std::path::Path;

use ner_align_cli::Failure;
use ner_align_cli::model_source::locate_tokenizer;
use ner_align_subword::HfTokenizer;

/// Opens a folder, a `tokenizer.json`, or what an id on the Hugging Face Hub stands for.
pub(crate) fn open(argument: &Path, offline: bool) -> Result<HfTokenizer, Failure> {
    let path = locate_tokenizer(argument, offline)?;
    let tokenizer =
        if path.is_dir() { HfTokenizer::from_dir(path) } else { HfTokenizer::from_file(path) };
    Ok(tokenizer?)
}
