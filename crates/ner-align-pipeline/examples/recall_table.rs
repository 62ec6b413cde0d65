//! What becomes of the entities of each document with each bonus, as JSON, for `tests/peers/recall_splits.py`.
//!
//! ```sh
//! cargo run -p ner-align-pipeline --features tch --example recall_table -- MODEL all|TYPE,... CORPUS...
//! ```

use std::error::Error;
use std::io;

use ner_align_core::Label;
use ner_align_pipeline::Predictor;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(model), Some(types)) = (arguments.next(), arguments.next()) else {
        return Err("expected a model, types and corpora".into());
    };
    let model = Predictor::open(model)?;
    let types: Vec<Label> = match types.as_str() {
        "all" => model.labels().types(),
        names => names.split(',').filter_map(Label::new).collect(),
    };
    let corpora: Vec<String> = arguments.collect();
    let documents =
        ner_align_corpus::read_paths(&corpora, &ner_align_corpus::ReadOptions::default())?
            .documents;
    let bonuses: Vec<f64> = (0..=128).map(|step| f64::from(step) / 8.0).collect();
    let rows = model.recall_by_bonus(&documents, &types, &bonuses)?;
    let table = serde_json::json!({ "bonuses": bonuses, "documents": rows });
    Ok(serde_json::to_writer(io::stdout().lock(), &table)?)
}
