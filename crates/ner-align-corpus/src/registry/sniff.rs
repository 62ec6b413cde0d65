//! Detects a file's format.

use std::path::Path;

use ner_align_core::Tag;
use serde::de::IgnoredAny;

use crate::Format;

impl Format {
    /// Tells a file's format from its first bytes and its name; what the content says for sure
    /// comes first, then the name, then what the content looks like.
    #[must_use]
    pub fn sniff(path: Option<&Path>, head: &[u8]) -> Option<Self> {
        if is_parquet(head) {
            return Some(Self::Parquet);
        }
        if crate::formats::docbin::is_docbin(head) {
            return Some(Self::DocBin);
        }
        let valid = std::str::from_utf8(head).map_or_else(|error| error.valid_up_to(), str::len);
        let text = head.get(..valid).and_then(|head| std::str::from_utf8(head).ok());
        let text = text.unwrap_or_default().trim_start_matches('\u{feff}');
        let by_name = path.and_then(Self::from_extension);
        let by_content = Self::from_text(text);
        let first_row = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        match (by_content, by_name) {
            // spaCy's tools give columns the name `.iob` too.
            (Some(Self::Conll), Some(Self::IobLines)) if !first_row.contains('|') => {
                Some(Self::Conll)
            }
            // WikiNEuRal calls three columns `.conllu`.
            (Some(Self::Conll), Some(Self::Conllu)) if is_row(first_row) => Some(Self::Conll),
            // Names of columns yield to what is JSON, not to a bracket that is a word.
            (Some(Self::Jsonl | Self::SpacyJson), Some(name)) if name.is_columns() => {
                if is_json(text) { by_content } else { Some(name) }
            }
            // Tables of tokens that look alike: the name decides.
            (Some(Self::Conll) | None, Some(name)) => Some(name),
            (content, _) => content,
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        match text.trim_start().as_bytes() {
            // A word of a row, and its tag.
            [b'{' | b'[', ..] if is_row(text) => {}
            [b'{', ..] => return Some(Self::Jsonl),
            // spaCy's entries, on one line or many.
            [b'[', ..] if text.contains("\"paragraphs\"") => return Some(Self::SpacyJson),
            // Other documents as one array, or a text and its annotation.
            [b'[', ..] => {
                let tuple = text.trim_start()[1..].trim_start().starts_with(['"', '[']);
                let keys = [
                    "\"text\"",
                    "\"tokens\"",
                    "\"content\"",
                    "\"data\"",
                    "\"annotations\"",
                    "\"completions\"",
                    "\"words\"",
                    "\"sentence\"",
                    "\"sentences\"",
                    "\"sents\"",
                    "\"passages\"",
                    "\"tokenized_text\"",
                    "\"document\"",
                    "\"ents\"",
                    "\"spans\"",
                    "\"label\"",
                    "\"labels\"",
                    "\"ner_tags\"",
                    "\"word\"",
                ];
                let told = tuple || keys.iter().any(|key| text.contains(key));
                return Some(if told { Self::Jsonl } else { Self::SpacyJson });
            }
            _ => {}
        }
        if crate::formats::conllu::is_plus(text) {
            return Some(Self::Conllu);
        }
        if crate::formats::csv::has_header(text) {
            return Some(Self::Csv);
        }
        let mut rows = text
            .lines()
            .filter(|line: &&str| !line.trim().is_empty() && !line.starts_with("-DOCSTART-"));
        // A comment of any form, unless the file has nothing else.
        let plain = |line: &&str| !line.starts_with('#');
        let row = rows.clone().find(plain).or_else(|| rows.find(|line| !line.starts_with("# ")))?;
        let columns = row.split('\t').count();
        if columns == 10 && row.starts_with(|c: char| c.is_ascii_digit()) {
            return Some(Self::Conllu);
        }
        let piped =
            |item: &str| item.rsplit_once('|').is_some_and(|(_, tag)| Tag::parse(tag).is_ok());
        if columns == 1 && row.split_whitespace().all(piped) {
            return Some(Self::IobLines);
        }
        (row.split_whitespace().count() > 1 || columns > 1).then_some(Self::Conll)
    }

    /// A format of one word a line, or a few, which may start with any character.
    const fn is_columns(self) -> bool {
        matches!(self, Self::Conll | Self::IobLines | Self::Conllu | Self::Csv)
    }
}

/// What a file is that holds a document for people to read, and no corpus.
pub(super) fn kind_of_document(head: &[u8]) -> Option<&'static str> {
    let begins =
        |start: &[u8]| head.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
    if begins(b"%PDF-") {
        return Some("a PDF document");
    }
    (begins(b"<!doctype html") || begins(b"<html")).then_some("an HTML page")
}

/// A file starts with these letters and binary numbers; a text continues in another way.
fn is_parquet(head: &[u8]) -> bool {
    let text = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    head.strip_prefix(b"PAR1").is_some_and(|rest| !rest.first().is_some_and(text))
}

/// True if the text starts with one JSON value that nothing follows on its line, or is the start of
/// one.
fn is_json(text: &str) -> bool {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    match values.next() {
        Some(Ok(_)) => {
            let rest = text.get(values.byte_offset()..).unwrap_or_default();
            rest.lines().next().is_none_or(|rest| rest.trim().is_empty())
        }
        Some(Err(error)) => error.is_eof(),
        None => false,
    }
}

/// True if the text is one JSON object, or the start of one, and its first line is not all of it.
pub(super) fn is_spread_object(head: &[u8]) -> bool {
    let valid = std::str::from_utf8(head).map_or_else(|error| error.valid_up_to(), str::len);
    let text = head.get(..valid).and_then(|head| std::str::from_utf8(head).ok());
    let text = text.unwrap_or_default().trim_start_matches('\u{feff}').trim();
    let Some((first, rest)) = text.split_once('\n') else { return false };
    let is_cut =
        |line: &str| serde_json::from_str::<IgnoredAny>(line).is_err_and(|error| error.is_eof());
    let is_one = |text: &str| match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) => true,
        Err(error) => error.is_eof(),
    };
    text.starts_with('{') && !rest.trim().is_empty() && is_cut(first) && is_one(text)
}

/// True if the first row ends in a tag, and is no JSON.
fn is_row(text: &str) -> bool {
    let row = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut fields = row.split_whitespace();
    let tagged = fields.next_back().is_some_and(|last| Tag::parse(last).is_ok());
    tagged && fields.next().is_some() && !is_json(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_told() {
        for (head, expected) in [
            (&b"%PDF-1.7\n"[..], Some("a PDF document")),
            (b"<!DOCTYPE html>\n", Some("an HTML page")),
            (b"<html lang=\"en\">", Some("an HTML page")),
            (b"% O\n", None),
            (b"<html", Some("an HTML page")),
            (b"< O\n", None),
            (b"", None),
        ] {
            assert_eq!(kind_of_document(head), expected);
        }
    }

    #[test]
    fn formats_are_told() {
        for (name, head, expected) in [
            ("a.conll", "EU B-ORG\n", Some(Format::Conll)),
            ("a.txt", "-DOCSTART- -X- O O\n\nEU NNP B-ORG\n", Some(Format::Conll)),
            ("a", "# id = 1\n1\tEU\tB-ORG\t-\t-\n", Some(Format::Conll)),
            ("a.txt", "EU|B-ORG rejects|O\n", Some(Format::IobLines)),
            ("a.iob", "EU|NNP|B-ORG\n", Some(Format::IobLines)),
            ("columns.iob", "EU\tB-ORG\nrejects\tO\n", Some(Format::Conll)),
            ("a.txt", "1\tEU\tEU\tX\t_\t_\t0\troot\t_\tname=B-ORG\n", Some(Format::Conllu)),
            ("a.json", "[\n  {\"id\": 0", Some(Format::SpacyJson)),
            (
                "a.txt",
                "[{\"id\": 0, \"paragraphs\": [], \"entities\": []}]",
                Some(Format::SpacyJson),
            ),
            ("a.json", "{\"text\": \"\"}\n", Some(Format::Jsonl)),
            ("a.jsonl", "[\"EU\", {\"entities\": []}]\n", Some(Format::Jsonl)),
            ("a.json", "[\n [\"EU\", {\"entities\": []}],\n", Some(Format::Jsonl)),
            ("a.json", "[{\"id\": 1, \"annotations\": [], \"da", Some(Format::Jsonl)),
            ("a.json", "[{\"id\": 1, \"data\": {\"text\": \"EU\"}}]", Some(Format::Jsonl)),
            ("a", "PAR1\0\0", Some(Format::Parquet)),
            ("a.spacy", "x\u{1}", Some(Format::DocBin)),
            ("a.csv", "Sentence #,Word,POS,Tag\n", Some(Format::Csv)),
            ("-", "\nSentence #,Word,POS,Tag\nSentence: 1,a,DT,O\n", Some(Format::Csv)),
            ("a.txt", "id;sent_id;Token;NER\r\n", Some(Format::Csv)),
            ("a.tsv", "sentence_id\tword\ttag\n", Some(Format::Csv)),
            ("a.tsv", "word\ttag\n", Some(Format::Conll)),
            ("a.csv", "word,tag\n", Some(Format::Csv)),
            (
                "a",
                "#begin document (a); part 000\na 0 0 Ada NNP * - - - - (PER) -\n",
                Some(Format::Conll),
            ),
            ("a.v4_gold_conll", "#begin document (a)\n", Some(Format::Conll)),
            ("a.conllu", "0\tAda\tB-PER\n", Some(Format::Conll)),
            ("a", "# global.columns = ID FORM NE\n1\tAda\tB-PER\n", Some(Format::Conllu)),
            ("a.tsv", "# global.columns = ID FORM NE\nAda\tB-PER\n", Some(Format::Conll)),
            ("a.conllu", "1\tAda\t_\n", Some(Format::Conllu)),
            ("a.txt", "## id\t<Ada:PS>\nAda\tB-PS\n", Some(Format::Conll)),
            ("a", "#Ada B-PER\n", Some(Format::Conll)),
            ("a.txt", "sentence,word_labels\nAda left,\"B-PER,O\"\n", Some(Format::Csv)),
            ("a.tsv", "tokens\tner_tags\n['a']\t['O']\n", Some(Format::Csv)),
            ("a.ann", "T1\tPER 0 3\tAda\n", Some(Format::Brat)),
            // Brackets and other starts that are words.
            ("a.conll", "[\tO\nJohn\tB-PER\n", Some(Format::Conll)),
            ("a.tsv", "{ O\n", Some(Format::Conll)),
            ("a.bio", "[1]\tO\n", Some(Format::Conll)),
            ("a.conll", "[\tNN\tTIM\n", Some(Format::Conll)),
            ("a.iob", "[|O John|B-PER\n", Some(Format::IobLines)),
            ("a.iob", "[\tO\nJohn\tB-PER\n", Some(Format::Conll)),
            ("a.csv", "[,O\n", Some(Format::Csv)),
            ("a.conll", "PAR1\tO\n", Some(Format::Conll)),
            ("a.tsv", "PAR1 O\n", Some(Format::Conll)),
            ("a.iob", "PAR1|O\n", Some(Format::IobLines)),
            ("a.txt", "[\tO\nJohn\tB-PER\n", Some(Format::Conll)),
            ("a", "{ O\n", Some(Format::Conll)),
            // JSON under a name of columns.
            ("a.conll", "{\"text\": \"a O\", \"spans\"", Some(Format::Jsonl)),
            ("a.tsv", "{\"text\": \"\"}\n{\"text\": \"\"}\n", Some(Format::Jsonl)),
            ("a.iob", "[\n{\"id\": 0, \"paragraphs\": [", Some(Format::SpacyJson)),
            ("a.conll", "PAR1\u{15}\u{4}", Some(Format::Parquet)),
            // What looks like JSON but is not gets the message of that.
            ("a.jsonl", "{\"text\": O\n", Some(Format::Jsonl)),
            ("a.json", "{\"text\": \"\"},\n", Some(Format::Jsonl)),
            ("a.txt", "", None),
            ("a", "word\n", None),
        ] {
            assert_eq!(
                Format::sniff(Some(name.as_ref()), head.as_bytes()),
                expected,
                "{name} {head:?}"
            );
        }
    }
}
