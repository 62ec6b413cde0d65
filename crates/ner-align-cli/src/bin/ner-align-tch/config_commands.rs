//! `init-config` and `debug-config`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use ner_align_cli::{Failure, output};
use ner_align_corpus::AtomicFile;
use ner_align_pipeline::settings::{ConfigText, Recipe, Settings};

use crate::choices;
use crate::fault::OrFail;

/// Arguments of `init-config`.
#[derive(Debug, Args)]
#[command(before_help = "\
Examples:
  ner-align init-config config.toml
  ner-align init-config --recipe trainer")]
pub(crate) struct InitArgs {
    /// The file to write; standard output unless given
    #[arg(value_name = "OUT")]
    output: Option<PathBuf>,
    /// Whose settings to write
    #[arg(long, value_parser = choices::recipe(), default_value = "best")]
    recipe: Recipe,
    /// Print the settings as one JSON document instead
    #[arg(long, conflicts_with = "output")]
    json: bool,
}

/// Arguments of `debug-config`.
#[derive(Debug, Args)]
#[command(before_help = "\
Examples:
  ner-align debug-config config.toml
  ner-align debug-config config.toml --set epochs=5")]
pub(crate) struct DebugArgs {
    /// The config file; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What the file's settings are over
    #[arg(long, value_parser = choices::recipe(), default_value = "best")]
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
        return output::print_json(&arguments.recipe.settings().to_table().or_fail()?);
    }
    write(arguments.output.as_deref(), &Settings::commented_recipe(arguments.recipe).or_fail()?)
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
    let file = read(&arguments.file)?;
    let settings = Settings::resolve(arguments.recipe, Some(&file), &arguments.set).or_fail()?;
    if arguments.json {
        return output::print_json(&settings.to_table().or_fail()?);
    }
    output::print(&settings.to_toml().or_fail()?)
}

/// A config file; standard input with `-`.
pub(crate) fn read(path: &Path) -> Result<ConfigText, Failure> {
    if path.as_os_str() != "-" {
        return ConfigText::read(path).or_fail();
    }
    let text = std::io::read_to_string(std::io::stdin())
        .map_err(|error| Failure::usage(format!("-: {error}")))?;
    Ok(ConfigText::new("-", text))
}
