//! One record of a file, in one of the ways in which it can be read.

use serde_json::Value;

use super::model::Record;
use super::shapes::{Adapted, Unread, Words, adapt};
use super::spans::ONCE;
use crate::contract::CsvColumns;

/// One record of a file.
pub(super) enum Part<'a> {
    /// Of a usual shape.
    Record(Record<'a>),
    /// Made into one of a usual shape.
    Tree(Value),
    Words(Box<Words>),
}

/// Why a record cannot be read.
pub(super) enum Fault {
    Json(serde_json::Error),
    Unread(Unread),
}

impl<'a> Part<'a> {
    /// Reads one value of JSON.
    pub(super) fn of(value: &'a [u8], columns: &CsvColumns) -> Result<Self, Fault> {
        let read = serde_json::from_slice::<Record<'_>>(value);
        let named = *columns != CsvColumns::default();
        let outcome = match read {
            Ok(record) if record.is_plain() && !named => return Ok(Self::Record(record)),
            Err(error) if !error.is_data() || error.to_string().contains(ONCE) => {
                return Err(Fault::Json(error));
            }
            outcome => outcome,
        };
        let Ok(tree) = serde_json::from_slice::<Value>(value) else {
            return outcome.map(Self::Record).map_err(Fault::Json);
        };
        let known = outcome.as_ref().is_ok_and(Record::has_known_items);
        match adapt(tree, columns, known) {
            Ok(Adapted::Words(words)) => Ok(Self::Words(words)),
            Ok(Adapted::Record(tree)) => Ok(Self::Tree(tree)),
            Ok(Adapted::Same) => outcome.map(Self::Record).map_err(Fault::Json),
            // A fault of the JSON says more than that there is no text.
            Err(Unread::NoText { .. }) if outcome.is_err() => {
                outcome.map(Self::Record).map_err(Fault::Json)
            }
            Err(unread) => Err(Fault::Unread(unread)),
        }
    }
}
