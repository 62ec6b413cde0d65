use super::*;

const COLOUR: Look = Look::Colour { small_caps: true };

/// Rendered by itself.
fn rendered(document: Document, look: &Look) -> String {
    let documents = [document];
    documents[0].render(look, &Labels::of(&documents))
}

/// Without colours.
fn visible(line: &str) -> String {
    line.split('\x1b').map(|part| part.split_once('m').map_or(part, |(_, rest)| rest)).collect()
}

fn document(text: &str, entities: &[(usize, usize, &str)]) -> Document {
    let entities: Vec<_> = entities
        .iter()
        .map(|(start, end, label)| serde_json::json!({"start": start, "end": end, "label": label}))
        .collect();
    Document::parse(&serde_json::json!({"text": text, "entities": entities}).to_string()).unwrap()
}

#[test]
fn plain_text_marks_with_brackets() {
    let text = "Naïve Python, at Ålesund.";
    let shown = rendered(document(text, &[(6, 12, "SKILLS"), (17, 24, "LOC")]), &Look::Plain);
    assert_eq!(shown, "Naïve [Python SKILLS], at [Ålesund LOC].");
}

#[test]
fn colours_end_with_the_entity() {
    let shown = rendered(document("at Oslo.", &[(3, 7, "LOC")]), &COLOUR);
    let background = BACKGROUNDS[0];
    let expected =
        format!("at \x1b[30;48;5;{background}mOslo\x1b[0m\x1b[2;30;48;5;{background}m ʟᴏᴄ\x1b[0m.");
    assert_eq!(shown, expected);
    let ascii =
        rendered(document("at Oslo.", &[(3, 7, "LOC")]), &Look::Colour { small_caps: false });
    assert!(ascii.contains(" LOC\x1b[0m") && ascii.is_ascii());
}

#[test]
fn impossible_entities_are_left_out() {
    let spans = [(0, 2, "A"), (1, 3, "B"), (2, 2, "C"), (3, 9, "D"), (2, 3, "E")];
    assert_eq!(rendered(document("abc", &spans), &Look::Plain), "[ab A][c E]");
}

#[test]
fn lines_are_wrapped_between_words() {
    let words = ["word"; 40].join(" ");
    let spans = [(80, 94, "LONG_LABEL")];
    for look in [Look::Plain, COLOUR] {
        let shown = rendered(document(&words, &spans), &look);
        let lines: Vec<_> = shown.lines().collect();
        assert!(lines.len() >= 3);
        for line in &lines {
            let visible = visible(line);
            assert!(visible.chars().count() <= WIDTH, "{visible}");
            assert_eq!(visible.trim(), visible);
            // A style never runs over the end of a line.
            assert!(line.matches("\x1b[").count() % 2 == 0);
        }
    }
    let plain = rendered(document(&words, &spans), &Look::Plain);
    assert_eq!(plain.replace('\n', " ").replace(" LONG_LABEL]", "").replace('[', ""), words);
    let long = "x".repeat(WIDTH + 5);
    assert_eq!(rendered(document(&long, &[]), &Look::Plain), long);
    assert_eq!(rendered(document("", &[]), &Look::Plain), "");
    assert_eq!(rendered(document("a\n\n b", &[]), &Look::Plain), "a b");
}

#[test]
fn only_documents_are_read() {
    for line in ["", "[]", "{\"text\": \"a\"}", "{\"text\": \"a\", \"entities\": [{}]}"] {
        assert!(Document::parse(line).is_none(), "{line}");
    }
}
