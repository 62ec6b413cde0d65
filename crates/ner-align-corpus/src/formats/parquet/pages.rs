//! Pages that were looked at before they are decoded.

use parquet::basic::{Encoding, Type};
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::ColumnDescriptor;

/// A row with more elements than this is refused.
pub(super) const MAX_ROW: usize = 1 << 20;

/// Values of a page whose lengths are decoded all at once.
const MAX_LENGTHS: u32 = 1 << 24;

/// Hands pages on whose claims fit what they hold.
///
/// The decoders make room for as many values as a dictionary or a list of lengths claims to have,
/// and a few bytes of levels can claim a row of billions of elements.
pub(super) struct CheckedPages<P> {
    pages: P,
    kind: Type,
    repeated: bool,
    optional: bool,
    /// Elements of the last row so far, which may go on in the next page.
    row: usize,
}

impl<P: PageReader> CheckedPages<P> {
    pub(super) fn new(pages: P, column: &ColumnDescriptor) -> Self {
        Self {
            pages,
            kind: column.physical_type(),
            repeated: column.max_rep_level() > 0,
            optional: column.max_def_level() > 0,
            row: 0,
        }
    }

    fn check(&mut self, page: &Page) -> Result<()> {
        let (buf, count, encoding, levels) = match page {
            Page::DictionaryPage { buf, num_values, .. } => {
                // Each value takes its own bytes, a text those of its length.
                let width = if self.kind == Type::INT64 { 8 } else { 4 };
                return if *num_values as usize > buf.len() / width {
                    Err(contradiction("a dictionary with fewer values than it claims"))
                } else {
                    Ok(())
                };
            }
            Page::DataPage {
                buf,
                num_values,
                encoding,
                def_level_encoding,
                rep_level_encoding,
                ..
            } => {
                let old = self.repeated && *rep_level_encoding != Encoding::RLE;
                if old || (self.optional && *def_level_encoding != Encoding::RLE) {
                    return Err(ParquetError::NYI("levels in an encoding given up".to_owned()));
                }
                let repetition = if self.repeated { sized(buf)? } else { &[] };
                let mut at = if self.repeated { 4 + repetition.len() } else { 0 };
                if self.optional {
                    at += 4 + sized(buf.get(at..).unwrap_or_default())?.len();
                }
                (buf, *num_values, *encoding, (repetition, at))
            }
            Page::DataPageV2 {
                buf,
                num_values,
                encoding,
                def_levels_byte_len,
                rep_levels_byte_len,
                ..
            } => {
                let repetition = buf.get(..*rep_levels_byte_len as usize);
                let at = *rep_levels_byte_len as usize + *def_levels_byte_len as usize;
                let repetition = repetition.filter(|_| at <= buf.len());
                let repetition =
                    repetition.ok_or_else(|| contradiction("a page shorter than its levels"))?;
                (buf, *num_values, *encoding, (repetition, at))
            }
        };
        let (repetition, at) = levels;
        if self.repeated {
            self.check_rows(repetition, count as usize)?;
        } else {
            self.row = 0;
        }
        match encoding {
            Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY | Encoding::PLAIN => Ok(()),
            Encoding::DELTA_BINARY_PACKED => Ok(()),
            Encoding::DELTA_LENGTH_BYTE_ARRAY => {
                let lengths = total(buf.get(at..).unwrap_or_default());
                if lengths.is_some_and(|total| total <= u64::from(count.min(MAX_LENGTHS))) {
                    Ok(())
                } else {
                    Err(contradiction("more lengths than values"))
                }
            }
            other => Err(ParquetError::NYI(format!("values encoded as {other}"))),
        }
    }

    /// Counts the elements of each row: runs and packed groups of levels of one bit.
    fn check_rows(&mut self, mut levels: &[u8], count: usize) -> Result<()> {
        let mut left = count;
        while left > 0 {
            let Some(header) = varint(&mut levels) else { break };
            let length = usize::try_from(header >> 1).unwrap_or(usize::MAX);
            if header & 1 == 0 {
                let Some((value, rest)) = levels.split_first() else { break };
                levels = rest;
                let run = length.min(left);
                self.row = match value {
                    0 => 1,
                    _ => self.row.saturating_add(run),
                };
                self.check_row()?;
                left -= run;
                continue;
            }
            let packed = levels.get(..length.min(levels.len())).unwrap_or_default();
            levels = levels.get(packed.len()..).unwrap_or_default();
            for byte in packed {
                let bits = left.min(8);
                for bit in 0..bits {
                    self.row = if byte >> bit & 1 == 0 { 1 } else { self.row + 1 };
                    self.check_row()?;
                }
                left -= bits;
            }
            if packed.len() < length {
                break;
            }
        }
        // Too few levels are for the decoder to say.
        Ok(())
    }

    fn check_row(&self) -> Result<()> {
        if self.row > MAX_ROW {
            return Err(ParquetError::General(format!("a row of more than {MAX_ROW} elements")));
        }
        Ok(())
    }
}

fn contradiction(found: &str) -> ParquetError {
    ParquetError::General(found.to_owned())
}

/// Bytes after their number.
fn sized(bytes: &[u8]) -> Result<&[u8]> {
    let found = bytes
        .split_first_chunk::<4>()
        .and_then(|(size, rest)| rest.get(..usize::try_from(u32::from_le_bytes(*size)).ok()?));
    found.ok_or_else(|| contradiction("a page shorter than its levels"))
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// How many numbers there are in a packed list of differences, as it claims.
fn total(mut bytes: &[u8]) -> Option<u64> {
    varint(&mut bytes)?;
    varint(&mut bytes)?;
    varint(&mut bytes)
}

impl<P: PageReader> Iterator for CheckedPages<P> {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl<P: PageReader> PageReader for CheckedPages<P> {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.pages.get_next_page()?;
        if let Some(page) = &page {
            self.check(page)?;
        }
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.pages.skip_next_page()
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        self.pages.at_record_boundary()
    }
}
