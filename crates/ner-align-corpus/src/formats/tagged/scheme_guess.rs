//! The scheme of a source, guessed from the tags at its start.

use ner_align_core::{Prefix, Scheme, SchemeDetector, Tag};

use super::tag_style::{StyleGuess, TagStyle};
use super::tags::{TagFault, TagTable};

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
    spelling: StyleGuess,
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
            spelling: StyleGuess::default(),
        }
    }

    /// The same guess, of tags that are spelled in this way.
    pub(crate) fn in_style(self, style: TagStyle) -> Self {
        Self { table: TagTable::of_style(style), ..self }
    }

    /// Adds the tag of the next word.
    pub(crate) fn push(&mut self, text: &str) {
        let reading = self.table.read(text);
        match (reading.fault, reading.tag.prefix()) {
            (None, Some(prefix)) => self.spelling.saw_usual(prefix),
            (Some(TagFault::NoPrefix | TagFault::UnknownPrefix), _)
            | (Some(TagFault::LowerCase), Some(_)) => self.spelling.saw_other(text),
            // A prefix alone.
            (Some(TagFault::NoType), _) if text.len() == 1 => self.spelling.saw_other(text),
            _ => {}
        }
        if reading.biluo {
            self.detector.saw_biluo_letter();
        }
        match &reading.tag {
            // An O is to every scheme what the edge of the sentence is.
            Tag::Outside => self.end_sentence(),
            tag => self.run.push(tag.clone()),
        }
    }

    /// How the tags are spelled, as far as they were read in the usual way.
    pub(crate) fn style(&self) -> TagStyle {
        self.spelling.style()
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

/// The scheme and the spelling of the tags that `fill` pushes, sentence by sentence; it is called
/// again where they are not spelled as usual.
pub(crate) fn scheme_and_style(
    enough: usize,
    fill: impl Fn(&mut SchemeGuess),
) -> (Scheme, TagStyle) {
    let mut guess = SchemeGuess::after(enough);
    fill(&mut guess);
    let style = guess.style();
    if style != TagStyle::default() {
        guess = SchemeGuess::after(enough).in_style(style);
        fill(&mut guess);
    }
    (guess.scheme(), style)
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
