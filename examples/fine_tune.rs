//! Fine-tunes a BERT, prints the loss as it goes, and finds entities with the best model.
//!
//! ```sh
//! cargo run --features tch --example fine_tune -- TRAIN DEV MODEL_FOLDER_OR_ID OUTPUT TEXT
//! ```
#![expect(clippy::print_stdout, reason = "an example speaks to its reader")]

use ner_align::FineTuner;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [train, dev, model, output, text] = arguments.as_slice() else {
        anyhow::bail!("expected TRAIN DEV MODEL_FOLDER_OR_ID OUTPUT TEXT");
    };
    let run = FineTuner::new(model)
        .train([train])
        .dev([dev])
        .output(output)
        .on_step(|step| println!("step {}: loss {:.3}", step.step, step.loss))
        .run()?;
    println!("{}", run.report());
    for entity in run.predictor().entities(text)? {
        println!("{}..{} {} {}", entity.start, entity.end, entity.label, entity.text);
    }
    Ok(())
}
