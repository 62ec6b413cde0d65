//! Files with entities marked.

use std::path::Path;

use ner_align_corpus::{
    Conversion, ConvertOptions, ConvertSummary, CorpusError, FormatReader, TextReader, open,
};

use super::Annotator;

/// Marks entities in all inputs, and writes them into one corpus.
///
/// Files that end in `.txt` or `.txt.gz` and standard input, `-`, are plain text, a document a line,
/// unless the options name a format. The findings of the annotator stay with it.
///
/// ```
/// use ner_align_core::Label;
/// use ner_align_corpus::ConvertOptions;
/// use ner_align_curate::annotate::{Annotator, Existing, annotate_files};
/// # let folder = tempfile::tempdir()?;
/// # let (input, output) = (folder.path().join("a.txt"), folder.path().join("a.jsonl"));
/// # std::fs::write(&input, "She moved to Oslo.\n")?;
/// let mut annotator = Annotator::new(false, Existing::Keep);
/// annotator.add_term("Oslo", Label::new("LOC").unwrap());
/// let summary = annotate_files(&[input], &output, &mut annotator, &ConvertOptions::default())?;
/// assert_eq!((summary.documents, summary.entities[&Label::new("LOC").unwrap()]), (1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Input that is not what its format says, entities that the output cannot hold and no policy
/// resolves, or an output that cannot be written.
pub fn annotate_files<P: AsRef<Path>>(
    inputs: &[P],
    output: impl AsRef<Path>,
    annotator: &mut Annotator,
    options: &ConvertOptions,
) -> Result<ConvertSummary, CorpusError> {
    let mut conversion = Conversion::new(output, options.clone())?;
    for input in inputs {
        let input = input.as_ref();
        let name = input.display().to_string();
        let mut reader: Box<dyn FormatReader> = if is_text(input, options) {
            Box::new(TextReader::open(input, &options.read)?)
        } else {
            open(input, &options.read)?
        };
        annotator.start_corpus(&name);
        conversion.read_from(&mut *reader, &name, &mut |document| annotator.annotate(document))?;
    }
    let mut summary = conversion.finish()?;
    summary.note_unused_labels(&options.read.labels);
    Ok(summary)
}

/// Plain text.
fn is_text(input: &Path, options: &ConvertOptions) -> bool {
    let packed = input.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz"));
    let name = if packed { input.with_extension("") } else { input.to_owned() };
    options.read.format.is_none()
        && (input.as_os_str() == "-"
            || name.extension().is_some_and(|end| end.eq_ignore_ascii_case("txt")))
}
