//! `init-config` and `debug-config`: config files without training.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use ner_align_cli::{Failure, output};
use ner_align_corpus::AtomicFile;

use crate::config::{Recipe, RunConfig, commented_recipe};

/// Arguments of `init-config`.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// The file to write; standard output unless given
    #[arg(value_name = "OUT")]
    output: Option<PathBuf>,
    /// Whose settings to write
    #[arg(long, value_enum, default_value = "best")]
    recipe: Recipe,
    /// Print the settings as one JSON document instead
    #[arg(long, conflicts_with = "output")]
    json: bool,
}

/// Arguments of `debug-config`.
#[derive(Debug, Args)]
pub(crate) struct DebugArgs {
    /// The config file; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What the file's settings are over
    #[arg(long, value_enum, default_value = "best")]
    recipe: Recipe,
    /// One setting over the file's; may be given several times
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Print the settings as one JSON document instead of TOML
    #[arg(long)]
    json: bool,
}

/// Runs `init-config`.
pub(crate) fn init(arguments: &InitArgs) -> Result<(), Failure> {
    if arguments.json {
        return output::print_json(&arguments.recipe.config().to_table());
    }
    let text = commented_recipe(arguments.recipe);
    write(arguments.output.as_deref(), &text)
}

/// Writes a config file; to standard output without a path, or with `-`.
pub(crate) fn write(path: Option<&Path>, text: &str) -> Result<(), Failure> {
    let Some(path) = path.filter(|path| path.as_os_str() != "-") else {
        return output::print(text);
    };
    let mut file = AtomicFile::create(path)?;
    file.write_all(text.as_bytes())
        .map_err(|error| Failure::environment(format!("{}: {error}", path.display())))?;
    Ok(file.commit()?)
}

/// Runs `debug-config`: the settings as a run would have them.
pub(crate) fn debug(arguments: &DebugArgs) -> Result<(), Failure> {
    let config = RunConfig::resolve(arguments.recipe, Some(&arguments.file), &arguments.set)?;
    if arguments.json {
        return output::print_json(&config.to_table());
    }
    output::print(&config.to_toml())
}

/// The text of a config file; of standard input with `-`.
pub(crate) fn read(path: &Path) -> Result<String, Failure> {
    let text = if path.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(path)
    };
    text.map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}
