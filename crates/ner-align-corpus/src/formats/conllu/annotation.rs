//! Whether the words of a source are annotated, as its start shows.

use ner_align_core::{Finding, Severity};

use super::columns::Columns;
use super::misc;
use crate::formats::tagged::{SchemeGuess, is_blank};

/// The fields of the rows in `head`; `None` between sentences.
fn rows<'h>(head: &'h str, columns: &Columns) -> impl Iterator<Item = Option<Vec<&'h str>>> {
    head.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        if is_blank(line) {
            return Some(None);
        }
        let fields: Vec<&str> = line.split('\t').collect();
        (fields.len() == columns.count).then_some(Some(fields))
    })
}

/// What MISC says of a row.
pub(super) fn misc_of<'a>(fields: &[&'a str], columns: &Columns) -> misc::Misc<'a> {
    let field = columns.misc.and_then(|at| fields.get(at));
    field.map_or_else(misc::Misc::default, |field| misc::parse(field))
}

/// True if a row in `head` has a tag, and true if one before it has a mention of CorefUD.
pub(super) fn annotated(head: &str, columns: &Columns) -> (bool, bool) {
    let mut coreference = false;
    for fields in rows(head, columns).flatten() {
        let misc = misc_of(&fields, columns);
        coreference |= misc.coreference;
        if columns.tag_of(&fields, &misc).is_some() {
            return (true, coreference);
        }
    }
    (false, coreference)
}

/// Pushes the tags of the words in `head`.
pub(super) fn push_tags(head: &str, columns: &Columns, guess: &mut SchemeGuess) {
    for row in rows(head, columns) {
        let Some(fields) = row else {
            guess.end_sentence();
            continue;
        };
        let id = columns.id.and_then(|at| fields.get(at));
        if id.is_some_and(|id| id.contains(['-', '.'])) {
            continue;
        }
        let misc = misc_of(&fields, columns);
        guess.push(columns.tag_of(&fields, &misc).unwrap_or_else(|| columns.untagged()));
    }
}

/// The finding of a source whose start has no entities.
pub(super) fn no_annotation(coreference: bool, columns: &Columns) -> Finding {
    let (place, hint) = match (&columns.name, columns.tag) {
        (Some(name), Some(_)) => {
            (format!("the column {name:?}"), "name another one with `columns: tag=NAME`")
        }
        (Some(names), None) => (
            format!("one of the columns {names:?}, or in MISC"),
            "name the column of the tags with `columns: tag=NAME`",
        ),
        (None, _) => ("the MISC column".to_owned(), "a tag stands there as name=B-PER"),
    };
    let found = if coreference { "coreference alone (Entity=)" } else { "none" };
    let message =
        format!("expected entities in {place}, found {found}; the words are read as not annotated");
    Finding::new(Severity::Warning, "no-annotation", message).with_hint(hint)
}

/// The finding of a column in which `_` says that a word is in no entity.
pub(super) fn blank_is_outside(columns: &Columns) -> Finding {
    let name = columns.name.as_deref().unwrap_or_default();
    let message = format!(
        "expected O in the column {name:?} for words in no entity, found _ and tags alone; _ is read as O"
    );
    Finding::new(Severity::Warning, "blank-outside", message)
}

/// The finding of the first tag behind words that were read as not annotated.
pub(super) fn late_annotation() -> Finding {
    let message = "expected no entities, as in the first MiB, found one; words before it were read \
                   as not annotated, words behind it that have none are in no entity";
    Finding::new(Severity::Warning, "late-annotation", message)
}
