//! Names of documents in tables, where a document must have one.

/// What stands for the name of a document that has none, before its place.
const DEFAULT: &str = "Document: ";

/// What stands for the name of the document at this place, from 0.
pub(crate) fn default_name(place: usize) -> String {
    format!("{DEFAULT}{}", place + 1)
}

/// True if this is what [`default_name`] gives.
pub(crate) fn is_default_name(name: &str, place: usize) -> bool {
    let number = name.strip_prefix(DEFAULT).and_then(|number| number.parse().ok());
    number == Some(place + 1)
}
