//! Whether the words of a source are annotated, as its start shows.

use ner_align_core::{Finding, Severity};

use super::misc;
use crate::formats::tagged::{SchemeGuess, is_blank};

/// The fields of MISC of the words in `head`, in order; `None` between sentences.
fn fields_of_misc(head: &str) -> impl Iterator<Item = Option<&str>> {
    head.lines().filter_map(|line| {
        if is_blank(line) {
            return Some(None);
        }
        let fields: Vec<&str> = line.split('\t').collect();
        let [id, .., last] = fields.as_slice() else { return None };
        (fields.len() == 10 && !id.contains(['-', '.'])).then_some(Some(*last))
    })
}

/// What MISC says of each row in `head`.
pub(super) fn miscs(head: &str) -> impl Iterator<Item = misc::Misc<'_>> {
    let rows = head.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit()));
    rows.filter_map(|row| row.rsplit_once('\t')).map(|(_, last)| misc::parse(last))
}

/// Pushes the tags of the words in `head`.
pub(super) fn push_tags(head: &str, guess: &mut SchemeGuess) {
    for field in fields_of_misc(head) {
        match field {
            Some(field) => guess.push(misc::parse(field).tag.unwrap_or("O")),
            None => guess.end_sentence(),
        }
    }
}

/// The finding of a source whose start has no entities.
pub(super) fn no_annotation(coreference: bool) -> Finding {
    let found = if coreference { "coreference alone (Entity=)" } else { "none" };
    let message = format!(
        "expected entities in the MISC column, found {found}; the words are read as not annotated"
    );
    Finding::new(Severity::Warning, "no-annotation", message)
        .with_hint("a tag stands there as name=B-PER")
}

/// The finding of the first tag behind words that were read as not annotated.
pub(super) fn late_annotation() -> Finding {
    let message = "expected no entities, as in the first MiB, found one; words before it were read \
                   as not annotated, words behind it that have none are in no entity";
    Finding::new(Severity::Warning, "late-annotation", message)
}
