//! `--help` that fits a screen: examples first, then the options that most people need. Of the options that
//! many commands share, most are only named; a topic explains them (`ner-align help reading`).

use clap::builder::StyledStr;
use clap::{Args, Command};

use crate::Failure;
use crate::corpus_args::CorpusArgs;
use crate::write_args::WriteArgs;

/// The order of a page: what the command does, examples, usage, options, topics.
const TEMPLATE: &str = "\
{about-with-newline}
{before-help}{usage-heading} {usage}

{all-args}{after-help}";

/// A page of a topic has only its options.
const TOPIC_TEMPLATE: &str = "{about-with-newline}\n{options}";

/// Options of a topic that the page of a command explains by itself.
const SHOWN: [&str; 7] = ["from", "map", "n", "to", "scheme", "on_misaligned", "on_overlap"];

/// Options that several commands share, by the heading of their group.
struct Topic {
    name: &'static str,
    heading: &'static str,
    about: &'static str,
    options: fn(Command) -> Command,
}

const TOPICS: [Topic; 2] = [
    Topic {
        name: "reading",
        heading: "Reading",
        about: "Options of every command that reads a corpus",
        options: CorpusArgs::augment_args,
    },
    Topic {
        name: "writing",
        heading: "Writing",
        about: "Options of every command that writes a corpus",
        options: WriteArgs::augment_args,
    },
];

/// The program with the help of each command on one page.
///
/// ```
/// use clap::{Args, Command};
/// use ner_align_cli::corpus_args::CorpusArgs;
/// let count = CorpusArgs::augment_args(Command::new("count").about("Count words"));
/// let mut program = ner_align_cli::help::paged(Command::new("program").subcommand(count));
/// let page = program.find_subcommand_mut("count").unwrap().render_help().to_string();
/// assert!(page.contains("--from <FORMAT>"));
/// assert!(page.contains("Reading, by `ner-align help reading`: --"));
/// ```
#[must_use]
pub fn paged(program: Command) -> Command {
    program.disable_help_subcommand(true).help_template(TEMPLATE).mut_subcommands(page)
}

fn page(mut command: Command) -> Command {
    let mut after =
        command.get_after_help().map(StyledStr::to_string).into_iter().collect::<Vec<_>>();
    for Topic { name, heading, .. } in TOPICS {
        let mut named = Vec::new();
        command = command.mut_args(|argument| {
            let shown = SHOWN.contains(&argument.get_id().as_str());
            if argument.get_help_heading() != Some(heading) || argument.is_hide_set() || shown {
                return argument;
            }
            if let Some(long) = argument.get_long() {
                named.push(format!("--{long}"));
            }
            argument.hide(true)
        });
        if !named.is_empty() {
            named.sort_unstable();
            after.push(format!("{heading}, by `ner-align help {name}`: {}", named.join(", ")));
        }
    }
    let command = command.help_template(TEMPLATE);
    if after.is_empty() { command } else { command.after_help(after.join("\n")) }
}

/// Prints the page of a command or of a topic, or of the program itself.
///
/// # Errors
/// There is no command and no topic of that name.
pub fn print(mut program: Command, what: Option<&str>) -> Result<(), Failure> {
    // Usage lines name the program too.
    program.build();
    let printed = match what {
        None => program.print_help(),
        Some(name) => {
            if let Some(topic) = TOPICS.iter().find(|topic| topic.name == name) {
                let page = Command::new(topic.name).disable_help_flag(true);
                let page = (topic.options)(page).about(topic.about);
                page.help_template(TOPIC_TEMPLATE).print_help()
            } else if let Some(command) = program.find_subcommand_mut(name) {
                command.print_help()
            } else {
                return Err(unknown(&program, name));
            }
        }
    };
    // A reader that went away (`| head`) is no error.
    match printed {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::environment(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

fn unknown(program: &Command, name: &str) -> Failure {
    let commands = program.get_subcommands().filter(|command| !command.is_hide_set());
    let commands = commands.map(Command::get_name);
    let topics = TOPICS.iter().map(|topic| topic.name);
    let known: Vec<&str> = commands.chain(topics).collect();
    Failure::usage(format!("help: expected a command or a topic, found {name:?}"))
        .hint(known.join(", "))
}
