//! `import-config`: a spaCy config as one of ours, and what became of each setting.

use std::path::PathBuf;

use clap::Args;
use ner_align_cli::paths::refuse_overwriting;
use ner_align_cli::{Failure, output};
use serde_json::{Value, json};

use crate::config::spacy::{Carried, Imported, Place, import};
use crate::config::{Recipe, commented};
use crate::config_commands::{read, write};

/// Arguments of `import-config`.
///
/// Writes a commented config with what carries over from spaCy's; what it leaves out is the
/// recipe's. Standard error says what was carried over, what could not be and why, and what has no
/// counterpart. A config that leaves out settings is completed by `spacy init fill-config` first.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The config.cfg of spaCy v3; `-` is standard input
    #[arg(value_name = "CONFIG.cfg")]
    file: PathBuf,
    /// The file to write; standard output unless given
    #[arg(short, long, value_name = "OUT.toml")]
    output: Option<PathBuf>,
    /// Whose settings hold where the config says nothing
    #[arg(long, value_enum, default_value = "best")]
    recipe: Recipe,
    /// Print one JSON document instead of the report; the config is then written with -o alone
    #[arg(long)]
    json: bool,
}

/// Runs `import-config`.
pub(crate) fn run(arguments: &ImportArgs) -> Result<(), Failure> {
    let path = arguments.file.display();
    let text = read(&arguments.file)?;
    let imported = import(&text, arguments.recipe.config())
        .map_err(|fault| Failure::usage(format!("{path}:{fault}")))?;
    if let Some(path) = &arguments.output {
        refuse_overwriting(path, &[&arguments.file])?;
    }
    let name = arguments.file.file_name().unwrap_or_default().to_string_lossy();
    let origin =
        format!("from spaCy's {} over the recipe {}", word(&name), arguments.recipe.name());
    let config = commented(&imported.config, &origin);
    let config = config.replacen("\n\n", &format!("\n{}\n\n", usage(&imported)), 1);
    if !arguments.json {
        report(&imported);
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

/// A comment with the arguments that the config had.
fn usage(imported: &Imported) -> String {
    let argument = |option: &str, otherwise: &str| {
        let found = imported.arguments.iter().find(|argument| argument.to == option);
        let value = found.and_then(|argument| argument.becomes.as_str());
        format!(" {option} {}", value.map_or_else(|| otherwise.to_owned(), word))
    };
    format!(
        "# ner-align train --config FILE{}{}{} -o OUT",
        argument("--train", "TRAIN"),
        argument("--dev", "DEV"),
        argument("--model", "MODEL")
    )
}

/// A word as it is typed, in quotation marks and without line ends where it needs them.
fn word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "._-/+@".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        Value::from(text).to_string()
    }
}

#[expect(clippy::print_stderr, reason = "this is where the program speaks")]
fn report(imported: &Imported) {
    let mut text = String::new();
    let shown = |place: &Place| format!("[{}] {} = {}", place.section, place.key, place.value);
    let mut say = |head: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            text += &format!("{head}\n");
            lines.iter().for_each(|line| text += &format!("  {line}\n"));
        }
    };
    let carried = |item: &Carried| {
        let assign = if item.to.starts_with("--") { " " } else { " = " };
        let note = item.note.map(|note| format!(" ({note})")).unwrap_or_default();
        format!("{} -> {}{assign}{}{note}", shown(&item.from), item.to, item.becomes)
    };
    say("carried over", imported.carried.iter().map(carried).collect());
    say("arguments of train", imported.arguments.iter().map(carried).collect());
    let not = imported.not_carried.iter();
    say(
        "not carried over",
        not.map(|item| format!("{}: {}", shown(&item.from), item.why)).collect(),
    );
    let mut sections: Vec<(&str, Vec<&str>)> = Vec::new();
    for Place { section, key, .. } in &imported.no_counterpart {
        match sections.last_mut().filter(|(name, _)| name == section) {
            Some((_, keys)) => keys.push(key),
            None => sections.push((section, vec![key])),
        }
    }
    let lines = sections.iter().map(|(section, keys)| format!("[{section}] {}", keys.join(", ")));
    say("no counterpart", lines.collect());
    eprint!("{text}");
}
