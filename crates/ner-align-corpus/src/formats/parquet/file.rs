//! The bytes of a file, and what its footer says.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use parquet::basic::Compression;
use parquet::column::page::PageReader;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedPageReader;

use super::guard::fenced;
use super::pages::CheckedPages;
use super::thrift::{PageClaim, footer_is_plausible, page_claim};
use crate::io::{ALWAYS_FINE, MAX_RATIO, open_file};
use crate::{CorpusError, Source};

/// The part of the memory that a footer may take on the disk, 16 MiB of 2 GiB. Parsed it takes much more.
const FOOTER_PART: u64 = 128;

/// The part of the memory that a page may take, packed or unpacked, 128 MiB of 2 GiB. Writers make pages of a
/// megabyte. Of each of the four columns a page and a dictionary are there at a time, and one of them packed.
const PAGE_PART: u64 = 16;

/// The header of a page, with the extremes of its values.
const MAX_HEADER: u64 = 1 << 20;

/// A file with its footer.
pub(super) struct ParquetFile {
    pub(super) name: String,
    pub(super) metadata: ParquetMetaData,
    file: Arc<File>,
    length: u64,
    max_memory: u64,
}

impl ParquetFile {
    /// Opens a source; one that is no plain file is written to a temporary one first, since the
    /// footer stands at the end.
    pub(super) fn open(source: Source, max_memory: u64) -> Result<Self, CorpusError> {
        let name = source.name().to_owned();
        let failed = |error| CorpusError::read(name.as_ref(), error);
        let file = match source.plain_file() {
            Some(path) => open_file(path)?,
            // What does not even start as one may have no end.
            None if !source.head().starts_with(b"PAR1") => {
                let expected = "bytes that start with PAR1";
                return Err(
                    CorpusError::input("damaged-parquet", expected, "others").at_path(&name)
                );
            }
            None => {
                let mut file = tempfile::tempfile().map_err(|error| {
                    CorpusError::io("a temporary file".as_ref(), "a writable file", error)
                })?;
                io::copy(&mut source.into_stream(), &mut file).map_err(failed)?;
                file
            }
        };
        let length = file.metadata().map_err(failed)?.len();
        let metadata = footer(&file, length, max_memory / FOOTER_PART).map_err(|error| {
            damaged("a sound footer", &error)
                .at_path(&name)
                .with_hint("the file may be cut off, or be no Parquet")
        })?;
        Ok(Self { name, metadata, file: Arc::new(file), length, max_memory })
    }

    /// Bytes of the file.
    pub(super) const fn length(&self) -> u64 {
        self.length
    }

    /// The pages of a column of a row group.
    pub(super) fn pages(
        &self,
        group: usize,
        leaf: usize,
    ) -> Result<Box<dyn PageReader>, ParquetError> {
        let missing = || ParquetError::General("a row group without the column".to_owned());
        let group = self.metadata.row_groups().get(group).ok_or_else(missing)?;
        let column = group.columns().get(leaf).ok_or_else(missing)?;
        let rows = usize::try_from(group.num_rows())?;
        fenced(|| {
            let (start, length) = column.byte_range();
            if start.checked_add(length).is_none_or(|end| end > self.length) {
                return Err(ParquetError::EOF("a column past the end of the file".to_owned()));
            }
            let chunk = Chunk {
                file: Arc::clone(&self.file),
                length: self.length,
                gzip: matches!(column.compression(), Compression::GZIP(_)),
                max_page: self.max_memory / PAGE_PART,
                claim: Arc::default(),
            };
            let pages = SerializedPageReader::new(Arc::new(chunk), column, rows, None)?;
            let pages = CheckedPages::new(pages, column.column_descr());
            Ok(Box::new(pages) as Box<dyn PageReader>)
        })
    }
}

/// An error of the file's content.
pub(super) fn damaged(expected: &str, error_of: &ParquetError) -> CorpusError {
    let found = match error_of {
        ParquetError::General(text) | ParquetError::NYI(text) | ParquetError::EOF(text) => {
            text.clone()
        }
        ParquetError::External(source) => source.to_string(),
        other => other.to_string(),
    };
    let error = CorpusError::input("damaged-parquet", expected, found);
    let ParquetError::External(source) = error_of else { return error };
    let source = source.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    match source.and_then(|source| source.downcast_ref::<PageTooLarge>()) {
        Some(PageTooLarge { max_page, claimed }) => {
            let expected = format!("pages of at most {} MiB", max_page >> 20);
            let found = format!("one of {} MiB", claimed.div_ceil(1 << 20));
            CorpusError::input("page-too-large", expected, found)
                .with_hint("write the file with smaller pages, or allow more with `max_memory`")
        }
        None => error,
    }
}

/// A page that claims more memory than it may take.
#[derive(Debug, thiserror::Error)]
#[error("a page of {claimed} bytes")]
struct PageTooLarge {
    max_page: u64,
    claimed: u64,
}

/// Reads and checks the footer: metadata, their length, `PAR1`.
fn footer(mut file: &File, length: u64, most: u64) -> Result<ParquetMetaData, ParquetError> {
    let general = |text: &str| ParquetError::General(text.to_owned());
    let Some(tail_at) = length.checked_sub(8).filter(|at| *at >= 4) else {
        return Err(general("a file too short to have one"));
    };
    let mut tail = [0; 8];
    file.seek(SeekFrom::Start(tail_at))?;
    file.read_exact(&mut tail)?;
    let [a, b, c, d, magic @ ..] = tail;
    if &magic == b"PARE" {
        return Err(general("an encrypted one"));
    }
    if &magic != b"PAR1" {
        return Err(general("an end without PAR1"));
    }
    let size = u64::from(u32::from_le_bytes([a, b, c, d]));
    let Some(start) = tail_at.checked_sub(size).filter(|_| size <= most) else {
        return Err(general("one that claims more bytes than there may be"));
    };
    let mut bytes = vec![0; usize::try_from(size)?];
    file.seek(SeekFrom::Start(start))?;
    file.read_exact(&mut bytes)?;
    if !footer_is_plausible(&bytes) {
        return Err(general("bytes that are none"));
    }
    fenced(|| ParquetMetaDataReader::decode_metadata(&bytes))
}

/// The file as the page reader sees it: every claim about a page is checked before it is
/// believed.
struct Chunk {
    file: Arc<File>,
    length: u64,
    gzip: bool,
    max_page: u64,
    /// Of the page whose header was read last.
    claim: Arc<Mutex<PageClaim>>,
}

impl Chunk {
    /// The decoder of gzip goes on to the end, whatever the header says that there is.
    fn check_gzip(&self, bytes: &[u8]) -> io::Result<()> {
        let claim = *self.claim.lock().unwrap_or_else(PoisonError::into_inner);
        let levels = usize::try_from(claim.levels).unwrap_or(usize::MAX);
        let Some(packed) = bytes.get(levels..).filter(|_| self.gzip && claim.is_packed) else {
            return Ok(());
        };
        let limit = claim.unpacked.saturating_add(1);
        let unpacked = io::copy(&mut MultiGzDecoder::new(packed).take(limit), &mut io::sink())?;
        if unpacked == limit {
            return Err(implausible());
        }
        Ok(())
    }
}

fn implausible() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a page whose size cannot be right")
}

impl Length for Chunk {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Chunk {
    type T = Header;

    /// Called where a page's header starts, or, without being read from, behind it.
    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(start))?;
        let bytes = BufReader::with_capacity(4096, file.take(MAX_HEADER));
        Ok(Header {
            bytes,
            checked: false,
            max_page: self.max_page,
            claim: Arc::clone(&self.claim),
        })
    }

    /// Called for what a page holds, after its header.
    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        if start.checked_add(length as u64).is_none_or(|end| end > self.length) {
            return Err(ParquetError::EOF("a page past the end of the file".to_owned()));
        }
        let mut file = &*self.file;
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = vec![0; length];
        file.read_exact(&mut bytes)?;
        self.check_gzip(&bytes)?;
        Ok(bytes.into())
    }
}

/// The header of a page, whose claims are looked at before the first byte is given out.
struct Header {
    bytes: BufReader<io::Take<File>>,
    checked: bool,
    max_page: u64,
    claim: Arc<Mutex<PageClaim>>,
}

impl Read for Header {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.checked {
            let claim = page_claim(self.bytes.fill_buf()?).ok_or_else(implausible)?;
            let PageClaim { unpacked, packed, .. } = claim;
            let fine = unpacked <= ALWAYS_FINE || unpacked / MAX_RATIO <= packed;
            if !fine {
                return Err(implausible());
            }
            let (max_page, claimed) = (self.max_page, unpacked.max(packed));
            if claimed > max_page {
                return Err(io::Error::other(PageTooLarge { max_page, claimed }));
            }
            *self.claim.lock().unwrap_or_else(PoisonError::into_inner) = claim;
            self.checked = true;
        }
        self.bytes.read(buffer)
    }
}
