//! Values of the kind that is expected.

use std::io::BufRead;

use super::unpack::{Unpacker, Value};
use crate::CorpusError;

/// Fields of a map. spaCy writes at most 10.
const MAX_FIELDS: u32 = 1024;

/// Bytes of the name of a field. spaCy's have at most 17.
const MAX_NAME: u32 = 1024;

impl<R: BufRead> Unpacker<R> {
    pub(super) fn expect_map(&mut self) -> Result<u32, CorpusError> {
        match self.value()? {
            Value::Map(length) => Ok(length),
            other => Err(self.fault("a map", other.kind())),
        }
    }

    /// A map from names of fields.
    pub(super) fn expect_fields(&mut self) -> Result<u32, CorpusError> {
        let length = self.expect_map()?;
        if length > MAX_FIELDS {
            return Err(
                self.fault(&format!("a map of at most {MAX_FIELDS} fields"), &format!("{length}"))
            );
        }
        Ok(length)
    }

    /// The name of a field.
    pub(super) fn expect_name(&mut self, into: &mut Vec<u8>) -> Result<(), CorpusError> {
        match self.value()? {
            Value::Text(length) if length > MAX_NAME => {
                let expected = format!("the name of a field, of at most {MAX_NAME} bytes");
                Err(self.fault(&expected, &format!("{length} bytes")))
            }
            Value::Text(length) => self.bytes(length, into),
            other => Err(self.fault("a string", other.kind())),
        }
    }

    pub(super) fn expect_array(&mut self) -> Result<u32, CorpusError> {
        match self.value()? {
            Value::Array(length) => Ok(length),
            other => Err(self.fault("an array", other.kind())),
        }
    }

    pub(super) fn expect_bytes(&mut self) -> Result<u32, CorpusError> {
        match self.value()? {
            Value::Bytes(length) => Ok(length),
            other => Err(self.fault("bytes", other.kind())),
        }
    }

    pub(super) fn expect_number(&mut self) -> Result<u64, CorpusError> {
        match self.value()? {
            Value::Unsigned(number) => Ok(number),
            other => Err(self.fault("a number that is not negative", other.kind())),
        }
    }

    pub(super) fn expect_text(&mut self, into: &mut Vec<u8>) -> Result<(), CorpusError> {
        match self.value()? {
            Value::Text(length) => self.bytes(length, into),
            other => Err(self.fault("a string", other.kind())),
        }
    }
}
