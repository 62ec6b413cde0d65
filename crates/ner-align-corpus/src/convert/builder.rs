//! A conversion in one expression.

use std::path::{Path, PathBuf};

use ner_align_core::Scheme;

use super::conversion::{ConvertOptions, convert_all};
use super::folder::convert_folder;
use super::policy_names::{OnMisaligned, OnOverlap};
use super::summary::ConvertSummary;
use crate::io::is_folder_of_files;
use crate::registry::Input;
use crate::{CorpusError, Format};

/// Converts a corpus into another format. Both formats are detected unless they are named: that of
/// the input from its content and name, that of the output from its name.
///
/// ```
/// use ner_align_corpus::{Policy, convert};
/// # let folder = tempfile::tempdir()?;
/// # let (input, output) = (folder.path().join("a.jsonl"), folder.path().join("b.spacy"));
/// # std::fs::write(&input, "{\"text\": \"in Oslo\", \"label\": [[3, 6, \"LOC\"]]}")?;
/// let summary = convert(&input, &output).on_misaligned(Policy::Expand).run()?;
/// assert_eq!((summary.documents, summary.resolved.expanded), (1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn convert(input: impl Into<Input>, output: impl AsRef<Path>) -> Convert {
    convert_inputs([input], output)
}

/// As [`convert`], from several inputs; the output holds the documents of all, in order.
pub fn convert_inputs(
    inputs: impl IntoIterator<Item = impl Into<Input>>,
    output: impl AsRef<Path>,
) -> Convert {
    Convert {
        inputs: inputs.into_iter().map(Into::into).collect(),
        output: output.as_ref().to_owned(),
        options: ConvertOptions::default(),
    }
}

/// A conversion that [`Convert::run`] starts; see [`convert`].
#[derive(Debug)]
#[must_use = "nothing is converted before `run`"]
pub struct Convert {
    inputs: Vec<Input>,
    output: PathBuf,
    options: ConvertOptions,
}

impl Convert {
    /// Adds another input; the output holds the documents of all, in order.
    pub fn and(mut self, input: impl Into<Input>) -> Self {
        self.inputs.push(input.into());
        self
    }

    /// Names the format of the inputs.
    pub fn from(mut self, format: Format) -> Self {
        self.options.read.format = Some(format);
        self
    }

    /// Names the format of the output.
    pub fn to(mut self, format: Format) -> Self {
        self.options.to = Some(format);
        self
    }

    /// Names the scheme of the tags that are written.
    pub fn scheme(mut self, scheme: Scheme) -> Self {
        self.options.write.scheme = Some(scheme);
        self
    }

    /// Says what to do with spans that match no words.
    pub fn on_misaligned(mut self, policy: OnMisaligned) -> Self {
        self.options.policies.misaligned = Some(policy);
        self
    }

    /// Says what to do with entities that share words.
    pub fn on_overlap(mut self, policy: OnOverlap) -> Self {
        self.options.policies.overlap = Some(policy);
        self
    }

    /// Replaces all options, those set so far too.
    pub fn options(mut self, options: ConvertOptions) -> Self {
        self.options = options;
        self
    }

    /// Converts. A single input that is a folder of corpora becomes a folder of corpora, file by
    /// file. A folder of standoff files or of `.spacy` files is one corpus, but `.spacy` files become
    /// a folder where the output's name has no extension.
    ///
    /// # Errors
    /// Input that is not what its format says, entities that the target cannot hold and no policy
    /// settles, or a target that cannot be written.
    pub fn run(self) -> Result<ConvertSummary, CorpusError> {
        let Self { inputs, output, options } = self;
        if let [input] = inputs.as_slice()
            && let Some(folder) = input.as_path()
            && is_by_file(folder, &output, &options)
        {
            return convert_folder(folder, output, &options);
        }
        convert_all(inputs, output, &options)
    }
}

/// A folder that is not itself a corpus of a format of folders, or whose `.spacy` files are to become
/// a folder: its name does not say that it is a file.
fn is_by_file(input: &Path, output: &Path, options: &ConvertOptions) -> bool {
    let named = options.read.format;
    is_folder_of_files(input, named)
        || (input.is_dir()
            && options.to.is_some_and(|format| format != Format::Brat)
            && output.as_os_str() != "-"
            && output.extension().is_none()
            && named
                .map_or_else(|| Format::of_folder(input), Ok)
                .is_ok_and(|of| of == Format::DocBin))
}
