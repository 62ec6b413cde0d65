//! The page and the picture.

use std::io::Write;
use std::path::{Path, PathBuf};

use ner_align_corpus::{AtomicFile, CorpusError};
use ner_align_metrics::report::confusion_svg;
use ner_align_render::ScorePage;

use crate::{Outcome, ScoringError};

impl Outcome {
    /// What it is about: the names of the files, without their folders.
    #[must_use]
    pub fn title(&self) -> String {
        let name = |path: &str| {
            let name = Path::new(path).file_name().map(|name| name.to_string_lossy().into_owned());
            name.unwrap_or_else(|| path.to_owned())
        };
        let (gold, predicted) = (&self.gold_name, &self.predicted_name);
        if gold == predicted {
            name(gold)
        } else {
            format!("{} against {}", name(predicted), name(gold))
        }
    }

    /// A page for a browser with all results.
    #[must_use]
    pub fn page(&self) -> String {
        self.page_with(&[])
    }

    /// As [`Outcome::page`], with pictures under their headings, such as the `curves.svg` of the run
    /// that made the model. A picture is an element `svg` that one trusts.
    #[must_use]
    pub fn page_with(&self, pictures: &[(&str, &str)]) -> String {
        let title = self.title();
        let mut page = ScorePage::new(&self.scores).title(&title);
        if let Some(analysis) = &self.analysis {
            page = page.analysis(analysis);
        }
        if let Some(intervals) = &self.bootstrap {
            page = page.intervals(intervals);
        }
        if let Some(versus) = &self.versus {
            page = page.comparison(versus);
        }
        if let Some(reliability) = &self.reliability {
            page = page.reliability("Precision by score", reliability);
        }
        for (heading, svg) in pictures {
            page = page.picture(heading, svg);
        }
        let text = |outcome: &crate::CompatOutcome| {
            (format!("As {} prints it", outcome.tool), outcome.to_string())
        };
        let texts: Vec<(String, String)> = self.compat.iter().map(text).collect();
        for (heading, text) in &texts {
            page = page.text(heading, text);
        }
        page.render()
    }

    /// Writes [`Outcome::page`] to a file, which appears whole or not at all.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write_page(&self, path: impl AsRef<Path>) -> Result<(), ScoringError> {
        self.write_page_with(path, &[])
    }

    /// Writes [`Outcome::page_with`] to a file, which appears whole or not at all.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write_page_with(
        &self,
        path: impl AsRef<Path>,
        pictures: &[(&str, &str)],
    ) -> Result<(), ScoringError> {
        write(path.as_ref(), self.page_with(pictures).as_bytes())
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), ScoringError> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(bytes).map_err(|error| CorpusError::io(path, "a writable file", error))?;
    Ok(file.commit()?)
}

/// A picture of a confusion matrix, as SVG or PNG. PNG needs the feature `png`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfusionPicture {
    path: PathBuf,
    png: bool,
}

impl ConfusionPicture {
    /// A picture in this file; the end of its name, `.svg` or `.png`, says the kind.
    ///
    /// # Errors
    /// [`ScoringError::PictureName`] for another name, or for `.png` without the feature.
    pub fn new(path: impl AsRef<Path>) -> Result<Self, ScoringError> {
        let path = path.as_ref().to_owned();
        let end = path.extension().and_then(|end| end.to_str()).map(str::to_ascii_lowercase);
        match end.as_deref() {
            Some("svg") => Ok(Self { path, png: false }),
            Some("png") if cfg!(feature = "png") => Ok(Self { path, png: true }),
            _ => Err(ScoringError::PictureName { path }),
        }
    }

    /// Draws the confusion of entities, or with `tags` that of the tags of words. The file appears
    /// whole or not at all.
    ///
    /// # Errors
    /// A file that cannot be written, or a matrix that is too large for a PNG.
    pub fn write(&self, outcome: &Outcome, tags: bool) -> Result<(), ScoringError> {
        let scores = &outcome.scores;
        let matrix = if tags { &scores.confusion } else { &scores.entity_confusion };
        let title = outcome.title();
        #[cfg(feature = "png")]
        if self.png {
            let picture = ner_align_metrics::report::confusion_png(matrix, &title)?;
            return write(&self.path, &picture);
        }
        write(&self.path, confusion_svg(matrix, &title).as_bytes())
    }
}
