//! A gold sentence beside a predicted one, which must hold the same words.

use std::borrow::Cow;

use ner_align_cli::Failure;
use ner_align_core::{DecodeMode, Scheme, Tag, TagScheme, WordSpan};

use super::source::{Part, Source};

/// Goes on to the next sentence on both sides; false where both end.
pub(super) fn advance(gold: &Source, moved: bool, predicted: &mut Source) -> Result<bool, Failure> {
    match (moved, predicted.advance()?) {
        (true, true) => Ok(true),
        (false, false) => Ok(false),
        (true, false) => Err(one_more(gold, predicted)),
        (false, true) => Err(one_more(predicted, gold)),
    }
}

/// The tags to be scored: as they were read, or written in `scheme` where the source had spans or
/// spells entities in another way.
///
/// Within IO, IOB1 and IOB2, and within IOE1 and IOE2, tags stay as they are: which of them a file
/// has can only be guessed from its tags, and a system's are often faulty.
pub(super) fn tags_in(
    part: Part<'_>,
    scheme: Scheme,
    mode: DecodeMode,
) -> Result<Cow<'_, [Tag]>, Failure> {
    let tags = tags(part, scheme)?;
    let Some((_, own)) = part.document.tags().filter(|(_, own)| family(*own) != family(scheme))
    else {
        return Ok(tags);
    };
    let entities = own.decode(&tags, mode).entities;
    let mut anew =
        scheme.encode(&entities, tags.len()).map_err(|error| Failure::input(error.to_string()))?;
    for (tag, before) in anew.iter_mut().zip(tags.iter()) {
        if *before == Tag::Missing {
            *tag = Tag::Missing;
        }
    }
    Ok(Cow::Owned(anew))
}

/// Schemes whose tags cannot be told apart without fail.
const fn family(scheme: Scheme) -> u8 {
    match scheme {
        Scheme::Io | Scheme::Iob1 | Scheme::Iob2 => 0,
        Scheme::Ioe1 | Scheme::Ioe2 => 1,
        Scheme::Iobes | Scheme::Biluo => 2,
    }
}

/// The tags as they were read; written in `scheme` where the source had spans.
pub(super) fn tags(part: Part<'_>, scheme: Scheme) -> Result<Cow<'_, [Tag]>, Failure> {
    let Part { document, sentence } = part;
    let words = sentence.words;
    if let Some((tags, _)) = document.tags() {
        return Ok(Cow::Borrowed(&tags[words.range()]));
    }
    let tags = document.tags_in(scheme).map_err(|error| Failure::input(error.to_string()))?;
    Ok(Cow::Owned(tags[words.range()].to_vec()))
}

fn one_more(long: &Source, short: &Source) -> Failure {
    let line = long.part().and_then(|part| part.sentence.line);
    let line = line.map_or_else(String::new, |line| format!(":{line}"));
    let (long, short) = (long.name(), short.name());
    Failure::input(format!(
        "{long}{line}: expected as many sentences as in {short}, found one more here"
    ))
    .hint("gold and predicted files must hold the same sentences in the same order")
}

/// The current sentences of both sides; an error at the first word that differs.
pub(super) fn both<'a>(
    gold: &'a Source,
    predicted: &'a Source,
) -> Result<Option<(Part<'a>, Part<'a>)>, Failure> {
    let Some(parts) = gold.part().zip(predicted.part()) else { return Ok(None) };
    if same_words(parts.0, parts.1) { Ok(Some(parts)) } else { Err(different(gold, predicted)) }
}

fn same_words(gold: Part<'_>, predicted: Part<'_>) -> bool {
    let whole = |part: Part<'_>| part.sentence.words == WordSpan::new(0, part.document.len());
    if whole(gold)
        && whole(predicted)
        && gold.document.text() == predicted.document.text()
        && gold.document.word_bytes() == predicted.document.word_bytes()
    {
        // Words that start and end at the same bytes of equal texts are equal.
        return true;
    }
    let words = |part: Part<'_>| part.sentence.words.range();
    words(gold).len() == words(predicted).len()
        && words(gold)
            .zip(words(predicted))
            .all(|(g, p)| gold.document.word(g) == predicted.document.word(p))
}

fn different(gold: &Source, predicted: &Source) -> Failure {
    let word = |source: &Source, word: usize| {
        let Part { document, sentence } = source.part()?;
        let inside = word < sentence.words.len();
        inside.then(|| document.word(sentence.words.start + word).to_owned())
    };
    let at = (0..).find(|&at| word(gold, at) != word(predicted, at)).unwrap_or(0);
    let show = |word: Option<String>| {
        word.map_or_else(|| "the end of the sentence".to_owned(), |word| format!("{word:?}"))
    };
    let place = |source: &Source| match source.part().and_then(|part| part.sentence.line) {
        Some(line) => format!("{}:{}", source.name(), line + at as u64),
        None => source.name().to_owned(),
    };
    Failure::input(format!(
        "{}: expected {} as at {}, found {}",
        place(predicted),
        show(word(gold, at)),
        place(gold),
        show(word(predicted, at))
    ))
    .hint("gold and predicted files must hold the same words in the same order")
}
