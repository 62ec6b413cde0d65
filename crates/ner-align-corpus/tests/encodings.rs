//! Files in other encodings than UTF-8: read by their mark or by name, with a hint that names them.

#![expect(clippy::unwrap_used, reason = "the lint spares tests but not their helpers")]

use ner_align_corpus::{Corpus, CorpusError, ReadOptions, read_path};

fn read(bytes: &[u8], encoding: Option<&str>) -> Result<Corpus, CorpusError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.conll");
    std::fs::write(&path, bytes).unwrap();
    let encoding = encoding.map_or(Ok(Default::default()), str::parse)?;
    read_path(&path, &ReadOptions::default().with_encoding(encoding))
}

fn utf16(text: &str, big: bool) -> Vec<u8> {
    let units = text.encode_utf16();
    units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

#[test]
fn utf16_is_read_by_its_mark_or_by_name() {
    let text = "Łódź\tB-LOC\n😀\tO\n";
    for big in [false, true] {
        let corpus = read(&utf16(&format!("\u{feff}{text}"), big), None).unwrap();
        assert_eq!(corpus.documents[0].text(), "Łódź 😀");
        let name = if big { "utf-16be" } else { "utf-16le" };
        let corpus = read(&utf16(text, big), Some(name)).unwrap();
        assert_eq!(corpus.documents[0].text(), "Łódź 😀");
    }
    // Half a unit at the end.
    let error = read(b"\xFF\xFEa\0\t\0O", None).unwrap_err();
    assert_eq!(error.code(), "damaged-data", "{error}");
}

#[test]
fn the_hint_names_the_encoding() {
    // The bytes of Python's codecs for rows of words with tags.
    for (words, expected) in [
        (
            &[
                &b"\xcc\xe0\xf0\xe8\xff"[..],
                b"\xe6\xe8\xe2\xb8\xf2",
                b"\xe2",
                b"\xcc\xee\xf1\xea\xe2\xe5",
            ][..],
            ("windows-1251", "Мария живёт в Москве"),
        ),
        (
            &[b"\xcd\xf5\xd0\xa1\xc3\xf7", b"\xbd\xf1\xcc\xec", b"\xd4\xda", b"\xb1\xb1\xbe\xa9"],
            ("GBK", "王小明 今天 在 北京"),
        ),
        (
            &[
                b"\x8eR\x93c\x82\xb3\x82\xf1",
                b"\x82\xcd",
                b"\x93\x8c\x8b\x9e",
                b"\x82\xcc",
                b"\x91\xe5\x8aw",
                b"\x82\xc5",
                b"\x93\xad\x82\xa2\x82\xc4",
                b"\x82\xa2\x82\xdc\x82\xb7",
            ],
            ("Shift_JIS", "山田さん は 東京 の 大学 で 働いて います"),
        ),
        (
            &[b"\xb1\xe8\xc3\xb6\xbc\xf6", b"\xbc\xad\xbf\xef", b"\xb0\xac\xb4\xd9"],
            ("EUC-KR", "김철수 서울 갔다"),
        ),
    ] {
        let rows = words.iter().flat_map(|word| [*word, b"\tO\n"].concat());
        let rows: Vec<u8> = rows.collect();
        let error = read(&rows, None).unwrap_err();
        let (name, text) = expected;
        let hint = error.hint().unwrap();
        assert!(hint.contains(&format!("`encoding: {name}`")), "{name}: {hint}");
        assert_eq!(read(&rows, Some(name)).unwrap().documents[0].text(), text);
    }
    let binary = read(b"a\xFF\x01\x02\x80\tO\n", None).unwrap_err();
    assert!(!binary.hint().unwrap().contains("`encoding: "), "{binary:?}");
}
