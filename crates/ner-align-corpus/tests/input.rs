//! Files, documents in memory and readers of one's own are taken in the same way.
#![expect(clippy::unwrap_used, reason = "the lint spares tests but not their helpers")]

use std::fs;

use ner_align_core::{CorpusReader, Document, Entity, Finding, Severity};
use ner_align_corpus::{
    ConvertOptions, FormatReader, FormatWriter, Input, Policy, ReadOptions, convert, convert_all,
    open, read, read_all,
};

/// A reader whose error type is not this crate's: `Oslo` is an entity, `!` an error.
struct Words(std::vec::IntoIter<&'static str>);

#[derive(Debug, thiserror::Error)]
#[error("no word: {0}")]
struct NoWord(&'static str);

impl CorpusReader for Words {
    type Error = NoWord;

    fn read_document(&mut self) -> Result<Option<Document>, NoWord> {
        let Some(word) = self.0.next() else { return Ok(None) };
        if word == "!" {
            return Err(NoWord(word));
        }
        let mut builder = Document::builder();
        builder.push_word(word);
        let mut document = builder.untagged();
        if word == "Oslo" {
            document.set_entities(vec![Entity::new(0, 1, "LOC".parse().unwrap())]).unwrap();
        }
        Ok(Some(document))
    }

    fn take_findings(&mut self) -> Vec<Finding> {
        vec![Finding::new(Severity::Info, "own", "a finding")]
    }
}

fn words(words: &[&'static str]) -> Input {
    Input::reader("words", Words(Vec::from(words).into_iter()))
}

#[test]
fn every_input_is_converted_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.conll");
    let summary = convert(words(&["in", "Oslo"]), &path).run().unwrap();
    assert_eq!((summary.documents, summary.finding_counts["own"]), (2, 1));
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.ends_with("in\tO\n\n-DOCSTART- -X- O O\n\nOslo\tB-LOC\n\n"), "{text}");

    let corpus = read_all(
        [Input::path(&path), words(&["in"]), read(&path).unwrap().documents.into()],
        &ReadOptions::default(),
    )
    .unwrap();
    let entities = corpus.into_iter().map(|document| document.entities().len());
    assert_eq!(entities.collect::<Vec<_>>(), [0, 1, 0, 0, 1]);

    let again = folder.path().join("b.jsonl");
    let summary = convert(&path, &again).and(words(&["Oslo"])).on_misaligned(Policy::Drop).run();
    assert_eq!(summary.unwrap().entities.values().sum::<usize>(), 2);
    let whole = folder.path().join("converted");
    let to = ner_align_corpus::Format::Conll;
    assert_eq!(convert(folder.path(), &whole).to(to).run().unwrap().documents, 5);
    assert!(whole.join("b.conll").is_file());
}

#[test]
fn errors_of_any_reader_have_a_place() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("a.conll");
    let error =
        convert_all([words(&["in", "!"])], &output, &ConvertOptions::default()).unwrap_err();
    assert_eq!(error.to_string(), "words: expected a document, found no word: !");
    assert_eq!(
        (error.code(), error.expected(), error.found()),
        ("reader", "a document", "no word: !")
    );
    assert!(!output.exists());
    // An error of this crate passes as it is.
    let broken = folder.path().join("b.conll");
    fs::write(&broken, "one\n").unwrap();
    let reader = open(&broken, &ReadOptions::default()).unwrap();
    let error = read(Input::reader("other", reader)).unwrap_err();
    assert_eq!((error.code(), error.location().line), ("one-column", Some(1)));
    assert_eq!(error.path(), broken.to_str());
}

#[test]
fn an_object_over_several_lines_is_no_corpus_and_not_ill_formed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.json");
    fs::write(&path, "{\n  \"model_type\": \"bert\",\n  \"layers\": [1]\n}\n").unwrap();
    let error = read(&path).unwrap_err();
    assert_eq!(
        (error.code(), error.found()),
        ("unknown-format", "one JSON object over several lines")
    );
    // A line that is cut off is a fault of its JSON.
    for text in ["{\"text\": \"in Os", "{\"text\": \"in Os\n{\"text\": \"\"}\n"] {
        fs::write(&path, text).unwrap();
        assert_eq!(read(&path).unwrap_err().code(), "json", "{text}");
    }
    fs::write(&path, "{\"text\": \"in\", \"label\": []}\n{\"text\": \"x\", \"label\": []}\n")
        .unwrap();
    assert_eq!(read(&path).unwrap().documents.len(), 2);
}

#[test]
fn readers_and_writers_go_to_other_threads() {
    fn is_send<T: Send + ?Sized>() {}
    is_send::<dyn FormatReader>();
    is_send::<dyn FormatWriter>();
    is_send::<Input>();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.conll");
    fs::write(&path, "Oslo\tB-LOC\n").unwrap();
    let mut reader = open(&path, &ReadOptions::default()).unwrap();
    let documents = std::thread::spawn(move || reader.documents().count());
    assert_eq!(documents.join().unwrap(), 1);
}

#[test]
fn inputs_of_several_schemes_are_written_in_that_of_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let iob1 = file("iob1.conll", "He\tO\nMara\tI-PER\n\nOslo\tI-LOC\nRome\tB-LOC\n");
    let iob2 = file("iob2.conll", "Ada\tB-PER\nBo\tB-PER\nLee\tI-PER\n\nin\tO\nOslo\tB-LOC\n");
    let io = file("io.conll", "Ada\tI-PER\n\nin\tO\nOslo\tI-LOC\n\nBo\tI-PER\nLee\tI-PER\n");
    let out = folder.path().join("out.conll");
    let joined = |inputs: &[&std::path::PathBuf]| {
        let inputs: Vec<_> = inputs.iter().map(|path| path.as_path()).collect();
        let summary = convert_all(inputs, &out, &ConvertOptions::default());
        summary.map(|summary| (summary, fs::read_to_string(&out).unwrap()))
    };
    let (summary, text) = joined(&[&iob1, &iob2]).unwrap();
    assert!(
        text.ends_with("Ada\tI-PER\nBo\tB-PER\nLee\tI-PER\n\nin\tO\nOslo\tI-LOC\n\n"),
        "{text}"
    );
    assert_eq!(summary.findings.iter().filter(|f| f.code == "schemes-joined").count(), 1);
    let (_, text) = joined(&[&iob2, &iob1]).unwrap();
    assert!(text.ends_with("He\tO\nMara\tB-PER\n\nOslo\tB-LOC\nRome\tB-LOC\n\n"), "{text}");
    // One scheme stays as it is.
    let (summary, _) = joined(&[&iob1, &iob1]).unwrap();
    assert!(summary.findings.is_empty(), "{:?}", summary.findings);
    // What was read without any B is IOB2 or IO, as the sniffer says; nothing is lost in either case.
    let (summary, _) = joined(&[&iob2, &io]).unwrap();
    assert_eq!(summary.entities.values().sum::<usize>(), 6);
}
