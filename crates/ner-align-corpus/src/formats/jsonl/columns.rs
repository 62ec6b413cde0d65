//! Records as columns, and what a record in a list is.

use serde_json::{Map, Value};

use super::shapes::is_record;

/// True for a record in a list.
pub(super) fn is_element(value: &Value) -> bool {
    match value {
        Value::Object(map) => is_record(map),
        Value::Array(items) => {
            matches!(items.as_slice(), [Value::String(_), Value::Object(_) | Value::Array(_), ..])
        }
        _ => false,
    }
}

/// Records as columns.
pub(super) fn is_columns(map: &Map<String, Value>) -> bool {
    rows_of(map).is_some_and(|rows| rows.first().is_some_and(is_element))
}

/// The rows of an object of columns: lists of one length, objects with the same numbers as keys, or
/// a table with `columns` and `data`.
pub(super) fn rows_of(map: &Map<String, Value>) -> Option<Vec<Value>> {
    if let (Some(Value::Array(names)), Some(Value::Array(data))) =
        (map.get("columns"), map.get("data"))
    {
        let names: Option<Vec<&str>> = names.iter().map(Value::as_str).collect();
        let names = names?;
        let row = |row: &Value| {
            let cells = row.as_array().filter(|cells| cells.len() == names.len())?;
            let cells =
                names.iter().zip(cells).map(|(name, cell)| ((*name).to_owned(), cell.clone()));
            Some(Value::Object(cells.collect()))
        };
        return data.iter().map(row).collect();
    }
    let mut rows: Vec<Map<String, Value>> = Vec::new();
    let mut count = None;
    for (key, column) in map {
        let cells: Vec<&Value> = match column {
            Value::Array(cells) => cells.iter().collect(),
            Value::Object(cells)
                if cells.keys().all(|key| key.bytes().all(|b| b.is_ascii_digit())) =>
            {
                cells.values().collect()
            }
            _ => return None,
        };
        if *count.get_or_insert(cells.len()) != cells.len() {
            return None;
        }
        rows.resize(cells.len(), Map::new());
        for (row, cell) in rows.iter_mut().zip(cells) {
            row.insert(key.clone(), cell.clone());
        }
    }
    // A column of words and one of tags are one record.
    let scalar = |row: &Map<String, Value>| row.values().all(Value::is_string) && row.len() > 1;
    if rows.iter().all(scalar) { None } else { Some(rows.into_iter().map(Value::Object).collect()) }
}

/// A cell of a column of words.
pub(super) fn is_cells(value: &Value) -> bool {
    value.as_array().is_some_and(|cells| !cells.is_empty() && cells.iter().all(Value::is_string))
}
