//! A line to a document.

use std::collections::BTreeMap;

use ner_align_core::{Document, Finding, Location, Scheme, Severity};

use super::JsonlOptions;
use super::answer::Answer;
use super::ends::EndsGuess;
use super::model::{Key, Record};
use super::seen::{Seen, told};
use super::spans::is_text;
use crate::CorpusError;
use crate::contract::{CsvColumns, OffsetUnit, OnSurfaceMismatch};
use crate::formats::json_scanner::Place;
use crate::formats::progress::Progress;
use crate::formats::tagged::{TagStyle, TagTable};
use crate::text::shorten;
use crate::text::words::WordSplitter;

/// Keys of the source that are counted one by one; those beyond are counted together.
const MAX_KEYS: usize = 64;

/// What is known across the lines of a file.
#[derive(Debug)]
pub(super) struct Builder {
    pub(super) progress: Progress,
    pub(super) tag_names: Option<Vec<String>>,
    pub(super) scheme: Scheme,
    pub(super) columns: CsvColumns,
    pub(super) offsets: OffsetUnit,
    pub(super) on_surface_mismatch: OnSurfaceMismatch,
    /// What the ends of spans of words are.
    pub(super) ends: EndsGuess,
    /// It was said what they are.
    pub(super) ends_said: bool,
    pub(super) splitter: WordSplitter,
    pub(super) left_out: usize,
    shape: Option<Seen>,
    pub(super) table: TagTable,
    /// What the file holds besides, and how often.
    others: BTreeMap<String, usize>,
}

/// What the start of a file says of the rest.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    pub(super) scheme: Scheme,
    pub(super) style: TagStyle,
    pub(super) ends: EndsGuess,
}

impl Builder {
    pub(super) fn new(
        name: String,
        options: JsonlOptions,
        told: Told,
    ) -> Result<Self, CorpusError> {
        let mut progress = Progress::new(name, options.max_findings).within(options.max_memory);
        progress.note_style(told.style);
        Ok(Self {
            progress,
            tag_names: options.tag_names,
            scheme: options.scheme.unwrap_or(told.scheme),
            columns: options.columns,
            offsets: options.offsets,
            on_surface_mismatch: options.on_surface_mismatch,
            ends: told.ends,
            ends_said: false,
            splitter: WordSplitter::new(&options.words)?,
            left_out: 0,
            shape: None,
            table: TagTable::of_style(told.style),
            others: BTreeMap::new(),
        })
    }

    /// Says what was in the file and is in no document.
    pub(super) fn note_others(&mut self) {
        for (key, count) in std::mem::take(&mut self.others) {
            let message = format!("expected text, words and spans, found {key} ×{count}, not kept");
            self.progress.note(Finding::new(Severity::Info, "not-kept", message));
        }
    }

    pub(super) fn count_other(&mut self, key: &str) {
        self.count_key(format!("{:?}", shorten(key)));
    }

    pub(super) fn count_key(&mut self, mut key: String) {
        if self.others.len() >= MAX_KEYS && !self.others.contains_key(&key) {
            "other keys".clone_into(&mut key);
        }
        *self.others.entry(key).or_default() += 1;
    }

    pub(super) fn push(&mut self, place: Place, finding: Finding) {
        self.progress.note_in_document(finding.at(Location::default().with_line(place.line)));
    }

    pub(super) fn warn(&mut self, place: Place, code: &str, message: String) {
        self.push(place, Finding::new(Severity::Warning, code, message));
    }

    pub(super) fn fault(
        &self,
        place: Place,
        code: &'static str,
        expected: &str,
        found: &str,
    ) -> CorpusError {
        self.at_place(CorpusError::input(code, expected, found), place)
    }

    pub(super) fn at_place(&self, error: CorpusError, place: Place) -> CorpusError {
        error
            .at_path(&self.progress.name)
            .at(place.line, Some(place.column))
            .in_document(self.progress.documents)
    }

    pub(super) fn misfit(&self, place: Place, error: &dyn std::fmt::Display) -> CorpusError {
        self.fault(place, "document", "words and entities that fit", &error.to_string())
    }

    /// The documents of a line: one, unless its annotator did not accept it, or annotated several
    /// texts.
    pub(super) fn documents(
        &mut self,
        mut record: Record<'_>,
        place: Place,
    ) -> Result<Vec<Document>, CorpusError> {
        let answer = match record.answer.as_deref() {
            Some("reject") if record.is_binary() => Answer::SpansWrong,
            Some("accept") if record.is_binary() => Answer::SpansRight,
            Some(answer @ ("reject" | "ignore")) => {
                self.leave_out(answer, place);
                return Ok(Vec::new());
            }
            _ => Answer::Whole,
        };
        if answer != Answer::Whole {
            self.note_binary(place);
        }
        for key in std::mem::take(&mut record.others) {
            self.count_other(&key);
        }
        let shape = told(&record);
        self.compare(shape, place);
        let id = record.id.take();
        let mut documents = match record.get(Key::Tokens) {
            Some(tokens) if !tokens.is_empty() && tokens.iter().all(is_text) => {
                vec![self.tokens_document(&mut record, place)?]
            }
            Some(tokens) if tokens.is_empty() && record.text.is_none() => {
                vec![self.tokens_document(&mut record, place)?]
            }
            _ if shape == Some(Seen::LabelStudio) || record.data.is_some() => {
                self.task(&mut record, id.as_deref(), place)?
            }
            _ => vec![self.text_document(&mut record, shape, answer, place)?],
        };
        if let [document] = documents.as_mut_slice()
            && document.id().is_none()
        {
            document.set_id(id);
        }
        let rest: Vec<String> = record.rest().map(str::to_owned).collect();
        for key in rest {
            self.count_other(&key);
        }
        Ok(documents)
    }

    /// Counts a document that its annotator did not accept.
    pub(super) fn leave_out(&mut self, answer: &str, place: Place) {
        let code = format!("answer-{answer}");
        let message = format!("expected an accepted document, found {answer:?}, left out");
        self.warn(place, &code, message);
        self.left_out += 1;
    }

    /// Says so where a document has another shape than those before it.
    fn compare(&mut self, shape: Option<Seen>, place: Place) {
        let Some(shape) = shape else { return };
        let first = *self.shape.get_or_insert(shape);
        if first != shape {
            let message = format!(
                "expected the shape of the first document, {}, found {}, read as that",
                first.as_str(),
                shape.as_str()
            );
            self.warn(place, "mixed-shapes", message);
        }
    }

    /// A document of text and spans.
    fn text_document<'a>(
        &mut self,
        record: &mut Record<'a>,
        shape: Option<Seen>,
        answer: Answer,
        place: Place,
    ) -> Result<Document, CorpusError> {
        let Some(text) = record.text.take() else {
            let expected = "a document with a \"text\", or with \"tokens\"";
            return Err(self.fault(place, "no-text", expected, "neither"));
        };
        let tokens = record.take(Key::Tokens);
        let spans = self.spans(record, shape, place)?;
        self.compose(&text, tokens, spans, answer, record.answer.is_some(), place)
    }
}
