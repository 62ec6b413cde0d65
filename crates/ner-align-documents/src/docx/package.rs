//! The parts of a Word document in their zip archive.

use std::io::{Cursor, Read};

use flate2::read::DeflateDecoder;
use quick_xml::Reader;
use quick_xml::events::Event;
use zip::{CompressionMethod, ZipArchive};

use crate::charset;
use crate::error::{DocumentsError, Limit};

/// What a part of a document is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Header,
    Main,
    Footnotes,
    Endnotes,
    Footer,
}

/// Ends of the content types, with and without macros, templates among them.
const TYPES: [(&str, Part); 6] = [
    ("document.main+xml", Part::Main),
    ("document.macroEnabled.main+xml", Part::Main),
    ("wordprocessingml.header+xml", Part::Header),
    ("wordprocessingml.footer+xml", Part::Footer),
    ("wordprocessingml.footnotes+xml", Part::Footnotes),
    ("wordprocessingml.endnotes+xml", Part::Endnotes),
];

/// Signature of the container that old Office files and encrypted new ones are in.
const COMPOUND: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// An open archive and what its parts are.
pub(super) struct Package<'a> {
    bytes: &'a [u8],
    archive: ZipArchive<Cursor<&'a [u8]>>,
    parts: Vec<(Part, String)>,
    /// Bytes that may still be unpacked, and the limit that they count down from.
    left: u64,
    limit: u64,
}

impl<'a> Package<'a> {
    pub(super) fn open(bytes: &'a [u8], limit: u64) -> Result<Self, DocumentsError> {
        if bytes.starts_with(&COMPOUND) {
            return Err(compound(bytes));
        }
        let archive = ZipArchive::new(Cursor::new(bytes))
            .map_err(|error| DocumentsError::malformed("a docx file", error.to_string()))?;
        let mut package = Self { bytes, archive, parts: Vec::new(), left: limit, limit };
        let types = package.read("[Content_Types].xml")?;
        package.parts = parts(&types)?;
        if !package.parts.iter().any(|(part, _)| *part == Part::Main) {
            return Err(DocumentsError::malformed("a docx file", "an archive without a document"));
        }
        Ok(package)
    }

    /// Names of all parts for one purpose, in the order of their numbers.
    pub(super) fn names(&self, part: Part) -> Vec<String> {
        let of_part = self.parts.iter().filter(|(found, _)| *found == part);
        let mut names: Vec<_> = of_part.map(|(_, name)| name.clone()).collect();
        names.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
        names.dedup();
        names
    }

    /// The XML of a part.
    pub(super) fn read(&mut self, name: &str) -> Result<String, DocumentsError> {
        let damaged =
            |found: String| DocumentsError::malformed(format!("{name} in a docx file"), found);
        let entry =
            self.archive.by_name_raw(name.as_bytes()).map_err(|e| damaged(e.to_string()))?;
        if entry.encrypted() {
            return Err(DocumentsError::Encrypted);
        }
        let (method, start, size) =
            (entry.compression(), entry.data_start(), entry.compressed_size());
        drop(entry);
        // Declared sizes may lie: the data ends with the file, and unpacking with the limit.
        let start = start.and_then(|start| usize::try_from(start).ok());
        let packed = start.and_then(|start| self.bytes.get(start..));
        let packed = packed.ok_or_else(|| damaged("no data".to_owned()))?;
        let packed = &packed[..usize::try_from(size).map_or(packed.len(), |s| s.min(packed.len()))];
        let mut stream: Box<dyn Read + '_> = match method {
            CompressionMethod::Stored => Box::new(packed),
            CompressionMethod::DEFLATE => Box::new(DeflateDecoder::new(packed)),
            other => return Err(damaged(format!("compression by {other}"))),
        };
        let mut xml = Vec::new();
        let read = stream.by_ref().take(self.left + 1).read_to_end(&mut xml);
        read.map_err(|error| damaged(error.to_string()))?;
        let Some(left) = self.left.checked_sub(xml.len() as u64) else {
            return Err(DocumentsError::too_large(Limit::Unpacked, self.limit));
        };
        self.left = left;
        charset::text(&xml, &format!("{name} in a docx file"))
    }
}

/// What a file in the old container is.
fn compound(bytes: &[u8]) -> DocumentsError {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    if bytes.windows(name.len()).any(|window| window == name) {
        return DocumentsError::Encrypted;
    }
    DocumentsError::malformed("a docx file", "an Office file from before 2007 (.doc)")
}

/// Purpose and name of each part that `[Content_Types].xml` lists.
fn parts(xml: &str) -> Result<Vec<(Part, String)>, DocumentsError> {
    let damaged =
        |found: String| DocumentsError::malformed("[Content_Types].xml in a docx file", found);
    let mut reader = Reader::from_str(xml);
    let mut parts = Vec::new();
    loop {
        let element = match reader.read_event().map_err(|e| damaged(e.to_string()))? {
            Event::Start(element) | Event::Empty(element) => element,
            Event::Eof => return Ok(parts),
            _ => continue,
        };
        if element.local_name().as_ref() != "Override" {
            continue;
        }
        let (mut kind, mut name) = (None, None);
        for attribute in element.attributes().flatten() {
            let value = &attribute.value;
            match attribute.key.as_ref() {
                "PartName" => name = Some(value.trim_start_matches('/').to_owned()),
                "ContentType" => {
                    kind =
                        TYPES.iter().find(|(end, _)| value.ends_with(end)).map(|(_, part)| *part);
                }
                _ => {}
            }
        }
        parts.extend(kind.zip(name));
    }
}
