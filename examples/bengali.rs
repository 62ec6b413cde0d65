//! Bengali with label propagation, and a card that says so: step 4 of `docs/tutorial.md`.
//!
//! ```sh
//! cargo run --features curate,tch --example bengali -- CORPUS MODEL_FOLDER_OR_ID OUT
//! ```
#![expect(clippy::print_stdout, reason = "an example speaks to its reader")]

use std::path::Path;

use ner_align::FineTuner;
use ner_align::corpus::read;
use ner_align::curate::split::{SplitOptions, split};
use ner_align::pipeline::Run;
use ner_align::settings::{Recipe, Settings};

/// Fine-tunes with the label of a word on all its subtokens, and describes the model.
pub(crate) fn bengali(
    corpus: &Path,
    base: &Path,
    out: &Path,
    settings: Settings,
) -> anyhow::Result<Run> {
    let documents = read(corpus)?.documents;
    let parts = split(&documents, &SplitOptions::new("3:1".parse()?).with_stratify(true))?;
    let part = |number| parts.part(&documents, number);
    let settings = settings
        .with("strategy", "propagate")?
        .with("card.language", "bn")?
        .with("card.license", "cc-by-4.0")?
        .with("card.labels.PER", "names of people")?;
    let tuner = FineTuner::new(base).train([part(0)]).dev([part(1)]);
    Ok(tuner.output(out).settings(settings).run()?)
}

#[allow(dead_code, reason = "the test calls the function above")]
fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [corpus, base, out] = arguments.as_slice() else {
        anyhow::bail!("expected CORPUS MODEL_FOLDER_OR_ID OUT");
    };
    let settings = Settings::of(Recipe::Best);
    let run = bengali(corpus.as_ref(), base.as_ref(), out.as_ref(), settings)?;
    println!("{}", run.report());
    println!("{}", std::fs::read_to_string(Path::new(out).join("model-best/README.md"))?);
    Ok(())
}
