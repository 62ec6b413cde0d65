//! Levels of tags, and sentences that a column numbers.

mod layouts;

use layouts::{codes, entities, read};
use ner_align_corpus::{Format, ReadOptions};

#[test]
fn numbers_of_sentences_bound_them() {
    let rows =
        "1\tMara\tB-PER\n1\tQuill\tI-PER\n1\tin\tO\n2\tOslo\tB-LOC\n2\t.\tO\n2\t.\tO\n3\t!\tO\n";
    let of = |text: &str, n: usize| {
        let options =
            ReadOptions::default().with_format(Some(Format::Conll)).with_sentences_per_document(n);
        let (documents, findings) = read("a.tsv", text, &options).unwrap();
        let sentences: Vec<usize> =
            documents.iter().map(|document| document.sentences().len()).collect();
        (sentences, entities(&documents), findings)
    };
    for (n, sentences, expected) in [
        (1, vec![1, 1, 1], "Mara Quill/PER || Oslo/LOC || "),
        (2, vec![2, 1], "Mara Quill/PER Oslo/LOC || "),
        (0, vec![3], "Mara Quill/PER Oslo/LOC"),
    ] {
        let found = of(rows, n);
        assert_eq!((found.0, found.1.as_str()), (sentences, expected), "{n}");
        assert!(found.2.iter().any(|finding| finding.message.contains("where the number changes")));
    }
    // With blank lines between sentences too, and under a header.
    let blank = rows.replace("\n2\tOslo", "\n\n2\tOslo");
    assert_eq!(of(&blank, 1).0, [1, 1, 1]);
    assert_eq!(of(&format!("sent\tword\ttag\n{rows}"), 1).0, [1, 1, 1]);
    // An entity that goes on: the numbers count something else.
    let other = rows.replace("1\tin\tO\n2\tOslo\tB-LOC", "1\tin\tB-PER\n2\tOslo\tI-PER");
    let (sentences, found, findings) = of(&other, 0);
    assert_eq!((sentences, found.as_str()), (vec![1], "Mara Quill/PER in Oslo/PER"));
    assert!(findings.iter().any(|finding| finding.message.contains("are not read")));
}

#[test]
fn levels_of_tags_overlap() {
    let options = |columns: &[i64]| {
        ReadOptions::default()
            .with_sentences_per_document(0)
            .with_tag_column(columns.first().copied())
            .with_more_tag_columns(columns[1..].to_vec())
    };
    let text = "#\thttp://example.org/A\n1\tTroia\tB-OTH\tB-LOC\n2\t-\tI-OTH\tO\n3\tTraum\tI-OTH\tO\n\n\
                1\tFC\tB-ORG\tO\n2\tDarmstadt\tI-ORG\tB-LOC\n3\t.\tO\tO\n";
    for (columns, expected) in [
        (&[2, 3][..], "Troia/LOC Troia - Traum/OTH FC Darmstadt/ORG Darmstadt/LOC"),
        (&[-1, -2][..], "Troia/LOC Troia - Traum/OTH FC Darmstadt/ORG Darmstadt/LOC"),
        (&[2][..], "Troia - Traum/OTH FC Darmstadt/ORG"),
        (&[3][..], "Troia/LOC Darmstadt/LOC"),
    ] {
        let (documents, findings) = read("a.tsv", text, &options(columns)).unwrap();
        assert_eq!(entities(&documents), expected, "{columns:?}");
        assert!(!codes(&findings).contains("level"), "{findings:?}");
        // What was read is the same after it was written as spans and read again.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.jsonl");
        let mut writer = ner_align_corpus::create(
            &path,
            Format::Jsonl,
            &ner_align_corpus::WriteOptions::default(),
        )
        .unwrap();
        documents.iter().for_each(|document| writer.write_document(document).unwrap());
        writer.finish().unwrap();
        let again = ner_align_corpus::read_path(&path, &ReadOptions::default()).unwrap().documents;
        assert_eq!(entities(&again), expected, "{columns:?}");
    }
    // Without a second entity the tags stay as they are, missing ones too.
    let (documents, _) = read("a.tsv", "Mara\t-\tO\nOslo\tB-LOC\tO\n", &options(&[1, 2])).unwrap();
    assert_eq!(entities(&documents), "Oslo/LOC -");
    let (documents, findings) =
        read("a.tsv", "Mara\t-\tO\nOslo\tB-LOC\tB-X\n", &options(&[1, 2])).unwrap();
    assert_eq!(entities(&documents), "Oslo/LOC Oslo/X");
    assert_eq!(codes(&findings), "missing-with-levels");
    for (text, columns) in [
        ("Mara\tO\nOslo\tB-LOC\n", &[1, 2][..]),
        ("Mara\tO\nOslo\tB-LOC\n", &[1, 1][..]),
        ("Mara\t(PER)\t*\nOslo\t*\t*\n", &[1, 2][..]),
    ] {
        let error = read("a.tsv", text, &options(columns)).unwrap_err();
        assert!(error.hint().unwrap().contains("`tag_column`"), "{error}");
    }
}
