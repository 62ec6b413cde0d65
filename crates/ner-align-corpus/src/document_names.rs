//! Names of documents in tables, where a document must have one.

/// What stands for the name of a document that has none, before its place.
const PLACEHOLDER: &str = "Document: ";

/// What stands for the name of the document at this place, from 0.
pub(crate) fn placeholder(place: usize) -> String {
    format!("{PLACEHOLDER}{}", place + 1)
}

/// True if this is what [`placeholder`] gives.
pub(crate) fn is_placeholder(name: &str, place: usize) -> bool {
    let number = name.strip_prefix(PLACEHOLDER).and_then(|number| number.parse().ok());
    number == Some(place + 1)
}
