//! Your own format: `[Oslo](LOC) is cold`, as chat bots are annotated.
//!
//! ```sh
//! cargo run --example own_format
//! cargo run --example own_format -- SENTENCES.md OUT.spacy
//! ```
//!
//! Whatever takes a file takes any [`CorpusReader`]; here it is a conversion, which writes every format
//! and counts what it wrote. Without arguments the example reads three built-in sentences and writes
//! columns to standard output.
#![expect(clippy::print_stderr, reason = "an example speaks to its reader")]

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;

use ner_align::corpus::{
    CharMap, CorpusError, Format, Input, Policy, convert, place_spans, span_finding, words,
};
use ner_align::prelude::*;
use ner_align::{ByteSpan, Finding, Location, Severity};

const SENTENCES: &str = "\
[Ada Lovelace](PER) wrote to [Charles](PER).
Nobody lives in [New Yor](LOC)k.
It rained.
";

fn main() -> anyhow::Result<()> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let (source, name, output): (Box<dyn BufRead + Send>, _, _) = match arguments.as_slice() {
        [] => (Box::new(SENTENCES.as_bytes()), "built in".to_owned(), PathBuf::from("-")),
        [input, output] => {
            let file = BufReader::new(File::open(input)?);
            (Box::new(file), input.display().to_string(), output.clone())
        }
        _ => anyhow::bail!("expected no arguments, or SENTENCES.md OUT"),
    };
    let lines = source.lines();
    let reader = BracketReader { lines, name: name.clone(), line: 0, findings: Vec::new() };

    let to_stdout = output.as_os_str() == "-";
    let mut conversion = convert(Input::reader(name, reader), output).on_misaligned(Policy::Drop);
    if to_stdout {
        conversion = conversion.to(Format::Conll);
    }
    let summary = conversion.run()?;
    for finding in &summary.findings {
        eprintln!("{finding}");
    }
    let entities: usize = summary.entities.values().sum();
    eprintln!("{} sentences, {} tokens, {entities} entities", summary.sentences, summary.tokens);
    Ok(())
}

/// Reads a sentence a line, in which `[surface](LABEL)` is an entity.
struct BracketReader<R> {
    lines: io::Lines<R>,
    name: String,
    line: u64,
    findings: Vec<Finding>,
}

impl<R: BufRead> BracketReader<R> {
    /// The text without the brackets, and the bytes of each entity in it.
    fn parse(&self, line: &str) -> Result<(String, Vec<(ByteSpan, Label)>), CorpusError> {
        let wrong = |found: &str| {
            CorpusError::input("bracket", "[surface](LABEL)", format!("{found:?}"))
                .at_path(&self.name)
                .at(self.line, None)
        };
        let (mut text, mut spans, mut rest) = (String::new(), Vec::new(), line);
        while let Some((before, after)) = rest.split_once('[') {
            let (surface, after) = after.split_once("](").ok_or_else(|| wrong(after))?;
            let (label, after) = after.split_once(')').ok_or_else(|| wrong(after))?;
            text.push_str(before);
            let span = ByteSpan::new(text.len(), text.len() + surface.len());
            text.push_str(surface);
            spans.push((span, Label::new(label).ok_or_else(|| wrong(label))?));
            rest = after;
        }
        text.push_str(rest);
        Ok((text, spans))
    }
}

impl<R: BufRead> CorpusReader for BracketReader<R> {
    type Error = CorpusError;

    fn read_document(&mut self) -> Result<Option<Document>, CorpusError> {
        let Some(line) = self.lines.next() else { return Ok(None) };
        let line = line.map_err(|error| CorpusError::read(self.name.as_ref(), error))?;
        self.line += 1;
        let (text, spans) = self.parse(&line)?;
        let words = words::split(&text);
        let mut document = Document::from_text(text, words).map_err(|error| {
            CorpusError::input("document", "words in their order", error.to_string())
        })?;

        // Spans of characters become runs of words, or are kept with the reason why they do not.
        let map = CharMap::new(document.text());
        let spans = spans.into_iter().map(|(span, label)| (vec![map.chars_of(span)], label));
        let placed = place_spans(&document, &map, spans);
        for span in &placed.unaligned {
            let mut finding = span_finding(&document, &map, span);
            finding.severity = Severity::Warning;
            finding = finding.at(Location::file(self.name.clone()).with_line(self.line));
            self.findings.push(finding);
        }
        let refused = |error: ner_align::DocumentError| {
            CorpusError::input("document", "entities of whole words", error.to_string())
        };
        document.set_entities(placed.entities).map_err(refused)?;
        document.set_unaligned(placed.unaligned);
        Ok(Some(document))
    }

    fn take_findings(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.findings)
    }
}
