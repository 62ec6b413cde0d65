//! Documents to rows.

use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

use bytes::Bytes;
use ner_align_core::{CorpusWriter, Document, Tag};
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use super::pages::MAX_ROW;
use super::spool::{Spool, SpooledRow};
use super::tag_names::TagNames;
use super::{MISSING, features};
use crate::formats::outgoing::{Destination, OutgoingTags};
use crate::formats::tagged::{default_name, is_default_name};
use crate::text::MAX_LINE_BYTES;
use crate::{CorpusError, FormatWriter, WriteOptions};

/// Rows of a row group.
const GROUP_ROWS: usize = 10_000;

/// Bytes of text after which a row group ends.
const GROUP_BYTES: usize = 32 << 20;

const ID: &str = "optional binary id (STRING);";
const LISTS: &str = "optional group tokens (LIST) { repeated group list {
        optional binary element (STRING); } }
    optional group ner_tags (LIST) { repeated group list { optional int64 element; } }";

/// Writes a sentence a row: `tokens`, and `ner_tags` as numbers whose names stand in the metadata,
/// as `datasets` reads them. Where documents are marked and have names or several sentences, a
/// column `id` holds their names.
///
/// Rows wait in a temporary file until [`CorpusWriter::finish`], since the numbers of tags follow
/// from all labels of the corpus.
pub struct ParquetWriter<W> {
    target: W,
    destination: Destination,
    options: WriteOptions,
    spool: Spool,
    tags: TagNames,
    /// Documents have names or several sentences.
    needs_id: bool,
    last_id: Option<String>,
}

impl<W> fmt::Debug for ParquetWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParquetWriter")
            .field("destination", &self.destination)
            .finish_non_exhaustive()
    }
}

impl<W: Write + Send> ParquetWriter<W> {
    /// Writes to any target; `name` is its path in messages.
    pub fn new(target: W, name: impl Into<String>, options: &WriteOptions) -> Self {
        Self {
            target,
            destination: Destination::new(name),
            options: options.clone(),
            spool: Spool::default(),
            tags: TagNames::default(),
            needs_id: false,
            last_id: None,
        }
    }

    /// The name of the document, if it differs from those beside it.
    fn id<'d>(&self, document: &'d Document) -> Result<Option<&'d str>, CorpusError> {
        let id = document.id().filter(|id| !id.is_empty() && self.options.mark_documents);
        match id {
            Some(id)
                if is_default_name(id, self.destination.documents)
                    || self.last_id.as_deref() == Some(id) =>
            {
                let expected = "another name than that of the document before, and than its place";
                Err(self
                    .destination
                    .refuse("unwritable-id", expected, format!("{id:?}"))
                    .with_hint("choose another format, such as jsonl"))
            }
            id => Ok(id),
        }
    }

    fn write_file(&mut self) -> Result<(), ParquetError> {
        let has_id = self.needs_id && self.options.mark_documents;
        let (names, numbers) = std::mem::take(&mut self.tags).finish();
        let id = if has_id { ID } else { "" };
        let schema = parse_message_type(&format!("message schema {{ {id} {LISTS} }}"))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_key_value_metadata(Some(vec![features::metadata(&names, has_id)]))
            .build();
        let mut file =
            SerializedFileWriter::new(&mut self.target, Arc::new(schema), Arc::new(properties))?;
        let mut rows = std::mem::take(&mut self.spool).read()?;
        loop {
            let mut group = Group::default();
            while group.rows < GROUP_ROWS
                && group.text.len() < GROUP_BYTES
                && let Some(row) = rows.next_row()?
            {
                group.push(&row, &numbers);
            }
            if group.rows == 0 {
                break;
            }
            let mut writer = file.next_row_group()?;
            group.write(&mut writer, has_id)?;
            writer.close()?;
        }
        file.close()?;
        Ok(())
    }
}

/// The rows of a row group, by column.
#[derive(Default)]
struct Group {
    rows: usize,
    ids: Vec<ByteArray>,
    text: Vec<u8>,
    ends: Vec<usize>,
    tags: Vec<i64>,
    /// 0 at the first token of a row, 1 at the others.
    repetition: Vec<i16>,
}

impl Group {
    fn push(&mut self, row: &SpooledRow, numbers: &[i64]) {
        let document = usize::try_from(row.document).unwrap_or(usize::MAX);
        let id = row.id.clone().unwrap_or_else(|| default_name(document));
        self.ids.push(id.into_bytes().into());
        let before = self.text.len();
        self.text.extend_from_slice(&row.text);
        self.ends.extend(row.ends.iter().map(|end| before + end));
        let number = |tag: u32| numbers.get(tag as usize).copied().unwrap_or(MISSING);
        self.tags.extend(row.tags.iter().map(|tag| tag.map_or(MISSING, number)));
        self.repetition.extend((0..row.ends.len()).map(|token| i16::from(token > 0)));
        self.rows += 1;
    }

    fn write<W: Write + Send>(
        self,
        writer: &mut SerializedRowGroupWriter<'_, W>,
        has_id: bool,
    ) -> Result<(), ParquetError> {
        if has_id {
            put::<ByteArrayType, _>(writer, &self.ids, &vec![1; self.rows], None)?;
        }
        let text = Bytes::from(self.text);
        let mut start = 0;
        let tokens: Vec<ByteArray> = self
            .ends
            .iter()
            .map(|end| text.slice(std::mem::replace(&mut start, *end)..*end).into())
            .collect();
        let definition = vec![3; tokens.len()];
        put::<ByteArrayType, _>(writer, &tokens, &definition, Some(&self.repetition))?;
        put::<Int64Type, _>(writer, &self.tags, &definition, Some(&self.repetition))
    }
}

/// Writes the next column of a row group.
fn put<T: DataType, W: Write + Send>(
    writer: &mut SerializedRowGroupWriter<'_, W>,
    values: &[T::T],
    definition: &[i16],
    repetition: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let missing = || ParquetError::General("no further column".to_owned());
    let mut column = writer.next_column()?.ok_or_else(missing)?;
    column.typed::<T>().write_batch(values, Some(definition), repetition)?;
    column.close()
}

impl<W: Write + Send> CorpusWriter for ParquetWriter<W> {
    type Error = CorpusError;

    fn write_document(&mut self, document: &Document) -> Result<(), CorpusError> {
        if document.is_empty() {
            return Ok(());
        }
        let tags = OutgoingTags::new(document, self.options.scheme, self.options.repair)
            .map_err(|error| self.destination.untaggable(&error))?;
        let id = self.id(document)?;
        self.tags.see_scheme(tags.scheme);
        let mut text = String::new();
        let numbers: Vec<Option<u32>> = (0..document.len())
            .map(|word| {
                let tag = tags.tag(word);
                match tags.spelling(word) {
                    Some(spelling) => return Some(self.tags.number(spelling, tag)),
                    None if *tag == Tag::Missing => return None,
                    None => {}
                }
                text.clear();
                // A String takes everything.
                let _ = fmt::write(&mut text, format_args!("{}", tag.display(tags.scheme)));
                Some(self.tags.number(&text, tag))
            })
            .collect();
        for sentence in document.sentences() {
            let words = sentence.words.range();
            let bytes: usize = words.clone().map(|word| document.word(word).len() + 1).sum();
            if words.len() > MAX_ROW || bytes > MAX_LINE_BYTES {
                let (most, mib) = (MAX_ROW, MAX_LINE_BYTES >> 20);
                let expected = format!("sentences of at most {most} words and {mib} MiB");
                let found = format!("one of {} words", words.len());
                return Err(self
                    .destination
                    .refuse("sentence-too-long", &expected, found)
                    .with_hint("choose another format, such as conll"));
            }
            let row = words.map(|word| (document.word(word), numbers.get(word).copied().flatten()));
            self.spool.push(self.destination.documents, id, row).map_err(|error| {
                CorpusError::io("a temporary file".as_ref(), "a writable file", error)
            })?;
        }
        self.needs_id |= id.is_some() || document.sentences().len() > 1;
        self.last_id = id.map(str::to_owned);
        self.destination.documents += 1;
        Ok(())
    }

    fn finish(&mut self) -> Result<(), CorpusError> {
        let written = self.write_file().map_err(|error| match error {
            ParquetError::External(source) => io::Error::other(source.to_string()),
            other => io::Error::other(other.to_string()),
        });
        written.and_then(|()| self.target.flush()).map_err(|error| self.destination.failed(error))
    }
}

impl<W: Write + Send> FormatWriter for ParquetWriter<W> {}
