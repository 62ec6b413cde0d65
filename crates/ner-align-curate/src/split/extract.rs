//! Some sentences of a document as a document of their own.

use std::ops::Range;

use ner_align_core::{CharSpan, Document, Entity, SourceSpan, TextOrigin};

use ner_align_corpus::CharMap;

/// A document whose text is parted among its sentences: each has the text from its first word, the
/// first sentence from the start, up to the next sentence.
pub(super) struct Cutter<'a> {
    document: &'a Document,
    /// The byte at which each sentence's text starts.
    starts: Vec<usize>,
    /// The same in code points; empty where no span needs them.
    char_starts: Vec<usize>,
    chars: usize,
}

impl<'a> Cutter<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        let words = document.word_bytes();
        let starts: Vec<usize> = document
            .sentences()
            .iter()
            .enumerate()
            .map(|(index, sentence)| match words.get(sentence.words.start) {
                Some(word) if index > 0 => word.start,
                _ => 0,
            })
            .collect();
        let (mut char_starts, mut chars) = (Vec::new(), 0);
        if !document.unaligned().is_empty() {
            let map = CharMap::new(document.text());
            char_starts = starts.iter().map(|&start| map.char_of(start)).collect();
            chars = map.len();
        }
        Self { document, starts, char_starts, chars }
    }

    /// The sentences that a span touches, wherever its ends lie.
    fn touched(&self, span: &SourceSpan) -> Range<usize> {
        let ends = || span.pieces.iter().flat_map(|piece| [piece.start, piece.end]);
        let sentence_of = |char: usize| {
            let char = char.min(self.chars);
            self.char_starts.partition_point(|&start| start <= char).saturating_sub(1)
        };
        let first = ends().min().unwrap_or(0);
        // The last character inside; an empty span has one too.
        let last = ends().max().unwrap_or(0).saturating_sub(1).max(first);
        sentence_of(first)..sentence_of(last) + 1
    }

    /// The runs of sentences that no entity and no other span crosses.
    pub(super) fn units(&self) -> Vec<Range<usize>> {
        let sentences = self.document.sentences();
        // Sentence i + 1 is bound to sentence i.
        let mut bound = vec![false; sentences.len()];
        let sentence_of = |word| sentences.partition_point(|s| s.words.end <= word);
        for entity in self.document.entities() {
            let (first, last) = (sentence_of(entity.span.start), sentence_of(entity.span.end - 1));
            bound[first..last].fill(true);
        }
        for span in self.document.unaligned() {
            let touched = self.touched(span);
            bound[touched.start..touched.end - 1].fill(true);
        }
        let mut units = Vec::new();
        let mut start = 0;
        for (index, bound) in bound.iter().enumerate() {
            if !bound {
                units.push(start..index + 1);
                start = index + 1;
            }
        }
        units
    }

    /// A document of these sentences, in order, whole units at a time.
    pub(super) fn cut(&self, kept: impl Iterator<Item = usize>) -> Document {
        let document = self.document;
        let words = document.word_bytes();
        let exact = document.origin() == TextOrigin::Source;
        let gap = |from: usize, to: usize| document.text().get(from..to).unwrap_or_default();
        let mut builder = Document::builder();
        builder.set_id(document.id().map(str::to_owned));
        // The new place of each sentence's first word and first character.
        let mut moved: Vec<Option<(usize, usize)>> = vec![None; document.sentences().len()];
        let mut old_words = Vec::new();
        let mut chars = 0;
        for index in kept {
            let Some(sentence) = document.sentences().get(index) else { continue };
            moved[index] = Some((builder.len(), chars));
            if let Some(line) = sentence.line {
                builder.set_line(line);
            }
            sentence.comments.iter().for_each(|comment| builder.push_comment(comment));
            let end = self.starts.get(index + 1).copied().unwrap_or(document.text().len());
            if exact && index == 0 {
                builder.set_space_after(gap(0, words.first().map_or(0, |word| word.start)));
            }
            for word in sentence.words.range() {
                builder.push_word(document.word(word));
                let next = words.get(word + 1).map_or(end, |next| next.start.min(end));
                if exact {
                    builder.set_space_after(gap(words[word].end, next));
                }
            }
            builder.end_sentence();
            old_words.extend(sentence.words.range());
            if let (Some(start), next) = (self.char_starts.get(index), index + 1) {
                chars += self.char_starts.get(next).unwrap_or(&self.chars) - start;
            }
        }
        let mut part = builder.untagged();
        self.annotate(&mut part, &moved, &old_words);
        part
    }

    /// Takes the annotation of the kept sentences over.
    fn annotate(&self, part: &mut Document, moved: &[Option<(usize, usize)>], old_words: &[usize]) {
        let document = self.document;
        if let Some((tags, scheme)) = document.tags() {
            let tags = old_words.iter().filter_map(|&word| tags.get(word).cloned()).collect();
            // There is one for each word.
            if part.set_tags(tags, scheme).is_ok() {
                let spelled = old_words.iter().enumerate().filter_map(|(new, &old)| {
                    document.spelling(old).map(|spelling| (new, spelling.into()))
                });
                part.set_spellings(spelled.collect());
            }
        } else {
            let sentences = document.sentences();
            let entities = document.entities().iter().filter_map(|entity| {
                let span = entity.span;
                let sentence = sentences.partition_point(|s| s.words.end <= span.start);
                let (word, _) = (*moved.get(sentence)?)?;
                let start = word + span.start - sentences.get(sentence)?.words.start;
                Some(Entity::new(start, start + span.len(), entity.label.clone()))
            });
            let entities: Vec<Entity> = entities.collect();
            // They lie where they lay among the same words.
            let _ = part.set_entities(entities);
        }
        let spans = document.unaligned().iter().filter_map(|span| {
            let sentence = self.touched(span).start;
            let (_, char) = (*moved.get(sentence)?)?;
            let old = *self.char_starts.get(sentence)?;
            // All that it touches moved alike, and what lies past the text still does.
            let shift = |at: usize| at.saturating_add(char).saturating_sub(old);
            let pieces =
                span.pieces.iter().map(|p| CharSpan::new(shift(p.start), shift(p.end))).collect();
            Some(SourceSpan::new(pieces, span.label.clone(), span.reason))
        });
        part.set_unaligned(spans.collect());
    }
}
