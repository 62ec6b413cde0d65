//! The scheme of a source, guessed from the tags at its start.

use ner_align_core::{Prefix, Scheme, SchemeDetector, Tag};

use super::tags::TagTable;

/// Collects tags and says which scheme fits them best.
#[derive(Debug)]
pub(crate) struct SchemeGuess {
    detector: SchemeDetector,
    table: TagTable,
    /// Tags since the last `O` or the start of the sentence.
    run: Vec<Tag>,
    /// Runs so far.
    runs: usize,
    /// Runs that settle the matter, unless a prefix turns up later.
    enough: usize,
    seen: [bool; Prefix::ALL.len()],
}

impl Default for SchemeGuess {
    fn default() -> Self {
        Self::after(usize::MAX)
    }
}

impl SchemeGuess {
    /// A guess that rests on this many runs of entity tags, and on those with a new prefix.
    pub(crate) fn after(enough: usize) -> Self {
        Self {
            detector: SchemeDetector::default(),
            table: TagTable::default(),
            run: Vec::new(),
            runs: 0,
            enough,
            seen: [false; Prefix::ALL.len()],
        }
    }

    /// Adds the tag of the next word.
    pub(crate) fn push(&mut self, text: &str) {
        let reading = self.table.read(text);
        if reading.biluo {
            self.detector.saw_biluo_letter();
        }
        match &reading.tag {
            // An O is to every scheme what the edge of the sentence is.
            Tag::Outside => self.end_sentence(),
            tag => self.run.push(tag.clone()),
        }
    }

    /// True if an entity cannot reach the next word.
    pub(crate) const fn is_outside(&self) -> bool {
        self.run.is_empty()
    }

    /// True if the text is not spelled as a tag.
    pub(crate) fn is_misspelled(&mut self, text: &str) -> bool {
        self.table.read(text).fault.is_some()
    }

    /// Ends the sentence.
    pub(crate) fn end_sentence(&mut self) {
        if self.run.is_empty() {
            return;
        }
        let mut news = false;
        for prefix in self.run.iter().filter_map(Tag::prefix) {
            news |= !std::mem::replace(&mut self.seen[prefix as usize], true);
        }
        if news || self.runs < self.enough {
            self.detector.observe(&self.run);
        }
        self.runs += 1;
        self.run.clear();
    }

    /// True if a complete sentence has an entity.
    pub(crate) fn saw_entity(&self) -> bool {
        self.seen.contains(&true)
    }

    /// Ends the sentence, and says which scheme fits best; IOB2 if there were no tags.
    pub(crate) fn scheme(&mut self) -> Scheme {
        self.end_sentence();
        self.detector.scheme()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_say_the_same_as_sentences() {
        // All sentences of four tags out of these.
        let tags = ["O", "-", "B-X", "I-X", "I-Y", "E-X", "S-X"];
        for number in 0..tags.len().pow(4) {
            let sentence = [0, 1, 2, 3].map(|at| tags[number / tags.len().pow(at) % tags.len()]);
            let mut guess = SchemeGuess::default();
            let mut detector = SchemeDetector::default();
            let parsed = sentence.map(|tag| Tag::parse(tag).unwrap());
            for _ in 0..2 {
                sentence.iter().for_each(|tag| guess.push(tag));
                guess.end_sentence();
                detector.observe(&parsed);
            }
            assert_eq!(guess.scheme(), detector.scheme(), "{sentence:?}");
        }
    }

    #[test]
    fn a_prefix_that_turns_up_late_counts() {
        let mut guess = SchemeGuess::after(2);
        for tag in ["I-X", "O", "I-X", "O", "I-X", "O", "B-X", "O", "B-X"] {
            guess.push(tag);
        }
        // Three runs were observed: two violate IOB2, one violates IOB1.
        assert_eq!(guess.scheme(), Scheme::Iob1);
    }
}
