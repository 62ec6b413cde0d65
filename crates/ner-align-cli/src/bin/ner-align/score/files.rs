//! The page and the picture.

use std::io::Write;
use std::path::{Path, PathBuf};

use ner_align_cli::Failure;
use ner_align_corpus::AtomicFile;
use ner_align_metrics::report::{HtmlReport, confusion_png, confusion_svg};

use super::outcome::Outcome;
use super::text;

/// Writes a page with everything.
pub(super) fn write_page(path: &Path, outcome: &Outcome) -> Result<(), Failure> {
    let title = title(outcome);
    let mut page = HtmlReport::new(&outcome.scores).title(&title);
    if let Some(analysis) = &outcome.analysis {
        page = page.analysis(analysis);
    }
    if let Some(intervals) = &outcome.bootstrap {
        page = page.intervals(intervals);
    }
    if let Some(versus) = &outcome.versus {
        page = page.comparison(versus);
    }
    let texts: Vec<(String, String)> = outcome
        .compat
        .iter()
        .map(|foreign| (format!("As {} prints it", foreign.tool), text::foreign(foreign)))
        .collect();
    for (heading, text) in &texts {
        page = page.text(heading, text);
    }
    write(path, page.render().as_bytes())
}

fn title(outcome: &Outcome) -> String {
    let (gold, predicted) = &outcome.names;
    let name = |path: &str| {
        let name = Path::new(path).file_name().map(|name| name.to_string_lossy().into_owned());
        name.unwrap_or_else(|| path.to_owned())
    };
    if gold == predicted {
        name(gold)
    } else {
        format!("{} against {}", name(predicted), name(gold))
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(bytes)
        .map_err(|error| Failure::environment(format!("{}: {error}", path.display())))?;
    Ok(file.commit()?)
}

/// A confusion matrix to be drawn.
pub(super) struct Picture {
    path: PathBuf,
    png: bool,
}

impl Picture {
    /// Tells the kind of picture from the file's name.
    pub(super) fn parse(path: &Path) -> Result<Self, Failure> {
        let extension = path.extension().and_then(|end| end.to_str()).map(str::to_ascii_lowercase);
        match extension.as_deref() {
            Some("svg") => Ok(Self { path: path.to_owned(), png: false }),
            Some("png") => Ok(Self { path: path.to_owned(), png: true }),
            _ => Err(Failure::usage(format!(
                "--confusion: expected a name that ends in .svg or .png, found {:?}",
                path.display().to_string()
            ))),
        }
    }

    /// Draws the confusion of entities, or that of tags.
    pub(super) fn write(&self, outcome: &Outcome, tags: bool) -> Result<(), Failure> {
        let matrix =
            if tags { &outcome.scores.confusion } else { &outcome.scores.entity_confusion };
        let title = title(outcome);
        if self.png {
            let picture = confusion_png(matrix, &title);
            let picture = picture.map_err(|error| {
                Failure::input(error.to_string()).hint("an .svg has no such limit")
            })?;
            write(&self.path, &picture)
        } else {
            write(&self.path, confusion_svg(matrix, &title).as_bytes())
        }
    }
}
