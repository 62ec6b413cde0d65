//! The reader and the writer of `csv`.

#![expect(clippy::unwrap_used, reason = "the lint spares tests but not their helpers")]

mod common;

use std::io::{Read, repeat};
use std::path::{Path, PathBuf};

use common::check_broken;
use ner_align_core::{CorpusReader, CorpusWriter, Document, Label, Prefix, Scheme, Tag};
use ner_align_corpus::formats::conll::Delimiter;
use ner_align_corpus::formats::csv::{CsvColumns, CsvOptions, CsvReader, CsvWriter};
use ner_align_corpus::{
    CorpusError, Encoding, ErrorKind, Format, ReadOptions, Unwritable, WriteOptions, read_path,
};
use proptest::prelude::*;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

fn read(text: &[u8], options: CsvOptions) -> Result<(Vec<Document>, Vec<String>), CorpusError> {
    let mut reader = CsvReader::from_reader(text, "in.csv", options)?;
    let documents = reader.documents().collect::<Result<_, _>>()?;
    let findings = reader.take_findings().iter().map(|finding| finding.code.clone()).collect();
    Ok((documents, findings))
}

fn write(documents: &[Document], options: &WriteOptions) -> Result<String, CorpusError> {
    let mut out = Vec::new();
    let mut writer = CsvWriter::new(&mut out, "out.csv", options);
    documents.iter().try_for_each(|document| writer.write_document(document))?;
    writer.finish()?;
    drop(writer);
    Ok(String::from_utf8(out).unwrap())
}

/// `word/TAG` parted by spaces, sentences by ` | `, documents by ` || ` after their names.
fn show(documents: &[Document]) -> String {
    let sentence = |document: &Document, words: std::ops::Range<usize>| {
        let (tags, scheme) = document.tags().unwrap();
        let row = |word| format!("{}/{}", document.word(word), tags[word].display(scheme));
        words.map(row).collect::<Vec<_>>().join(" ")
    };
    let document = |document: &Document| {
        let name = document.id().map_or_else(String::new, |id| format!("{id}: "));
        let sentences = document.sentences().iter();
        name + &sentences
            .map(|s| sentence(document, s.words.range()))
            .collect::<Vec<_>>()
            .join(" | ")
    };
    documents.iter().map(document).collect::<Vec<_>>().join(" || ")
}

#[test]
fn tables_are_read_as_documented() {
    const HEAD: &str = "Sentence #,Word,Tag\n";
    for (head, rows, expected, findings) in [
        (HEAD, "Sentence: 1,a,O\n,b,B-X\nSentence: 2,c,O\n", "a/O b/B-X || c/O", &[][..]),
        // The name on each row, as pandas fills it in, with numbers that became floats.
        ("sent,token,ner\n", "1.0,a,O\n1.0,b,O\n2.0,c,O", "a/O b/O || c/O", &[]),
        ("sentence_id,TEXT,Label\n", "x,a,O\ny,b,O\n", "a/O || b/O", &["not-kept"]),
        (HEAD, "1,\"\"\"\",O\n,\"a,b\",O\n, c ,\" O \"\n", "\"/O a,b/O  c /O", &[]),
        (HEAD, "1,a,O\n\n,,\n,b,O\n", "a/O b/O", &[]),
        (
            HEAD,
            "1,,O\n,b,\n,c,TIM\n",
            "/O b/- c/I-TIM",
            &["empty-token", "empty-tag", "tag-without-prefix"],
        ),
        (HEAD, "1,\"a\nb\",O\n", "a\nb/O", &["line-end-in-word"]),
        (HEAD, "1,a,U-X\n,b,B-X\n,c,L-X\n", "a/U-X b/B-X c/L-X", &[]),
        // A quote within a field stands for itself.
        (HEAD, "1,5\"x,O\n,b,O\n", "5\"x/O b/O", &[]),
        ("id\tsent_id\tword\tpos\ttag\n", "0\t1\ta,b\tDT\tO\n", "a,b/O", &["not-kept", "not-kept"]),
        ("word,tag\n", "a,O\nb,O\n\nc,O\n,\nd,O\n", "a/O b/O || c/O || d/O", &[]),
        ("doc,word,tag\n", "A,a,O\n,b,O\n\n,c,O\nB,d,O\n", "A: a/O b/O | c/O || B: d/O", &[]),
        // On every row the same name goes on, on first rows only it begins again.
        ("doc,sent,word,tag\n", "A,1,a,O\nA,1,b,O\nA,2,c,O\n", "A: a/O b/O | c/O", &[]),
        ("doc,sent,word,tag\n", "A,1,a,O\n,,b,O\nA,2,c,O\n", "A: a/O b/O || A: c/O", &[]),
        ("doc,sent,word,tag\n", "A,1,a,O\nA,1,b,O\nB,1,c,O\n", "A: a/O b/O || B: c/O", &[]),
        // A blank line names nothing.
        ("doc,sent,word,tag\n", "A,1,a,O\r\nA,2,b,O\r\n\r\n", "A: a/O | b/O", &[]),
    ] {
        let text = format!("{head}{rows}");
        let (documents, found) = read(text.as_bytes(), CsvOptions::default()).unwrap();
        assert_eq!(show(&documents), expected, "{text:?}");
        assert_eq!(found, findings, "{text:?}");
    }
    let text = format!("{HEAD}1,a,O\n2,b,O\n3,c,O\n");
    for (group, expected) in [(0, "a/O | b/O | c/O"), (2, "a/O | b/O || c/O")] {
        let options = CsvOptions::default().with_sentences_per_document(group);
        assert_eq!(show(&read(text.as_bytes(), options).unwrap().0), expected);
    }
}

#[test]
fn fixtures_are_read_as_their_readme_says() {
    let folder = fixtures().join("csv");
    let options = ReadOptions::default().with_encoding(Encoding::Cp1252);
    let corpus = read_path(folder.join("gmb-cp1252.csv"), &options).unwrap();
    assert_eq!(
        show(&corpus.documents),
        "Thousands/O of/O demonstrators/O \"/O marched/O London, Ont./B-geo || \
         He/O said/O “yes”/O in/O São/B-geo Paulo/I-geo"
    );
    assert!(!corpus.documents_marked);
    assert_eq!(
        corpus.findings[0].to_string(),
        format!(
            "{}:1:3: expected words and tags, found \"POS\" too, not kept",
            folder.join("gmb-cp1252.csv").display()
        )
    );

    let corpus = read_path(folder.join("every-row.csv"), &ReadOptions::default()).unwrap();
    assert_eq!(
        show(&corpus.documents),
        "a: Ada/U-PER wrote/O | Oslo/U-LOC || b: né/O x;y/B-ORG Ltd/L-ORG"
    );
    assert!(corpus.documents_marked);

    let options = ReadOptions::default()
        .with_format(Some(Format::Csv))
        .with_columns("word=Wort, tag=ne-typ".parse().unwrap());
    let corpus = read_path(folder.join("blank-rows.tsv"), &options).unwrap();
    assert_eq!(show(&corpus.documents), "Berlin/B-LOC liegt/O || Hier/O || Bonn/B-LOC");
}

#[test]
fn faults_have_their_place() {
    check_broken(
        &fixtures().join("broken/csv"),
        Format::Csv,
        &[
            ("short-row.csv", "3:2: expected 3 fields as in the header, found 2 in \", b\""),
            ("long-row.csv", "3:4: expected 3 fields as in the header, found 4 in \", b,  c, O\""),
            (
                "no-tag.csv",
                "1: expected a header with a column of tags, such as \"tag\", found \"Sentence #, Word, POS\"",
            ),
            (
                "no-header.csv",
                "1: expected a header with a column of words, such as \"word\", found \"a, O\"",
            ),
            (
                "before-sentence.csv",
                "2:1: expected the name of a sentence on its first row, found an empty field before the first one that is not",
            ),
            (
                "before-document.csv",
                "2:1: expected the name of a document on its first row, found an empty field before the first one that is not",
            ),
            (
                "open-quote.csv",
                "3:2: expected a quote that is closed on its line, found \",O\\n,b,O\\n,c,O\\n\"",
            ),
            ("latin1.csv", "2:14: expected UTF-8 text, found byte 0xE3"),
            ("nul.csv", "2:14: expected UTF-8 text, found a NUL byte"),
            ("header-only.csv", " expected at least one row under the header, found none"),
            ("empty.csv", " expected a header, found an empty file"),
            ("bare-cr.csv", "1: expected lines that end in LF or CRLF, found CR alone"),
        ],
    );
    let hint = |name: &str| {
        let path = fixtures().join("broken/csv").join(name);
        read_path(&path, &ReadOptions::default()).unwrap_err().hint().unwrap().to_owned()
    };
    assert!(hint("latin1.csv").contains("`encoding: windows-1252`"));
    assert!(hint("open-quote.csv").contains("doubled"));
    assert!(hint("no-tag.csv").contains("`columns: tag=NAME`"));
}

#[test]
fn an_endless_row_is_refused() {
    let rows = b"\nsent,word,tag\n1,\"a\n".chain(b"x\n".as_slice()).chain(EndlessLines);
    let mut reader = CsvReader::from_reader(rows, "in.csv", CsvOptions::default()).unwrap();
    let error = reader.read_document().unwrap_err();
    assert_eq!(error.code(), "row-too-long");
    assert!(error.hint().unwrap().contains("closed"));
    let error = CsvReader::from_reader(repeat(b','), "in.csv", CsvOptions::default()).unwrap_err();
    assert_eq!(error.code(), "line-too-long");
}

/// Lines without an end.
struct EndlessLines;

impl Read for EndlessLines {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        buffer.fill(b'x');
        buffer.iter_mut().step_by(80).for_each(|byte| *byte = b'\n');
        Ok(buffer.len())
    }
}

#[test]
fn options_that_make_no_sense_are_refused() {
    for text in ["", "word", "wort=x", "word=a,,"] {
        let error = text.parse::<CsvColumns>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage, "{text:?}");
    }
    let text = b"sent,word,tag\n1,a,O\n";
    for (columns, delimiter, code) in [
        ("word=nothing", Delimiter::Auto, "no-column"),
        ("document=nothing", Delimiter::Auto, "no-column"),
        ("sentence=word", Delimiter::Auto, "same-column"),
        ("word=word", Delimiter::Space, "unknown-delimiter"),
        ("word=word", Delimiter::Char('é'), "unknown-delimiter"),
        ("word=word", Delimiter::Char(';'), "no-column"),
    ] {
        let columns = columns.parse().unwrap();
        let options = CsvOptions::default().with_columns(columns).with_delimiter(delimiter);
        assert_eq!(read(text, options).unwrap_err().code(), code);
    }
}

fn one_word(word: &str, tag: &Tag) -> Document {
    let mut builder = Document::builder();
    builder.push_word(word);
    builder.tagged(vec![tag.clone()], Scheme::Iob2).unwrap()
}

#[test]
fn what_rows_cannot_hold_is_refused_or_replaced() {
    let options = WriteOptions::default().with_mark_documents(false);
    for (word, replaced) in
        [("a\nb", "a\u{fffd}b"), ("\r", "\u{fffd}"), ("\0", "\u{fffd}"), ("", "\u{fffd}")]
    {
        let document = [one_word(word, &Tag::Outside)];
        assert_eq!(write(&document, &options).is_err(), !word.is_empty(), "{word:?}");
        let options = options.clone().with_unwritable(Unwritable::Replace);
        let text = write(&document, &options).unwrap();
        assert_eq!(text, format!("Sentence #,Word,Tag\nSentence: 1,{replaced},O\n"));
    }
    // A row of blanks alone would be skipped.
    for word in ["", "\u{c}"] {
        let mut document = one_word(word, &Tag::Missing);
        document.set_spellings(vec![(0, "".into())]);
        assert!(write(&[document], &options).unwrap().ends_with(&format!(",{word},-\n")));
    }
    let label = Tag::entity(Prefix::Begin, Label::new("a\nb").unwrap());
    let error = write(&[one_word("a", &label)], &options).unwrap_err();
    assert_eq!(error.code(), "unwritable-label");
    let marked = WriteOptions::default();
    for id in [" a", "a\n", "Document: 1"] {
        let mut document = one_word("a", &Tag::Outside);
        document.set_id(Some(id.to_owned()));
        assert_eq!(write(&[document], &marked).unwrap_err().code(), "unwritable-id");
    }
}

#[test]
fn documents_are_marked_where_asked() {
    let mut named = one_word("a", &Tag::Outside);
    named.set_id(Some("x, y".to_owned()));
    let documents = [named.clone(), one_word("b", &Tag::Missing), named];
    let text = write(&documents, &WriteOptions::default()).unwrap();
    assert_eq!(
        text,
        "Document,Sentence #,Word,Tag\n\"x, y\",Sentence: 1,a,O\nDocument: 2,Sentence: 2,b,-\n\
         \"x, y\",Sentence: 3,a,O\n"
    );
    assert_eq!(
        read(text.as_bytes(), CsvOptions::default()).unwrap().0,
        lines(documents, &[2, 3, 4])
    );
}

/// The documents with the lines that their sentences were read from.
fn lines<const N: usize>(documents: [Document; N], lines: &[u64]) -> Vec<Document> {
    let mut lines = lines.iter();
    documents
        .into_iter()
        .map(|document| with_lines(&document, &mut lines.by_ref().copied()))
        .collect()
}

fn with_lines(document: &Document, lines: &mut dyn Iterator<Item = u64>) -> Document {
    let mut builder = Document::builder();
    builder.set_id(document.id().map(str::to_owned));
    for sentence in document.sentences() {
        builder.set_line(lines.next().unwrap());
        sentence.words.range().for_each(|word| builder.push_word(document.word(word)));
        builder.end_sentence();
    }
    let (tags, scheme) = document.tags().unwrap();
    builder.tagged(tags.to_vec(), scheme).unwrap()
}

fn tag() -> impl Strategy<Value = Tag> {
    let prefix = prop::sample::select(&Prefix::ALL[..]);
    let label = "[A-Za-zé,;\"'#-]{1,4}".prop_map(|name| Label::new(&name).unwrap());
    prop_oneof![
        Just(Tag::Outside),
        Just(Tag::Missing),
        (prefix, label).prop_map(|(prefix, label)| Tag::entity(prefix, label)),
    ]
}

fn document(scheme: Scheme) -> impl Strategy<Value = Document> {
    let word = prop_oneof!["[^\n\r\0]{0,6}", "[,;\t\"' \u{feff}-]{1,3}", "[a-z]{1,4}"];
    let sentence = prop::collection::vec((word, tag()), 1..6);
    let id = prop::option::of("[a-z,\"é]{1,3}");
    (id, prop::collection::vec(sentence, 1..4)).prop_map(move |(id, sentences)| {
        let mut builder = Document::builder();
        builder.set_id(id);
        let mut tags = Vec::new();
        for sentence in sentences {
            for (word, tag) in sentence {
                builder.push_word(&word);
                tags.push(tag);
            }
            builder.end_sentence();
        }
        builder.tagged(tags, scheme).unwrap()
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(documents in prop::collection::vec(document(Scheme::Biluo), 1..4)) {
        let text = write(&documents, &WriteOptions::default()).unwrap();
        let options = CsvOptions::default().with_scheme(Some(Scheme::Biluo));
        let (read, _) = read(text.as_bytes(), options).unwrap();
        let mut next = 1;
        let mut words = documents.iter().flat_map(|d| d.sentences().iter().map(|s| s.words.len()));
        let mut lines = std::iter::from_fn(|| {
            let line = next + 1;
            next += words.next()? as u64;
            Some(line)
        });
        let mut expected = Vec::new();
        for document in &documents {
            expected.push(with_lines(document, &mut lines));
        }
        // Adjacent documents of one name and one word each look like rows of one document.
        let alike = documents.windows(2).any(|pair| pair[0].id() == pair[1].id());
        let sparse = documents.iter().any(|d| d.sentences().iter().any(|s| s.words.len() > 1));
        if sparse || !alike {
            prop_assert_eq!(read, expected);
        }
    }

    #[test]
    fn garbage_is_no_panic(text in "(Sentence #|Document|,|;|\t|Word|Tag|\"|\n|a|O|B-X|-|\r){0,40}", bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let _ = read(text.as_bytes(), CsvOptions::default());
        let _ = read(format!("sent,word,tag\n{text}").as_bytes(), CsvOptions::default());
        let _ = read(&bytes, CsvOptions::default());
    }
}
