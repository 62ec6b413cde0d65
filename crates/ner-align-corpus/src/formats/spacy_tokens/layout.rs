//! Documents to tokens.

use ner_align_core::{Document, Entity, Tag, TextOrigin, WordSpan};

/// What spaCy says of one token about entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Nobody annotated it.
    Missing,
    /// It is in no entity.
    Outside,
    /// It is the first of the entity of this index.
    Begin(usize),
    /// It continues the entity of this index.
    Inside(usize),
}

/// One token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token<'a> {
    pub(crate) text: &'a str,
    /// A space follows.
    pub(crate) space: bool,
    pub(crate) mark: Mark,
    /// It starts a sentence.
    pub(crate) starts: bool,
}

/// The tokens of a document.
#[derive(Debug)]
pub(crate) struct Layout<'a> {
    pub(crate) tokens: Vec<Token<'a>>,
    /// Entities share words; then no token has a mark.
    pub(crate) overlapping: bool,
    /// The token of each word; `None` where each word is a token and nothing else is.
    places: Option<Vec<usize>>,
}

impl<'a> Layout<'a> {
    /// White space that is more than the space after a token becomes tokens as spaCy's tokenizer
    /// makes them: inside an entity they belong to it, between words that are missing they are
    /// missing, and to the sentence before them.
    pub(crate) fn new(document: &'a Document) -> Self {
        let entities = document.entities();
        let overlapping = overlap(entities);
        let mut tokens = words(document, overlapping);
        for sentence in document.sentences() {
            if let Some(token) = tokens.get_mut(sentence.words.start) {
                token.starts = true;
            }
        }
        let mut places: Option<Vec<usize>> = None;
        if document.origin() == TextOrigin::Source && count_gaps(document) > 0 {
            (tokens, places) = with_gaps(document, &tokens);
        }
        Self { tokens, overlapping, places }
    }

    /// The tokens that a run of words covers.
    pub(crate) fn span(&self, words: WordSpan) -> WordSpan {
        let Some(places) = &self.places else { return words };
        let place = |word: usize| places.get(word).copied();
        match (place(words.start), place(words.end.wrapping_sub(1))) {
            (Some(start), Some(last)) => WordSpan::new(start, last + 1),
            _ => words,
        }
    }
}

/// How often there is text between words, or around them, besides single spaces.
pub(crate) fn count_gaps(document: &Document) -> usize {
    gaps(document).filter(|(gap, first)| !gap.is_empty() && (*first || *gap != " ")).count()
}

/// The text before the first word, then that after each word, to the end; with each whether it is
/// the first.
fn gaps(document: &Document) -> impl Iterator<Item = (&str, bool)> {
    let words = document.word_bytes();
    let text = document.text();
    (0..=words.len()).map(move |index| {
        let start = index.checked_sub(1).map_or(0, |before| words[before].end);
        let end = words.get(index).map_or(text.len(), |word| word.start);
        (text.get(start..end).unwrap_or_default(), index == 0)
    })
}

/// Each word with its marks.
fn words(document: &Document, overlapping: bool) -> Vec<Token<'_>> {
    let rebuilt = document.origin() == TextOrigin::Rebuilt;
    let mut tokens: Vec<Token<'_>> = document
        .words()
        .zip(gaps(document).skip(1))
        .map(|(text, (gap, _))| Token {
            text,
            space: rebuilt || gap.starts_with(' '),
            mark: if overlapping { Mark::Missing } else { Mark::Outside },
            starts: false,
        })
        .collect();
    if overlapping {
        return tokens;
    }
    if let Some((tags, _)) = document.tags() {
        for (token, tag) in tokens.iter_mut().zip(tags) {
            if *tag == Tag::Missing {
                token.mark = Mark::Missing;
            }
        }
    }
    for (index, entity) in document.entities().iter().enumerate() {
        let covered = tokens.get_mut(entity.span.range()).unwrap_or_default();
        for (offset, token) in covered.iter_mut().enumerate() {
            token.mark = if offset == 0 { Mark::Begin(index) } else { Mark::Inside(index) };
        }
    }
    tokens
}

/// The tokens with those of the gaps between them, and the place of each word.
fn with_gaps<'a>(
    document: &'a Document,
    words: &[Token<'a>],
) -> (Vec<Token<'a>>, Option<Vec<usize>>) {
    let mut tokens: Vec<Token<'a>> = Vec::with_capacity(words.len() + words.len() / 8);
    let mut places = Vec::with_capacity(words.len());
    for (index, (gap, first)) in gaps(document).enumerate() {
        let before = index.checked_sub(1).and_then(|before| words.get(before));
        let after = words.get(index);
        // The space after a word is part of its token.
        let rest = if first { gap } else { gap.strip_prefix(' ').unwrap_or(gap) };
        let missing = |token: Option<&Token<'_>>| token.is_none_or(|t| t.mark == Mark::Missing);
        let mark = match after.map(|token| token.mark) {
            Some(inside @ Mark::Inside(_)) => inside,
            _ if !words.is_empty() && missing(before) && missing(after) => Mark::Missing,
            _ => Mark::Outside,
        };
        push_gap(&mut tokens, rest, mark);
        if let Some(word) = after {
            places.push(tokens.len());
            let starts = word.starts && index > 0;
            tokens.push(Token { starts, ..*word });
        }
    }
    // The first token starts the first sentence, be it white space.
    let marked = words.first().is_none_or(|word| word.starts);
    if let Some(token) = tokens.first_mut() {
        token.starts = marked;
    }
    (tokens, Some(places))
}

/// Cuts a gap where white space and other text meet, as spaCy's tokenizer does: a space after text
/// belongs to it.
fn push_gap<'a>(tokens: &mut Vec<Token<'a>>, mut gap: &'a str, mark: Mark) {
    while let Some(first) = gap.chars().next() {
        let blank = first.is_whitespace();
        let end = gap.find(|c: char| c.is_whitespace() != blank).unwrap_or(gap.len());
        let (text, rest) = gap.split_at(end);
        let space = !blank && rest.starts_with(' ');
        tokens.push(Token { text, space, mark, starts: false });
        gap = if space { &rest[1..] } else { rest };
    }
}

/// True if two of these, which are in order, share a word.
fn overlap(entities: &[Entity]) -> bool {
    entities.windows(2).any(|pair| match pair {
        // Spans are in order, so one that reaches past a later start reaches past the next one.
        [first, second] => second.span.start < first.span.end,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ner_align_core::{ByteSpan, Label};

    fn show(layout: &Layout<'_>) -> String {
        let mark = |mark| match mark {
            Mark::Missing => "-".to_owned(),
            Mark::Outside => "O".to_owned(),
            Mark::Begin(index) => format!("B{index}"),
            Mark::Inside(index) => format!("I{index}"),
        };
        let token = |t: &Token<'_>| {
            let start = if t.starts { "^" } else { "" };
            let space = if t.space { "_" } else { "" };
            format!("{start}{:?}{space}/{}", t.text, mark(t.mark))
        };
        layout.tokens.iter().map(token).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn gaps_become_tokens_as_in_spacy() {
        // The tokens are those of `spacy.blank("xx")` 3.8.
        for (text, entity, expected) in [
            ("a b", None, r#"^"a"_/O "b"/O"#),
            ("ab", None, r#"^"ab"/O"#),
            ("a  b\n c \n  d ", None, r#"^"a"_/O " "/O "b"/O "\n "/O "c"_/O "\n  "/O "d"_/O"#),
            (" a", None, r#"^" "/O "a"/O"#),
            ("a  ", None, r#"^"a"_/O " "/O"#),
            ("a  b c", Some((0, 2)), r#"^"a"_/B0 " "/I0 "b"_/I0 "c"/O"#),
            ("a\tb", Some((1, 2)), r#"^"a"/O "\t"/O "b"/B0"#),
            ("\n", None, r#"^"\n"/O"#),
            ("", None, ""),
        ] {
            let mut words = Vec::new();
            let mut start = None;
            for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
                match (start, c.is_whitespace()) {
                    (None, false) => start = Some(at),
                    (Some(from), true) => {
                        words.push(ByteSpan::new(from, at));
                        start = None;
                    }
                    _ => {}
                }
            }
            let mut document = Document::from_text(text, words).unwrap();
            let entity =
                entity.map(|(start, end)| Entity::new(start, end, Label::new("X").unwrap()));
            document.set_entities(entity.clone().into_iter().collect()).unwrap();
            let layout = Layout::new(&document);
            assert_eq!(show(&layout), expected, "{text:?}");
            if let Some(entity) = entity {
                let span = layout.span(entity.span);
                assert_eq!(layout.tokens[span.start].mark, Mark::Begin(0), "{text:?}");
            }
        }
    }

    #[test]
    fn what_is_not_covered_by_words_is_cut_at_white_space() {
        let document = Document::from_text("a -- b", vec![ByteSpan::new(5, 6)]).unwrap();
        assert_eq!(show(&Layout::new(&document)), r#"^"a"_/O "--"_/O "b"/O"#);
    }
}
