//! Names of documents in tables, where a document must have one.

/// The start of the name that a document without a name gets.
const DEFAULT: &str = "Document: ";

/// The name that the document at this index, from 0, gets if it has no name.
pub(crate) fn default_name(place: usize) -> String {
    format!("{DEFAULT}{}", place + 1)
}

/// True if this is what [`default_name`] gives.
pub(crate) fn is_default_name(name: &str, place: usize) -> bool {
    let number = name.strip_prefix(DEFAULT).and_then(|number| number.parse().ok());
    number == Some(place + 1)
}
