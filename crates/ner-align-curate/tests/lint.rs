//! Every lint on a few words: what it finds and where, and what it leaves alone.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use ner_align_core::{Document, Entity, Finding, Label, Scheme, Severity};
use ner_align_corpus::{Format, Input, ReadOptions, open_reader};
use ner_align_curate::lint::{Checker, LintOptions, Report, check};

/// One sentence a line, words with `_` before their tag.
fn columns(sentences: &str) -> String {
    let mut text = String::new();
    for sentence in sentences.lines() {
        for word in sentence.split(' ') {
            let (word, tag) = word.rsplit_once('_').unwrap_or((word, "O"));
            text += &format!("{word}\t{tag}\n");
        }
        text.push('\n');
    }
    text
}

/// Thresholds that a few sentences do not fall short of.
fn options() -> LintOptions {
    LintOptions::default().with_rare_label(0).with_few_sentences(0)
}

fn read(checker: &mut Checker, text: &str, format: Format, path: &str, against: bool) {
    let read = ReadOptions::default()
        .with_format(Some(format))
        .with_scheme(Some(Scheme::Iob2))
        .with_max_findings(usize::MAX);
    checker.begin_file(path, Some(format), against);
    let mut reader = open_reader(std::io::Cursor::new(text.to_owned()), path, &read).unwrap();
    checker.read_from(&mut *reader, &read.labels);
}

fn report_of(inputs: &str, against: Option<&str>, options: &LintOptions) -> Report {
    let mut checker = Checker::new(options);
    read(&mut checker, &columns(inputs), Format::Conll, "a.tsv", false);
    if let Some(against) = against {
        read(&mut checker, &columns(against), Format::Conll, "b.tsv", true);
    }
    checker.finish()
}

fn of<'a>(report: &'a Report, code: &str) -> Vec<&'a Finding> {
    report.findings.iter().filter(|finding| finding.code == code).collect()
}

/// `line:document:sentence:token`, `-` where unknown.
fn place(finding: &Finding) -> String {
    let shown = |number: Option<String>| number.unwrap_or_else(|| "-".to_owned());
    [
        shown(finding.location.line.map(|line| line.to_string())),
        shown(finding.location.document.map(|document| document.to_string())),
        shown(finding.location.sentence.map(|sentence| sentence.to_string())),
        shown(finding.location.token.map(|token| token.to_string())),
    ]
    .join(":")
}

#[test]
fn each_code_is_found_at_its_place_and_nowhere_else() {
    let long = format!("a {}", "x".repeat(101));
    let endless = vec!["a"; 251].join(" ");
    // Code, severity, sentences, places.
    let cases: &[(&str, Severity, &str, &[&str])] = &[
        ("scheme-violation", Severity::Error, "in Oslo_I-LOC\nin Oslo_B-LOC", &["2:0:0:1"]),
        // What the reader has said of the tag itself is not said twice.
        ("scheme-violation", Severity::Error, "in May_TIM", &[]),
        ("tag-without-prefix", Severity::Warning, "in May_TIM", &["2:0:0:1"]),
        ("unknown-prefix", Severity::Error, "in May_X-TIM", &["2:0:0:1"]),
        ("byte-order-mark", Severity::Warning, "a b\u{feff}", &["2:0:0:1"]),
        ("zero-width", Severity::Warning, "a\nb\u{200b}c \u{200b}", &["3:1:0:0", "4:1:0:1"]),
        // Persian and emoji need their joiners; at the end of a word one is a leftover.
        ("zero-width", Severity::Warning, "می\u{200c}خواهم 👩\u{200d}🚀 ক\u{200d}", &["3:0:0:2"]),
        ("soft-hyphen", Severity::Warning, "co\u{ad}op", &["1:0:0:0"]),
        ("direction-mark", Severity::Warning, "a\u{200e}", &["1:0:0:0"]),
        ("control-character", Severity::Warning, "a\u{7}b", &["1:0:0:0"]),
        ("odd-space", Severity::Warning, "10\u{a0}000 a", &["1:0:0:0"]),
        ("replacement-character", Severity::Warning, "caf\u{fffd}", &["1:0:0:0"]),
        ("private-use", Severity::Warning, "\u{f0b7}", &["1:0:0:0"]),
        ("mojibake", Severity::Warning, "un cafÃ© café «CAFÉ»", &["2:0:0:1"]),
        ("mixed-script", Severity::Warning, "Мoсква Москва USB-кабель", &["1:0:0:0"]),
        ("mixed-normalization", Severity::Warning, "café b\ncafe\u{301}", &["4:1:0:0"]),
        ("not-nfc", Severity::Info, "a e\u{301}t", &["2:0:0:1"]),
        ("not-nfc", Severity::Info, "a ét", &[]),
        ("long-word", Severity::Warning, &long, &["2:0:0:1"]),
        ("long-sentence", Severity::Warning, &endless, &["1:0:0:0"]),
        ("no-entities", Severity::Warning, "a b", &["-:-:-:-"]),
        ("entity-punctuation-edge", Severity::Warning, "in Oslo_B-LOC ,_I-LOC yes", &["2:0:0:1"]),
        ("entity-punctuation-edge", Severity::Warning, "(_B-LOC Oslo_I-LOC )", &["1:0:0:0"]),
        (
            "entity-punctuation-edge",
            Severity::Warning,
            "Yahoo_B-ORG !_I-ORG (_B-X a_I-X )_I-X",
            &[],
        ),
        (
            "entity-punctuation-edge",
            Severity::Warning,
            "Oslo_B-L .\nOslo_B-L b\nOslo_B-L c\nOslo_B-L ._I-L",
            &["10:3:0:0"],
        ),
        ("similar-labels", Severity::Warning, "a_B-Loc b_B-LOC c_B-LOC", &["1:0:0:0"]),
        ("similar-labels", Severity::Warning, "a_B-PER b_B-PERC", &[]),
        (
            "conflicting-labels",
            Severity::Warning,
            "A_B-X A_B-X A_B-X A_B-X A_B-X A_B-X A_B-X A_B-X A_B-X\nb A_B-Y",
            &["12:1:0:1"],
        ),
        ("ambiguous-surface", Severity::Info, "b A_B-X\nA_B-Y c", &["2:0:0:1"]),
        ("ambiguous-surface", Severity::Info, "A_B-X\nA_B-X", &[]),
        (
            "missed-mention",
            Severity::Warning,
            "in Oslo_B-LOC a\nin Oslo_B-LOC b\nin Oslo_B-LOC c\nin Oslo_B-LOC d\nto Oslo e",
            &["18:4:0:1"],
        ),
        // Beside a name it may be part of one, and without annotation nobody has looked.
        (
            "missed-mention",
            Severity::Warning,
            "in Oslo_B-LOC a\nin Oslo_B-LOC b\nin Oslo_B-LOC c\nin Oslo_B-LOC d\nto Oslo Airport\nto Oslo_- e",
            &[],
        ),
        ("duplicate-sentence", Severity::Info, "a b c d e\nx\na b c d e", &["9:2:0:0"]),
        ("duplicate-sentence", Severity::Info, "a b c d .\na b c d .", &[]),
        (
            "duplicate-annotated-differently",
            Severity::Warning,
            "a b c d Oslo\na b c d Oslo_B-LOC",
            &["7:1:0:0"],
        ),
        (
            "near-duplicate-sentence",
            Severity::Info,
            "a b c d e f g h i j k l m n\na b c d e f g h i j k l m o",
            &["16:1:0:0"],
        ),
    ];
    for (code, severity, sentences, expected) in cases {
        let report = report_of(sentences, None, &options());
        let found = of(&report, code);
        let places: Vec<String> = found.iter().map(|finding| place(finding)).collect();
        assert_eq!(places, *expected, "{code} in {sentences:?}: {:#?}", report.findings);
        assert!(found.iter().all(|f| f.severity == *severity), "{code}");
        assert!(found.iter().all(|f| f.location.path.as_deref() == Some("a.tsv")), "{code}");
        assert_eq!(report.finding_counts.get(*code).copied().unwrap_or(0), expected.len());
    }
}

#[test]
fn spans_of_characters_and_documents_without_words() {
    let lines = [
        r#"{"text": "in Oslo now", "spans": [{"start": 3, "end": 6, "label": "LOC"}]}"#,
        "",
        r#"{"text": "in Oslo now", "spans": [{"start": 7, "end": 3, "label": "LOC"}]}"#,
        r#"{"text": "in Oslo now", "spans": [{"start": 3, "end": 7, "label": "LOC"}, {"start": 0, "end": 7, "label": "X"}]}"#,
        r#"{"text": " ", "spans": []}"#,
    ];
    let mut checker = Checker::new(&options());
    read(&mut checker, &lines.join("\n"), Format::Jsonl, "a.jsonl", false);
    let report = checker.finish();
    for (code, severity, expected) in [
        ("span-whitespace-edge", Severity::Error, vec![]),
        ("span-inside-word", Severity::Error, vec!["1:0:-:-"]),
        ("span-reversed", Severity::Error, vec!["3:1:-:-"]),
        ("overlapping-entities", Severity::Warning, vec!["4:2:0:1"]),
        ("empty-document", Severity::Warning, vec!["5:3:-:-"]),
        ("sentences-not-marked", Severity::Info, vec!["-:-:-:-"]),
    ] {
        let found = of(&report, code);
        let places: Vec<String> = found.iter().map(|finding| place(finding)).collect();
        assert_eq!(places, expected, "{code}: {:#?}", report.findings);
        assert!(found.iter().all(|f| f.severity == severity), "{code}");
    }
    assert_eq!(report.statistics.inputs.unaligned_spans, 2);
}

/// A document of these words in two sentences, the second from word `start` on.
fn document(words: &[&str], start: usize, entities: &[(usize, usize, &str)]) -> Document {
    let mut builder = Document::builder();
    for (index, word) in words.iter().enumerate() {
        if index == start {
            builder.end_sentence();
        }
        builder.push_word(word);
    }
    let mut document = builder.untagged();
    let entities = entities
        .iter()
        .map(|&(start, end, label)| Entity::new(start, end, Label::new(label).unwrap()));
    document.set_entities(entities.collect()).unwrap();
    document
}

#[test]
fn entities_that_no_column_format_can_hold() {
    let mut checker = Checker::new(&options());
    checker.begin_file("-", None, false);
    checker.push(&document(&["a", "b", "c"], 2, &[(1, 3, "X")]), None);
    checker.push(&document(&["a", " ", "c"], 2, &[(0, 2, "X")]), None);
    checker.push(&document(&["a", "", " "], 1, &[]), None);
    checker.push(
        &document(&["a", "b"], 1, &[(0, 1, "X"), (0, 1, "X"), (1, 2, "X"), (1, 2, "Y")]),
        None,
    );
    let report = checker.finish();
    for (code, expected) in [
        ("entity-crosses-sentence", vec!["-:0:0:1"]),
        ("entity-whitespace-edge", vec!["-:1:0:0"]),
        ("empty-sentence", vec!["-:2:1:0"]),
        ("overlapping-entities", vec!["-:3:0:0", "-:3:1:0"]),
    ] {
        let places: Vec<String> = of(&report, code).iter().map(|f| place(f)).collect();
        assert_eq!(places, expected, "{code}: {:#?}", report.findings);
    }
    // The worst come first.
    assert!(report.findings.is_sorted_by_key(|f| std::cmp::Reverse(f.severity)));
    assert_eq!(report.count_from(Severity::Error), 1);
}

#[test]
fn what_the_whole_corpus_lacks() {
    let usual = LintOptions::default();
    let all = vec!["in Oslo_B-LOC"; 25].join("\n");
    let report = report_of(&all, None, &usual);
    assert_eq!(place(of(&report, "rare-label")[0]), "2:0:0:1");
    assert_eq!(of(&report, "few-sentences").len(), 1);
    assert_eq!(of(&report, "no-negative-examples").len(), 1);
    // One label may be in all sentences although others are in few.
    let report = report_of(&format!("{all}\na_B-X b_B-LOC"), None, &usual);
    assert_eq!(of(&report, "no-negative-examples").len(), 2);
    let report = report_of(&format!("{all}\na b"), None, &usual);
    assert!(of(&report, "no-negative-examples").is_empty());
    let report = report_of("a_- b", None, &usual);
    assert_eq!(of(&report, "missing-tags")[0].message, "1 of 2 words are not annotated");
    // A text without sentences marked is no sentence, and has words outside of entities.
    let mut checker = Checker::new(&options());
    let line = r#"{"text": "in Oslo now", "spans": [{"start": 3, "end": 7, "label": "LOC"}]}"#;
    read(&mut checker, line, Format::Jsonl, "a.jsonl", false);
    assert!(of(&checker.finish(), "no-negative-examples").is_empty());
}

#[test]
fn two_sides_are_compared() {
    let inputs = "the same words in both_B-X\nin Oslo_B-LOC\n\
        a b c d e f g h i j k l m n\nold_B-OLD Oslo_B-LOC Paris_B-LOC";
    let against = "the same words in both\na b c d e f g h i j k l m o\nOslo_B-LOC\nx y_B-NEW";
    let report = report_of(inputs, Some(against), &options());
    for (code, severity, path, expected) in [
        ("leaked-sentence", Severity::Warning, "a.tsv", "1:0:0:0"),
        ("near-leaked-sentence", Severity::Warning, "a.tsv", "10:2:0:0"),
        ("label-not-in-inputs", Severity::Warning, "b.tsv", "25:3:0:1"),
    ] {
        let found = of(&report, code);
        assert_eq!(found.len(), 1, "{code}: {:#?}", report.findings);
        assert_eq!((place(found[0]).as_str(), found[0].severity), (expected, severity), "{code}");
        assert_eq!(found[0].location.path.as_deref(), Some(path), "{code}");
    }
    assert!(of(&report, "leaked-sentence")[0].message.contains("b.tsv:1, with other entities: X"));
    let labels: Vec<_> = of(&report, "label-not-in-other").iter().map(|f| f.text.clone()).collect();
    assert_eq!(labels, [Some("X".to_owned()), Some("OLD".to_owned())]);
    let overlap = report.statistics.overlap.as_ref().unwrap();
    assert_eq!((overlap.sentences, overlap.near_sentences), (1, 1));
    assert_eq!((overlap.entities, overlap.entities_of_against), (Some(0.4), Some(0.5)));
    // What is only compared with is not itself checked.
    assert!(report.findings.iter().all(|f| f.code != "no-entities"));
    assert_eq!(report.statistics.against.as_ref().unwrap().sentences, 4);
}

#[test]
fn statistics_count_everything_once() {
    let report = report_of("in New_B-LOC York_I-LOC\na\nOslo_B-LOC Ada_B-PER", None, &options());
    let statistics = &report.statistics;
    let inputs = &statistics.inputs;
    assert_eq!((inputs.documents, inputs.sentences, inputs.tokens, inputs.entities), (3, 3, 6, 3));
    assert_eq!((inputs.unique_surfaces, inputs.sentences_without_entities), (3, 1));
    assert_eq!(inputs.tokens_per_entity, Some(2.0));
    assert_eq!(inputs.sentence_lengths.quantile(0.5), Some(2));
    assert_eq!(inputs.entity_lengths_by_label["LOC"].max(), Some(2));
    assert_eq!(statistics.files[0].counts, *inputs);
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["statistics"]["entities_by_label"]["LOC"], 2);
    assert_eq!(json["statistics"]["files"][0]["path"], "a.tsv");
    assert_eq!(json["statistics"]["sentence_lengths"]["max"], 3);
}

#[test]
fn floods_are_counted_and_codes_left_out() {
    let options = options().with_max_findings(2).with_ignore(["private-use".to_owned()].into());
    let report = report_of("a\u{200b} b\u{200b} c\u{200b} \u{f0b7} d\u{fffd}", None, &options);
    assert_eq!(report.finding_counts["zero-width"], 3);
    assert_eq!(of(&report, "zero-width").len(), 2);
    assert_eq!(of(&report, "replacement-character").len(), 1);
    assert_eq!(report.finding_counts.get("private-use"), None);
    assert_eq!(report.count_from(Severity::Warning), 5);
}

#[test]
fn a_file_at_fault_is_a_finding_and_the_next_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("bad.conll"), "a\tO\n\nb\tO\nc\n").unwrap();
    std::fs::write(path("good.conll"), "in\tO\nOslo\tB-LOC\n").unwrap();
    std::fs::write(path("README.md"), "not a corpus").unwrap();
    let (checker, read) = (Checker::new(&options()), ReadOptions::default());
    let inputs = [path("bad.conll"), path("none.conll"), path("good.conll")];
    let report = check(checker, &inputs, &[] as &[&str], &read).unwrap();
    let errors: Vec<_> = report.findings.iter().filter(|f| f.severity == Severity::Error).collect();
    assert_eq!(errors.len(), 2, "{errors:#?}");
    assert_eq!((errors[0].code.as_str(), errors[1].code.as_str()), ("io", "one-column"));
    assert_eq!(errors[1].location.line, Some(4));
    assert_eq!(report.statistics.inputs.sentences, 2);
    // A folder stands for what is in it.
    let whole = check(Checker::new(&options()), [folder.path()], &[] as &[&str], &read).unwrap();
    assert_eq!(whole.statistics.files.len(), 2);
    assert_eq!(whole.count_from(Severity::Error), 1);
}

#[test]
fn a_folder_of_documents_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text, annotation) in [
        ("one", "in Oslo now\n", "T1\tLOC 3 7\tOslo\n"),
        ("two", "in caf\u{c3}\u{a9} Oslo\n", "T1\tLOC 9 13\tOslo\nT2\tX 9 13\tOslo\n"),
    ] {
        std::fs::write(folder.path().join(format!("{name}.txt")), text).unwrap();
        std::fs::write(folder.path().join(format!("{name}.ann")), annotation).unwrap();
    }
    let read = ReadOptions::default();
    let report = check(Checker::new(&options()), [folder.path()], &[] as &[&str], &read).unwrap();
    let two = folder.path().join("two.txt").display().to_string();
    for code in ["mojibake", "overlapping-entities"] {
        let paths: Vec<_> = of(&report, code).iter().map(|f| f.location.path.as_deref()).collect();
        assert_eq!(paths, [Some(two.as_str())], "{code}");
    }
}

#[test]
fn a_reader_of_ones_own_is_checked() {
    let mut builder = Document::builder();
    ["caf\u{c3}\u{a9}"].iter().for_each(|word| builder.push_word(word));
    let inputs = [Input::documents("own", vec![builder.untagged()])];
    let checker = Checker::new(&options());
    let report = check(checker, inputs, &[] as &[&str], &ReadOptions::default()).unwrap();
    let mojibake = of(&report, "mojibake");
    assert_eq!(mojibake[0].location.path.as_deref(), Some("own"));
    assert_eq!(mojibake[0].location.document, Some(0));
}

/// A document of these spans of words, with their labels.
fn spans(words: usize, entities: Vec<Entity>) -> Report {
    let mut builder = Document::builder();
    (0..words).for_each(|word| builder.push_word(&format!("w{word}")));
    let mut document = builder.untagged();
    document.set_entities(entities).unwrap();
    let mut checker = Checker::new(&options());
    checker.begin_file("a", None, false);
    let documents = Input::documents("a", vec![document]);
    let (_, mut reader) = documents.open(&ReadOptions::default()).unwrap();
    checker.read_from(&mut *reader, &Default::default());
    checker.finish()
}

/// Each stage was quadratic once: it would take minutes, and gigabytes.
#[test]
fn many_spans_at_one_place_and_within_each_other_are_checked() {
    let label = |number: usize| Label::new(&format!("L{number}")).unwrap();
    let report = spans(1, (0..50_000).map(|n| Entity::new(0, 1, label(n))).collect());
    assert_eq!(report.finding_counts["overlapping-entities"], 49_999);
    assert_eq!(report.finding_counts["ambiguous-surface"], 1);
    let report = spans(20_000, (1..=20_000).map(|n| Entity::new(0, n, label(0))).collect());
    assert_eq!(report.finding_counts["overlapping-entities"], 19_999);
    assert_eq!(report.statistics.inputs.unique_surfaces_by_label[&label(0)], 20_000);
}

#[test]
fn the_same_long_span_is_the_same_surface() {
    let label = |name: &str| Label::new(name).unwrap();
    let twice = vec![Entity::new(0, 2_000, label("A")), Entity::new(0, 2_000, label("B"))];
    let report = spans(2_000, twice);
    let ambiguous = of(&report, "ambiguous-surface");
    assert_eq!(ambiguous.len(), 1);
    assert!(
        ambiguous[0].message.starts_with("\"(2000 words)\" has several labels"),
        "{ambiguous:?}"
    );
}

#[test]
fn a_check_has_a_limit_to_its_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.conll");
    let rows: String = (0..20_000).map(|i| format!("w{i}\tB-X{i}\n\n")).collect();
    std::fs::write(&path, rows).unwrap();
    let run = |max_memory| {
        let read = ReadOptions::default().with_max_memory(max_memory);
        check(Checker::new(&options()), [&path], &[] as &[&std::path::Path], &read)
    };
    assert!(run(256 << 20).is_ok());
    let error = run(8 << 20).unwrap_err();
    assert_eq!((error.code(), error.path()), ("corpus-too-large", path.to_str()));
    assert!(error.hint().unwrap().contains("`max_memory`"));
}
