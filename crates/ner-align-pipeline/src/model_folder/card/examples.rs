//! Sentences of the development data that show what a model does.

use std::collections::BTreeSet;

use ner_align_core::{Document, Label};

/// Sentences at most.
const EXAMPLES: usize = 3;
/// Words of a sentence: fewer say little, more are hard to take in.
const WORDS: std::ops::RangeInclusive<usize> = 4..=30;
/// Characters of a sentence at most, where words are long.
const CHARACTERS: usize = 200;

/// Up to three short sentences with entities: each one the first that has the most entity types
/// that those before it lack. Fewer if no other sentence adds a type.
#[must_use]
pub fn card_examples(documents: &[Document]) -> Vec<String> {
    let candidates: Vec<(BTreeSet<&Label>, String)> =
        documents.iter().flat_map(sentences).filter(|(types, _)| !types.is_empty()).collect();
    let mut seen = BTreeSet::new();
    let mut chosen: Vec<String> = Vec::new();
    while chosen.len() < EXAMPLES {
        let new = |types: &BTreeSet<&Label>| types.difference(&seen).count();
        // The first of those that are equal.
        let best = candidates.iter().rev().max_by_key(|(types, _)| new(types));
        let Some((types, text)) = best.filter(|(types, _)| new(types) > 0) else { break };
        seen.extend(types.iter().copied());
        chosen.push(text.clone());
    }
    chosen
}

/// The short sentences of a document: the entity types in them, and their text.
fn sentences(document: &Document) -> impl Iterator<Item = (BTreeSet<&Label>, String)> {
    let inside = document.sentences().iter().map(|sentence| sentence.words);
    inside.filter(|words| WORDS.contains(&(words.end - words.start))).filter_map(|words| {
        let text = document.surface(words).split_whitespace().collect::<Vec<_>>().join(" ");
        let within = |entity: &&ner_align_core::Entity| {
            entity.span.start >= words.start && entity.span.end <= words.end
        };
        let types = document.entities().iter().filter(within).map(|entity| &entity.label);
        (text.chars().count() <= CHARACTERS).then(|| (types.collect(), text))
    })
}

#[cfg(test)]
mod tests {
    use ner_align_core::{Scheme, Tag};

    use super::*;

    fn document(sentences: &[&str]) -> Document {
        let mut builder = Document::builder();
        let mut tags = Vec::new();
        for sentence in sentences {
            for word in sentence.split(' ') {
                let (word, tag) = word.split_once('/').unwrap_or((word, "O"));
                builder.push_word(word);
                tags.push(Tag::parse(tag).unwrap());
            }
            builder.end_sentence();
        }
        builder.tagged(tags, Scheme::Iob2).unwrap()
    }

    #[test]
    fn few_short_sentences_with_different_types() {
        let long = vec!["word"; 40].join(" ") + " x/B-A";
        let wide = format!("x/B-A {} is here", "w".repeat(300));
        let documents = [
            document(&["too/B-A short", &long, &wide, "nobody is in here", "Ada/B-A wrote a book"]),
            document(&[
                "Bob/B-A went to Rome/B-B",
                "Eve/B-A went to Oslo/B-B",
                "in May/B-C it rained",
            ]),
        ];
        assert_eq!(card_examples(&documents), ["Bob went to Rome", "in May it rained"]);
        assert!(card_examples(&documents[..0]).is_empty());
    }
}
