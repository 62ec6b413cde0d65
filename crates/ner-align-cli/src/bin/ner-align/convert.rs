//! `convert`: corpora in another format.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use ner_align_cli::corpus_args::{CorpusArgs, report_findings};
use ner_align_cli::{Failure, output};
use ner_align_core::Scheme;
use ner_align_corpus::{
    ConvertOptions, ConvertSummary, Format, Policies, Unwritable, WriteOptions, convert,
    convert_folder,
};
use serde_json::json;

/// Arguments of `convert`.
#[derive(Debug, Args)]
pub(crate) struct ConvertArgs {
    /// Corpora, which are joined; a folder is converted file by file; `-` is standard input
    #[arg(required = true, value_name = "IN")]
    inputs: Vec<PathBuf>,
    /// The corpus to write; a name that ends in .gz is compressed, `-` is standard output
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    /// Format of the output; told from its name unless given
    #[arg(long, value_name = "FORMAT")]
    to: Option<String>,
    /// Scheme of the tags written: iob1, iob2, ioe1, ioe2, iobes, biluo, io [default: as read]
    #[arg(long, value_name = "SCHEME")]
    scheme: Option<String>,
    /// Scheme of the tags read; told from the tags unless given
    #[arg(long, value_name = "SCHEME")]
    from_scheme: Option<String>,
    /// Sentences to a document where documents are not marked; 0: all of them
    #[arg(short, value_name = "N", default_value_t = 1)]
    n: usize,
    /// Find sentences in documents that have none marked
    #[arg(long)]
    sentences: bool,
    /// Spans that are no run of words: error, drop, missing, expand, contract, trim
    /// [default: kept where the format can, else error]
    #[arg(long, value_name = "POLICY")]
    on_misaligned: Option<String>,
    /// Entities that share words: error, longest, first, groups
    /// [default: kept where the format can, else error]
    #[arg(long, value_name = "POLICY")]
    on_overlap: Option<String>,
    /// Write tags anew from the entities that were read, so that they keep to their scheme
    #[arg(long)]
    repair: bool,
    /// Write U+FFFD for characters that the format cannot hold instead of refusing
    #[arg(long)]
    replace_unwritable: bool,
    /// Unpacked bytes after which a .spacy goes on in another file
    #[arg(long, value_name = "BYTES", default_value_t = 1 << 30)]
    shard_size: u64,
    /// Print the summary as JSON on standard output
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    corpus: CorpusArgs,
}

/// Runs `convert`.
pub(crate) fn run(arguments: &ConvertArgs) -> Result<(), Failure> {
    let options = options(arguments)?;
    let stdout = arguments.output.as_os_str() == "-";
    if stdout && arguments.json {
        return Err(Failure::usage("expected --json or the corpus on standard output, found both")
            .hint("write the corpus to a file"));
    }
    let summary = match arguments.inputs.as_slice() {
        [folder] if is_folder_of_files(folder, &options) => {
            convert_folder(folder, &arguments.output, &options)?
        }
        inputs => convert(inputs, &arguments.output, &options)?,
    };
    report_findings(&summary.finding_counts, &summary.findings);
    if arguments.json {
        output::print_json(&as_json(&summary))
    } else {
        report(arguments, &summary);
        Ok(())
    }
}

fn options(arguments: &ConvertArgs) -> Result<ConvertOptions, Failure> {
    let scheme = |name: &Option<String>| {
        name.as_deref()
            .map(|name| name.parse::<Scheme>().map_err(|e| Failure::usage(e.to_string())))
            .transpose()
    };
    let mut read = arguments.corpus.options(scheme(&arguments.from_scheme)?)?;
    read.sentences_per_document = arguments.n;
    Ok(ConvertOptions {
        read,
        write: WriteOptions {
            scheme: scheme(&arguments.scheme)?,
            unwritable: if arguments.replace_unwritable {
                Unwritable::Replace
            } else {
                Unwritable::Error
            },
            repair: arguments.repair,
            shard_size: arguments.shard_size,
            ..WriteOptions::default()
        },
        policies: Policies {
            misaligned: arguments.on_misaligned.as_deref().map(str::parse).transpose()?,
            overlap: arguments.on_overlap.as_deref().map(str::parse).transpose()?,
        },
        to: arguments.to.as_deref().map(str::parse::<Format>).transpose()?,
        split_sentences: arguments.sentences,
    })
}

/// A folder that is not itself a corpus of a format of folders.
fn is_folder_of_files(path: &Path, options: &ConvertOptions) -> bool {
    path.is_dir()
        && match options.read.format {
            Some(format) => !matches!(format, Format::Brat | Format::FactRuEval | Format::DocBin),
            None => Format::of_folder(path).is_err(),
        }
}

/// What a policy did, in words, and how often.
fn settled(summary: &ConvertSummary) -> Vec<(&'static str, usize)> {
    let resolved = &summary.resolved;
    [
        ("tags written anew", summary.repaired_tags),
        ("spans trimmed", resolved.trimmed),
        ("spans expanded", resolved.expanded),
        ("spans contracted", resolved.contracted),
        ("spans dropped", resolved.dropped),
        ("spans made missing", resolved.missing),
        ("overlapping entities dropped", resolved.overlaps_dropped),
        ("duplicate entities dropped", resolved.duplicates),
    ]
    .into_iter()
    .filter(|(_, count)| *count > 0)
    .collect()
}

fn as_json(summary: &ConvertSummary) -> serde_json::Value {
    let entities: usize = summary.entities.values().sum();
    let labels: serde_json::Map<_, _> =
        summary.entities.iter().map(|(label, n)| (label.to_string(), json!(n))).collect();
    let resolved = &summary.resolved;
    json!({
        "documents": summary.documents,
        "sentences": summary.sentences,
        "tokens": summary.tokens,
        "entities": entities,
        "entities_by_label": labels,
        "unaligned_spans": summary.unaligned,
        "repaired": {
            "tags": summary.repaired_tags,
            "trimmed": resolved.trimmed,
            "expanded": resolved.expanded,
            "contracted": resolved.contracted,
        },
        "dropped": {
            "spans": resolved.dropped,
            "spans_made_missing": resolved.missing,
            "overlaps": resolved.overlaps_dropped,
            "duplicates": resolved.duplicates,
        },
        "lost": summary.lost,
        "findings": summary.finding_counts,
    })
}

#[expect(clippy::print_stderr, reason = "this is where the program speaks")]
fn report(arguments: &ConvertArgs, summary: &ConvertSummary) {
    let mut labels: Vec<_> = summary.entities.iter().collect();
    labels.sort_by_key(|(label, count)| (std::cmp::Reverse(**count), *label));
    let entities: usize = summary.entities.values().sum();
    let mut line = format!(
        "{}: {} documents, {} sentences, {} tokens, {entities} entities",
        arguments.output.display(),
        summary.documents,
        summary.sentences,
        summary.tokens,
    );
    for (index, (label, count)) in labels.iter().enumerate() {
        let _ = write!(line, "{}{label} {count}", if index == 0 { " (" } else { ", " });
    }
    if !labels.is_empty() {
        line.push(')');
    }
    eprintln!("{line}");
    if summary.unaligned > 0 {
        eprintln!("{} spans that are no run of words are kept as they were", summary.unaligned);
    }
    for (what, count) in settled(summary) {
        eprintln!("{count} {what}");
    }
    for (what, count) in &summary.lost {
        eprintln!("lost, since the format cannot hold it: {what} ×{count}");
    }
}
