//! The first rows of a file.

use std::ops::Range;

use ner_align_core::Tag;

use crate::contract::Delimiter;
use crate::formats::conll::brackets;
use crate::formats::conll::columns::split;
use crate::formats::conll::sniff::{is_row, lines};
use crate::formats::tagged::looks_like_tag;

/// Rows looked at to find the columns.
const ROWS: usize = 2_000;

/// Of this many rows one may have another number of fields.
const EVEN: usize = 100;

/// The first rows of a file, those aside that start with `#`, which may be comments.
#[derive(Debug, Default)]
pub(in crate::formats::conll) struct Sample<'h> {
    cells: Vec<&'h str>,
    rows: Vec<Row<'h>>,
}

#[derive(Debug)]
struct Row<'h> {
    line: &'h str,
    /// Counted from 1.
    number: u64,
    starts_sentence: bool,
    cells: Range<usize>,
}

impl<'h> Sample<'h> {
    pub(super) fn of(head: &'h str, delimiter: Delimiter) -> Self {
        let mut sample = Self::default();
        let mut fields = Vec::new();
        let mut starts_sentence = true;
        for (number, line) in (1..).zip(lines(head)) {
            if !is_row(line) {
                starts_sentence = true;
                continue;
            }
            if line.starts_with('#') {
                continue;
            }
            split(line, delimiter, &mut fields);
            let start = sample.cells.len();
            sample.cells.extend(fields.iter().filter_map(|field| line.get(field.clone())));
            let cells = start..sample.cells.len();
            sample.rows.push(Row { line, number, starts_sentence, cells });
            starts_sentence = false;
            if sample.rows.len() == ROWS {
                break;
            }
        }
        sample
    }

    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn line(&self, row: usize) -> &'h str {
        self.rows.get(row).map_or("", |row| row.line)
    }

    /// The line of a row in the file, counted from 1.
    pub(super) fn number(&self, row: usize) -> u64 {
        self.rows.get(row).map_or(0, |row| row.number)
    }

    pub(super) fn starts_sentence(&self, row: usize) -> bool {
        self.rows.get(row).is_some_and(|row| row.starts_sentence)
    }

    pub(super) fn cells(&self, row: usize) -> &[&'h str] {
        self.rows.get(row).and_then(|row| self.cells.get(row.cells.clone())).unwrap_or_default()
    }

    /// The cells of a column, in the rows that have so many.
    pub(super) fn column(&self, width: usize, column: usize) -> impl Iterator<Item = &'h str> {
        self.rows
            .iter()
            .filter(move |row| row.cells.len() == width)
            .filter_map(move |row| self.cells.get(row.cells.start + column).copied())
            .map(|cell| cell.trim_matches(' '))
    }

    /// Takes the first row away; the next one starts the sentence.
    pub(super) fn remove_first(&mut self) {
        self.rows.remove(0);
        if let Some(first) = self.rows.first_mut() {
            first.starts_sentence = true;
        }
    }

    /// The number of fields of nearly all rows.
    pub(super) fn even_width(&self) -> Option<usize> {
        let second = self.rows.get(1).or(self.rows.first())?.cells.len();
        let others = self.rows.iter().filter(|row| row.cells.len() != second).count();
        (others * EVEN <= self.rows.len() && second > 1).then_some(second)
    }

    /// True if each row is a word and a tag, which needs no closer look.
    pub(super) fn is_plain(&self) -> bool {
        let tagged = |row: &Row<'_>| {
            let last = self.cells.get(row.cells.end.wrapping_sub(1));
            row.cells.len() == 2 && last.is_some_and(|tag| Tag::parse(tag).is_ok())
        };
        self.rows.iter().all(tagged)
    }

    /// True if the rows are single words, without anything that might part a tag from them.
    pub(super) fn is_words(&self) -> bool {
        let ends_in_tag = |row: &Row<'_>| {
            let tail = row.line.rsplit([';', ',', '|', ':', '/']).next();
            tail.is_some_and(|tail| tail.len() < row.line.len() && looks_like_tag(tail))
        };
        let markup = |row: &Row<'_>| row.line.starts_with('<');
        self.rows.len() > 1
            && self.rows.iter().all(|row| row.cells.len() == 1 && !ends_in_tag(row) && !markup(row))
    }

    /// True if the rows are lines of text: several with words of different number, none with a tag.
    pub(super) fn is_text(&self) -> bool {
        let tagged = |row: &Row<'_>| {
            let last = self.cells.get(row.cells.end.wrapping_sub(1));
            last.is_some_and(|tag| looks_like_tag(tag) || matches!(*tag, "_" | "" | "0"))
        };
        let several = self.rows.iter().all(|row| row.cells.len() > 1);
        self.rows.len() > 1 && several && !self.rows.iter().any(tagged)
    }

    /// The lines of the rows, with their numbers in the file.
    pub(super) fn lines(&self) -> impl Iterator<Item = (u64, &'h str)> {
        self.rows.iter().map(|row| (row.number, row.line))
    }

    /// True if the rows are those of CoNLL-2012: document, part, number of the word, word, part of
    /// speech, parse, lemma, frame, sense, speaker, entities.
    pub(super) fn is_ontonotes(&self) -> bool {
        let numbers = |cell: Option<&&str>| cell.is_some_and(|cell| cell.parse::<u32>().is_ok());
        let is = |row: usize| {
            let cells = self.cells(row);
            numbers(cells.get(1))
                && numbers(cells.get(2))
                && cells.get(5).is_some_and(|parse| parse.contains('*') || *parse == "-")
                && brackets::column_of_entities(cells.iter().copied()).is_some()
        };
        self.len() > 0 && (0..self.len().min(EVEN)).all(is)
    }
}
