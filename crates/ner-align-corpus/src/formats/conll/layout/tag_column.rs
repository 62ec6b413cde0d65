//! The column of tags, and what it holds.

use ner_align_core::Tag;

use super::names::{is_part_of_speech, is_phrase};
use super::{Annotation, Sample};
use crate::CorpusError;
use crate::formats::conll::brackets;
use crate::formats::conll::options::ConllOptions;
use crate::formats::tagged::{looks_like_tag, unnamed_tags};
use crate::text::shorten;

/// How many cells of a column are what.
#[derive(Debug, Clone, Copy, Default)]
struct Column {
    cells: usize,
    /// Tags in the usual spelling, and those among them that say something of the word.
    tags: usize,
    annotated: usize,
    /// Tags in any spelling.
    like_tags: usize,
    entities: usize,
    phrases: usize,
    brackets: usize,
    opening: usize,
    stars: usize,
    numbers: usize,
    zeros: usize,
    blank: usize,
    hyphens: usize,
    parts_of_speech: usize,
}

impl Column {
    fn add(&mut self, cell: &str) {
        self.cells += 1;
        let tag = Tag::parse(cell);
        self.tags += usize::from(tag.is_ok());
        self.annotated += usize::from(tag.as_ref().is_ok_and(|tag| *tag != Tag::Missing));
        let like = looks_like_tag(cell);
        self.like_tags += usize::from(like);
        let label = tag.as_ref().ok().and_then(|tag| tag.label());
        self.entities += usize::from(label.is_some() || (like && cell.len() > 2));
        self.phrases += usize::from(label.is_some_and(|label| is_phrase(label.as_str())));
        if brackets::parse(cell).is_some() {
            self.brackets += 1;
            self.opening += usize::from(cell.starts_with('('));
            self.stars += usize::from(cell.contains('*'));
        }
        self.numbers += usize::from(cell.parse::<i64>().is_ok());
        self.zeros += usize::from(cell == "0");
        self.blank += usize::from(matches!(cell, "" | "_" | "-"));
        self.hyphens += usize::from(cell == "-");
        self.parts_of_speech += usize::from(is_part_of_speech(cell));
    }

    fn all(&self, count: usize) -> bool {
        self.cells > 0 && count == self.cells
    }

    fn is_phrases(&self) -> bool {
        self.entities > 0 && self.phrases == self.entities
    }
}

/// What the columns of a sample hold.
pub(super) struct Content(Vec<Column>);

impl Content {
    pub(super) fn of(sample: &Sample<'_>, width: usize) -> Self {
        let count = |at| {
            let mut column = Column::default();
            sample.column(width, at).for_each(|cell| column.add(cell));
            column
        };
        Self((0..width).map(count).collect())
    }

    /// The last column, unless it never holds a tag and another one always does, as in the `.iob2`
    /// files of Universal NER, which put the annotator last, or in those that put the tag first.
    pub(super) fn choose(&self, sample: &Sample<'_>, counting: bool) -> usize {
        let last_at = self.0.len() - 1;
        let Some(last) = self.0.last().filter(|_| sample.len() > 0) else { return last_at };
        let behind = usize::from(counting) + 1;
        let inner = |test: &dyn Fn(&Column) -> bool| {
            let first = std::iter::once(0).filter(|_| !counting);
            (behind..last_at).rev().chain(first).find(|at| self.0.get(*at).is_some_and(test))
        };
        // Chunks last, behind the entities.
        if last.is_phrases() || (last.like_tags == last.cells && last.is_clauses(sample, last_at)) {
            let entities = |c: &Column| c.all(c.like_tags) && c.entities > 0 && !c.is_phrases();
            if let Some(at) = inner(&entities).filter(|at| *at > 0) {
                return at;
            }
        }
        if last.annotated * 2 >= last.cells || last.like_tags * 2 >= last.cells && last.hyphens == 0
        {
            return last_at;
        }
        inner(&|column| column.all(column.tags) && column.annotated > 0)
            .or_else(|| inner(&|column| column.all(column.like_tags) && column.entities > 0))
            .or_else(|| {
                let bracketed = |c: &Column| c.all(c.brackets) && c.opening > 0 && c.stars > 0;
                (0..=last_at).rev().find(|at| self.0.get(*at).is_some_and(bracketed))
            })
            .unwrap_or(last_at)
    }

    /// What the column of tags holds.
    ///
    /// # Errors
    /// Numbers without names; the error lacks the path.
    pub(super) fn annotation(
        &self,
        sample: &Sample<'_>,
        tag: usize,
        options: &ConllOptions,
    ) -> Result<Annotation, CorpusError> {
        let Some(column) = self.0.get(tag).filter(|column| column.cells > 0) else {
            return Ok(Annotation::Tags);
        };
        if options.tag_names.is_some() && column.numbers > 0 {
            return Ok(Annotation::Numbers);
        }
        if column.all(column.numbers) && column.zeros < column.cells {
            let first = (0..sample.len()).find(|row| {
                sample.cells(*row).get(tag).is_some_and(|cell| cell.trim().parse::<i64>().is_ok())
            });
            let row = first.unwrap_or_default();
            let shown = sample.cells(row).get(tag).map_or_else(String::new, |cell| shorten(cell));
            return Err(unnamed_tags(&shown).at(sample.number(row), Some(tag as u64 + 1)));
        }
        let bracketed = column.all(column.brackets) && column.opening > 0 && column.stars > 0;
        let speech = column.annotated == 0
            && column.entities == 0
            && column.parts_of_speech * 2 > column.cells;
        Ok(match () {
            () if bracketed => Annotation::Brackets,
            () if column.all(column.blank) || speech => Annotation::Nothing,
            () => Annotation::Tags,
        })
    }

    /// True if the source itself says of each word that it is not annotated.
    pub(super) fn is_said(&self, tag: usize) -> bool {
        self.0.get(tag).is_some_and(|column| column.all(column.hyphens))
    }
}

impl Column {
    /// True if all tags in the column are of clauses, which are phrases in a spelling of their own.
    fn is_clauses(&self, sample: &Sample<'_>, at: usize) -> bool {
        let clause = |cell: &str| matches!(cell, "O" | "-") || cell.ends_with("_CLS");
        self.entities > 0
            && (0..sample.len()).all(|row| sample.cells(row).get(at).is_none_or(|c| clause(c)))
    }
}
