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
