use ner_align_core::{Entity, Scheme, Tag, WordSpan};
use proptest::prelude::*;

use super::*;
use ner_align_corpus::words;

fn label(name: &str) -> Label {
    Label::new(name).unwrap()
}

fn annotator(terms: &[(&str, &str)], patterns: &[(&str, &str)]) -> Annotator {
    let mut annotator = Annotator::new(false, Existing::Keep);
    terms.iter().for_each(|(term, name)| annotator.add_term(term, label(name)));
    for (pattern, name) in patterns {
        annotator.add_pattern(pattern, label(name)).unwrap();
    }
    annotator
}

fn source(text: &str) -> Document {
    Document::from_text(text, words::split(text)).unwrap()
}

/// `word/TAG` parted by spaces, sentences by ` | `.
fn tagged(text: &str, scheme: Scheme) -> Document {
    let mut builder = Document::builder();
    let mut tags = Vec::new();
    for sentence in text.split(" | ") {
        for (word, tag) in sentence.split(' ').filter_map(|word| word.rsplit_once('/')) {
            builder.push_word(word);
            tags.push(Tag::parse(tag).unwrap());
        }
        builder.end_sentence();
    }
    builder.tagged(tags, scheme).unwrap()
}

fn tags(document: &Document) -> String {
    let (tags, scheme) = document.tags().unwrap();
    tags.iter().map(|tag| tag.display(scheme).to_string()).collect::<Vec<_>>().join(" ")
}

fn found(document: &Document) -> String {
    let shown = |e: &Entity| format!("{}:{}", e.label, document.surface(e.span));
    document.entities().iter().map(shown).collect::<Vec<_>>().join(", ")
}

#[test]
fn terms_are_found_at_whole_words() {
    let terms = [
        ("New York", "LOC"),
        ("New York Times", "ORG"),
        ("York", "LOC"),
        ("C++", "LANG"),
        ("Java", "LANG"),
        ("e.g.", "X"),
        ("Node.js", "LANG"),
    ];
    for (text, expected, inside) in [
        ("The New York Times of New York", "ORG:New York Times, LOC:New York", 0),
        ("New\n\tYork and York.", "LOC:New\n\tYork, LOC:York", 0),
        ("NewYork New-York new york", "LOC:York", 0),
        ("New York-based", "LOC:New York", 0),
        ("C++, C++11 (C++)", "LANG:C++, LANG:C++", 1),
        ("JavaScript Java/C Java!", "LANG:Java, LANG:Java", 0),
        ("e.g. Node.js. Node .js", "X:e.g., LANG:Node.js", 0),
        ("", "", 0),
    ] {
        let mut annotator = annotator(&terms, &[]);
        let mut document = source(text);
        annotator.annotate(&mut document).unwrap();
        assert_eq!(found(&document), expected, "{text:?}");
        assert_eq!(annotator.report().inside_words, inside, "{text:?}");
    }
    // Other tokenizers cut at signs; rebuilt text does not tell where there was a space.
    let mut annotator = annotator(&terms, &[]);
    let mut document = tagged("C/O +/O +/O and/O Node/O ./O js/O New/O | York/O", Scheme::Iob2);
    annotator.annotate(&mut document).unwrap();
    assert_eq!(tags(&document), "B-LANG I-LANG I-LANG O B-LANG I-LANG I-LANG O B-LOC");
}

#[test]
fn case_is_ignored_where_asked() {
    let mut annotator = Annotator::new(true, Existing::Keep);
    annotator.add_term("Zürich", label("LOC"));
    annotator.add_pattern("[a-z]{2}-[0-9]", label("CODE")).unwrap();
    let mut document = source("ZÜRICH zürich AB-1");
    annotator.annotate(&mut document).unwrap();
    assert_eq!(found(&document), "LOC:ZÜRICH, LOC:zürich, CODE:AB-1");
}

#[test]
fn patterns_mark_what_they_find_or_their_group() {
    for (pattern, text, expected, inside) in [
        (r"\d{4}", "in 1999, 20000", "X:1999", 1),
        (r"\bDr\.? (?<entity>\w+)", "Dr. Who met Dr Strange", "X:Who, X:Strange", 0),
        (r"(?<entity>\d+)?kg", "kg of 5kg", "X:5", 0),
        (r"met\s+", "Dr. Who met Dr", "X:met", 0),
        (r"^\w+|\w+$", "one two three", "X:one, X:three", 0),
        (r"(?<entity>\d+)?kgs", "kgs of 5kgs", "", 1),
        (r"é \w", "né à b", "", 1),
    ] {
        let mut annotator = annotator(&[], &[(pattern, "X")]);
        let mut document = source(text);
        annotator.annotate(&mut document).unwrap();
        assert_eq!(found(&document), expected, "{pattern}");
        assert_eq!(annotator.report().inside_words, inside, "{pattern}");
    }
    let mut document = tagged("a/O b/O | c/O d/O", Scheme::Iob2);
    let mut annotator = annotator(&[], &[("b c", "X")]);
    annotator.annotate(&mut document).unwrap();
    assert_eq!((tags(&document).as_str(), annotator.report().across_sentences), ("O O O O", 1));
}

#[test]
fn patterns_that_cannot_be_are_refused() {
    let mut annotator = Annotator::new(false, Existing::Keep);
    for (pattern, reason) in [
        ("(a", "unclosed group"),
        ("a*", "finds empty text"),
        ("(?<!a)b", "look-around"),
        (r"(a{1000}){1000}{1000}", "size limit"),
    ] {
        let error = annotator.add_pattern(pattern, label("X")).unwrap_err();
        assert!(error.to_string().contains(reason), "{error}");
        assert!(!error.to_string().contains('\n') && error.hint().is_some());
    }
}

#[test]
fn finds_that_share_words_are_settled_and_counted() {
    let mut both =
        annotator(&[("a b", "T"), ("b c d", "T")], &[("b c", "P"), ("a b", "Q"), ("a b", "T")]);
    let mut document = source("a b c d");
    both.annotate(&mut document).unwrap();
    assert_eq!(found(&document), "T:a b");
    // `b c` and `a b` as Q; `a b` as T once more is no contradiction.
    assert_eq!(both.report().overlaps, 2);
    let (findings, counts) = both.take_findings();
    assert_eq!(counts["overlapping-finds"], 2);
    assert_eq!(findings[0].message, "Q \"a b\" shares words with T \"a b\", which is marked");
    let marked: Vec<usize> = both.report().rules.iter().map(|rule| rule.marked).collect();
    assert_eq!(marked, [1, 0, 0, 0, 0]);
}

#[test]
fn what_was_there_stays_or_goes() {
    let terms = [("d e", "A"), ("a b", "X"), ("f", "X")];
    for (existing, before, expected, counts) in [
        // (already there, shares words with what was there, replaced)
        (Existing::Keep, "a/O b/O c/O d/B-A e/I-A", "B-X I-X O B-A I-A", (1, 0, 0)),
        (Existing::Keep, "a/O b/B-Y c/I-Y f/O", "O B-Y I-Y B-X", (0, 1, 0)),
        (Existing::Keep, "a/B-Y b/I-Y c/- f/-", "B-Y I-Y - B-X", (0, 1, 0)),
        (Existing::Replace, "a/O b/B-Y c/I-Y d/B-A e/I-A", "B-X I-X O B-A I-A", (1, 0, 1)),
        (Existing::Replace, "a/B-X b/B-Y c/B-Y", "B-X I-X B-Y", (0, 0, 2)),
    ] {
        let mut annotator = Annotator::new(false, existing);
        terms.iter().for_each(|(term, name)| annotator.add_term(term, label(name)));
        let mut document = tagged(before, Scheme::Iob2);
        annotator.annotate(&mut document).unwrap();
        let report = annotator.report();
        assert_eq!(tags(&document), expected, "{existing:?} {before}");
        let got = (report.already_marked, report.overlaps_existing, report.replaced);
        assert_eq!(got, counts, "{existing:?} {before}");
    }
}

#[test]
fn tags_stay_as_they_were_read() {
    for (scheme, before, expected) in [
        // Faults and missing marks away from the find stay.
        (Scheme::Iob2, "a/I-A b/O x/O c/- x/-", "I-A O B-X - B-X"),
        (Scheme::Biluo, "a/I-A x/O b/-", "I-A U-X -"),
        (Scheme::Iob1, "a/I-X x/O b/O", "I-X B-X O"),
        (Scheme::Ioe1, "a/I-X x/O b/I-X", "E-X E-X I-X"),
        (Scheme::Io, "a/I-X x/O b/O", "B-X B-X O"),
        (Scheme::Io, "a/I-A x/O b/O", "I-A I-X O"),
    ] {
        let mut document = tagged(before, scheme);
        annotator(&[("x", "X")], &[]).annotate(&mut document).unwrap();
        assert_eq!(tags(&document), expected, "{scheme:?} {before}");
    }
    let mut document = tagged("a/I-A x/O b/O", Scheme::Iob2);
    document.set_spellings(vec![(0, "A".into()), (1, "0".into())]);
    annotator(&[("x", "X")], &[]).annotate(&mut document).unwrap();
    assert_eq!((document.spelling(0), document.spelling(1)), (Some("A"), None));
}

#[test]
fn lists_say_what_is_wrong_with_a_line() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text, rules) in [
        ("all.tsv", "# terms\nOslo\tLOC\r\n\nC#\tLANG\n# 1\tX\n", Ok("Oslo:LOC C#:LANG # 1:X")),
        ("CITY.txt", "\u{feff}Oslo\n# no\n#1\nNew York \n", Ok("Oslo:CITY #1:CITY New York:CITY")),
        (
            "x.tsv",
            "Oslo\tLOC\nRome\n",
            Err("x.tsv:2: expected TERM<TAB>LABEL, as in the lines before, found \"Rome\""),
        ),
        (
            "y.txt",
            "Oslo\nRome\tLOC\n",
            Err(
                "y.txt:2: expected a term without a tab, as in the lines before, found \"Rome\\tLOC\"",
            ),
        ),
        (
            "z.tsv",
            "Oslo\tLOC\tx\n",
            Err(
                "z.tsv:1: expected TERM<TAB>LABEL, as in the lines before, found \"Oslo\\tLOC\\tx\"",
            ),
        ),
        (
            "a.csv",
            "TERM,LABEL\nOslo,CITY\n\"Paris, Texas\",CITY\n",
            Ok("Oslo:CITY Paris, Texas:CITY"),
        ),
        ("b.txt", "Oslo,CITY\nRome,CITY\n", Ok("Oslo:CITY Rome:CITY")),
        ("c.tsv", "Text\tLabel\nOslo\tcity\n", Ok("Oslo:city")),
        // Commas that are part of terms.
        ("CITY.txt", "Paris, Texas\nOslo\n", Ok("Paris, Texas:CITY Oslo:CITY")),
        ("v.tsv", "Oslo\t\n", Err("v.tsv:1: expected TERM<TAB>LABEL, found \"Oslo\\t\"")),
        ("w.tsv", "Oslo\tA B\n", Err("w.tsv:1: expected TERM<TAB>LABEL, found \"Oslo\\tA B\"")),
        ("e.tsv", "# none\n", Err("e.tsv: expected a word list, found an empty file")),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let mut annotator = Annotator::new(false, Existing::Keep);
        let result = annotator.add_dictionary(&path).map_err(|error| error.to_string());
        match rules {
            Ok(rules) => {
                result.unwrap();
                let got = annotator.report().rules.iter();
                let got: Vec<String> = got.map(|r| format!("{}:{}", r.text, r.label)).collect();
                assert_eq!(got.join(" "), rules);
            }
            Err(expected) => {
                let error = result.unwrap_err();
                assert_eq!(error.rsplit_once('/').unwrap().1, expected);
            }
        }
    }
    for (text, expected) in [
        ("X\ta+\nY\t(\n", "p:2: expected a regular expression, found \"(\": unclosed group"),
        ("a+\n", "p:1: expected LABEL<TAB>PATTERN, found \"a+\""),
        ("\ta+\n", "p:1: expected LABEL<TAB>PATTERN, found \"\\ta+\""),
    ] {
        let path = folder.path().join("p");
        std::fs::write(&path, text).unwrap();
        let error = Annotator::new(false, Existing::Keep).add_patterns(&path).unwrap_err();
        assert_eq!(error.to_string().rsplit_once('/').unwrap().1, expected);
        assert!(error.hint().is_some());
    }
}

#[test]
fn a_term_keeps_its_first_label() {
    let mut annotator = annotator(&[("Paris", "LOC"), ("Paris", "PER"), ("Paris", "LOC")], &[]);
    assert_eq!(annotator.report().rules.len(), 1);
    let (findings, counts) = annotator.take_findings();
    assert_eq!((counts["term-with-two-labels"], counts["duplicate-term"]), (1, 1));
    assert_eq!(
        findings[0].message,
        "expected one label for \"Paris\", found LOC and PER; it is marked LOC"
    );
}

/// Without a limit to what is looked at, each find looks for a `b` up to the end.
#[test]
fn a_pattern_that_looks_far_ahead_is_linear() {
    let text = "a ".repeat(50_000);
    let mut annotator = annotator(&[], &[(".*b|a", "X")]);
    let mut document = source(&text);
    annotator.annotate(&mut document).unwrap();
    assert_eq!(document.entities().len(), 50_000);
    // What lies within the limit is found as ever.
    let mut document = source(&format!("{}b {}", "a ".repeat(400), "a ".repeat(3)));
    annotator.annotate(&mut document).unwrap();
    let spans: Vec<WordSpan> = document.entities().iter().map(|e| e.span).collect();
    let last = |word| WordSpan::new(word, word + 1);
    assert_eq!(spans, [WordSpan::new(0, 401), last(401), last(402), last(403)]);
}

#[test]
fn finds_do_not_depend_on_where_they_stand() {
    // Around the places where the search starts anew.
    for before in [0, 1, 1_016, 1_020, 1_022, 1_023, 1_024, 1_025, 2_047, 2_048, 2_049, 20_000] {
        let text = format!("{} Oslo1 é{}", "x".repeat(before), " y".repeat(9_000));
        let mut annotator = annotator(&[], &[(r"\bOslo\d\b", "X"), (r"(?<entity>é) y\b", "Y")]);
        let mut document = source(&text);
        annotator.annotate(&mut document).unwrap();
        assert_eq!(found(&document), "X:Oslo1, Y:é", "{before}");
    }
}

#[test]
fn patterns_have_a_limit_together_and_equal_ones_are_one() {
    let mut many = Annotator::new(false, Existing::Keep);
    for _ in 0..100_000 {
        many.add_pattern(r"\w{100}", label("X")).unwrap();
    }
    let mut many = Annotator::new(false, Existing::Keep);
    let error =
        (0..10_000).find_map(|n| many.add_pattern(&format!(r"\w{{90}}{n}"), label("X")).err());
    let error = error.unwrap().to_string();
    assert!(error.starts_with("expected patterns that take at most 64 MiB together"), "{error}");
    let error = many.add_pattern(r"(\w{900}){900}", label("X")).unwrap_err().to_string();
    assert!(error.ends_with("over the size limit of 16 MiB once it is compiled"), "{error}");
}

proptest! {
    /// Against the definition: leftmost, then longest, at words.
    #[test]
    fn terms_are_the_leftmost_longest(
        words in prop::collection::vec("[ab]", 0..12),
        terms in prop::collection::vec(prop::collection::vec("[ab]", 1..4), 1..5),
    ) {
        let mut annotator = Annotator::new(false, Existing::Keep);
        terms.iter().for_each(|term| annotator.add_term(&term.join(" "), label("X")));
        let mut document = source(&words.join(" "));
        annotator.annotate(&mut document).unwrap();
        let mut expected = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let longest = terms.iter().filter(|t| words[at..].starts_with(t)).map(Vec::len).max();
            if let Some(length) = longest {
                expected.push(WordSpan::new(at, at + length));
            }
            at += longest.unwrap_or(1);
        }
        let got: Vec<WordSpan> = document.entities().iter().map(|e| e.span).collect();
        prop_assert_eq!(got, expected);
    }

    #[test]
    fn any_text_and_pattern_is_survived(text in "\\PC{0,40}|[ a+.\n]{0,20}", term in "\\PC{0,6}") {
        let mut annotator = Annotator::new(true, Existing::Replace);
        annotator.add_term(&term, label("X"));
        annotator.add_pattern(r"\w\W|(?<entity>a) ?", label("Y")).unwrap();
        annotator.annotate(&mut source(&text)).unwrap();
    }
}
