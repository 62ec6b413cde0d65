//! `import-config`: a spaCy config as one of ours, and what became of each setting.

use std::path::PathBuf;

use clap::Args;
use ner_align_cli::say::say;
use ner_align_cli::{Failure, output};
use ner_align_corpus::io::refuse_overwriting;
use ner_align_pipeline::settings::Recipe;
use ner_align_pipeline::settings::spacy::{Carried, import};
use serde_json::{Value, json};

use crate::choices;
use crate::config_commands::{read, write};
use crate::fault::OrFail;

const EXAMPLES: &str = "\
Examples:
  ner-align import-config config.cfg -o config.toml";

/// Arguments of `import-config`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct ImportArgs {
    /// The config.cfg of spaCy v3; `-` is standard input
    #[arg(value_name = "CONFIG.cfg")]
    file: PathBuf,
    /// The file to write; standard output unless given
    #[arg(short, long, value_name = "OUT.toml")]
    output: Option<PathBuf>,
    /// Whose settings hold where the config says nothing
    #[arg(long, value_parser = choices::recipe(), default_value = "best")]
    recipe: Recipe,
    /// Print one JSON document instead of the report; the config is then written with -o alone
    #[arg(long)]
    json: bool,
}

/// Runs `import-config`.
pub(crate) fn run(arguments: &ImportArgs) -> Result<(), Failure> {
    let path = arguments.file.display();
    let file = read(&arguments.file)?;
    let imported = import(file.text(), arguments.recipe.settings())
        .map_err(|fault| Failure::usage(format!("{path}:{fault}")))?;
    if let Some(path) = &arguments.output {
        refuse_overwriting(path, &[&arguments.file])?;
    }
    let name = arguments.file.file_name().unwrap_or_default().to_string_lossy();
    let config = imported.to_commented_toml(&name, arguments.recipe).or_fail()?;
    if !arguments.json {
        say(imported.to_string().trim_end());
        return write(arguments.output.as_deref(), &config);
    }
    if arguments.output.is_some() {
        write(arguments.output.as_deref(), &config)?;
    }
    let pairs = |list: &[Carried]| -> Value {
        list.iter().map(|item| (item.to.clone(), item.becomes.clone())).collect()
    };
    output::print_json(&json!({
        "config": pairs(&imported.carried),
        "arguments": pairs(&imported.arguments),
        "carried": imported.carried.iter().chain(&imported.arguments).collect::<Vec<_>>(),
        "not_carried": imported.not_carried,
        "no_counterpart": imported.no_counterpart,
    }))
}
