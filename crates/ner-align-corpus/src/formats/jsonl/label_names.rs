//! Labels and tags that are numbers, and their names.

use ner_align_core::Label;

use super::document::Builder;
use super::labels::Name;
use crate::CorpusError;
use crate::formats::json_scanner::Place;

/// The name of a number: of the entry `NUMBER=NAME` if any entry is of that kind, else the entry
/// that has the number, from 0.
pub(super) fn name_of(names: &[String], number: u64) -> Option<&str> {
    let numbered = |name: &'_ String| {
        let (key, name) = name.split_once('=')?;
        Some((key.trim().parse::<u64>().ok()?, name.trim().to_owned()))
    };
    if names.iter().any(|name| numbered(name).is_some()) {
        let prefix = |name: &&String| numbered(name).is_some_and(|(key, _)| key == number);
        return names.iter().find(prefix)?.split_once('=').map(|(_, name)| name.trim());
    }
    names.get(usize::try_from(number).ok()?).map(String::as_str)
}

impl Builder {
    /// The label of a span; `None` for one that is empty.
    pub(super) fn label(
        &self,
        name: &Name<'_>,
        place: Place,
    ) -> Result<Option<Label>, CorpusError> {
        match name {
            Name::Text(text) => Ok(Label::new(text)),
            Name::Number(number) => {
                let names = self.tag_names.as_deref().unwrap_or_default();
                if let Some(name) = name_of(names, *number) {
                    return Ok(Label::new(name));
                }
                let found = format!("the number {number} as a label");
                let expected = match names.len() {
                    0 => "labels by name".to_owned(),
                    count => format!("a number with one of the {count} label names"),
                };
                Err(self.fault(place, "unnamed-labels", &expected, &found).with_hint(
                    "name the labels by their numbers with `tag_names: 6=PER,7=ORG`, or all from 0 \
                     on with `tag_names: PER,ORG`; a file has one name a line",
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_names() {
        let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        for (list, number, expected) in [
            (&["O", "B-PER"][..], 1, Some("B-PER")),
            (&["O", "B-PER"], 2, None),
            (&["7=ORG", "6 = PER"], 6, Some("PER")),
            (&["7=ORG", "6=PER"], 0, None),
            (&[], 0, None),
        ] {
            assert_eq!(name_of(&names(list), number), expected, "{list:?} {number}");
        }
    }
}
