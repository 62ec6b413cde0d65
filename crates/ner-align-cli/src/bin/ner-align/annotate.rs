//! `annotate`: entities by word lists and patterns.

use std::path::{Path, PathBuf};

use clap::Args;
use ner_align_cli::conversion_report::{
    as_json, label_counts, most_frequent, report_changes, report_counts, report_not_read, say,
};
use ner_align_cli::corpus_args::{CorpusArgs, report_findings};
use ner_align_cli::paths::refuse_overwriting;
use ner_align_cli::write_args::WriteArgs;
use ner_align_cli::{Failure, output};
use ner_align_corpus::{
    Conversion, ConvertOptions, ConvertSummary, CorpusError, FormatReader, TextReader, open,
};
use ner_align_curate::annotate::{AnnotateReport, Annotator, Existing, Rule};
use serde_json::{Value, json};

/// Rules that are named on standard error.
const SHOWN: usize = 10;

/// Arguments of `annotate`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("rules").required(true).multiple(true))]
pub(crate) struct AnnotateArgs {
    /// Texts, a document a line (.txt, and `-` for standard input), or corpora; they are joined
    #[arg(required = true, value_name = "IN")]
    inputs: Vec<PathBuf>,
    /// The corpus to write; a name that ends in .gz is compressed, `-` is standard output
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    /// Word list: TERM<TAB>LABEL a line, or a term a line in a file named LABEL.txt; may be given
    /// several times
    #[arg(long, value_name = "FILE", group = "rules")]
    dictionary: Vec<PathBuf>,
    /// Regular expressions: LABEL<TAB>PATTERN a line; may be given several times
    #[arg(long, value_name = "FILE", group = "rules")]
    regex: Vec<PathBuf>,
    /// Find terms and patterns in upper and lower case
    #[arg(long)]
    ignore_case: bool,
    /// Keep the entities that the corpus has, against new ones that share words [default]
    #[arg(long, conflicts_with = "replace")]
    keep: bool,
    /// Take entities away that share words with new ones
    #[arg(long)]
    replace: bool,
    /// Find sentences in documents that have none marked
    #[arg(long)]
    sentences: bool,
    /// Print the summary as JSON on standard output
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    corpus: CorpusArgs,
    #[command(flatten)]
    write: WriteArgs,
}

/// Runs `annotate`.
pub(crate) fn run(arguments: &AnnotateArgs) -> Result<(), Failure> {
    let read = arguments.corpus.options(None)?;
    let options = arguments.write.options(read)?;
    let options = options.with_split_sentences(arguments.sentences);
    if arguments.output.as_os_str() == "-" && arguments.json {
        return Err(Failure::usage("expected --json or the corpus on standard output, found both")
            .hint("write the corpus to a file"));
    }
    let read = [&arguments.inputs, &arguments.dictionary, &arguments.regex];
    refuse_overwriting(&arguments.output, &read.into_iter().flatten().collect::<Vec<_>>())?;
    let conversion = Conversion::new(&arguments.output, options.clone())?;
    let existing = if arguments.replace { Existing::Replace } else { Existing::Keep };
    let mut annotator = Annotator::new(arguments.ignore_case, existing);
    for list in &arguments.dictionary {
        annotator.add_dictionary(list)?;
    }
    for list in &arguments.regex {
        annotator.add_patterns(list)?;
    }
    let written = annotate(&arguments.inputs, conversion, &mut annotator, &options);
    let Some(summary) = output::unless_reader_gone(written)? else { return Ok(()) };
    report_findings(&summary.finding_counts, &summary.findings);
    report_not_read(&summary.findings);
    let (findings, counts) = annotator.take_findings();
    report_findings(counts, &findings);
    let counts = json!(counts);
    if arguments.json {
        output::print_json(&to_json(&summary, annotator.report(), &counts))
    } else {
        report_counts(&arguments.output.display(), &summary);
        report(annotator.report());
        report_changes(&summary);
        Ok(())
    }
}

/// Takes all inputs through the annotator into the output.
fn annotate(
    inputs: &[PathBuf],
    mut conversion: Conversion,
    annotator: &mut Annotator,
    options: &ConvertOptions,
) -> Result<ConvertSummary, CorpusError> {
    for input in inputs {
        let name = input.display().to_string();
        let mut reader: Box<dyn FormatReader> = if is_text(input, options) {
            Box::new(TextReader::open(input, &options.read)?)
        } else {
            open(input, &options.read)?
        };
        annotator.start_corpus(&name);
        conversion.read_from(&mut *reader, &name, &mut |document| annotator.annotate(document))?;
    }
    let mut summary = conversion.finish()?;
    summary.note_unused_labels(&options.read.labels);
    Ok(summary)
}

/// Plain text, as `predict` has it.
fn is_text(input: &Path, options: &ConvertOptions) -> bool {
    let packed = input.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz"));
    let name = if packed { input.with_extension("") } else { input.to_owned() };
    options.read.format.is_none()
        && (input.as_os_str() == "-"
            || name.extension().is_some_and(|end| end.eq_ignore_ascii_case("txt")))
}

fn report(done: &AnnotateReport) {
    let marked: usize = done.marked.values().sum();
    let labels: Vec<String> = most_frequent(&done.marked)
        .into_iter()
        .map(|(label, count)| format!("{label} {count}"))
        .collect();
    let labels =
        if labels.is_empty() { String::new() } else { format!(" ({})", labels.join(", ")) };
    say(&format!("marked: {marked} entities{labels} by {} rules", done.rules.len()));
    for (count, what) in [
        (done.already_marked, "finds were entities already"),
        (done.overlaps_existing, "finds share words with entities that stay"),
        (done.replaced, "entities replaced by finds that share words with them"),
        (done.overlaps, "finds share words with other finds that were marked"),
        (done.inside_words, "finds are inside words, not marked"),
        (done.across_sentences, "finds reach into another sentence, not marked"),
    ] {
        if count > 0 {
            say(&format!("{count} {what}"));
        }
    }
    let shown = |rules: &[&Rule], show: &dyn Fn(&Rule) -> String| {
        rules.iter().map(|rule| show(rule)).collect::<Vec<_>>().join(", ")
    };
    let most = done.most_found(SHOWN);
    if !most.is_empty() {
        let list = shown(&most, &|rule| format!("{:?} {} {}", rule.text, rule.label, rule.found));
        say(&format!("most found: {list}"));
    }
    let never: Vec<&Rule> = done.never_found().collect();
    if !never.is_empty() {
        let more = if never.len() > SHOWN { ", …" } else { "" };
        let first = &never[..never.len().min(SHOWN)];
        let list = shown(first, &|rule| format!("{:?} {}", rule.text, rule.label));
        say(&format!("never found: {} of {}: {list}{more}", never.len(), done.rules.len()));
    }
}

fn to_json(summary: &ConvertSummary, done: &AnnotateReport, findings: &Value) -> Value {
    let rule = |rule: &Rule| {
        json!({
            "kind": rule.kind.as_str(),
            "text": rule.text,
            "label": rule.label,
            "found": rule.found,
            "marked": rule.marked,
        })
    };
    let mut json = as_json(summary);
    json["annotation"] = json!({
        "marked": done.marked.values().sum::<usize>(),
        "marked_by_label": label_counts(&done.marked),
        "already_marked": done.already_marked,
        "overlaps_existing": done.overlaps_existing,
        "replaced": done.replaced,
        "overlaps": done.overlaps,
        "inside_words": done.inside_words,
        "across_sentences": done.across_sentences,
        "found": done.most_found(usize::MAX).into_iter().map(rule).collect::<Vec<_>>(),
        "never_found": done.never_found().map(rule).collect::<Vec<_>>(),
        "findings": findings,
    });
    json
}
