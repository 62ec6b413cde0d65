//! Tokens to documents.

use ner_align_core::{ByteSpan, Document, DocumentError, Entity, Scheme, SourceSpan, Tag};

/// What was read of one document.
#[derive(Debug, Default)]
pub(crate) struct Assembly {
    pub(crate) text: String,
    /// The bytes of each token.
    pub(crate) words: Vec<ByteSpan>,
    /// The text is not the source's own.
    pub(crate) rebuilt: bool,
    /// The first tokens of sentences; `None` if the source does not say.
    pub(crate) starts: Option<Vec<usize>>,
    /// In words.
    pub(crate) entities: Vec<Entity>,
    /// The words that nobody annotated, in order.
    pub(crate) missing: Vec<usize>,
    pub(crate) unaligned: Vec<SourceSpan>,
}

impl Assembly {
    /// Appends a token of a text that is known.
    pub(crate) fn push(&mut self, text: &str, space: bool) {
        let start = self.text.len();
        self.text.push_str(text);
        self.words.push(ByteSpan::new(start, self.text.len()));
        if space {
            self.text.push(' ');
        }
    }

    /// Makes tokens of white space text between words again, but for those at the edge of an
    /// entity.
    pub(crate) fn fold_white_space(&mut self) {
        if self.rebuilt {
            return;
        }
        let mut keep: Vec<bool> = self
            .words
            .iter()
            .map(|word| {
                let text = self.text.get(word.range()).unwrap_or_default();
                text.is_empty() || !text.chars().all(char::is_whitespace)
            })
            .collect();
        for entity in &self.entities {
            for edge in [entity.span.start, entity.span.end.saturating_sub(1)] {
                if let Some(keep) = keep.get_mut(edge) {
                    *keep = true;
                }
            }
        }
        if keep.iter().all(|keep| *keep) {
            return;
        }
        // The place of each token among those that stay; that of one that goes is its successor's.
        let mut places = Vec::with_capacity(keep.len() + 1);
        let mut kept = 0;
        for keep in &keep {
            places.push(kept);
            kept += usize::from(*keep);
        }
        places.push(kept);
        let place = |token: usize| places.get(token).copied().unwrap_or(kept);
        for entity in &mut self.entities {
            entity.span.start = place(entity.span.start);
            entity.span.end = place(entity.span.end);
        }
        if let Some(starts) = &mut self.starts {
            starts.iter_mut().for_each(|start| *start = place(*start));
        }
        self.missing.retain(|&token| keep.get(token) == Some(&true));
        self.missing.iter_mut().for_each(|token| *token = place(*token));
        let mut flags = keep.iter();
        self.words.retain(|_| flags.next() == Some(&true));
    }

    /// The document, and how many words lost that they are missing because their document has
    /// entities that no tags can hold.
    pub(crate) fn document(mut self, scheme: Scheme) -> Result<(Document, usize), DocumentError> {
        let mut document = if self.rebuilt {
            let mut builder = Document::builder();
            for word in &self.words {
                builder.push_word(self.text.get(word.range()).unwrap_or_default());
            }
            builder.untagged()
        } else {
            Document::from_text(self.text, self.words)?
        };
        if let Some(starts) = &self.starts {
            document.set_sentence_starts(starts);
        }
        document.set_unaligned(self.unaligned);
        let words = document.len();
        if !self.missing.is_empty() && self.missing.len() == words && self.entities.is_empty() {
            document.set_tags(vec![Tag::Missing; words], scheme)?;
            return Ok((document, 0));
        }
        self.entities.sort();
        document.set_entities(self.entities)?;
        if self.missing.is_empty() {
            return Ok((document, 0));
        }
        let Ok(mut tags) = document.encode_tags(scheme) else {
            return Ok((document, self.missing.len()));
        };
        for word in self.missing {
            if let Some(tag) = tags.get_mut(word)
                && *tag == Tag::Outside
            {
                *tag = Tag::Missing;
            }
        }
        document.set_tags(tags, scheme)?;
        Ok((document, 0))
    }
}
