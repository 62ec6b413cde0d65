//! `ner-align push`: a model folder to the Hugging Face Hub.

use std::path::PathBuf;

use clap::Args;
use ner_align_cli::{Failure, hub, output};
use ner_align_hub::{HubId, PushOptions, Size};
use serde_json::json;

const EXAMPLES: &str = "\
Examples:
  ner-align push my-name/my-model --folder out/model-best
  ner-align push my-name/my-model --folder out/model-best --private";

/// Arguments of `push`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct PushArgs {
    /// The model on the Hub; it is made if it does not exist
    #[arg(value_name = "ORG/NAME")]
    id: String,
    /// Folder of the model: settings, weights, tokenizer and card are uploaded
    #[arg(long, value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// Make it a private model; one that is public is refused
    #[arg(long)]
    private: bool,
    /// Branch to push to, made from `main` if it does not exist
    #[arg(long, value_name = "BRANCH", default_value = "main")]
    revision: String,
    /// First line of the commit's message
    #[arg(long, short, value_name = "TEXT")]
    message: Option<String>,
    /// Print one JSON document instead of lines
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(crate) fn run(arguments: &PushArgs) -> Result<(), Failure> {
    let usage = |error: ner_align_hub::HubError| Failure::usage(error.to_string());
    let id: HubId = arguments.id.parse().map_err(usage)?;
    let id = if id.revision() == "main" { id.at(&arguments.revision).map_err(usage)? } else { id };
    let options = PushOptions::default()
        .with_private(arguments.private)
        .with_message(arguments.message.clone());
    let pushed = hub::client(false)?.push(&id, &arguments.folder, &options)?;
    if arguments.json {
        return output::print_json(&json!({
            "url": pushed.url,
            "commit": pushed.commit,
            "changed": pushed.changed,
            "unchanged": pushed.unchanged,
            "left_out": pushed.left_out,
            "bytes": pushed.bytes,
        }));
    }
    let mut text = String::new();
    if !pushed.left_out.is_empty() {
        text = format!("no part of a model, stays here: {}\n", pushed.left_out.join(", "));
    }
    let size = Size(pushed.bytes);
    text += &match &pushed.commit {
        Some(commit) => format!("commit {commit}: {}, {size}\n", pushed.changed.join(", ")),
        None => "nothing changed\n".to_owned(),
    };
    output::print(&format!("{text}{}\n", pushed.url))
}
