//! Settings as a table of TOML.

use serde::Serialize;
use toml::{Table, Value};

use super::SettingsError;

/// A part of the settings as a table.
pub(super) fn of(part: &impl Serialize) -> Result<Table, SettingsError> {
    match Value::try_from(part) {
        Ok(Value::Table(table)) => Ok(table),
        Ok(_) => Ok(Table::new()),
        Err(error) => Err(SettingsError::serialise(error)),
    }
}
