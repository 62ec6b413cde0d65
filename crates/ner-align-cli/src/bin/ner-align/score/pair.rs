//! A gold corpus beside a predicted one, sentence by sentence.

use std::borrow::Cow;
use std::path::Path;

use ner_align_cli::Failure;
use ner_align_cli::corpus_args::CorpusArgs;
use ner_align_core::{Document, Scheme, Sentence, Tag, WordSpan};
use ner_align_corpus::Corpus;

/// A corpus and its file, for messages.
pub(super) struct Side {
    name: String,
    corpus: Corpus,
}

impl Side {
    pub(super) fn read(
        path: &Path,
        arguments: &CorpusArgs,
        scheme: Option<Scheme>,
    ) -> Result<Self, Failure> {
        let corpus = arguments.read(&[path], scheme)?;
        Ok(Self { name: path.display().to_string(), corpus })
    }

    /// The scheme in which the tags are written, if there are any.
    pub(super) fn scheme(&self) -> Option<Scheme> {
        self.corpus.documents.iter().find_map(Document::tags).map(|(_, scheme)| scheme)
    }

    /// All sentences with the indices of their documents.
    fn sentences(&self) -> impl Iterator<Item = (usize, &Document, &Sentence)> {
        self.corpus.documents.iter().enumerate().flat_map(|(index, document)| {
            document.sentences().iter().map(move |sentence| (index, document, sentence))
        })
    }
}

/// A sentence on both sides.
pub(super) struct Pair<'a> {
    /// Index of the gold document.
    pub(super) document: usize,
    pub(super) gold: Cow<'a, [Tag]>,
    pub(super) predicted: Cow<'a, [Tag]>,
}

/// Sentence by sentence; both sides must hold the same words.
pub(super) fn pairs<'a>(
    gold: &'a Side,
    predicted: &'a Side,
    scheme: Scheme,
) -> Result<Vec<Pair<'a>>, Failure> {
    let mut others = predicted.sentences();
    let mut pairs = Vec::new();
    for (document, gold_document, sentence) in gold.sentences() {
        let Some((_, other_document, other)) = others.next() else {
            return Err(one_more(gold, sentence, predicted));
        };
        compare((gold, gold_document, sentence), (predicted, other_document, other))?;
        pairs.push(Pair {
            document,
            gold: tags(gold_document, sentence.words, scheme)?,
            predicted: tags(other_document, other.words, scheme)?,
        });
    }
    match others.next() {
        Some((.., extra)) => Err(one_more(predicted, extra, gold)),
        None => Ok(pairs),
    }
}

/// The tags as they were read; written in `scheme` where the source had spans.
fn tags(document: &Document, words: WordSpan, scheme: Scheme) -> Result<Cow<'_, [Tag]>, Failure> {
    if let Some((tags, _)) = document.tags() {
        return Ok(Cow::Borrowed(&tags[words.range()]));
    }
    let tags = document.tags_in(scheme).map_err(|error| Failure::input(error.to_string()))?;
    Ok(Cow::Owned(tags[words.range()].to_vec()))
}

fn one_more(long: &Side, sentence: &Sentence, short: &Side) -> Failure {
    let line = sentence.line.map_or_else(String::new, |line| format!(":{line}"));
    let (long, short) = (&long.name, &short.name);
    Failure::input(format!(
        "{long}{line}: expected as many sentences as in {short}, found one more here"
    ))
    .hint("gold and predicted files must hold the same sentences in the same order")
}

fn compare(
    gold: (&Side, &Document, &Sentence),
    predicted: (&Side, &Document, &Sentence),
) -> Result<(), Failure> {
    let words = |(_, document, sentence): (&Side, &Document, &Sentence), word: usize| {
        let inside = word < sentence.words.len();
        inside.then(|| document.word(sentence.words.start + word).to_owned())
    };
    let same = gold.2.words.len() == predicted.2.words.len()
        && gold
            .2
            .words
            .range()
            .zip(predicted.2.words.range())
            .all(|(g, p)| gold.1.word(g) == predicted.1.word(p));
    if same {
        return Ok(());
    }
    let different = (0..).find(|&word| words(gold, word) != words(predicted, word)).unwrap_or(0);
    let show = |word: Option<String>| {
        word.map_or_else(|| "the end of the sentence".to_owned(), |word| format!("{word:?}"))
    };
    let place = |(side, _, sentence): (&Side, &Document, &Sentence)| match sentence.line {
        Some(line) => format!("{}:{}", side.name, line + different as u64),
        None => side.name.clone(),
    };
    Err(Failure::input(format!(
        "{}: expected {} as at {}, found {}",
        place(predicted),
        show(words(gold, different)),
        place(gold),
        show(words(predicted, different))
    ))
    .hint("gold and predicted files must hold the same words in the same order"))
}
