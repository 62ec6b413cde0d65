//! A paragraph to a document.

use std::collections::{BTreeMap, BTreeSet};

use ner_align_core::{
    ByteSpan, CharSpan, DecodeMode, Document, Entity, Finding, Label, Location, Misalignment,
    Scheme, Severity, SourceSpan, Tag,
};

use super::SpacyJsonOptions;
use super::model::{Paragraph, Span, Token};
use super::raw::{find, guess_spaces};
use crate::formats::json_scanner::Place;
use crate::formats::progress::Progress;
use crate::formats::spacy_tokens::Assembly;
use crate::formats::tagged::{SchemeGuess, TagTable, TagTexts};
use crate::text::{extent, shorten};
use crate::{CharMap, CorpusError, place_spans, span_finding};

/// What is known across the paragraphs of a file.
#[derive(Debug)]
pub(super) struct Builder {
    pub(super) progress: Progress,
    options: SpacyJsonOptions,
    table: TagTable,
    guess: SchemeGuess,
    /// What the file holds besides, and how often.
    others: BTreeMap<&'static str, usize>,
}

impl Builder {
    pub(super) fn new(name: String, options: SpacyJsonOptions) -> Self {
        Self {
            progress: Progress::new(name, options.max_findings).within(options.max_memory),
            options,
            table: TagTable::default(),
            guess: SchemeGuess::default(),
            others: BTreeMap::new(),
        }
    }

    /// Says what was in the file and is in no document.
    pub(super) fn note_others(&mut self) {
        let others = std::mem::take(&mut self.others);
        self.progress.not_kept("words, sentences and entities", others);
    }

    fn count_others(&mut self, paragraph: &Paragraph<'_>) {
        let mut count = |kind, filled: bool| {
            if filled {
                *self.others.entry(kind).or_default() += 1;
            }
        };
        count("categories of documents", paragraph.cats.0);
        count("lists of knowledge-base links", paragraph.links.0);
        for sentence in &paragraph.sentences {
            count("lists of brackets", sentence.brackets.0);
            for token in &sentence.tokens {
                count("part-of-speech tags", token.tag.0);
                count("parts of speech", token.pos.0);
                count("morphological features", token.morph.0);
                count("lemmas", token.lemma.0);
                count("dependencies", token.dep.0);
            }
        }
    }

    fn push(&mut self, place: Place, severity: Severity, code: &str, message: String) {
        let finding = Finding::new(severity, code, message);
        self.push_at(place, finding);
    }

    fn push_at(&mut self, place: Place, finding: Finding) {
        let column = finding.location.column.unwrap_or(place.column);
        let location = Location::default().with_line(place.line).with_column(column);
        self.progress.note_in_document(finding.at(location));
    }

    /// The document of a paragraph that starts at `place`.
    pub(super) fn document(
        &mut self,
        paragraph: &Paragraph<'_>,
        id: Option<&str>,
        place: Place,
    ) -> Result<Document, CorpusError> {
        self.count_others(paragraph);
        let tokens: Vec<&Token<'_>> =
            paragraph.sentences.iter().flat_map(|sentence| &sentence.tokens).collect();
        let (mut assembly, lost_raw) = self.text(paragraph, &tokens, place);
        let mut starts = Vec::with_capacity(paragraph.sentences.len());
        let mut start = 0;
        for sentence in &paragraph.sentences {
            starts.push(start);
            start += sentence.tokens.len();
        }
        starts.dedup();
        let mut tags = None;
        if tokens.iter().any(|token| token.ner.is_some()) {
            let read = self.tags(&tokens, &starts, place);
            let scheme = self.scheme();
            assembly.entities = scheme.decode(read.tags(), DecodeMode::Lenient).entities;
            let missing = read.tags().iter().enumerate().filter(|(_, tag)| **tag == Tag::Missing);
            assembly.missing = missing.map(|(word, _)| word).collect();
            tags = Some((read, scheme));
        } else {
            assembly.missing = (0..tokens.len()).collect();
        }
        assembly.starts = Some(starts);
        let given = paragraph.entities.as_deref().unwrap_or_default();
        self.spans(given, tags.is_some(), lost_raw, &mut assembly, place)?;
        let words = assembly.words.len();
        if self.options.fold_white_space {
            assembly.fold_white_space();
        }
        let scheme = tags.as_ref().map_or(Scheme::Biluo, |(_, scheme)| *scheme);
        let (mut document, lost) =
            assembly.document(scheme).map_err(|error| self.misfit(place, &error))?;
        document.set_id(id.map(str::to_owned));
        if let Some((tags, scheme)) = tags
            && document.len() == words
        {
            // Tags stay as they are where they say the same sentence by sentence.
            let mut as_read = document.clone();
            let tagged = tags.set_on(&mut as_read, scheme);
            if tagged.is_ok() && as_read.entities() == document.entities() {
                document = as_read;
            }
        }
        if lost > 0 {
            let message = format!(
                "expected missing words in documents whose entities are in one sentence each and share no word, found {lost} others, read as in no entity"
            );
            self.push(place, Severity::Warning, "missing-not-kept", message);
        }
        if !document.unaligned().is_empty() {
            let map = CharMap::new(document.text());
            for span in document.unaligned() {
                self.push_at(place, span_finding(&document, &map, span));
            }
        }
        Ok(document)
    }

    fn misfit(&self, place: Place, error: &dyn std::fmt::Display) -> CorpusError {
        CorpusError::input("document", "entities and words that fit", error.to_string())
            .at_path(&self.progress.name)
            .at(place.line, Some(place.column))
            .in_document(self.progress.documents)
    }

    /// The tokens in their text, and the raw text if they are not found in it.
    fn text<'p>(
        &mut self,
        paragraph: &'p Paragraph<'_>,
        tokens: &[&Token<'_>],
        place: Place,
    ) -> (Assembly, Option<&'p str>) {
        let spaced = tokens.iter().any(|token| token.space.is_some());
        let mut joined = Assembly::default();
        for (index, token) in tokens.iter().enumerate() {
            // The space of a token that does not say so is one.
            joined.push(&token.orth, false);
            match &token.space {
                Some(space) => joined.text.push_str(space),
                None if index + 1 < tokens.len() => joined.text.push(' '),
                None => {}
            }
        }
        let Some(raw) = &paragraph.raw else {
            joined.rebuilt = !tokens.is_empty()
                && tokens.iter().all(|token| token.space.as_deref().unwrap_or(" ") == " ");
            return (joined, None);
        };
        if spaced && joined.text == **raw {
            return (joined, None);
        }
        let Some(words) = find(raw, tokens) else {
            let message = format!(
                "expected a raw text with the tokens in it, found {:?}, read as the tokens",
                shorten(raw)
            );
            self.push(place, Severity::Warning, "raw-without-tokens", message);
            if !spaced {
                joined = guess_spaces(raw, tokens);
            }
            return (joined, Some(raw));
        };
        // Without `space`, the spaces are those of the raw text.
        let single = |(index, word): (usize, &ByteSpan)| {
            let next = words.get(index + 1).map_or(raw.len(), |next| next.start);
            matches!(raw.get(word.end..next), Some("" | " "))
        };
        let agrees = !spaced
            && words.first().is_none_or(|word| word.start == 0)
            && words.iter().enumerate().all(single);
        if !agrees {
            let message = format!(
                "expected a raw text that is the tokens and single spaces, found {:?}, read as it is; spaCy reads {:?}",
                shorten(raw),
                shorten(&joined.text)
            );
            self.push(place, Severity::Warning, "raw-differs", message);
        }
        (Assembly { text: raw.clone().into_owned(), words, ..Assembly::default() }, None)
    }

    /// The tags of the tokens; `starts` are the first words of sentences.
    fn tags(&mut self, tokens: &[&Token<'_>], starts: &[usize], place: Place) -> TagTexts {
        let mut tags = TagTexts::with_capacity(tokens.len());
        for (sentence, start) in starts.iter().enumerate() {
            let end = starts.get(sentence + 1).copied().unwrap_or(tokens.len());
            for (token, given) in tokens.get(*start..end).unwrap_or_default().iter().enumerate() {
                let text = given.ner.as_deref().unwrap_or("-");
                if self.options.scheme.is_none() {
                    self.guess.push(text);
                }
                if let Some(fault) = tags.push(&mut self.table, text) {
                    let location = Location::default().with_sentence(sentence).with_token(token);
                    self.push_at(place, fault.finding(text).at(location));
                }
            }
            self.guess.end_sentence();
        }
        tags
    }

    /// The scheme of the tags so far.
    fn scheme(&mut self) -> Scheme {
        match self.options.scheme {
            Some(scheme) => scheme,
            None if self.guess.saw_entity() => self.guess.scheme(),
            None => Scheme::Biluo,
        }
    }

    /// The list of entities, which counts where no token has a tag.
    fn spans(
        &mut self,
        given: &[Span],
        annotated: bool,
        lost_raw: Option<&str>,
        assembly: &mut Assembly,
        place: Place,
    ) -> Result<(), CorpusError> {
        if given.is_empty() {
            return Ok(());
        }
        // Offsets count in the text, so that its words are needed, and not how it came about.
        let document = Document::from_text(assembly.text.clone(), assembly.words.clone());
        let document = document.map_err(|error| self.misfit(place, &error))?;
        let map = CharMap::new(document.text());
        let mut spans = Vec::with_capacity(given.len());
        let mut nowhere = Vec::new();
        for Span(start, end, label) in given {
            let Some(label) = Label::new(label) else { continue };
            match (usize::try_from(*start), usize::try_from(*end)) {
                (Ok(start), Ok(end)) => spans.push((vec![CharSpan::new(start, end)], label)),
                // Python counts such offsets from the end; nobody means that here.
                _ => {
                    let pieces = vec![CharSpan::default()];
                    nowhere.push(SourceSpan::new(pieces, label, Misalignment::OutOfRange));
                }
            }
        }
        if let Some(raw) = lost_raw {
            // Offsets into another text hold where both say the same.
            let other = CharMap::new(raw);
            let (same, elsewhere) = spans.into_iter().partition(|(pieces, _)| {
                let bytes = extent(&other, pieces);
                let surface = bytes.and_then(|bytes| raw.get(bytes.range()));
                let here = extent(&map, pieces).and_then(|b| document.text().get(b.range()));
                surface == here
            });
            spans = same;
            let elsewhere: Vec<(Vec<CharSpan>, Label)> = elsewhere;
            nowhere.extend(
                elsewhere.into_iter().map(|(pieces, label)| {
                    SourceSpan::new(pieces, label, Misalignment::OutOfRange)
                }),
            );
        }
        let mut placed = place_spans(&document, &map, spans);
        if annotated {
            let tagged: BTreeSet<&Entity> = assembly.entities.iter().collect();
            let others = placed.entities.iter().filter(|entity| !tagged.contains(entity)).count()
                + placed.unaligned.len()
                + nowhere.len();
            if others > 0 {
                let message = format!(
                    "expected entities that the tags have too, found {others} others, not read, as in spaCy"
                );
                self.push(place, Severity::Warning, "entities-differ", message);
            }
            return Ok(());
        }
        placed.unaligned.extend(nowhere);
        assembly.entities = placed.entities;
        assembly.unaligned = placed.unaligned;
        assembly.missing.clear();
        Ok(())
    }
}
