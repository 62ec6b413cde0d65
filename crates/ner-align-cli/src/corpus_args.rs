//! The arguments of every command that reads a corpus.

use std::collections::BTreeMap;
use std::path::Path;

use clap::Args;
use ner_align_core::{AlignmentCounts, Finding, Scheme, Severity, WordSplitting};
use ner_align_corpus::formats::conll::Delimiter;
use ner_align_corpus::formats::csv::CsvColumns;
use ner_align_corpus::{
    Corpus, DEFAULT_MAX_MEMORY, Encoding, Format, LabelMap, ReadOptions, read_names, read_paths,
};

use crate::failure::Failure;
use crate::flags::with_flags;
use crate::say::say;

/// How a corpus is read.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Reading")]
pub struct CorpusArgs {
    /// Format of the input; detected from its content and name unless given
    #[arg(long, short_alias = 'c', alias = "converter", value_name = "FORMAT")]
    pub from: Option<String>,
    /// Rename an entity type; may be given several times
    #[arg(long, value_name = "FROM=TO")]
    pub map: Vec<String>,
    /// Leave an entity type out; may be given several times
    #[arg(long, value_name = "LABEL")]
    pub drop: Vec<String>,
    /// Column of the token in `conll`, from 0; negative counts from the end [default: the first that
    /// is no index]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub token_col: Option<i64>,
    /// Column of the tag in `conll`, from 0; negative counts from the end; several are levels whose
    /// entities may overlap [default: the last that holds tags]
    #[arg(long, value_name = "N,...", allow_hyphen_values = true, value_delimiter = ',')]
    pub tag_col: Vec<i64>,
    /// Delimiter of the columns of `conll` and `csv`: auto, tab, space (`conll`), or a character
    /// [default: auto]
    #[arg(long, value_name = "DELIMITER")]
    pub delimiter: Option<String>,
    /// Names of the columns of `csv`, `parquet` and headers, and of the keys of `jsonl`: document,
    /// sentence, words, tags, text, spans, misc, such as sentence=ID,words=Form,tags=NE [default: detected]
    #[arg(long = "columns", value_name = "KEY=NAME,...")]
    pub csv_columns: Option<String>,
    /// Sentences per document, if none is marked; 0: all [default: 1 or as trained]
    #[arg(short, value_name = "N")]
    pub n: Option<usize>,
    /// What offsets of spans count: code-points, utf16, bytes, crlf-as-one [default: code-points]
    #[arg(long, value_name = "UNIT")]
    pub offsets: Option<String>,
    /// Spans whose own copy of their text is not what stands at their offsets: error, offsets (the
    /// offsets count), drop [default: error]
    #[arg(long, value_name = "POLICY")]
    pub on_surface_mismatch: Option<String>,
    /// Encoding of text formats: utf-8, utf-16, latin-1, cp1252, cp1251, gbk, shift_jis, euc-kr or
    /// any other label of the Encoding Standard [default: utf-8, or UTF-16 by its mark]
    #[arg(long, value_name = "ENCODING")]
    pub encoding: Option<String>,
    /// How text without words is split: unicode, char, whitespace, regex:PATTERN [default: unicode,
    /// or what a model was trained with]
    #[arg(long, value_name = "WORDS")]
    pub words: Option<String>,
    /// Names of tags and labels that are given as numbers, from 0, in `jsonl` also as NUMBER=NAME:
    /// separated by commas, or a file with one per line [default: those that the file names]
    #[arg(long, visible_alias = "label-names", value_name = "FILE|A,B,C")]
    pub tag_names: Option<String>,
    /// Make tokens of white space in `docbin` and `spacy-json` text between words again
    #[arg(long)]
    pub fold_white_space: bool,
    /// Memory that a document, a corpus that is kept whole, a score or a check may take: bytes, or with K,
    /// M or G; more is an error [default: 2G]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub max_memory: Option<u64>,
}

/// Bytes, or with K, M or G for powers of 1024.
fn size(text: &str) -> Result<u64, String> {
    let wrong = || format!("expected a size such as 500M or 4G, found {text:?}");
    let upper = text.trim().to_ascii_uppercase();
    let upper = upper.trim_end_matches('B').trim_end_matches('I');
    let (digits, shift) = match upper.as_bytes().last() {
        Some(b'K') => (&upper[..upper.len() - 1], 10),
        Some(b'M') => (&upper[..upper.len() - 1], 20),
        Some(b'G') => (&upper[..upper.len() - 1], 30),
        _ => (upper, 0),
    };
    let number = digits.trim().parse::<u64>().map_err(|_| wrong())?;
    number.checked_mul(1 << shift).filter(|&bytes| bytes > 0).ok_or_else(wrong)
}

impl CorpusArgs {
    /// The options for the readers; tags are read in `scheme`, or in the one that they show.
    ///
    /// # Errors
    /// An unknown format, delimiter, or a `--map` without `=`.
    pub fn options(&self, scheme: Option<Scheme>) -> Result<ReadOptions, Failure> {
        let labels = LabelMap::parse(&self.map, &self.drop)?;
        Ok(ReadOptions::default()
            .with_format(self.from.as_deref().map(str::parse::<Format>).transpose()?)
            .with_scheme(scheme)
            .with_labels(labels)
            .with_delimiter(self.delimiter.as_deref().map_or(Ok(Delimiter::Auto), str::parse)?)
            .with_columns(
                self.csv_columns.as_deref().map_or(Ok(CsvColumns::default()), str::parse)?,
            )
            .with_token_column(self.token_col)
            .with_tag_column(self.tag_col.first().copied())
            .with_more_tag_columns(self.tag_col.iter().skip(1).copied().collect())
            .with_offsets(self.offsets.as_deref().map(str::parse).transpose()?.unwrap_or_default())
            .with_on_surface_mismatch(
                self.on_surface_mismatch
                    .as_deref()
                    .map(str::parse)
                    .transpose()?
                    .unwrap_or_default(),
            )
            .with_tag_names(self.tag_names.as_deref().map(names).transpose()?)
            .with_words(self.word_splitting()?.unwrap_or_default())
            .with_fold_white_space(self.fold_white_space)
            .with_max_memory(self.max_memory.unwrap_or(DEFAULT_MAX_MEMORY))
            .with_sentences_per_document(self.n.unwrap_or(1))
            .with_encoding(self.encoding.as_deref().map_or(Ok(Encoding::Utf8), str::parse)?))
    }

    /// How text becomes words, where the arguments say so.
    ///
    /// # Errors
    /// A name that is unknown.
    pub fn word_splitting(&self) -> Result<Option<WordSplitting>, Failure> {
        let parse = |name: &str| {
            name.parse::<WordSplitting>().map_err(|error| Failure::usage(error.to_string()))
        };
        self.words.as_deref().map(parse).transpose()
    }

    /// Reads these files into memory, and says on standard error what was read in another way
    /// than it was written.
    ///
    /// # Errors
    /// What the reader reports.
    pub fn read<P: AsRef<Path>>(
        &self,
        paths: &[P],
        scheme: Option<Scheme>,
    ) -> Result<Corpus, Failure> {
        let options = self.options(scheme)?;
        let corpus = read_paths(paths, &options)?;
        report_findings(&corpus.finding_counts, &corpus.findings);
        Ok(corpus)
    }
}

/// The names in a file, one a line, or in the argument itself.
fn names(argument: &str) -> Result<Vec<String>, Failure> {
    let path = Path::new(argument);
    if !path.is_file() {
        return Ok(argument.split(',').map(|name| name.trim().to_owned()).collect());
    }
    Ok(read_names(path)?)
}

/// One line for each kind of finding: how often, and the first place.
pub fn report_findings(counts: &BTreeMap<String, usize>, findings: &[Finding]) {
    for (code, count) in counts {
        let first = findings.iter().find(|finding| finding.code == *code);
        let place =
            first.map_or_else(String::new, |finding| with_flags(&format!("; first: {finding}")));
        let mild = first.is_some_and(|finding| finding.severity == Severity::Info);
        let word = if mild { "note" } else { "warning" };
        say(format!("{word}: {code} ×{count}{place}"));
    }
}

/// Where words were lost or texts were cut, on standard error; silent if nowhere.
pub fn report_counts(name: &str, counts: &AlignmentCounts) {
    for (count, what) in counts.losses() {
        say(format!("warning: {name}: {count} {}", with_flags(what)));
    }
}
