//! What has no end, or would not fit in the memory, ends in an error with its place.

#![expect(clippy::unwrap_used, reason = "the lint spares tests but not their helpers")]

use std::io::{self, Cursor, Read, Write};

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use ner_align_core::{Document, Scheme, Tag};
use ner_align_corpus::{
    CorpusError, Encoding, ErrorKind, Format, ReadOptions, Source, TextReader, WriteOptions,
    create, open_reader, read_all,
};

/// A text that starts so and repeats this for ever.
struct Endless {
    unit: &'static [u8],
    at: usize,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        for byte in buffer.iter_mut() {
            *byte = self.unit[self.at];
            self.at = (self.at + 1) % self.unit.len();
        }
        Ok(buffer.len())
    }
}

fn endless(start: &'static str, unit: &'static str) -> impl Read + Send + 'static {
    Cursor::new(start.as_bytes()).chain(Endless { unit: unit.as_bytes(), at: 0 })
}

/// The first error.
fn fault(
    source: impl Read + Send + 'static,
    name: &str,
    options: &ReadOptions,
) -> Result<usize, CorpusError> {
    let mut reader = open_reader(source, name, options)?;
    let mut documents = 0;
    while reader.read_document()?.is_some() {
        documents += 1;
    }
    Ok(documents)
}

#[test]
fn a_document_without_end_is_refused_with_its_place() {
    let options = ReadOptions::default().with_max_memory(1 << 20);
    let head = "sentence,word,tag\n1,a,O\n";
    let udp = "1\ta\t_\t_\t_\t_\t_\t_\t_\t_\n";
    for (format, start, unit, expected) in [
        // 64 bytes a word, and 4 for each byte of text: a letter, and a space between words.
        (
            Format::Conll,
            "",
            "a\tO\n",
            "in:14564: expected a document that takes at most 1 MiB of memory, found one of 14564 words and 1 MiB of text or more",
        ),
        (Format::Conllu, "", udp, "in:14564: expected a document that takes at most 1 MiB"),
        (Format::Csv, head, "1,a,O\n", "in:14565: expected a document that takes at most 1 MiB"),
        (Format::IobLines, "", "a|O ", "in:1"),
        (Format::Conll, "", "# a comment that says nothing\n", "in:"),
        (Format::Conllu, "", "# a comment that says nothing\n", "in:"),
        (Format::Conll, "a\tO\n", "b", "in:2: expected lines of at most 16 MiB"),
        (Format::Jsonl, "", "{\"text\": \"a\", ", "in:1: expected lines of at most 16 MiB"),
        (Format::Jsonl, "[", "{\"text\": [", "in:1:2: expected a document of at most"),
        (
            Format::SpacyJson,
            "[{\"paragraphs\": [{\"raw\": \"",
            "a",
            "in:1:18: expected a document of at most 0 MiB",
        ),
    ] {
        let error = fault(endless(start, unit), "in", &options.clone().with_format(Some(format)));
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Input, "{error}");
        assert!(error.to_string().starts_with(expected), "{format}: {error}");
        assert!(error.line().is_some(), "{format}: {error}");
    }
}

#[test]
fn what_fits_is_read() {
    let rows = "a\tO\n".repeat(14_000);
    for (max_memory, fits) in [(1 << 20, true), (1 << 19, false)] {
        let options =
            ReadOptions::default().with_format(Some(Format::Conll)).with_max_memory(max_memory);
        let read = fault(Cursor::new(rows.clone()), "in", &options);
        assert_eq!(read.is_ok(), fits, "{read:?}");
    }
    // The limit is one of each document.
    let rows = "a\tO\n\n".repeat(100_000);
    let options = ReadOptions::default().with_format(Some(Format::Conll)).with_max_memory(1 << 20);
    assert_eq!(fault(Cursor::new(rows), "in", &options).unwrap(), 100_000);
}

#[test]
fn a_gzip_file_of_one_sentence_is_refused() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all("a\tO\n".repeat(1_000_000).as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let options = ReadOptions::default().with_max_memory(1 << 20);
    let error = fault(Cursor::new(packed), "a.conll.gz", &options).unwrap_err();
    assert_eq!((error.code(), error.line()), ("document-too-large", Some(14_564)));
    assert!(error.hint().unwrap().contains("`max_memory`"));
}

#[test]
fn plain_text_without_a_line_end_is_refused() {
    let source = Source::from_reader(endless("", "a "), "-", Encoding::Utf8).unwrap();
    let mut reader = TextReader::new(source, &ReadOptions::default()).unwrap();
    let error = ner_align_core::CorpusReader::read_document(&mut reader).unwrap_err();
    assert_eq!((error.code(), error.line()), ("line-too-long", Some(1)));
    let source = Source::from_reader(Cursor::new("a ".repeat(20_000)), "-", Encoding::Utf8);
    let options = ReadOptions::default().with_max_memory(1 << 20);
    let mut reader = TextReader::new(source.unwrap(), &options).unwrap();
    let error = ner_align_core::CorpusReader::read_document(&mut reader).unwrap_err();
    assert_eq!((error.code(), error.line()), ("document-too-large", Some(1)));
}

#[test]
fn a_corpus_in_memory_has_a_limit_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.conll");
    std::fs::write(&path, "a\tO\n\n".repeat(10_000)).unwrap();
    let options = ReadOptions::default().with_max_memory(1 << 20);
    let error = read_all([&path], &options).unwrap_err();
    assert_eq!((error.code(), error.path()), ("corpus-too-large", path.to_str()));
    assert_eq!(read_all([&path], &ReadOptions::default()).unwrap().documents.len(), 10_000);
}

/// A `.spacy` of these bytes of msgpack.
fn docbin(parts: &[(&[u8], usize)]) -> Vec<u8> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
    for (part, times) in parts {
        let part = part.repeat(*times);
        packed.write_all(&part).unwrap();
    }
    packed.finish().unwrap()
}

/// A field of so many bytes, which follow.
fn field(name: &str, length: u32) -> Vec<u8> {
    let mut out = vec![0xA0 | u8::try_from(name.len()).unwrap()];
    out.extend(name.as_bytes());
    out.push(0xC6);
    out.extend(length.to_be_bytes());
    out
}

#[test]
fn a_docbin_that_claims_much_is_refused() {
    let attributes = b"\xa5attrs\x91\x41";
    let empty_tokens = |count: u32, documents: &[u8]| {
        docbin(&[
            (b"\x85", 1),
            (attributes, 1),
            (&field("tokens", 8 * count), 1),
            (&[0; 8], count as usize),
            (&field("spaces", count), 1),
            (b"\0", count as usize),
            (&field("lengths", documents.len() as u32), 1),
            (documents, 1),
            (b"\xa7strings\x90", 1),
        ])
    };
    let options = ReadOptions::default().with_format(Some(Format::DocBin)).with_max_memory(1 << 20);
    for (bytes, expected) in [
        (
            empty_tokens(40_000, &40_000_i32.to_le_bytes()),
            "a.spacy: expected a document that takes at most 1 MiB of memory, found one of 40000 words",
        ),
        (
            empty_tokens(0, &[0; 40_000]),
            "a.spacy: expected words, strings and spans of at most 0 MiB, found more in field \"lengths\"",
        ),
        (
            docbin(&[(b"\x81\xdb\x00\x10\x00\x00", 1), (b"a", 1 << 20)]),
            "a.spacy: expected the name of a field, of at most 1024 bytes, found 1048576 bytes",
        ),
        (
            docbin(&[(b"\xdf\x02\xfa\xf0\x80", 1), (b"\xa1a\xc0", 1000)]),
            "a.spacy: expected a map of at most 1024 fields, found 50000000",
        ),
    ] {
        let error = fault(Cursor::new(bytes), "a.spacy", &options).unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
    }
    // As many tokens in documents of their own are read.
    let documents = 1_i32.to_le_bytes().repeat(4_000);
    assert_eq!(
        fault(Cursor::new(empty_tokens(4_000, &documents)), "a.spacy", &options).unwrap(),
        4_000
    );
}

#[test]
fn a_label_has_a_limit_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    for (length, fits) in [(1_024, true), (1_025, false)] {
        let label = "L".repeat(length);
        let json = |label: &str| {
            format!(
                "{{\"text\": \"a b\"}}\n{{\"text\": \"a b\", \"spans\": [{{\"start\": 2, \"end\": 3, \"label\": \"{label}\"}}]}}\n"
            )
        };
        for (name, text, place) in [
            ("a.conll", format!("a\tO\n\na\tO\nb\tB-{label}\n"), ":4: "),
            ("a.jsonl", json(&label), ":2: "),
            // A span that fits no words has a label too.
            ("b.jsonl", json(&label).replace("\"end\": 3", "\"end\": 2"), ":2: "),
            ("a.iob", format!("a|O\na|O b|B-{label}\n"), ":2: "),
            ("a.csv", format!("sentence,word,tag\n1,a,O\n2,b,B-{label}\n"), ":3: "),
        ] {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            let options = ReadOptions::default()
                .with_on_surface_mismatch(ner_align_corpus::OnSurfaceMismatch::Offsets);
            let read = read_all([&path], &options);
            let Err(error) = read else {
                assert!(fits, "{name}");
                continue;
            };
            assert!(!fits, "{error}");
            assert_eq!(error.code(), "label-too-long", "{error}");
            let expected =
                format!("{}{place}expected labels of at most 1024 bytes", path.display());
            assert!(error.to_string().starts_with(&expected), "{error}");
            assert!(error.to_string().len() < expected.len() + 200, "{error}");
        }
    }
}

/// What a reader would refuse is not written.
#[test]
fn lines_that_are_too_long_are_not_written() {
    let folder = tempfile::tempdir().unwrap();
    // In JSON a word stands in the text and as a token.
    let word = "x".repeat(7 << 20);
    for (words, fits) in [(1, true), (3, false)] {
        let mut builder = Document::builder();
        (0..words).for_each(|_| builder.push_word(&word));
        let document = builder.tagged(vec![Tag::Outside; words], Scheme::Iob2).unwrap();
        for format in [Format::Jsonl, Format::IobLines] {
            let path = folder.path().join(format!("{words}.{format}"));
            let mut writer = create(&path, format, &WriteOptions::default()).unwrap();
            let written = writer.write_document(&document).and_then(|()| writer.finish());
            drop(writer);
            assert_eq!((written.is_ok(), path.exists()), (fits, fits), "{format}");
            if let Err(error) = written {
                let expected = "expected lines of at most 16 MiB, found one of ";
                assert!(error.to_string().contains(expected), "{error}");
                assert_eq!(error.code(), "line-too-long");
            } else {
                let options = ReadOptions::default().with_format(Some(format));
                assert_eq!(read_all([&path], &options).unwrap().documents.len(), 1, "{format}");
            }
        }
    }
}
