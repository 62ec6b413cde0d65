//! What is read, and by which command.

use std::io::{Result, Write};

/// Bytes that a command prints, at most; all that is longer are lists that nobody reads.
pub(crate) const MOST_PRINTED: u64 = 4 << 20;

const GIB: u64 = 1 << 30;

type Writer = fn(usize, &mut dyn Write) -> Result<()>;

/// A command and the files that it reads.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// Of the larger run.
    pub(crate) size: usize,
    pub(crate) files: &'static [(&'static str, Writer)],
    /// Separated by single spaces.
    pub(crate) arguments: &'static str,
    pub(crate) status: i32,
    /// Bytes.
    pub(crate) max_memory: u64,
}

impl Case {
    const fn new(
        name: &'static str,
        size: usize,
        files: &'static [(&'static str, Writer)],
        arguments: &'static str,
    ) -> Self {
        Self { name, size, files, arguments, status: 0, max_memory: 2 * GIB }
    }

    /// Refused, by one line.
    const fn refused(self) -> Self {
        Self { status: 1, ..self }
    }
}

/// A sentence of one word for each label.
fn labels(size: usize, out: &mut dyn Write) -> Result<()> {
    (0..size).try_for_each(|label| writeln!(out, "w{}\tB-L{label}\n", label % 5_000))
}

/// The same words under other labels.
fn other_labels(size: usize, out: &mut dyn Write) -> Result<()> {
    (0..size).try_for_each(|label| writeln!(out, "w{}\tB-M{label}\n", label % 5_000))
}

/// One word under each label.
fn labels_of_a_word(size: usize, out: &mut dyn Write) -> Result<()> {
    (0..size).try_for_each(|label| writeln!(out, "w\tB-L{label}\n"))
}

/// Sentences of ten entities of five types.
fn entities(size: usize, out: &mut dyn Write) -> Result<()> {
    (0..size).try_for_each(|word| {
        writeln!(
            out,
            "w{}\tB-L{}{}",
            word % 5_000,
            word % 5,
            if word % 10 == 9 { "\n" } else { "" }
        )
    })
}

/// The same words, each as an entity of another type.
fn wrong_entities(size: usize, out: &mut dyn Write) -> Result<()> {
    (0..size).try_for_each(|word| {
        let end = if word % 10 == 9 { "\n" } else { "" };
        writeln!(out, "w{}\tB-L{}{end}", word % 5_000, (word + 1) % 5)
    })
}

/// One sentence of entities of five types.
fn sentence(size: usize, out: &mut dyn Write) -> Result<()> {
    (0..size).try_for_each(|word| writeln!(out, "w{}\tB-L{}", word % 5_000, word % 5))
}

/// The same sentence with other types.
fn wrong_sentence(size: usize, out: &mut dyn Write) -> Result<()> {
    (0..size).try_for_each(|word| writeln!(out, "w{}\tB-L{}", word % 5_000, (word + 1) % 5))
}

/// Documents of a sentence, each with a name of its own.
fn documents(size: usize, out: &mut dyn Write) -> Result<()> {
    (0..size).try_for_each(|document| {
        writeln!(
            out,
            "{{\"id\": \"d{document}\", \"text\": \"Ada met Bo\", \"spans\": [{{\"start\": 0, \"end\": 3, \"label\": \"PER\"}}]}}"
        )
    })
}

/// Documents that all have one name.
fn documents_of_one_name(size: usize, out: &mut dyn Write) -> Result<()> {
    (0..size).try_for_each(|_| {
        writeln!(
            out,
            "{{\"id\": \"a\", \"text\": \"Ada met Bo\", \"spans\": [{{\"start\": 0, \"end\": 3, \"label\": \"PER\"}}]}}"
        )
    })
}

/// A few sentences, whatever the size.
fn text(_: usize, out: &mut dyn Write) -> Result<()> {
    (0..1_000).try_for_each(|line| writeln!(out, "w{line}\tO\nand\tO\nname{line}x\tO\n"))
}

/// Patterns of a name and digits.
fn patterns(size: usize, out: &mut dyn Write) -> Result<()> {
    (0..size).try_for_each(|pattern| writeln!(out, "L\tname{pattern}[a-z]+"))
}

/// Patterns without a sign that means something else.
fn names(size: usize, out: &mut dyn Write) -> Result<()> {
    (0..size).try_for_each(|pattern| writeln!(out, "L\tname{pattern}x"))
}

/// Patterns that start with anything.
fn open_patterns(size: usize, out: &mut dyn Write) -> Result<()> {
    (0..size).try_for_each(|pattern| writeln!(out, "L\t[a-z]+{pattern}x"))
}

const GOLD: &str = "gold.conll";
const PREDICTED: &str = "predicted.conll";

pub(crate) const CASES: &[Case] = &[
    // On both sides the same, since the counts of twice as many take more than half of the memory.
    Case::new("score, labels", 1_000_000, &[(GOLD, labels)], "score gold.conll gold.conll"),
    Case::new(
        "score, labels of which none is right",
        500_000,
        &[(GOLD, labels), (PREDICTED, other_labels)],
        "score gold.conll predicted.conll",
    ),
    Case::new(
        "score, labels, everything",
        200_000,
        &[(GOLD, labels), (PREDICTED, other_labels)],
        "score gold.conll predicted.conll --train gold.conll --tags --html page.html --confusion c.svg --bootstrap 20",
    ),
    Case::new(
        "score, labels of a word in training",
        200_000,
        &[(GOLD, labels_of_a_word)],
        "score gold.conll gold.conll --train gold.conll",
    ),
    Case::new(
        "score, errors, page",
        1_000_000,
        &[(GOLD, entities), (PREDICTED, wrong_entities)],
        "score gold.conll predicted.conll --html page.html",
    ),
    Case::new(
        "score, one sentence, page",
        1_000_000,
        &[(GOLD, sentence), (PREDICTED, wrong_sentence)],
        "score gold.conll predicted.conll --html page.html",
    ),
    Case::new(
        "score, labels beyond the memory",
        4_000_000,
        &[(GOLD, labels), (PREDICTED, other_labels)],
        "score gold.conll predicted.conll",
    )
    .refused(),
    Case::new("check, labels", 1_000_000, &[(GOLD, labels)], "check gold.conll"),
    Case::new(
        "check, labels of a word",
        1_000_000,
        &[(GOLD, labels_of_a_word)],
        "check gold.conll",
    ),
    Case::new("check, one sentence", 1_000_000, &[(GOLD, sentence)], "check gold.conll"),
    Case::new(
        "split --stratify, labels",
        1_000_000,
        &[(GOLD, labels)],
        "split gold.conll -o parts --ratio 8:1:1 --stratify",
    ),
    Case::new(
        "convert a sentence to conll",
        1_000_000,
        &[(GOLD, sentence)],
        "convert gold.conll -o out --to conll",
    ),
    Case::new(
        "convert a sentence to conllu",
        1_000_000,
        &[(GOLD, sentence)],
        "convert gold.conll -o out --to conllu",
    ),
    Case::new(
        "convert a sentence to csv",
        1_000_000,
        &[(GOLD, sentence)],
        "convert gold.conll -o out --to csv",
    ),
    Case::new(
        "convert a sentence to iob-lines",
        1_000_000,
        &[(GOLD, sentence)],
        "convert gold.conll -o out --to iob-lines",
    ),
    // A line of a JSON document of so many words would be too long to be read.
    Case::new(
        "convert a sentence to jsonl",
        100_000,
        &[(GOLD, sentence)],
        "convert gold.conll -o out --to jsonl",
    ),
    Case::new(
        "convert a sentence to spacy-json",
        1_000_000,
        &[(GOLD, sentence)],
        "convert gold.conll -o out --to spacy-json",
    ),
    Case::new(
        "convert a sentence to docbin",
        1_000_000,
        &[(GOLD, sentence)],
        "convert gold.conll -o out --to docbin",
    ),
    Case::new(
        "convert a sentence to parquet",
        1_000_000,
        &[(GOLD, sentence)],
        "convert gold.conll -o out --to parquet",
    ),
    Case::new(
        "convert a sentence to brat",
        1_000_000,
        &[(GOLD, sentence)],
        "convert gold.conll -o out --to brat",
    ),
    Case::new(
        "convert to brat, documents",
        20_000,
        &[("in.jsonl", documents)],
        "convert in.jsonl -o out --to brat",
    ),
    Case::new(
        "convert to brat, documents of one name",
        20_000,
        &[("in.jsonl", documents_of_one_name)],
        "convert in.jsonl -o out --to brat",
    ),
    Case::new(
        "annotate, patterns that are names",
        20_000,
        &[(GOLD, text), ("patterns.tsv", names)],
        "annotate gold.conll -o out.conll --regex patterns.tsv",
    ),
    Case::new(
        "annotate, patterns",
        20_000,
        &[(GOLD, text), ("patterns.tsv", patterns)],
        "annotate gold.conll -o out.conll --regex patterns.tsv",
    ),
    Case::new(
        "annotate, patterns that start with anything",
        20_000,
        &[(GOLD, text), ("patterns.tsv", open_patterns)],
        "annotate gold.conll -o out.conll --regex patterns.tsv",
    ),
];
