//! The annotation of a document: tags, entities, and spans that do not match words.

use super::{Document, DocumentError, SourceSpan};
use crate::scheme::{keep_missing, lenient_entities};
use crate::{Entity, Scheme, SchemeError, Score, Tag, WordSpan};

impl Document {
    /// The tags as they were read, one for each word, and their scheme; `None` if the source has no
    /// tags.
    #[must_use]
    pub fn tags(&self) -> Option<(&[Tag], Scheme)> {
        self.tags.as_ref().map(|(tags, scheme)| (tags.as_slice(), *scheme))
    }

    /// The tags in `scheme`, one for each word.
    ///
    /// Tags that were read in the same scheme are returned unchanged. Otherwise the entities are
    /// encoded, and missing words stay missing.
    ///
    /// # Errors
    /// [`SchemeError`] if entities overlap or cross the end of a sentence.
    pub fn tags_in(&self, scheme: Scheme) -> Result<Vec<Tag>, SchemeError> {
        if let Some((tags, own)) = &self.tags
            && *own == scheme
        {
            return Ok(tags.clone());
        }
        self.encode_tags(scheme)
    }

    /// The entities encoded in `scheme`, one tag for each word; missing words stay missing.
    ///
    /// # Errors
    /// As [`Document::tags_in`].
    pub fn encode_tags(&self, scheme: Scheme) -> Result<Vec<Tag>, SchemeError> {
        let mut tags = Vec::with_capacity(self.len());
        let mut rest = self.entities.as_slice();
        for sentence in &self.sentences {
            let WordSpan { start, end } = sentence.words;
            let here = rest.partition_point(|entity| entity.span.start < end);
            let (inside, after) = rest.split_at(here);
            rest = after;
            if let Some(entity) = inside.iter().find(|entity| entity.span.end > end) {
                return Err(SchemeError::CrossesSentence { entity: entity.clone(), end });
            }
            let inside: Vec<Entity> = inside
                .iter()
                .map(|e| Entity::new(e.span.start - start, e.span.end - start, e.label.clone()))
                .collect();
            tags.extend(scheme.encode(&inside, sentence.words.len())?);
        }
        if let Some((own, _)) = &self.tags {
            keep_missing(own, &mut tags);
        }
        Ok(tags)
    }

    /// Replaces the annotation by tags, one for each word.
    ///
    /// # Errors
    /// [`DocumentError::TagCount`] if the number of tags is not the number of words.
    pub fn set_tags(&mut self, tags: Vec<Tag>, scheme: Scheme) -> Result<(), DocumentError> {
        if tags.len() != self.len() {
            return Err(DocumentError::TagCount { tags: tags.len(), words: self.len() });
        }
        self.spellings.clear();
        self.entities.clear();
        for sentence in &self.sentences {
            let WordSpan { start, .. } = sentence.words;
            lenient_entities(&tags[sentence.words.range()], start, &mut self.entities);
        }
        self.tags = Some((tags, scheme));
        Ok(())
    }

    /// Replaces the annotation by entities, in any order. All words count as annotated.
    ///
    /// # Errors
    /// [`DocumentError::Entity`] if an entity is empty or ends past the last word.
    pub fn set_entities(&mut self, mut entities: Vec<Entity>) -> Result<(), DocumentError> {
        if let Some(entity) = entities.iter().find(|e| e.span.is_empty() || e.span.end > self.len())
        {
            return Err(DocumentError::Entity { entity: entity.clone(), words: self.len() });
        }
        entities.sort();
        self.entities = entities;
        self.tags = None;
        self.spellings.clear();
        Ok(())
    }

    /// Sets the scores of the entities, in the order of [`Document::entities`].
    ///
    /// Extra scores are ignored; entities without a score in the list lose theirs.
    pub fn set_scores(&mut self, scores: impl IntoIterator<Item = Option<Score>>) {
        let mut scores = scores.into_iter();
        for entity in &mut self.entities {
            entity.score = scores.next().flatten();
        }
    }

    /// The source's spelling of a word's tag, if it differs from that of [`Document::tags`], such as
    /// `B-` or `TIM`.
    #[must_use]
    pub fn spelling(&self, word: usize) -> Option<&str> {
        let at = self.spellings.binary_search_by_key(&word, |(word, _)| *word).ok()?;
        self.spellings.get(at).map(|(_, spelling)| spelling.as_ref())
    }

    /// Sets the source's spellings of the tags of these words. Setting tags or entities removes
    /// them.
    pub fn set_spellings(&mut self, mut spellings: Vec<(usize, Box<str>)>) {
        spellings.sort_by_key(|(word, _)| *word);
        self.spellings = spellings;
    }

    /// The spans of the source that do not match words, see [`Misalignment`](crate::Misalignment).
    /// They are not among the tags and entities.
    #[must_use]
    pub fn unaligned(&self) -> &[SourceSpan] {
        &self.unaligned
    }

    /// The words that [`Document::unaligned`] spans touch, ascending. They are annotated, but tags
    /// cannot express how.
    #[must_use]
    pub fn words_of_unaligned(&self) -> Vec<usize> {
        if self.unaligned.is_empty() {
            return Vec::new();
        }
        let bytes: Vec<usize> = self.text().char_indices().map(|(byte, _)| byte).collect();
        let byte = |char: usize| bytes.get(char).copied().unwrap_or(self.text().len());
        let mut words = Vec::new();
        for piece in self.unaligned.iter().flat_map(|span| &span.pieces) {
            let (start, end) = (byte(piece.start), byte(piece.end));
            let first = self.word_bytes().partition_point(|word| word.end <= start);
            let behind = self.word_bytes().partition_point(|word| word.start < end);
            words.extend(first..behind.max(first));
        }
        words.sort_unstable();
        words.dedup();
        words
    }

    /// Replaces the spans that do not match words.
    pub fn set_unaligned(&mut self, spans: Vec<SourceSpan>) {
        self.unaligned = spans;
    }
}
