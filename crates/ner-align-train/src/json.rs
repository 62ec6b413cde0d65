//! Files of JSON.

use std::path::Path;

use serde::Serialize;

use crate::error::TrainError;

/// Writes a value as indented JSON; without a file if it cannot be serialised.
pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), TrainError> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|source| TrainError::Serialize { what: path.display().to_string(), source })?;
    std::fs::write(path, text + "\n").map_err(|source| TrainError::io(path, source))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn what_cannot_be_serialised_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        // JSON has no keys but strings.
        let error = write_json(&path, &BTreeMap::from([(Some((1, 2)), 3)])).unwrap_err();
        assert!(error.to_string().contains("state.json: cannot be written as JSON: "), "{error}");
        assert!(!path.exists());
        write_json(&path, &BTreeMap::from([("step", 3)])).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{\n  \"step\": 3\n}\n");
    }
}
