//! msgpack, read as a stream: no length that it claims is believed before its bytes are there.

use std::io::{self, BufRead, BufReader, Read};

use flate2::read::ZlibDecoder;
use rmp::Marker;

use crate::CorpusError;

/// Unpacked bytes of one file. spaCy itself writes no field of more than 4 GiB.
pub(super) const MAX_UNPACKED: u64 = 8 << 30;

/// Bytes of a file that are held in memory at a time.
pub(super) const MAX_KEPT: u64 = 1 << 30;

/// Values of a file, those that are passed over included.
const MAX_VALUES: u64 = 1 << 28;

/// The start of a value; what follows `Text`, `Bytes` and `Other` is that many bytes, and what
/// follows `Array` and `Map` as many values, or pairs of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    Nil,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Text(u32),
    Bytes(u32),
    Array(u32),
    Map(u32),
    Other(u64),
}

impl Value {
    pub(super) const fn kind(self) -> &'static str {
        match self {
            Self::Nil => "nil",
            Self::Bool(_) => "a truth value",
            Self::Unsigned(_) | Self::Signed(_) => "a number",
            Self::Text(_) => "a string",
            Self::Bytes(_) => "bytes",
            Self::Array(_) => "an array",
            Self::Map(_) => "a map",
            Self::Other(_) => "a number with a fraction, or an extension",
        }
    }
}

/// Values out of a stream, with the name of the field for messages.
#[derive(Debug)]
pub(super) struct Unpacker<R> {
    stream: R,
    name: String,
    field: String,
    count: u64,
    kept: u64,
    values: u64,
    max_unpacked: u64,
    max_kept: u64,
}

impl<R: Read> Unpacker<BufReader<ZlibDecoder<R>>> {
    pub(super) fn zlib(packed: R, name: &str) -> Self {
        Self::new(BufReader::with_capacity(1 << 16, ZlibDecoder::new(packed)), name)
    }
}

impl<R: BufRead> Unpacker<R> {
    pub(super) fn new(stream: R, name: &str) -> Self {
        Self {
            stream,
            name: name.to_owned(),
            field: String::new(),
            count: 0,
            kept: 0,
            values: 0,
            max_unpacked: MAX_UNPACKED,
            max_kept: MAX_KEPT,
        }
    }

    /// With a limit to the memory of what is kept: half of the budget, since buffers grow by doubling.
    pub(super) fn within(mut self, max_memory: u64) -> Self {
        self.max_kept = self.max_kept.min(max_memory / 2);
        self
    }

    #[cfg(test)]
    pub(super) const fn with_limits(mut self, unpacked: u64, kept: u64) -> Self {
        self.max_unpacked = unpacked;
        self.max_kept = kept;
        self
    }

    /// Says which field is read from here on.
    pub(super) fn set_field(&mut self, field: &str) {
        field.clone_into(&mut self.field);
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// An error in the current field.
    pub(super) fn fault(&self, expected: &str, found: &str) -> CorpusError {
        let place = match self.field.as_str() {
            "" => String::new(),
            field => format!(" in field {field:?}"),
        };
        CorpusError::input("docbin", expected, format!("{found}{place}")).at_path(&self.name)
    }

    fn stopped(&self, error: &io::Error) -> CorpusError {
        let found = match error.kind() {
            io::ErrorKind::UnexpectedEof => {
                format!("an end after {} unpacked bytes", self.count)
            }
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
                format!("damaged data after {} unpacked bytes", self.count)
            }
            _ => return CorpusError::read(self.name.as_ref(), io::Error::from(error.kind())),
        };
        self.fault("a whole .spacy file", &found)
            .with_hint("write it again, or fetch it again if it was downloaded")
    }

    fn advance(&mut self, bytes: u64) -> Result<(), CorpusError> {
        self.count += bytes;
        if self.count > self.max_unpacked {
            let expected = format!("at most {} MiB unpacked", self.max_unpacked >> 20);
            return Err(self
                .fault(&expected, "more")
                .with_hint("write the corpus as a folder of several .spacy files"));
        }
        Ok(())
    }

    /// Counts bytes that the caller is about to hold in memory.
    pub(super) fn keep(&mut self, bytes: u64) -> Result<(), CorpusError> {
        self.kept += bytes;
        if self.kept > self.max_kept {
            let expected =
                format!("words, strings and spans of at most {} MiB", self.max_kept >> 20);
            return Err(self
                .fault(&expected, "more")
                .with_hint("write the corpus as a folder of several .spacy files, or allow more with `max_memory`"));
        }
        Ok(())
    }

    pub(super) fn exact(&mut self, buffer: &mut [u8]) -> Result<(), CorpusError> {
        self.stream.read_exact(buffer).map_err(|error| self.stopped(&error))?;
        self.advance(buffer.len() as u64)
    }

    fn number<const N: usize>(&mut self) -> Result<[u8; N], CorpusError> {
        let mut bytes = [0; N];
        self.exact(&mut bytes)?;
        Ok(bytes)
    }

    /// Reads the start of a value.
    pub(super) fn value(&mut self) -> Result<Value, CorpusError> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(self.fault(&format!("at most {MAX_VALUES} values"), "more"));
        }
        let [marker] = self.number()?;
        Ok(match Marker::from_u8(marker) {
            Marker::Null => Value::Nil,
            Marker::False => Value::Bool(false),
            Marker::True => Value::Bool(true),
            Marker::FixPos(number) => Value::Unsigned(number.into()),
            Marker::FixNeg(number) => Value::Signed(number.into()),
            Marker::U8 => Value::Unsigned(u8::from_be_bytes(self.number()?).into()),
            Marker::U16 => Value::Unsigned(u16::from_be_bytes(self.number()?).into()),
            Marker::U32 => Value::Unsigned(u32::from_be_bytes(self.number()?).into()),
            Marker::U64 => Value::Unsigned(u64::from_be_bytes(self.number()?)),
            Marker::I8 => Value::Signed(i8::from_be_bytes(self.number()?).into()),
            Marker::I16 => Value::Signed(i16::from_be_bytes(self.number()?).into()),
            Marker::I32 => Value::Signed(i32::from_be_bytes(self.number()?).into()),
            Marker::I64 => Value::Signed(i64::from_be_bytes(self.number()?)),
            Marker::F32 => Value::Other(4),
            Marker::F64 => Value::Other(8),
            Marker::FixStr(length) => Value::Text(length.into()),
            Marker::Str8 => Value::Text(u8::from_be_bytes(self.number()?).into()),
            Marker::Str16 => Value::Text(u16::from_be_bytes(self.number()?).into()),
            Marker::Str32 => Value::Text(u32::from_be_bytes(self.number()?)),
            Marker::Bin8 => Value::Bytes(u8::from_be_bytes(self.number()?).into()),
            Marker::Bin16 => Value::Bytes(u16::from_be_bytes(self.number()?).into()),
            Marker::Bin32 => Value::Bytes(u32::from_be_bytes(self.number()?)),
            Marker::FixArray(length) => Value::Array(length.into()),
            Marker::Array16 => Value::Array(u16::from_be_bytes(self.number()?).into()),
            Marker::Array32 => Value::Array(u32::from_be_bytes(self.number()?)),
            Marker::FixMap(length) => Value::Map(length.into()),
            Marker::Map16 => Value::Map(u16::from_be_bytes(self.number()?).into()),
            Marker::Map32 => Value::Map(u32::from_be_bytes(self.number()?)),
            // The type of an extension is one byte more.
            Marker::FixExt1 => Value::Other(2),
            Marker::FixExt2 => Value::Other(3),
            Marker::FixExt4 => Value::Other(5),
            Marker::FixExt8 => Value::Other(9),
            Marker::FixExt16 => Value::Other(17),
            Marker::Ext8 => Value::Other(u64::from(u8::from_be_bytes(self.number()?)) + 1),
            Marker::Ext16 => Value::Other(u64::from(u16::from_be_bytes(self.number()?)) + 1),
            Marker::Ext32 => Value::Other(u64::from(u32::from_be_bytes(self.number()?)) + 1),
            Marker::Reserved => return Err(self.fault("a msgpack value", "byte 0xC1")),
        })
    }

    fn pass(&mut self, mut bytes: u64) -> Result<(), CorpusError> {
        while bytes > 0 {
            let here = match self.stream.fill_buf() {
                Ok([]) => Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(block) => Ok(bytes.min(block.len() as u64)),
                Err(error) => Err(error),
            };
            let here = match here {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                here => here.map_err(|error| self.stopped(&error))?,
            };
            self.stream.consume(usize::try_from(here).unwrap_or(usize::MAX));
            self.advance(here)?;
            bytes -= here;
        }
        Ok(())
    }

    /// Passes over the rest of a value, however deep; true if it holds nothing.
    pub(super) fn skip(&mut self, value: Value) -> Result<bool, CorpusError> {
        let empty = matches!(
            value,
            Value::Nil | Value::Text(0) | Value::Bytes(0) | Value::Array(0) | Value::Map(0)
        );
        let mut open = 1_u64;
        let mut next = Some(value);
        while open > 0 {
            let value = match next.take() {
                Some(value) => value,
                None => self.value()?,
            };
            open -= 1;
            match value {
                Value::Text(length) | Value::Bytes(length) => self.pass(length.into())?,
                Value::Other(length) => self.pass(length)?,
                // No more than what the bytes hold can be open: each takes a byte at least.
                Value::Array(length) => open = open.saturating_add(length.into()),
                Value::Map(length) => open = open.saturating_add(2 * u64::from(length)),
                _ => {}
            }
        }
        Ok(empty)
    }

    /// The bytes that follow [`Value::Bytes`] or [`Value::Text`].
    pub(super) fn bytes(&mut self, length: u32, into: &mut Vec<u8>) -> Result<(), CorpusError> {
        self.keep(length.into())?;
        into.clear();
        let read = (&mut self.stream).take(length.into()).read_to_end(into);
        let read = read.map_err(|error| self.stopped(&error))? as u64;
        self.advance(read)?;
        if read < u64::from(length) {
            return Err(self.stopped(&io::ErrorKind::UnexpectedEof.into()));
        }
        Ok(())
    }

    /// Sees to it that nothing follows, which also checks the sum at the end of a zlib stream.
    pub(super) fn end(&mut self) -> Result<(), CorpusError> {
        match self.stream.fill_buf() {
            Ok([]) => Ok(()),
            Ok(_) => Err(self.fault("the end of the data", "more")),
            Err(error) => Err(self.stopped(&error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_is_refused_before_it_is_there() {
        let bytes = [&[0xC4, 9][..], &[0; 9]].concat();
        for (unpacked, kept, expected) in [
            (8 << 20, 100, None),
            (5, 100, Some("a.spacy: expected at most 0 MiB unpacked, found more in field \"x\"")),
            (
                100,
                5,
                Some(
                    "a.spacy: expected words, strings and spans of at most 0 MiB, found more in field \"x\"",
                ),
            ),
        ] {
            let mut from = Unpacker::new(bytes.as_slice(), "a.spacy").with_limits(unpacked, kept);
            from.set_field("x");
            let mut into = Vec::new();
            let read = from.expect_bytes().and_then(|length| from.bytes(length, &mut into));
            assert_eq!(read.err().map(|error| error.to_string()).as_deref(), expected);
            let mut from = Unpacker::new(bytes.as_slice(), "a.spacy").with_limits(unpacked, 0);
            let skipped = from.value().and_then(|value| from.skip(value));
            assert_eq!(skipped.is_err(), unpacked == 5);
        }
    }
}
