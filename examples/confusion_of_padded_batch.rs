//! The confusion matrix of a model's padded `[batch, seq]` arrays, with padding left out.
//!
//! ```sh
//! cargo run --example confusion_of_padded_batch [PICTURE.svg]
//! ```
#![expect(clippy::print_stdout, reason = "an example speaks to its reader")]

use ndarray::array;
use ner_align::metrics::{ConfusionMatrix, Gold, Mask, Predicted, report};
use ner_align::prelude::*;

fn main() -> anyhow::Result<()> {
    // Class ids: 0 O, 1 B-LOC, 2 I-LOC, 3 B-PER, 4 I-PER.
    let labels = LabelSet::new(["LOC", "PER"].into_iter().filter_map(Label::new), Scheme::Iob2);

    // Three sentences of 5, 3 and 2 words; what follows is padding, where a model says anything.
    let gold = array![[3, 4, 0, 0, 1], [1, 0, 0, 0, 0], [3, 4, 0, 0, 0]];
    let predicted = array![[3, 4, 0, 0, 3], [1, 0, 0, 1, 1], [3, 0, 1, 1, 1]];
    let mask = array![[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [1, 1, 0, 0, 0]];

    // Without a mask there is no such function; gold and predicted cannot change places.
    let mask = Mask::new(mask.view())?;
    let matrix = ConfusionMatrix::from_padded_masked(
        &labels,
        Gold(gold.view()),
        Predicted(predicted.view()),
        mask,
    )?;
    println!("{}", report::confusion(&matrix));
    println!("{} words, {} right", matrix.total(), matrix.correct());
    assert_eq!(matrix.total(), 10);

    // The other way to say it: targets that are -100 where nothing is to be counted.
    let ignoring = array![[3, 4, 0, 0, 1], [1, 0, 0, -100, -100], [3, 4, -100, -100, -100]];
    let same = ConfusionMatrix::from_padded_ignoring(
        &labels,
        Gold(ignoring.view()),
        Predicted(predicted.view()),
    )?;
    assert_eq!(matrix, same);

    if let Some(path) = std::env::args().nth(1) {
        std::fs::write(&path, report::confusion_svg(&matrix, "A padded batch"))?;
        println!("drawn to {path}");
    }
    Ok(())
}
