//! One sentence of an encoded document to windows.

use ner_align_core::{BoxError, DecodeMode, Encoding, IGNORE_INDEX, Tag, Window, WordSpan};

use super::{Prepared, Preparer, WindowUnit};
use crate::{PlannedWindow, SubwordError, WindowPlan};

/// Buffers that sentences share, so that a sentence costs few allocations of its own.
#[derive(Default)]
pub(super) struct Scratch {
    pub(super) encoding: Encoding,
    /// Subtokens of each word of the sentence.
    subtokens: Vec<usize>,
    labels: Labels,
}

impl Preparer<'_> {
    /// Replaces the encoding by that of these words.
    pub(super) fn encode(
        &self,
        words: &[&str],
        encoding: &mut Encoding,
    ) -> Result<(), SubwordError> {
        encoding.clear();
        let first_words = || words.iter().take(3).copied().collect::<Vec<_>>().join(" ");
        self.tokenizer.encode_words(words, encoding).map_err(|source: BoxError| match source
            .downcast::<SubwordError>(
        ) {
            Ok(own) => *own,
            Err(source) => SubwordError::Encode { word: first_words(), source },
        })
    }

    /// Appends the windows of the words `span` of the encoded document, and counts.
    pub(super) fn cut(
        &self,
        scratch: &mut Scratch,
        span: WordSpan,
        tags: Option<&[Tag]>,
        plan: &WindowPlan,
        prepared: &mut Prepared,
    ) {
        let Scratch { encoding, subtokens, labels } = scratch;
        subtokens.clear();
        subtokens.extend(span.range().map(|word| encoding.range(word).len()));
        labels.fill(self, tags, subtokens, plan.room());
        let counts = &mut prepared.counts;
        counts.words += subtokens.len();
        counts.subtokens += subtokens.iter().sum::<usize>();
        counts.words_without_subtokens += subtokens.iter().filter(|&&s| s == 0).count();
        if let Some(unknown) = self.tokenizer.special_tokens().unknown {
            let is_unknown = |word: &usize| encoding.word(*word).contains(&unknown);
            counts.words_with_unknown_subtokens += span.range().filter(is_unknown).count();
        }
        counts.cut_words += subtokens.iter().filter(|&&s| s > plan.room()).count();
        counts.words_with_unknown_tag += labels.unknown;

        let windows = plan.plan(subtokens, &self.entities(tags));
        counts.windowed_sentences += usize::from(windows.len() > 1);
        let sentence = Sentence { encoding, span, labels };
        for (index, planned) in windows.into_iter().enumerate() {
            prepared.windows.push(self.window(&sentence, planned, index, plan));
        }
    }

    /// The gold entities that windows are not to cut, in words of the sentence.
    fn entities(&self, tags: Option<&[Tag]>) -> Vec<WordSpan> {
        match tags {
            Some(tags) if self.whole_entities => {
                let decoded = self.labels.scheme().decode(tags, DecodeMode::Lenient);
                decoded.entities.into_iter().map(|entity| entity.span).collect()
            }
            _ => Vec::new(),
        }
    }

    fn window(
        &self,
        sentence: &Sentence<'_>,
        planned: PlannedWindow,
        index: usize,
        plan: &WindowPlan,
    ) -> Window {
        let Sentence { encoding, span, labels } = sentence;
        let specials = self.tokenizer.special_tokens();
        let (left, right) = self.surroundings(sentence, planned.words, plan);
        let size = |words: WordSpan| -> usize {
            words.range().map(|word| encoding.range(word).len().min(plan.room())).sum()
        };
        let inner = WordSpan::new(span.start + planned.words.start, span.start + planned.words.end);
        let positions = specials.count() + size(left) + size(inner) + size(right);
        let mut window = Window {
            index,
            owned: planned.owned,
            input_ids: Vec::with_capacity(positions),
            word_ids: Vec::with_capacity(positions),
            labels: Vec::with_capacity(positions),
            ..Window::default()
        };
        let fill = |window: &mut Window, ids: &[u32]| {
            window.input_ids.extend_from_slice(ids);
            window.word_ids.resize(window.input_ids.len(), None);
            window.labels.resize(window.input_ids.len(), IGNORE_INDEX);
        };
        fill(&mut window, &specials.before);
        left.range().for_each(|word| fill(&mut window, encoding.word(word)));
        for word in planned.words.range() {
            let ids = encoding.word(span.start + word);
            let kept = &ids[..ids.len().min(plan.room())];
            window.input_ids.extend_from_slice(kept);
            window.word_ids.resize(window.input_ids.len(), u32::try_from(word).ok());
            if planned.owned.contains(word) {
                window.labels.extend_from_slice(labels.of_word(word));
            }
            window.labels.resize(window.input_ids.len(), IGNORE_INDEX);
        }
        right.range().for_each(|word| fill(&mut window, encoding.word(word)));
        fill(&mut window, &specials.after);
        window
    }

    /// The document's words before and after the sentence that go into the window as context.
    fn surroundings(
        &self,
        sentence: &Sentence<'_>,
        words: WordSpan,
        plan: &WindowPlan,
    ) -> (WordSpan, WordSpan) {
        let Sentence { encoding, span, .. } = sentence;
        let size = |word: usize| encoding.range(word).len();
        let (mut left, mut right) =
            (WordSpan::new(span.start, span.start), WordSpan::new(span.end, span.end));
        if self.context == 0 || self.unit == WindowUnit::Document {
            return (left, right);
        }
        let used: usize = words.range().map(|word| size(span.start + word).min(plan.room())).sum();
        let mut free = plan.room().saturating_sub(used);
        // A window in the middle of its sentence has context enough of its own.
        let mut budget = [
            if words.start == 0 { self.context } else { 0 },
            if span.start + words.end == span.end { self.context } else { 0 },
        ];
        // One word on either side in turn, so that what one cannot use is left to the other.
        loop {
            let before = (left.start > 0).then(|| size(left.start - 1));
            let takes_left = before.filter(|&size| size <= free.min(budget[0]));
            if let Some(size) = takes_left {
                left.start -= 1;
                (free, budget[0]) = (free - size, budget[0] - size);
            }
            let after = (right.end < encoding.words()).then(|| size(right.end));
            let takes_right = after.filter(|&size| size <= free.min(budget[1]));
            if let Some(size) = takes_right {
                right.end += 1;
                (free, budget[1]) = (free - size, budget[1] - size);
            }
            if takes_left.is_none() && takes_right.is_none() {
                return (left, right);
            }
        }
    }
}

struct Sentence<'a> {
    encoding: &'a Encoding,
    /// The sentence's words within the document.
    span: WordSpan,
    labels: &'a Labels,
}

/// The labels of a sentence's subtokens, word by word.
#[derive(Default)]
struct Labels {
    classes: Vec<i64>,
    /// Where each word's labels start and, last, where they end.
    starts: Vec<usize>,
    /// Words whose tag is no class.
    unknown: usize,
}

impl Labels {
    fn fill(
        &mut self,
        preparer: &Preparer<'_>,
        tags: Option<&[Tag]>,
        subtokens: &[usize],
        room: usize,
    ) {
        // Nine words in ten are O: not worth a look into the map each.
        let outside = preparer.labels.id(&Tag::Outside);
        let class_of = |tag: &Tag| {
            if *tag == Tag::Outside { outside } else { preparer.labels.id(tag) }
        };
        self.classes.clear();
        self.starts.clear();
        self.starts.push(0);
        self.unknown = 0;
        for (word, &subtokens) in subtokens.iter().enumerate() {
            let tag = tags.and_then(|tags| tags.get(word)).unwrap_or(&Tag::Missing);
            self.unknown += usize::from(*tag != Tag::Missing && class_of(tag).is_none());
            let kept = subtokens.min(room);
            preparer.aligner.align_word(tag, kept, &class_of, &mut self.classes);
            self.starts.push(self.classes.len());
        }
    }

    fn of_word(&self, word: usize) -> &[i64] {
        &self.classes[self.starts[word]..self.starts[word + 1]]
    }
}
