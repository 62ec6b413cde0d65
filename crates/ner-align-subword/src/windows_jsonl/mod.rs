//! Windows as lines of JSON.

mod token_texts;

use std::io::{self, Write};

use ner_align_core::{Dataset, GoldSentence, IGNORE_INDEX, SubwordTokenizer, Window};

use token_texts::TokenTexts;

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
    lines: WindowLines<'a>,
    buffer: Vec<u8>,
}

impl<'a, W: Write> WindowWriter<'a, W> {
    /// A writer of windows that `tokenizer` made. Each data set is one write.
    pub fn new(out: W, tokenizer: &'a dyn SubwordTokenizer) -> Self {
        Self { out, lines: WindowLines::new(tokenizer), buffer: Vec::new() }
    }

    /// Writes all windows of a data set, in their order.
    ///
    /// # Errors
    /// An output that does not take them, or a window whose sentence is not in the data set; the
    /// windows before it are written.
    pub fn write(&mut self, dataset: &Dataset) -> io::Result<()> {
        self.buffer.clear();
        let made = self.lines.append(dataset, &mut self.buffer);
        self.out.write_all(&self.buffer)?;
        made
    }

    /// Flushes the output and returns it.
    ///
    /// # Errors
    /// An output that cannot be flushed.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}

impl<W> std::fmt::Debug for WindowWriter<'_, W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WindowWriter").finish_non_exhaustive()
    }
}

/// The lines that a [`WindowWriter`] writes, in memory. Threads share it: each makes the lines of
/// some data sets ([`Preparer::stream_map`](crate::Preparer::stream_map)).
pub struct WindowLines<'a> {
    tokens: TokenTexts<'a>,
}

impl<'a> WindowLines<'a> {
    /// Lines of windows that `tokenizer` made.
    pub fn new(tokenizer: &'a dyn SubwordTokenizer) -> Self {
        Self { tokens: TokenTexts::new(tokenizer) }
    }

    /// Appends a line for each window of a data set, in their order.
    ///
    /// # Errors
    /// A window whose sentence is not in the data set. The lines of the windows before it are
    /// appended.
    pub fn append(&self, dataset: &Dataset, out: &mut Vec<u8>) -> io::Result<()> {
        let names = dataset.labels.names().iter();
        let names: Vec<String> = names.map(|name| token_texts::quoted(name)).collect();
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
            self.line(window, sentence, &names, out);
        }
        Ok(())
    }

    fn line(&self, window: &Window, of: &GoldSentence, names: &[String], out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"document\":");
        number(of.document, out);
        out.extend_from_slice(b",\"sentence\":");
        number(of.sentence, out);
        out.extend_from_slice(b",\"window\":");
        number(window.index, out);
        out.extend_from_slice(b",\"input_ids\":");
        list(&window.input_ids, out, |id, out| number(*id, out));
        out.extend_from_slice(b",\"tokens\":");
        list(&window.input_ids, out, |id, out| self.tokens.append(*id, out));
        out.extend_from_slice(b",\"word_ids\":");
        list(&window.word_ids, out, |word, out| match word {
            Some(word) => number(*word, out),
            None => out.extend_from_slice(b"null"),
        });
        out.extend_from_slice(b",\"labels\":");
        list(&window.labels, out, |label, out| number(*label, out));
        out.extend_from_slice(b",\"tags\":");
        list(&window.labels, out, |label, out| {
            let class = usize::try_from(*label).ok().filter(|_| *label != IGNORE_INDEX);
            let name = class.and_then(|class| names.get(class));
            out.extend_from_slice(name.map_or(b"null", |name| name.as_bytes()));
        });
        out.extend_from_slice(b"}\n");
    }
}

impl std::fmt::Debug for WindowLines<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WindowLines").finish_non_exhaustive()
    }
}

fn number(number: impl itoa::Integer, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// A list of JSON.
fn list<T>(items: &[T], out: &mut Vec<u8>, item: impl Fn(&T, &mut Vec<u8>)) {
    let mut mark = b'[';
    for each in items {
        out.push(mark);
        mark = b',';
        item(each, out);
    }
    if items.is_empty() {
        out.push(mark);
    }
    out.push(b']');
}
