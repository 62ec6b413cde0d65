//! Rows that wait for the numbers of their tags.
//!
//! The numbers follow from all labels of the corpus, so that nothing can be written before the last
//! document is there. Until then the rows lie in a temporary file.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use tempfile::tempfile;

/// Marks what is not there.
const NONE: u32 = u32::MAX;

/// Rows on their way in.
#[derive(Debug, Default)]
pub(super) struct Spool {
    file: Option<BufWriter<File>>,
    pub(super) rows: usize,
}

/// A row on its way out.
#[derive(Debug, Default)]
pub(super) struct SpooledRow {
    pub(super) document: u64,
    pub(super) id: Option<String>,
    /// The texts of the tokens, one after another, and where each ends.
    pub(super) text: Vec<u8>,
    pub(super) ends: Vec<usize>,
    /// Numbers of tags in the order in which they came up; `None`: nobody annotated the token.
    pub(super) tags: Vec<Option<u32>>,
}

fn length(value: usize) -> io::Result<[u8; 4]> {
    let length = u32::try_from(value).ok().filter(|length| *length != NONE);
    let length = length.ok_or_else(|| io::Error::other("a field of 4 GiB"))?;
    Ok(length.to_le_bytes())
}

impl Spool {
    /// Adds a row.
    pub(super) fn push<'a>(
        &mut self,
        document: usize,
        id: Option<&str>,
        row: impl ExactSizeIterator<Item = (&'a str, Option<u32>)>,
    ) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(BufWriter::with_capacity(1 << 16, tempfile()?)),
        };
        file.write_all(&(document as u64).to_le_bytes())?;
        match id {
            None => file.write_all(&NONE.to_le_bytes())?,
            Some(id) => {
                file.write_all(&length(id.len())?)?;
                file.write_all(id.as_bytes())?;
            }
        }
        file.write_all(&length(row.len())?)?;
        for (token, tag) in row {
            file.write_all(&tag.unwrap_or(NONE).to_le_bytes())?;
            file.write_all(&length(token.len())?)?;
            file.write_all(token.as_bytes())?;
        }
        self.rows += 1;
        Ok(())
    }

    /// The rows from the first one on.
    pub(super) fn read(self) -> io::Result<Spooled> {
        let file = match self.file {
            Some(file) => {
                let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                file.seek(SeekFrom::Start(0))?;
                Some(BufReader::with_capacity(1 << 16, file))
            }
            None => None,
        };
        Ok(Spooled { file, left: self.rows })
    }
}

/// Rows on their way out.
#[derive(Debug)]
pub(super) struct Spooled {
    file: Option<BufReader<File>>,
    left: usize,
}

impl Spooled {
    /// The next row; `None` after the last.
    pub(super) fn next_row(&mut self) -> io::Result<Option<SpooledRow>> {
        let Some(file) = self.file.as_mut().filter(|_| self.left > 0) else { return Ok(None) };
        self.left -= 1;
        let mut document = [0; 8];
        file.read_exact(&mut document)?;
        let mut row =
            SpooledRow { document: u64::from_le_bytes(document), ..SpooledRow::default() };
        let id = number(file)?;
        if id != NONE {
            let mut bytes = vec![0; id as usize];
            file.read_exact(&mut bytes)?;
            row.id = Some(String::from_utf8(bytes).map_err(io::Error::other)?);
        }
        let tokens = number(file)?;
        for _ in 0..tokens {
            let tag = number(file)?;
            row.tags.push((tag != NONE).then_some(tag));
            let size = u64::from(number(file)?);
            file.by_ref().take(size).read_to_end(&mut row.text)?;
            row.ends.push(row.text.len());
        }
        Ok(Some(row))
    }
}

fn number(file: &mut impl Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    file.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}
