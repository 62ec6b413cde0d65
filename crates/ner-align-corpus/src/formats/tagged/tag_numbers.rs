//! Tags that a source gives as numbers.

use crate::CorpusError;

/// What data sets give to words that are not to be learned.
const NOT_LEARNED: i64 = -100;

/// The name of a tag that may be a number; a text that is none is its own name. The error lacks its place.
pub(crate) fn named_tag<'a>(
    names: Option<&'a [String]>,
    text: &'a str,
) -> Result<&'a str, CorpusError> {
    let Ok(number) = text.parse::<i64>() else { return Ok(text) };
    if number == NOT_LEARNED {
        return Ok("-");
    }
    let Some(names) = names else { return Err(unnamed_tags(text)) };
    let name = usize::try_from(number).ok().and_then(|at| names.get(at));
    name.map(String::as_str).ok_or_else(|| {
        let expected = format!("a number below that of the tag names, {}", names.len());
        CorpusError::input("unnamed-tags", expected, text)
            .with_hint("name each of them with `tag_names`")
    })
}

/// The error of a number without names; it lacks its place.
pub(crate) fn unnamed_tags(number: &str) -> CorpusError {
    CorpusError::input("unnamed-tags", "names of tags", format!("the number {number}")).with_hint(
        "name them in the order of their numbers with `tag_names: O,B-PER,I-PER`, or the column of \
         the tags if this is another one",
    )
}
