//! CoNLL-U with entities in other forms than `name=`, and without any.

mod layouts;

use layouts::{check, read};
use ner_align_corpus::{Format, ReadOptions};

/// Rows of ten columns from `FORM MISC`, where a space in MISC is written `+`.
fn rows(text: &str) -> String {
    let row = |(number, row): (usize, &str)| {
        let (form, misc) = row.split_once(' ').unwrap_or((row, "_"));
        format!("{}\t{form}\t_\tX\t_\t_\t0\troot\t_\t{}\n", number + 1, misc.replace('+', " "))
    };
    text.split('/').enumerate().map(row).collect()
}

#[test]
fn entities_are_read_where_they_stand() {
    for (text, expected, findings) in [
        ("Finn B-PER/Lie I-PER/kom SpaceAfter=No+name=O", "Finn Lie/PER", "not-kept"),
        ("Finn SpaceAfter=No|name=B-PER/Lie name=I-PER", "FinnLie/PER", "not-kept"),
        ("Finn NE=B-PER/kom O", "Finn/PER", "not-kept"),
        ("Finn name=B_PER/Lie name=I_PER", "Finn Lie/PER", "tag-spelling not-kept"),
        // Nobody annotated anything.
        ("Mara _/kom _", "- -", "no-annotation not-kept"),
        ("Mara SpaceAfter=No/kom Lang=no", "- -", "no-annotation not-kept"),
        ("Mara Entity=(e1-person-1-new)/kom _", "- -", "no-annotation not-kept"),
        ("Mara name=-/kom name=-", "- -", "not-kept"),
    ] {
        let text: &'static str = Box::leak(rows(text).into_boxed_str());
        check(Format::Conllu, &[("a.conllu", text, expected, findings)]);
        check(Format::Conllu, &[("a.txt", text, expected, findings)]);
    }
    let coreference = rows("Mara Entity=(e1-person-1-new)");
    let (_, findings) = read("a.conllu", &coreference, &ReadOptions::default()).unwrap();
    assert!(findings[0].message.contains("coreference"), "{}", findings[0].message);
}

#[test]
fn a_comment_within_a_sentence_is_kept() {
    let text = rows("Mara name=B-PER/kom name=O").replacen("2\t", "# note\n2\t", 1);
    let (documents, _) = read("a.conllu", &text, &ReadOptions::default()).unwrap();
    assert_eq!(documents[0].sentences()[0].comments, ["# note"]);
}

#[test]
fn columns_that_a_comment_names_are_read() {
    let file = |names: &str, rows: &[&str]| {
        let rows: String = rows.iter().map(|row| format!("{}\n", row.replace(' ', "\t"))).collect();
        format!("# global.columns = {names}\n# sent_id = 1\n{rows}\n")
    };
    let named = "ID FORM UPOS PARSEME:NE MISC";
    for (names, rows, expected, findings) in [
        (
            named,
            &["1 Mara X B-PER SpaceAfter=No", "2 Quill X I-PER _", "3 left X O _"][..],
            "MaraQuill/PER",
            "not-kept",
        ),
        // `*` is no entity, `_` is not annotated.
        (named, &["1 Mara _ B-PER _", "2 left _ * _", "3 . _ _ _"], "Mara/PER -", ""),
        // Nothing but tags and `_`.
        (named, &["1 Mara _ B-PER _", "2 left _ _ _"], "Mara/PER", "blank-outside"),
        (named, &["1 Mara _ _ _", "2 left _ _ _"], "- -", "no-annotation"),
        ("FORM NER", &["Mara B-PER", "left O"], "Mara/PER", ""),
        ("NER FORM", &["B_PER Mara", "O left"], "Mara/PER", "tag-spelling"),
        // Tags in MISC, and nowhere.
        (
            "ID FORM MISC",
            &["1-2 Mara name=B-PER", "1 Ma _", "2 ra _", "3 left _"],
            "Mara/PER",
            "not-kept",
        ),
        ("ID FORM LEMMA", &["1 Mara _", "2 left _"], "- -", "no-annotation"),
    ] {
        let text: &'static str = Box::leak(file(names, rows).into_boxed_str());
        check(Format::Conllu, &[("a.txt", text, expected, findings)]);
        // The names are those of this file alone.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.conllu");
        let (documents, _) = read("a.txt", text, &ReadOptions::default()).unwrap();
        let options = ner_align_corpus::WriteOptions::default();
        let mut writer = ner_align_corpus::create(&path, Format::Conllu, &options).unwrap();
        documents.iter().for_each(|document| writer.write_document(document).unwrap());
        writer.finish().unwrap();
        let again = ner_align_corpus::read_path(&path, &ReadOptions::default()).unwrap().documents;
        assert_eq!(layouts::entities(&again), expected, "{text}");
    }
    let other = file("ID FORM X:LIT X:METO", &["1 Mara B-PER O", "2 Oslo O B-LOC"]);
    let options = |columns: &str| ReadOptions::default().with_columns(columns.parse().unwrap());
    let (documents, _) = read("a.txt", &other, &options("tag=X:METO")).unwrap();
    assert_eq!(layouts::entities(&documents), "Oslo/LOC");
    for (text, columns, code) in [
        (other.as_str(), "tag=NE", "no-column"),
        (&file("ID LEMMA NE", &["1 Mara B-PER"]), "tag=NE", "no-column"),
        (&file(named, &["1 Mara _ 1:PER _", "2 Quill _ 1 _"]), "text=x", "parseme-codes"),
        (&file(named, &["1 Mara _ B-PER"]), "text=x", "bad-row"),
    ] {
        let options = options(columns).with_format(Some(Format::Conllu));
        let error = read("a.txt", text, &options).unwrap_err();
        assert_eq!(error.code(), code, "{text}");
    }
}
