//! A column, row by row.

use parquet::column::page::PageReader;
use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::{ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::ColumnDescPtr;

use super::guard::fenced;

/// A column of a row group, of one of the types that a corpus has.
pub(super) enum Column {
    Text(Leaf<ByteArrayType>),
    Short(Leaf<Int32Type>),
    Long(Leaf<Int64Type>),
}

/// What a column holds at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell<'a> {
    Null,
    Bytes(&'a [u8]),
    Number(i64),
}

impl Column {
    pub(super) fn new(column: ColumnDescPtr, pages: Box<dyn PageReader>) -> Result<Self> {
        use parquet::basic::Type;
        Ok(match column.physical_type() {
            Type::BYTE_ARRAY => Self::Text(Leaf::new(column, pages)),
            Type::INT32 => Self::Short(Leaf::new(column, pages)),
            Type::INT64 => Self::Long(Leaf::new(column, pages)),
            other => return Err(ParquetError::NYI(format!("a column of {other}"))),
        })
    }

    /// Moves to the next row; false at the end of the row group.
    pub(super) fn advance(&mut self) -> Result<bool> {
        match self {
            Self::Text(leaf) => leaf.advance(),
            Self::Short(leaf) => leaf.advance(),
            Self::Long(leaf) => leaf.advance(),
        }
    }

    /// The elements of the row: all of a list, or the one value.
    pub(super) fn cells(&self) -> Box<dyn Iterator<Item = Cell<'_>> + '_> {
        match self {
            Self::Text(leaf) => Box::new(
                leaf.cells().map(|cell| cell.map_or(Cell::Null, |v| Cell::Bytes(v.data()))),
            ),
            Self::Short(leaf) => Box::new(
                leaf.cells().map(|cell| cell.map_or(Cell::Null, |v| Cell::Number(i64::from(*v)))),
            ),
            Self::Long(leaf) => {
                Box::new(leaf.cells().map(|cell| cell.map_or(Cell::Null, |v| Cell::Number(*v))))
            }
        }
    }
}

/// A column of one physical type, with its last row.
pub(super) struct Leaf<T: DataType> {
    reader: ColumnReaderImpl<T>,
    /// The level at which there is a value.
    defined: i16,
    /// The level at which there is an element, if only a null.
    present: i16,
    definition: Vec<i16>,
    repetition: Vec<i16>,
    values: Vec<T::T>,
}

impl<T: DataType> Leaf<T> {
    fn new(column: ColumnDescPtr, pages: Box<dyn PageReader>) -> Self {
        let defined = column.max_def_level();
        let own = i16::from(column.self_type().is_optional());
        let present = if column.max_rep_level() > 0 { defined - own } else { 0 };
        let reader = ColumnReaderImpl::new(column, pages);
        Self {
            reader,
            defined,
            present,
            definition: Vec::new(),
            repetition: Vec::new(),
            values: Vec::new(),
        }
    }

    fn advance(&mut self) -> Result<bool> {
        let Self { reader, definition, repetition, values, .. } = self;
        definition.clear();
        repetition.clear();
        values.clear();
        let (rows, _, _) =
            fenced(|| reader.read_records(1, Some(definition), Some(repetition), values))?;
        Ok(rows == 1)
    }

    fn cells(&self) -> impl Iterator<Item = Option<&T::T>> {
        let mut values = self.values.iter();
        let count = if self.defined == 0 { self.values.len() } else { self.definition.len() };
        (0..count).filter_map(move |index| {
            let level = self.definition.get(index).copied().unwrap_or_default();
            if level < self.present {
                None
            } else if level == self.defined {
                values.next().map(Some)
            } else {
                Some(None)
            }
        })
    }
}
