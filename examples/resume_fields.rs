//! The fields of a résumé: step 2 of `docs/tutorial.md`.
//!
//! ```sh
//! cargo run --features documents,tch --example resume_fields -- MODEL_FOLDER MAPPING.toml RESUME
//! ```
#![expect(clippy::print_stdout, reason = "an example speaks to its reader")]

use std::path::Path;

use ner_align::Predictor;
use ner_align::documents::{self, ExtractOptions};
use ner_align::pipeline::fields::{Fields, Mapping};

/// Takes the text of a document, finds entities, and joins them into fields.
pub(crate) fn resume_fields(model: &Path, mapping: &Path, resume: &Path) -> anyhow::Result<Fields> {
    let model = Predictor::open(model)?;
    let mapping = Mapping::read(mapping)?;
    let text = documents::read(resume, &ExtractOptions::default())?.text;
    Ok(Fields::of(&model.entities(&text)?, &mapping))
}

#[allow(dead_code, reason = "the test calls the function above")]
fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, mapping, resume] = arguments.as_slice() else {
        anyhow::bail!("expected MODEL_FOLDER MAPPING.toml RESUME");
    };
    let fields = resume_fields(model.as_ref(), mapping.as_ref(), resume.as_ref())?;
    for field in &fields.fields {
        let values: Vec<&str> = field.values.iter().map(|value| value.value.as_str()).collect();
        println!("{}: {}", field.name, values.join(", "));
    }
    Ok(())
}
