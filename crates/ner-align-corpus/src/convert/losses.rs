//! What of a document a format loses.

use std::collections::BTreeMap;

use ner_align_core::{Document, Tag, TextOrigin};

use crate::Capabilities;
use crate::formats::spacy_tokens::count_gaps;

/// What a document loses in a format of these capabilities: how often each thing is lost.
/// Entities are not among them: a writer refuses a document whose entities it cannot hold.
///
/// ```
/// use ner_align_core::{ByteSpan, Document};
/// use ner_align_corpus::{Format, losses};
/// let document = Document::from_text("Oslo  !", vec![ByteSpan::new(0, 4), ByteSpan::new(6, 7)])?;
/// assert_eq!(losses(&document, &Format::Conll.capabilities())["text between words"], 1);
/// assert!(losses(&document, &Format::Jsonl.capabilities()).is_empty());
/// # Ok::<(), ner_align_core::DocumentError>(())
/// ```
#[must_use]
pub fn losses(document: &Document, target: &Capabilities) -> BTreeMap<&'static str, usize> {
    let mut losses = BTreeMap::new();
    let mut lose = |what, count| {
        if count > 0 {
            *losses.entry(what).or_default() += count;
        }
    };
    let source_text = document.origin() == TextOrigin::Source;
    lose("text between words", usize::from(!target.text && source_text && !is_joined(document)));
    let gaps = target.text && !target.gaps && source_text;
    lose("white space without words of its own", if gaps { count_gaps(document) } else { 0 });
    lose("word boundaries", usize::from(!target.words));
    lose(
        "sentence boundaries",
        if target.sentences {
            0
        } else {
            document.sentences().len() - 1.min(document.sentences().len())
        },
    );
    lose("document names", usize::from(!target.ids && document.id().is_some()));
    let comments = document.sentences().iter().map(|sentence| sentence.comments.len()).sum();
    lose("comments", if target.comments { 0 } else { comments });
    let scores = document.entities().iter().filter(|entity| entity.score.is_some()).count();
    lose("scores of entities", if target.scores { 0 } else { scores });
    if let Some((tags, scheme)) = document.tags() {
        let missing = tags.iter().filter(|tag| **tag == Tag::Missing).count();
        lose("missing marks", if target.missing { 0 } else { missing });
        if !target.tags
            && let Ok(anew) = document.encode_tags(scheme)
        {
            let faults = anew.iter().zip(tags).filter(|(anew, read)| anew != read).count();
            lose("tags against their scheme", faults);
        }
    }
    losses
}

/// True if the text is what one would rebuild from the words.
fn is_joined(document: &Document) -> bool {
    let mut end = 0;
    let joined = document.word_bytes().iter().enumerate().all(|(index, word)| {
        let start = if index == 0 { 0 } else { end + 1 };
        let fits = word.start == start
            && (index == 0 || document.text().as_bytes().get(end) == Some(&b' '));
        end = word.end;
        fits
    });
    joined && end == document.text().len()
}
