//! Reading, the model and what follows it at the same time: order, ends, faults.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod counting;

use std::io;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, Sender, channel};

use counting::predictor;
use ner_align_core::{CorpusReader, Document};
use ner_align_pipeline::{PipelineError, Predictor};

fn document(id: usize) -> Document {
    let mut builder = Document::builder();
    builder.set_id(Some(id.to_string()));
    builder.push_word("Python");
    builder.untagged()
}

/// Gives this many documents, then what it ends with.
#[derive(Debug)]
struct Numbered {
    given: usize,
    documents: usize,
    end: fn() -> io::Result<Option<Document>>,
}

impl CorpusReader for Numbered {
    type Error = io::Error;

    fn read_document(&mut self) -> io::Result<Option<Document>> {
        if self.given == self.documents {
            return (self.end)();
        }
        self.given += 1;
        Ok(Some(document(self.given - 1)))
    }
}

/// Documents read and words, if all of the source was.
type Ended = Result<Option<(usize, usize)>, PipelineError>;

/// The ids that were handed on, with what was noted, and how it ended.
fn run(
    predictor: &Predictor,
    reader: Numbered,
    last: Option<&str>,
) -> (Vec<(String, usize)>, Ended) {
    let mut ids = Vec::new();
    let result = predictor.predict_each(
        reader,
        |reader| reader.given,
        |chunk, given| {
            assert!(chunk.iter().all(|(document, _)| document.tags().is_some()));
            ids.extend(
                chunk.iter().map(|(document, _)| (document.id().unwrap().to_owned(), given)),
            );
            let ends = last.is_some() && ids.iter().any(|(id, _)| Some(&**id) == last);
            Ok(if ends { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        },
    );
    (ids, result.map(|whole| whole.map(|whole| (whole.reader.given, whole.counts.words))))
}

#[test]
fn documents_come_in_order_in_the_chunks_of_a_stream() {
    let predictor = predictor();
    for documents in [0, 1, 255, 256, 257, 2000] {
        let (ids, end) = run(&predictor, Numbered { given: 0, documents, end: || Ok(None) }, None);
        let expected: Vec<_> = (0..documents)
            .map(|id| (id.to_string(), documents.min((id / 256 + 1) * 256)))
            .collect();
        assert_eq!(ids, expected);
        assert_eq!(end.unwrap(), Some((documents, documents)));
    }
}

#[test]
fn what_stands_before_a_fault_is_handed_on() {
    let predictor = predictor();
    let broken = || Err(io::Error::other("no more"));
    for documents in [0, 1, 256, 1500] {
        let (ids, end) = run(&predictor, Numbered { given: 0, documents, end: broken }, None);
        assert_eq!(ids.len(), documents);
        assert_eq!(end.unwrap_err().to_string(), "no more");
    }
}

fn wait_forever() -> io::Result<Option<Document>> {
    loop {
        std::thread::park();
    }
}

#[test]
fn who_has_enough_waits_for_no_input() {
    let predictor = predictor();
    let reader = || Numbered { given: 0, documents: 600, end: wait_forever };
    let (ids, end) = run(&predictor, reader(), Some("300"));
    assert_eq!((ids.len(), end.unwrap()), (512, None));
    // An error of whoever takes the documents ends it too.
    let full = |_, ()| Err::<ControlFlow<()>, _>(PipelineError::Callback("full".into()));
    let error = predictor.predict_each(reader(), |_| (), full).unwrap_err();
    assert_eq!(error.to_string(), "full");
}

#[test]
#[should_panic(expected = "of the reader")]
fn a_panic_of_the_reader_is_passed_on() {
    let reader = Numbered { given: 0, documents: 300, end: || panic!("of the reader") };
    let _ = run(&predictor(), reader, None);
}

/// What another thread sends, as a pipe that is waited for.
struct Pipe(Receiver<Document>);

impl CorpusReader for Pipe {
    type Error = io::Error;

    fn read_document(&mut self) -> io::Result<Option<Document>> {
        Ok(self.0.recv().ok())
    }

    fn would_wait(&self) -> bool {
        true
    }
}

#[test]
fn what_has_arrived_is_answered_before_more_arrives() {
    let (sender, receiver): (Sender<Document>, _) = channel();
    let mut sender = Some(sender);
    sender.as_ref().unwrap().send(document(0)).unwrap();
    let mut ids = Vec::new();
    let whole = predictor().predict_each(
        Pipe(receiver),
        |_| (),
        |chunk, ()| {
            ids.extend(chunk.iter().map(|(document, _)| document.id().unwrap().to_owned()));
            // The next question follows from the answer.
            match ids.len() {
                3 => drop(sender.take()),
                asked => sender.as_ref().unwrap().send(document(asked)).unwrap(),
            }
            Ok::<_, PipelineError>(ControlFlow::Continue(()))
        },
    );
    assert_eq!(whole.unwrap().unwrap().counts.words, 3);
    assert_eq!(ids, ["0", "1", "2"]);
}

/// Where a buffer of the reader ends says nothing of a file, and where the threads are neither.
#[test]
fn lines_of_a_file_become_full_chunks() {
    let predictor = predictor();
    let text = "Python and SQL, and some more of both to fill a buffer\n".repeat(3000);
    let mut sizes = Vec::new();
    let lines = predictor.text_lines(io::Cursor::new(text), "texts").of_file();
    let whole = predictor.predict_each(
        lines,
        |_| (),
        |chunk, ()| {
            sizes.push(chunk.len());
            Ok::<_, PipelineError>(ControlFlow::Continue(()))
        },
    );
    assert!(whole.unwrap().is_some());
    assert_eq!((sizes.len(), sizes[0], sizes[11]), (12, 256, 3000 - 11 * 256));
}
