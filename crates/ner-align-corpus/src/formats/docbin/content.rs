//! What a `.spacy` holds, as far as documents are made of it, in a few bytes a token.

use std::collections::BTreeMap;
use std::io::{BufRead, Read};

use rustc_hash::FxHashMap;

use super::columns::Columns;
use super::groups::{self, SpanGroups};
use super::strings;
use super::unpack::{Unpacker, Value};
use crate::CorpusError;

/// Bytes that a document counts, beside its tokens.
const DOCUMENT: u64 = 64;

/// Rows of `tokens` read at a time.
const ROWS: usize = 1024;

/// One token: its word and its type as indices into the ids, and two small numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) word: u32,
    /// Type, `ENT_IOB`, sentence start: 28, 2 and 2 bits.
    packed: u32,
}

impl Row {
    pub(super) const fn label(self) -> u32 {
        self.packed >> 4
    }

    pub(super) const fn iob(self) -> u32 {
        self.packed >> 2 & 3
    }

    /// 1: starts a sentence, 2: does not, 0: unknown.
    pub(super) const fn start(self) -> u32 {
        self.packed & 3
    }
}

/// All documents of one file.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) rows: Vec<Row>,
    pub(super) spaces: Vec<u8>,
    pub(super) lengths: Vec<u32>,
    /// By document; empty if the file has none.
    pub(super) unknown_spaces: Vec<bool>,
    pub(super) groups: SpanGroups,
    /// What is in the file besides, and how often.
    pub(super) others: BTreeMap<&'static str, usize>,
    /// The first token whose `ENT_IOB` is not 0 to 3.
    pub(super) bad_iob: Option<(usize, u64)>,
    ids: Vec<u64>,
    index: FxHashMap<u64, u32>,
    arena: String,
    texts: FxHashMap<u64, (usize, u32)>,
}

impl Content {
    /// Reads a whole file, and checks that its parts fit each other.
    pub(super) fn read(
        packed: impl Read,
        name: &str,
        max_memory: u64,
    ) -> Result<Self, CorpusError> {
        Self::unpack(&mut Unpacker::zlib(packed, name).within(max_memory))
    }

    pub(super) fn unpack<R: BufRead>(from: &mut Unpacker<R>) -> Result<Self, CorpusError> {
        let mut content = Self::default();
        let mut columns = None;
        let mut seen = Vec::new();
        let mut key = Vec::new();
        for _ in 0..from.expect_fields()? {
            from.set_field("");
            from.expect_name(&mut key)?;
            let field = String::from_utf8_lossy(&key).into_owned();
            from.set_field(&field);
            match field.as_str() {
                "attrs" => columns = Some(Columns::read(from)?),
                "tokens" => match &columns {
                    Some(columns) => content.tokens(from, columns)?,
                    None => {
                        return Err(from
                            .fault("attrs before tokens", "tokens first")
                            .with_hint("read it into a DocBin of spaCy, and save that"));
                    }
                },
                "spaces" => {
                    let length = from.expect_bytes()?;
                    from.bytes(length, &mut content.spaces)?;
                }
                "lengths" => content.lengths(from)?,
                "strings" => content.strings(from)?,
                "flags" => content.flags(from)?,
                "span_groups" => groups::read(from, &mut content.groups)?,
                "cats" => content.count_filled(from, "categories of documents")?,
                "user_data" => content.count_filled(from, "user data of documents")?,
                _ => {
                    let value = from.value()?;
                    from.skip(value)?;
                }
            }
            seen.push(field);
        }
        from.set_field("");
        from.end()?;
        for (kind, count) in std::mem::take(&mut content.groups.others) {
            *content.others.entry(kind).or_default() += count;
        }
        content.check(from, &seen)?;
        Ok(content)
    }

    fn check<R: BufRead>(&self, from: &Unpacker<R>, seen: &[String]) -> Result<(), CorpusError> {
        for field in ["attrs", "tokens", "spaces", "lengths", "strings"] {
            if !seen.iter().any(|seen| seen == field) {
                let shown = match seen {
                    [] => "an empty map".to_owned(),
                    seen => format!("{seen:?}"),
                };
                return Err(from
                    .fault(&format!("the field {field:?}"), &shown)
                    .with_hint("this is not what spaCy's DocBin writes"));
            }
        }
        let tokens = self.rows.len();
        let said: u64 = self.lengths.iter().map(|length| u64::from(*length)).sum();
        if said != tokens as u64 {
            let expected = format!("documents of {tokens} tokens together, as in tokens");
            return Err(from.fault(&expected, &format!("{said} in field \"lengths\"")));
        }
        if self.spaces.len() != tokens {
            let expected = format!("{tokens} spaces, one a token");
            return Err(from.fault(&expected, &format!("{}", self.spaces.len())));
        }
        let documents = self.lengths.len();
        if seen.iter().any(|seen| seen == "flags") && self.unknown_spaces.len() != documents {
            let expected = format!("{documents} entries, one a document");
            let found = format!("{} in field \"flags\"", self.unknown_spaces.len());
            return Err(from.fault(&expected, &found));
        }
        Ok(())
    }

    fn tokens<R: BufRead>(
        &mut self,
        from: &mut Unpacker<R>,
        columns: &Columns,
    ) -> Result<(), CorpusError> {
        let length = from.expect_bytes()? as usize;
        let size = 8 * columns.width;
        if !length.is_multiple_of(size) {
            let expected = format!("rows of {} numbers of 8 bytes", columns.width);
            return Err(from.fault(&expected, &format!("{length} bytes")));
        }
        self.rows.clear();
        let mut block = vec![0; size * ROWS.min(length / size)];
        let mut left = length;
        while left > 0 {
            let here = left.min(block.len());
            let block = &mut block[..here];
            from.exact(block)?;
            from.keep((here / size * size_of::<Row>()) as u64)?;
            for row in block.chunks_exact(size) {
                self.row(from, columns, row)?;
            }
            left -= here;
        }
        Ok(())
    }

    fn row<R: BufRead>(
        &mut self,
        from: &mut Unpacker<R>,
        columns: &Columns,
        row: &[u8],
    ) -> Result<(), CorpusError> {
        let (cells, _) = row.as_chunks::<8>();
        let cell = |column: usize| cells.get(column).map_or(0, |cell| u64::from_le_bytes(*cell));
        let at = |column: Option<usize>| column.map_or(0, cell);
        let word = self.intern(from, cell(columns.orth))?;
        let label = self.intern(from, at(columns.label))?;
        let iob = at(columns.iob);
        if iob > 3 && self.bad_iob.is_none() {
            self.bad_iob = Some((self.rows.len(), iob));
        }
        // Numbers below zero are what their bits say.
        let start = match at(columns.start).cast_signed() {
            0 => 0,
            1.. => 1,
            _ => 2,
        };
        for (column, kind, nothing) in &columns.others {
            let value = cell(*column);
            if value != 0 && value != *nothing {
                *self.others.entry(kind).or_default() += 1;
            }
        }
        self.rows.push(Row { word, packed: label << 4 | ((iob & 3) as u32) << 2 | start });
        Ok(())
    }

    /// The index of a string id.
    fn intern<R: BufRead>(&mut self, from: &mut Unpacker<R>, id: u64) -> Result<u32, CorpusError> {
        if let Some(index) = self.index.get(&id) {
            return Ok(*index);
        }
        // An entry of the map and one of the list.
        from.keep(40)?;
        let index = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
        self.ids.push(id);
        self.index.insert(id, index);
        Ok(index)
    }

    fn lengths<R: BufRead>(&mut self, from: &mut Unpacker<R>) -> Result<(), CorpusError> {
        let length = from.expect_bytes()?;
        let mut bytes = Vec::new();
        from.bytes(length, &mut bytes)?;
        let (numbers, rest) = bytes.as_chunks::<4>();
        if !rest.is_empty() {
            return Err(from.fault("numbers of 4 bytes", &format!("{length} bytes")));
        }
        self.lengths.clear();
        // Each becomes a document in its turn.
        from.keep(numbers.len() as u64 * DOCUMENT)?;
        for (document, number) in numbers.iter().enumerate() {
            let number = i32::from_le_bytes(*number);
            let Ok(number) = u32::try_from(number) else {
                let found = format!("{number} for document {document}");
                return Err(from.fault("a number of tokens", &found).in_document(document));
            };
            self.lengths.push(number);
        }
        Ok(())
    }

    fn strings<R: BufRead>(&mut self, from: &mut Unpacker<R>) -> Result<(), CorpusError> {
        let count = from.expect_array()?;
        let mut text = Vec::new();
        for _ in 0..count {
            from.expect_text(&mut text)?;
            from.keep(48)?;
            let Ok(text) = std::str::from_utf8(&text) else {
                let shown = format!("{:?}", String::from_utf8_lossy(&text));
                return Err(from.fault("a string in UTF-8", &shown));
            };
            let entry = (self.arena.len(), u32::try_from(text.len()).unwrap_or(u32::MAX));
            self.texts.insert(strings::id_of(text), entry);
            self.arena.push_str(text);
        }
        Ok(())
    }

    fn flags<R: BufRead>(&mut self, from: &mut Unpacker<R>) -> Result<(), CorpusError> {
        let count = from.expect_array()?;
        let mut key = Vec::new();
        for _ in 0..count {
            let mut unknown = false;
            for _ in 0..from.expect_fields()? {
                from.expect_name(&mut key)?;
                match from.value()? {
                    Value::Bool(flag) if key == b"has_unknown_spaces" => unknown = flag,
                    value => {
                        from.skip(value)?;
                    }
                }
            }
            from.keep(1)?;
            self.unknown_spaces.push(unknown);
        }
        Ok(())
    }

    /// Counts the entries of an array that hold something.
    fn count_filled<R: BufRead>(
        &mut self,
        from: &mut Unpacker<R>,
        kind: &'static str,
    ) -> Result<(), CorpusError> {
        let mut bytes = Vec::new();
        let mut filled = 0;
        for _ in 0..from.expect_array()? {
            let empty = match from.value()? {
                // User data is msgpack again; a map of nothing is one byte.
                Value::Bytes(1) => {
                    from.bytes(1, &mut bytes)?;
                    bytes == [0x80]
                }
                value => from.skip(value)?,
            };
            filled += usize::from(!empty);
        }
        if filled > 0 {
            self.others.insert(kind, filled);
        }
        Ok(())
    }

    /// The string of an index, and its id if the file does not have it.
    pub(super) fn text(&self, index: u32) -> Result<&str, u64> {
        let id = self.id(index);
        self.text_of(id).ok_or(id)
    }

    /// The string id of an index.
    pub(super) fn id(&self, index: u32) -> u64 {
        self.ids.get(index as usize).copied().unwrap_or_default()
    }

    /// The string of an id. spaCy knows its symbols whether a file lists them or not.
    pub(super) fn text_of(&self, id: u64) -> Option<&str> {
        match self.texts.get(&id) {
            Some(&(start, length)) => self.arena.get(start..start + length as usize),
            None if id == 0 => Some(""),
            None => strings::symbol(id),
        }
    }
}
