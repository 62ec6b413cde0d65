//! The documents of one `.spacy` on their way into it.

use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use rmp::encode::{
    write_array_len, write_bin_len, write_bool, write_map_len, write_str, write_uint,
};
use rustc_hash::FxHashMap;
use tempfile::SpooledTempFile;

use super::strings;
use super::{ENT_IOB, ENT_TYPE, ORTH, SENT_START};

/// The columns of `tokens`.
const ATTRIBUTES: [u64; 4] = [ORTH, ENT_IOB, ENT_TYPE, SENT_START];

/// Bytes of a row of `tokens`.
pub(super) const ROW: u64 = 8 * ATTRIBUTES.len() as u64;

/// Bytes of a row until then: word, then type and small numbers.
const PACKED_ROW: usize = 8;

/// Bytes that a document takes in the fields that have one entry for each.
const DOCUMENT: u64 = 26;

/// Rows and groups stay in memory up to this many bytes each.
const IN_MEMORY: usize = 16 << 20;

/// Three times as fast as Python's default of 6, which spaCy uses, for a fifth more bytes; with
/// four columns instead of thirteen the file is smaller all the same.
const LEVEL: u32 = 1;

/// The flag of a document whose spaces are unknown.
const UNKNOWN_SPACES: &str = "has_unknown_spaces";

/// What a row says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub(super) word: u32,
    /// 0 for none.
    pub(super) label: u32,
    /// 0 missing, 1 inside, 2 outside, 3 first.
    pub(super) iob: u32,
    /// 0 unknown, 1 first, 2 not.
    pub(super) start: u32,
    pub(super) space: bool,
}

/// The documents of one file.
#[derive(Debug)]
pub(super) struct Shard {
    rows: BufWriter<SpooledTempFile>,
    /// One bit a token.
    spaces: Vec<u8>,
    tokens: u64,
    lengths: Vec<u8>,
    unknown_spaces: Vec<bool>,
    /// msgpack bytes, one value a document.
    groups: BufWriter<SpooledTempFile>,
    strings: Strings,
    unpacked: u64,
}

impl Shard {
    /// An empty one, which keeps what does not fit in memory in a nameless file in `folder`.
    pub(super) fn new(folder: &Path) -> Self {
        let spool =
            || BufWriter::with_capacity(1 << 16, tempfile::spooled_tempfile_in(IN_MEMORY, folder));
        Self {
            rows: spool(),
            spaces: Vec::new(),
            tokens: 0,
            lengths: Vec::new(),
            unknown_spaces: Vec::new(),
            groups: spool(),
            strings: Strings::default(),
            unpacked: 0,
        }
    }

    pub(super) fn documents(&self) -> usize {
        self.unknown_spaces.len()
    }

    pub(super) const fn tokens(&self) -> u64 {
        self.tokens
    }

    /// Bytes before compression.
    pub(super) const fn unpacked(&self) -> u64 {
        self.unpacked + self.strings.unpacked
    }

    /// The index of a string, which is then one of the file's; `None` for one whose id is another
    /// string's.
    pub(super) fn string(&mut self, text: &str) -> Option<u32> {
        self.strings.index_of(text)
    }

    /// The string id of an index.
    pub(super) fn id(&self, index: u32) -> u64 {
        self.strings.ids.get(index as usize).copied().unwrap_or_default()
    }

    pub(super) fn push_token(&mut self, cell: Cell) -> io::Result<()> {
        let packed = cell.label << 4 | cell.iob << 2 | cell.start;
        let mut row = [0; PACKED_ROW];
        row[..4].copy_from_slice(&cell.word.to_le_bytes());
        row[4..].copy_from_slice(&packed.to_le_bytes());
        self.rows.write_all(&row)?;
        let bit = (self.tokens % 8) as u32;
        if bit == 0 {
            self.spaces.push(0);
        }
        if let Some(last) = self.spaces.last_mut() {
            *last |= u8::from(cell.space) << bit;
        }
        self.tokens += 1;
        self.unpacked += ROW + 1;
        Ok(())
    }

    /// Ends a document of so many tokens; `groups` are its span groups in msgpack, if any.
    pub(super) fn end_document(
        &mut self,
        tokens: usize,
        unknown_spaces: bool,
        groups: &[u8],
    ) -> io::Result<()> {
        let tokens = i32::try_from(tokens).map_err(io::Error::other)?;
        self.lengths.extend(tokens.to_le_bytes());
        self.unknown_spaces.push(unknown_spaces);
        rmp::encode::write_bin(&mut self.groups, groups)?;
        self.unpacked += DOCUMENT + 5 + groups.len() as u64;
        Ok(())
    }

    /// Packs everything into `target`.
    pub(super) fn write(self, target: impl Write) -> io::Result<()> {
        let mut out =
            BufWriter::with_capacity(1 << 16, ZlibEncoder::new(target, Compression::new(LEVEL)));
        let length = |length: usize| u32::try_from(length).map_err(io::Error::other);
        let tokens = usize::try_from(self.tokens).map_err(io::Error::other)?;
        let documents = length(self.unknown_spaces.len())?;
        write_map_len(&mut out, 9)?;
        write_str(&mut out, "version")?;
        write_str(&mut out, "0.1")?;
        write_str(&mut out, "attrs")?;
        write_array_len(&mut out, length(ATTRIBUTES.len())?)?;
        for attribute in ATTRIBUTES {
            write_uint(&mut out, attribute)?;
        }
        write_str(&mut out, "tokens")?;
        write_bin_len(&mut out, u32::try_from(self.tokens * ROW).map_err(io::Error::other)?)?;
        unpack_rows(unspool(self.rows)?, &self.strings.ids, self.tokens, &mut out)?;
        write_str(&mut out, "spaces")?;
        write_bin_len(&mut out, length(tokens)?)?;
        let bits = |byte: &u8| {
            let byte = *byte;
            (0..8).map(move |bit| byte >> bit & 1)
        };
        for space in self.spaces.iter().flat_map(bits).take(tokens) {
            out.write_all(&[space])?;
        }
        write_str(&mut out, "lengths")?;
        write_bin_len(&mut out, length(self.lengths.len())?)?;
        out.write_all(&self.lengths)?;
        write_str(&mut out, "strings")?;
        write_array_len(&mut out, length(self.strings.ends.len())?)?;
        for text in self.strings.texts() {
            write_str(&mut out, text)?;
        }
        write_str(&mut out, "cats")?;
        write_array_len(&mut out, documents)?;
        for _ in 0..documents {
            write_map_len(&mut out, 0)?;
        }
        write_str(&mut out, "flags")?;
        write_array_len(&mut out, documents)?;
        for unknown in &self.unknown_spaces {
            write_map_len(&mut out, 1)?;
            write_str(&mut out, UNKNOWN_SPACES)?;
            write_bool(&mut out, *unknown)?;
        }
        write_str(&mut out, "span_groups")?;
        write_array_len(&mut out, documents)?;
        io::copy(&mut unspool(self.groups)?, &mut out)?;
        out.into_inner().map_err(io::IntoInnerError::into_error)?.finish()?.flush()
    }
}

fn unspool(spool: BufWriter<SpooledTempFile>) -> io::Result<SpooledTempFile> {
    let mut file = spool.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

/// Rows as spaCy has them: four numbers of 8 bytes.
fn unpack_rows(
    mut packed: impl Read,
    ids: &[u64],
    mut left: u64,
    out: &mut impl Write,
) -> io::Result<()> {
    const BLOCK: usize = 4096;
    let id = |index: u32| ids.get(index as usize).copied().unwrap_or_default();
    let mut block = vec![0; BLOCK * PACKED_ROW];
    let mut unpacked = Vec::with_capacity(BLOCK * ROW as usize);
    while left > 0 {
        let rows = left.min(BLOCK as u64);
        let block = &mut block[..rows as usize * PACKED_ROW];
        packed.read_exact(block)?;
        unpacked.clear();
        let (numbers, _) = block.as_chunks::<4>();
        let (pairs, _) = numbers.as_chunks::<2>();
        for [word, packed] in pairs {
            let packed = u32::from_le_bytes(*packed);
            let start: i64 = match packed & 3 {
                0 => 0,
                1 => 1,
                _ => -1,
            };
            let row = [
                id(u32::from_le_bytes(*word)),
                u64::from(packed >> 2 & 3),
                id(packed >> 4),
                start.cast_unsigned(),
            ];
            unpacked.extend(row.into_iter().flat_map(u64::to_le_bytes));
        }
        out.write_all(&unpacked)?;
        left -= rows;
    }
    Ok(())
}

/// The distinct strings of a file, in the order of their first use; the first one is empty.
#[derive(Debug)]
struct Strings {
    /// By hash, symbols too.
    index: FxHashMap<u64, u32>,
    ids: Vec<u64>,
    text: String,
    ends: Vec<usize>,
    unpacked: u64,
}

impl Default for Strings {
    fn default() -> Self {
        let mut strings = Self {
            index: FxHashMap::default(),
            ids: Vec::new(),
            text: String::new(),
            ends: Vec::new(),
            unpacked: 0,
        };
        // Rows without a type refer to it.
        strings.index_of("");
        strings
    }
}

impl Strings {
    fn text_at(&self, index: usize) -> &str {
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied();
        let end = self.ends.get(index).copied().unwrap_or_default();
        self.text.get(start.unwrap_or_default()..end).unwrap_or_default()
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).map(|index| self.text_at(index))
    }

    fn index_of(&mut self, text: &str) -> Option<u32> {
        let hash = strings::hash(text);
        if let Some(index) = self.index.get(&hash) {
            return (self.text_at(*index as usize) == text).then_some(*index);
        }
        // Types have 28 bits of a packed row.
        let index = u32::try_from(self.ids.len()).ok().filter(|index| *index < 1 << 28)?;
        self.index.insert(hash, index);
        self.ids.push(strings::id_of(text));
        self.text.push_str(text);
        self.ends.push(self.text.len());
        self.unpacked += text.len() as u64 + 3;
        Some(index)
    }
}
