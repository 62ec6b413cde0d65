//! Where redacted texts go, and their map.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use ner_align_cli::Failure;
use ner_align_core::{Document, Label};
use ner_align_corpus::AtomicFile;
use ner_align_pipeline::redact::{MapLine, Redacted, Replacement};
use serde::Serialize;

/// How redacted documents are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A line each.
    Text,
    /// As JSON lines, with what takes the place of entities as entities.
    Lines,
}

impl Kind {
    /// What text becomes.
    pub(super) fn text(output: Option<&Path>) -> Self {
        if output.is_some_and(is_jsonl) { Self::Lines } else { Self::Text }
    }

    /// What a corpus becomes. Its texts may have several lines.
    pub(super) fn corpus(output: Option<&Path>) -> Result<Self, Failure> {
        match output.filter(|path| path.as_os_str() != "-" && !is_jsonl(path)) {
            None => Ok(Self::Lines),
            Some(path) => Err(Failure::usage(format!(
                "-o: expected a name that ends in .jsonl for what a corpus becomes, found {}",
                path.display()
            ))
            .hint("`ner-align convert` makes other formats of it")),
        }
    }
}

fn is_jsonl(path: &Path) -> bool {
    path.extension().is_some_and(|end| end.eq_ignore_ascii_case("jsonl"))
}

/// A document as `JsonlShape::Entities` has it.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    text: &'a str,
    entities: Vec<Place<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    start: usize,
    end: usize,
    label: &'a Label,
}

/// Where texts go.
enum Target {
    Stdout(BufWriter<io::Stdout>),
    File(AtomicFile),
}

/// The output and the map; files appear whole.
pub(super) struct Output {
    target: Target,
    name: String,
    kind: Kind,
    map: Option<(AtomicFile, String)>,
    keep_text: bool,
    documents: usize,
}

impl Output {
    pub(super) fn create(
        path: Option<&Path>,
        kind: Kind,
        map: Option<&Path>,
        keep_text: bool,
    ) -> Result<Self, Failure> {
        let (target, name) = match path {
            Some(path) => (Target::File(AtomicFile::create(path)?), path.display().to_string()),
            None => (Target::Stdout(BufWriter::new(io::stdout())), "standard output".to_owned()),
        };
        let map = match map {
            Some(path) => Some((AtomicFile::create(path)?, path.display().to_string())),
            None => None,
        };
        Ok(Self { target, name, kind, map, keep_text, documents: 0 })
    }

    /// Writes a document; false if nobody reads any more.
    pub(super) fn write(
        &mut self,
        document: &Document,
        redacted: &Redacted,
    ) -> Result<bool, Failure> {
        let mut line = match self.kind {
            Kind::Text => redacted.text.clone().into_bytes(),
            Kind::Lines => {
                let places = redacted.replacements.iter().map(|own| {
                    let Replacement { label, new, .. } = own;
                    Place { start: new.start, end: new.end, label }
                });
                let entities = places.collect();
                let (id, text) = (document.id(), &redacted.text);
                json(&Line { id, text, entities }, &self.name)?
            }
        };
        line.push(b'\n');
        let written = match &mut self.target {
            Target::Stdout(stdout) => stdout.write_all(&line).and_then(|()| stdout.flush()),
            Target::File(file) => file.write_all(&line),
        };
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(false),
            other => other.map_err(|error| failure(&self.name, &error))?,
        }
        if let Some((map, name)) = &mut self.map {
            let characters: Vec<char> =
                if self.keep_text { document.text().chars().collect() } else { Vec::new() };
            for replacement in &redacted.replacements {
                let mut own = MapLine::new(self.documents, document.id(), replacement);
                own.text =
                    characters.get(replacement.old.range()).map(|text| text.iter().collect());
                let mut line = json(&own, name)?;
                line.push(b'\n');
                map.write_all(&line).map_err(|error| failure(name, &error))?;
            }
        }
        self.documents += 1;
        Ok(true)
    }

    /// Completes the files.
    pub(super) fn finish(self) -> Result<(), Failure> {
        if let Target::File(file) = self.target {
            file.commit()?;
        }
        match self.map {
            Some((map, _)) => Ok(map.commit()?),
            None => Ok(()),
        }
    }
}

fn json(value: &impl Serialize, name: &str) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(value).map_err(|error| Failure::environment(format!("{name}: {error}")))
}

fn failure(name: &str, error: &io::Error) -> Failure {
    Failure::environment(format!("{name}: {error}"))
}
