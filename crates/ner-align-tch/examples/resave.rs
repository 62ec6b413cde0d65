//! Opens a token classifier, computes and saves it: what `tests/peers/transformers_opens.py` drives.
//!
//! ```text
//! resave FOLDER COPY < '[[5, 6, 7], [8, 9]]'
//! ```
//!
//! Reads windows of subtoken ids, writes the model to COPY and the logits of every subtoken as lines
//! of JSON, one a subtoken.

use std::io::Write;
use std::path::Path;

use ner_align_core::{Batch, IGNORE_INDEX, TokenClassifier, TrainStep};
use ner_align_tch::{LoadOptions, Precision, TchClassifier};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, copy] = arguments.as_slice() else {
        return Err("expected two arguments, FOLDER and COPY".into());
    };
    let windows: Vec<Vec<u32>> = serde_json::from_reader(std::io::stdin())?;
    let mut boundaries = vec![0];
    boundaries.extend(windows.iter().scan(0, |end, window| {
        *end += window.len();
        Some(*end)
    }));
    let input_ids = windows.concat();
    let rows = (0..input_ids.len()).collect();
    let targets = vec![IGNORE_INDEX; input_ids.len()];

    // In f32, whatever is faster on this machine: the logits are compared to the last digits.
    let options = LoadOptions::default().with_precision(Precision::F32);
    let model = TchClassifier::load(Path::new(folder), &options)?;
    let logits = model.logits(&Batch { input_ids, boundaries, rows, targets })?;
    let mut out = std::io::stdout().lock();
    for row in logits.rows() {
        writeln!(out, "{}", serde_json::to_string(&row.to_vec())?)?;
    }
    std::fs::create_dir_all(copy)?;
    model.save(Path::new(copy))?;
    Ok(())
}
