//! The CSV of the Groningen Meaning Bank, with a frozen encoder: step 3 of `docs/tutorial.md`.
//!
//! ```sh
//! cargo run --features curate,tch --example gmb_head_only -- ner_dataset.csv MODEL_FOLDER_OR_ID OUT
//! ```
#![expect(clippy::print_stdout, reason = "an example speaks to its reader")]

use std::path::Path;

use ner_align::FineTuner;
use ner_align::corpus::{Encoding, ReadOptions, read_path};
use ner_align::curate::split::{SplitOptions, split};
use ner_align::pipeline::Run;
use ner_align::settings::{Recipe, Settings};

/// Trains the classifier on a frozen encoder, or all weights.
pub(crate) fn fine_tune(
    csv: &Path,
    base: &Path,
    out: &Path,
    full_fine_tuning: bool,
    settings: Settings,
) -> anyhow::Result<Run> {
    let reading = ReadOptions::default().with_encoding(Encoding::Cp1252);
    let documents = read_path(csv, &reading)?.documents;
    let parts = split(&documents, &SplitOptions::new("3:1".parse()?).with_stratify(true))?;
    let part = |number| parts.part(&documents, number);

    // A head that learns alone takes larger steps.
    let (freeze, rate) = if full_fine_tuning { ("nothing", "3e-4") } else { ("encoder", "1e-2") };
    let settings = settings.with("freeze", freeze)?.with("learning_rate", rate)?;
    let tuner = FineTuner::new(base).train([part(0)]).dev([part(1)]);
    Ok(tuner.output(out).settings(settings).run()?)
}

#[allow(dead_code, reason = "the test calls the function above")]
fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [csv, base, out] = arguments.as_slice() else {
        anyhow::bail!("expected CSV MODEL_FOLDER_OR_ID OUT");
    };
    for (full_fine_tuning, folder) in [(false, "head"), (true, "full")] {
        let (out, settings) = (Path::new(out).join(folder), Settings::of(Recipe::Best));
        let run = fine_tune(csv.as_ref(), base.as_ref(), &out, full_fine_tuning, settings)?;
        println!("full fine-tuning: {full_fine_tuning}\n{}", run.report());
    }
    Ok(())
}
