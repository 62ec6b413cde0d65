//! `render`: entities in their text as a page, a picture or in the terminal.

use std::io::{IsTerminal, Write, stdout};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use ner_align_cli::corpus_args::CorpusArgs;
use ner_align_cli::{Failure, output};
use ner_align_core::Scheme;
use ner_align_corpus::io::refuse_overwriting;
use ner_align_corpus::{AtomicFile, CorpusError};
use ner_align_metrics::analysis::Outcome;
use ner_align_render::{
    Comparison, EntityPage, EntityPicture, RenderError, TerminalColours, terminal,
    terminal_comparison,
};

const EXAMPLES: &str = "\
Examples:
  ner-align render corpus.conll                           # in the terminal
  ner-align render corpus.conll -o corpus.html
  ner-align render gold.conll --versus predicted.conll -o errors.html";

/// Arguments of `render`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct RenderArgs {
    /// Corpora, which are shown as one; of a folder all files; `-` is standard input
    #[arg(required = true, value_name = "IN")]
    inputs: Vec<PathBuf>,
    /// The file to write; `-` is standard output [default: the terminal]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// The same words with predicted entities, to show beside the gold ones with every error marked
    #[arg(long, value_name = "PRED")]
    versus: Option<PathBuf>,
    /// What to write [default: by the end of the name, .html or .svg; terminal without -o]
    #[arg(long, value_enum)]
    to: Option<To>,
    /// Show only sentences with errors of these kinds: boundary, type, boundary_and_type, missed,
    /// spurious, merged, split
    #[arg(long, value_name = "KIND,...", value_delimiter = ',', value_parser = kind, requires = "versus")]
    errors: Vec<Outcome>,
    /// What the page is called [default: the names of the files]
    #[arg(long)]
    title: Option<String>,
    /// Width in pixels at which lines of a picture wrap
    #[arg(long, value_name = "PIXELS", default_value_t = 640, value_parser = clap::value_parser!(u32).range(80..=100_000))]
    width: u32,
    /// Scheme of the tags; detected from the tags unless given
    #[arg(long, value_name = "SCHEME")]
    from_scheme: Option<Scheme>,
    #[command(flatten)]
    corpus: CorpusArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum To {
    Html,
    Svg,
    Terminal,
}

const KINDS: [Outcome; 7] = [
    Outcome::Boundary,
    Outcome::Type,
    Outcome::BoundaryAndType,
    Outcome::Missed,
    Outcome::Spurious,
    Outcome::Merged,
    Outcome::Split,
];

/// A kind of error as `score` names it in JSON.
fn kind(name: &str) -> Result<Outcome, String> {
    let spelled = |outcome: &&Outcome| outcome.as_str().replace(' ', "_") == name;
    KINDS.iter().find(spelled).copied().ok_or_else(|| {
        let known: Vec<_> = KINDS.iter().map(|kind| kind.as_str().replace(' ', "_")).collect();
        format!("expected one of {}", known.join(", "))
    })
}

impl RenderArgs {
    fn target(&self) -> To {
        let end = |path: &PathBuf| path.extension().and_then(|end| end.to_str()).map(str::to_owned);
        match (self.to, &self.output) {
            (Some(to), _) => to,
            (None, None) => To::Terminal,
            (None, Some(path)) if end(path).is_some_and(|end| end.eq_ignore_ascii_case("svg")) => {
                To::Svg
            }
            (None, Some(_)) => To::Html,
        }
    }

    /// The names of the files, without their folders.
    fn title(&self) -> String {
        let name = |path: &PathBuf| {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            name.unwrap_or_else(|| path.display().to_string())
        };
        let given = self.inputs.iter().map(name).collect::<Vec<_>>().join(", ");
        match (&self.title, &self.versus) {
            (Some(title), _) => title.clone(),
            (None, Some(versus)) => format!("{} against {given}", name(versus)),
            (None, None) => given,
        }
    }

    /// Where the text goes.
    fn is_printed(&self) -> bool {
        self.output.as_deref().is_none_or(|path| path == Path::new("-"))
    }

    fn colours(&self) -> TerminalColours {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        if !self.is_printed() || !stdout().is_terminal() || set("NO_COLOR") {
            return TerminalColours::None;
        }
        match std::env::var("COLORTERM").as_deref() {
            Ok("truecolor" | "24bit") => TerminalColours::True,
            _ => TerminalColours::Indexed,
        }
    }
}

/// Runs `render`.
pub(crate) fn run(arguments: &RenderArgs) -> Result<(), Failure> {
    let target = arguments.target();
    if target == To::Svg && arguments.versus.is_some() {
        return Err(Failure::usage("expected --to html or terminal with --versus, found svg"));
    }
    if let Some(path) = arguments.output.as_ref().filter(|_| !arguments.is_printed()) {
        let read: Vec<&PathBuf> = arguments.inputs.iter().chain(&arguments.versus).collect();
        refuse_overwriting(path, &read)?;
    }
    let read = |paths: &[PathBuf]| arguments.corpus.read(paths, arguments.from_scheme);
    let documents = read(&arguments.inputs)?.documents;
    let title = arguments.title();
    let text = match &arguments.versus {
        Some(versus) => {
            let predicted = read(std::slice::from_ref(versus))?.documents;
            let comparison = Comparison::new(documents, &predicted).map_err(failure)?;
            let page = EntityPage::compare(&comparison).title(&title);
            match target {
                To::Terminal => {
                    terminal_comparison(&comparison, arguments.colours(), &arguments.errors)
                }
                _ => page.errors(arguments.errors.iter().copied()).render(),
            }
        }
        None => match target {
            To::Html => EntityPage::new(&documents).title(&title).render(),
            To::Svg => EntityPicture::new(&documents).width(f64::from(arguments.width)).render(),
            To::Terminal => terminal(&documents, arguments.colours()),
        },
    };
    match arguments.output.as_ref().filter(|_| !arguments.is_printed()) {
        None => output::print(&text),
        Some(path) => {
            let mut file = AtomicFile::create(path)?;
            let failed = |error| CorpusError::io(path, "a writable file", error);
            file.write_all(text.as_bytes()).map_err(failed)?;
            Ok(file.commit()?)
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
fn failure(error: RenderError) -> Failure {
    let hint = error.hint().map(str::to_owned);
    Failure { hint, ..Failure::input(error.to_string()) }
}
