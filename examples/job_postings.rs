//! From the export of an annotation tool to entities: step 1 of `docs/tutorial.md`.
//!
//! ```sh
//! cargo run --features curate,tch --example job_postings -- EXPORT.jsonl MODEL_FOLDER_OR_ID OUT
//! ```
#![expect(clippy::print_stdout, reason = "an example speaks to its reader")]

use std::path::Path;

use ner_align::FineTuner;
use ner_align::corpus::{OnOverlap, Policy, ReadOptions, convert, read};
use ner_align::curate::lint::{Checker, LintOptions, check};
use ner_align::curate::split::{SplitOptions, split};
use ner_align::settings::{Recipe, Settings};

const POSTING: &str =
    "We look for a welder with a vocational certificate and two years of experience.";

/// Checks, repairs and splits an export, fine-tunes on it, and finds entities in a new posting.
pub(crate) fn job_postings(
    export: &Path,
    base: &Path,
    out: &Path,
    settings: Settings,
) -> anyhow::Result<()> {
    // What is wrong with the annotation, and where?
    let checker = Checker::new(&LintOptions::default());
    let report = check(checker, [export], [""; 0], &ReadOptions::default())?;
    for (code, count) in &report.finding_counts {
        println!("{code}: {count}");
    }

    // Spans become whole words. Of two that share words, the longest stays.
    std::fs::create_dir_all(out)?;
    let clean = out.join("clean.jsonl");
    let conversion = convert(export, &clean).on_misaligned(Policy::Expand);
    let summary = conversion.on_overlap(OnOverlap::Longest).run()?;
    println!("{}", summary.changes().join(", "));

    // No posting, and no near-copy of one, is in two parts.
    let documents = read(&clean)?.documents;
    let parts = split(&documents, &SplitOptions::new("70:15:15".parse()?).with_stratify(true))?;
    let part = |number| parts.part(&documents, number);

    let run = FineTuner::new(base)
        .train([part(0)])
        .dev([part(1)])
        .test([part(2)])
        .output(out)
        .settings(settings)
        .run()?;
    println!("{}", run.report());
    for entity in run.predictor().entities(POSTING)? {
        println!("{} {:.2} {}", entity.label, entity.score, entity.text);
    }
    Ok(())
}

#[allow(dead_code, reason = "the test calls the function above")]
fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [export, base, out] = arguments.as_slice() else {
        anyhow::bail!("expected EXPORT.jsonl MODEL_FOLDER_OR_ID OUT");
    };
    let settings = Settings::of(Recipe::Best).with("learning_rate", "3e-4")?;
    job_postings(export.as_ref(), base.as_ref(), out.as_ref(), settings)
}
