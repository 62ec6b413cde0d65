//! How far annotators agree, and where they do not.
//!
//! ```sh
//! cargo run --example annotator_agreement
//! ```
#![expect(clippy::print_stdout, reason = "an example speaks to its reader")]

use ner_align::metrics::agreement::{Agreement, disagreements};
use ner_align::metrics::analysis::{Mention, SentencePlace};
use ner_align::prelude::*;

const WORDS: &str = "The University of Kyoto hired Mary Somerville in May .";
const ANNOTATORS: [(&str, &str); 3] = [
    ("Ann", "O B-ORG I-ORG I-ORG O B-PER I-PER O B-DATE O"),
    ("Bob", "O B-ORG O B-LOC O B-PER I-PER O B-DATE O"),
    // The last words were left open: that is no annotation, not even O.
    ("Eve", "O B-ORG I-ORG I-ORG O B-PER I-PER O - -"),
];

fn main() -> anyhow::Result<()> {
    let words: Vec<&str> = WORDS.split(' ').collect();
    let tags = |text: &str| -> Result<Vec<Tag>, _> { text.split(' ').map(Tag::parse).collect() };
    let read: Vec<Vec<Tag>> =
        ANNOTATORS.iter().map(|(_, text)| tags(text)).collect::<Result<_, _>>()?;
    let annotations: Vec<&[Tag]> = read.iter().map(Vec::as_slice).collect();

    let mut agreement = Agreement::new(ANNOTATORS.len(), Scheme::Iob2, DecodeMode::Lenient);
    agreement.add_sentence(&annotations)?;
    let scores = agreement.scores();
    for pair in &scores.pairs {
        let names = [pair.first, pair.second].map(|annotator| ANNOTATORS[annotator].0);
        let (f1, kappa) = (digits(pair.f1), digits(pair.kappa));
        println!("{}: entity F1 {f1}, kappa {kappa}", names.join(" and "));
    }
    println!("Krippendorff's alpha over types {}\n", digits(scores.types.krippendorff_alpha));

    let (scheme, mode) = (Scheme::Iob2, DecodeMode::Lenient);
    for place in disagreements(SentencePlace::default(), &words, &annotations, scheme, mode)? {
        println!("{}", place.text);
        for ((name, _), entities) in ANNOTATORS.iter().zip(&place.entities) {
            let text = |mention: &Mention| format!("{} {:?}", mention.label, mention.text);
            let entities = entities
                .as_ref()
                .map(|entities| entities.iter().map(text).collect::<Vec<_>>().join(", "));
            println!("  {name}: {}", entities.as_deref().unwrap_or("left open"));
        }
    }
    Ok(())
}

/// Three digits, or a dash for what is not defined: nobody marked anything, say.
fn digits(score: Option<f64>) -> String {
    score.map_or_else(|| "-".to_owned(), |score| format!("{score:.3}"))
}
