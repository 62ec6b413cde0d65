//! `ner-align quantize`: a model folder with weights of 8-bit integers.

use std::path::PathBuf;

use clap::Args;
use ner_align_cli::model_source::locate_model;
use ner_align_cli::signals::leave_no_drafts;
use ner_align_cli::{Failure, output};
use ner_align_pipeline::quantize;
use serde_json::json;

use crate::fault::OrFail;

const EXAMPLES: &str = "\
Examples:
  ner-align quantize --model out/model-best -o out/model-int8
  ner-align predict --model out/model-int8 texts.txt";

/// Arguments of `quantize`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct QuantizeArgs {
    /// Fine-tuned model: a folder, or ORG/NAME[@REVISION] on the Hub
    #[arg(long, value_name = "DIR|HUB_ID")]
    model: PathBuf,
    /// Folder to write; it must not exist yet
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Use only the cache of the Hugging Face Hub
    #[arg(long)]
    offline: bool,
    /// Print one JSON document instead of a line
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(crate) fn run(arguments: &QuantizeArgs) -> Result<(), Failure> {
    leave_no_drafts();
    let folder = locate_model(&arguments.model, arguments.offline)?;
    let written = quantize(folder, &arguments.output).or_fail()?;
    if arguments.json {
        return output::print_json(&json!({
            "path": written.path.display().to_string(),
            "bytes": written.bytes,
            "bytes_in_f32": written.bytes_in_f32,
        }));
    }
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    output::print(&format!(
        "{}: weights of {:.1} MB, in f32 {:.1} MB\n",
        written.path.display(),
        megabytes(written.bytes),
        megabytes(written.bytes_in_f32),
    ))
}
