//! Windows as lines of JSON.

use std::io::{self, Write};

use ner_align_core::{Dataset, IGNORE_INDEX, LabelSet, SubwordTokenizer, Window};
use serde::Serialize;

/// Writes windows as JSON Lines, one line for each window.
///
/// | key | value |
/// |---|---|
/// | `document` | index of the document within the corpus |
/// | `sentence` | index of the sentence within the document |
/// | `window` | index of the window within the sentence |
/// | `input_ids` | subtoken ids, special tokens included: `[positions]` |
/// | `tokens` | the texts of the subtokens: `[positions]` |
/// | `word_ids` | index of each position's word within the sentence, `null` for special tokens: `[positions]` |
/// | `labels` | class ids, -100 where ignored: `[positions]` |
/// | `tags` | names of the classes, `null` where ignored: `[positions]` |
///
/// All indices count from 0. `transformers` and `datasets` read `input_ids` and `labels` as they are.
///
/// ```
/// use ner_align_core::{Document, Label, Scheme, Tag};
/// use ner_align_subword::{Aligner, HfTokenizer, Preparer, Strategy, WindowWriter};
/// # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tokenizers/wordpiece");
/// let tokenizer = HfTokenizer::from_dir(folder)?;
/// let labels = Strategy::First.label_set(Label::new("LOC"), Scheme::Iob2);
/// let aligner = Aligner::new(Strategy::First, &labels)?;
/// let preparer = Preparer::new(&tokenizer, &aligner, &labels);
///
/// let mut document = Document::builder();
/// ["in", "Oslo"].into_iter().for_each(|word| document.push_word(word));
/// let document = document.tagged(vec![Tag::Outside, Tag::parse("B-LOC")?], Scheme::Iob2)?;
///
/// let mut writer = WindowWriter::new(Vec::new(), &tokenizer);
/// writer.write(&preparer.dataset(&[document])?)?;
/// let lines = String::from_utf8(writer.finish()?)?;
/// assert!(lines.starts_with(r#"{"document":0,"sentence":0,"window":0,"input_ids":["#));
/// assert!(lines.contains(r#""B-LOC""#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct WindowWriter<'a, W> {
    out: W,
    tokenizer: &'a dyn SubwordTokenizer,
}

/// One line.
#[derive(Serialize)]
struct Line<'a> {
    document: usize,
    sentence: usize,
    window: usize,
    input_ids: &'a [u32],
    tokens: Vec<String>,
    word_ids: &'a [Option<u32>],
    labels: &'a [i64],
    tags: Vec<Option<&'a str>>,
}

impl<'a, W: Write> WindowWriter<'a, W> {
    /// A writer of windows that `tokenizer` made. Each line is several small writes, so `out` should
    /// be buffered.
    pub fn new(out: W, tokenizer: &'a dyn SubwordTokenizer) -> Self {
        Self { out, tokenizer }
    }

    /// Writes all windows of a data set, in their order.
    ///
    /// # Errors
    /// An output that does not take them, or a window whose sentence is not in the data set.
    pub fn write(&mut self, dataset: &Dataset) -> io::Result<()> {
        for window in &dataset.windows {
            let Some(sentence) = dataset.sentences.get(window.sentence) else {
                let count = dataset.sentences.len();
                return Err(io::Error::new(
                    io::ErrorKind::InvalidInput,
                    format!(
                        "expected a window of one of {count} sentences, found sentence {}",
                        window.sentence
                    ),
                ));
            };
            let line = Line {
                document: sentence.document,
                sentence: sentence.sentence,
                window: window.index,
                input_ids: &window.input_ids,
                tokens: self.tokens(window),
                word_ids: &window.word_ids,
                labels: &window.labels,
                tags: names(&dataset.labels, window),
            };
            serde_json::to_writer(&mut self.out, &line)?;
            self.out.write_all(b"\n")?;
        }
        Ok(())
    }

    /// Flushes the output and returns it.
    ///
    /// # Errors
    /// An output that cannot be flushed.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }

    fn tokens(&self, window: &Window) -> Vec<String> {
        let token = |&id: &u32| self.tokenizer.token(id).unwrap_or_default();
        window.input_ids.iter().map(token).collect()
    }
}

impl<W> std::fmt::Debug for WindowWriter<'_, W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WindowWriter").finish_non_exhaustive()
    }
}

/// The class names of a window's positions.
fn names<'a>(labels: &'a LabelSet, window: &Window) -> Vec<Option<&'a str>> {
    let name = |&label: &i64| {
        let id = usize::try_from(label).ok().filter(|_| label != IGNORE_INDEX)?;
        labels.names().get(id).map(String::as_str)
    };
    window.labels.iter().map(name).collect()
}
