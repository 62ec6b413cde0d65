//! What every reader has to hold, whatever the bytes: it ends, it does not panic, and what it read
//! is the same after it was written and read again.

pub mod documents;
pub mod models;
pub mod settings;

use std::cell::RefCell;
use std::fs;
use std::path::Path;
use std::sync::Once;

use ner_align_core::{Document, Entity, WordSpan};
use ner_align_corpus::{
    CorpusError, Format, FormatReader, ReadOptions, WriteOptions, create, losses, open,
    open_reader,
};
use tempfile::TempDir;

/// libFuzzer ends at any panic, also at those that a library catches and makes an error of.
fn let_caught_panics_pass() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let end = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !ner_align_core::is_panic_caught() {
                end(info);
            }
        }));
    });
}

/// Bytes as a file of this format.
pub fn stream(format: Format, data: &[u8]) {
    let_caught_panics_pass();
    let options = options(format);
    let Ok(documents) = all(open_reader(data_of(data), "fuzz", &options)) else { return };
    with_folder(|folder| written(format, &documents, folder));
}

/// Bytes as the files that stand for a document together, parted by the byte 0xFF.
pub fn files(format: Format, extensions: &[&str], data: &[u8]) {
    with_folder(|folder| {
        let mut contents = data.split(|&byte| byte == 0xFF);
        for extension in extensions {
            let path = folder.join("in").with_extension(extension);
            fs::write(path, contents.next().unwrap_or_default()).expect("memory takes files");
        }
        let first = folder.join("in").with_extension(extensions[0]);
        let Ok(documents) = all(open(&first, &options(format))) else { return };
        written(format, &documents, folder);
    });
}

/// Bytes of a format that has to be told.
pub fn sniffed(data: &[u8]) {
    let options = ReadOptions::default();
    let _ = all(open_reader(data_of(data), "fuzz", &options));
}

fn data_of(data: &[u8]) -> std::io::Cursor<Vec<u8>> {
    std::io::Cursor::new(data.to_vec())
}

fn options(format: Format) -> ReadOptions {
    ReadOptions::default().with_format(Some(format)).with_sentences_per_document(0)
}

fn all(reader: Result<Box<dyn FormatReader>, CorpusError>) -> Result<Vec<Document>, CorpusError> {
    let (mut reader, mut documents) = (reader?, Vec::new());
    while let Some(document) = reader.read_document()? {
        documents.push(document);
    }
    Ok(documents)
}

/// A folder in memory, where the machine has one; the same one each time, emptied.
fn with_folder(run: impl FnOnce(&Path)) {
    thread_local!(static FOLDER: RefCell<Option<TempDir>> = const { RefCell::new(None) });
    FOLDER.with_borrow_mut(|folder| {
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let folder = folder.get_or_insert_with(|| TempDir::new_in(parent).expect("a folder"));
        run(folder.path());
        for entry in fs::read_dir(folder.path()).expect("our folder").flatten() {
            let path = entry.path();
            let gone = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            gone.expect("our file");
        }
    });
}

/// What has to come back from a file of the same format.
#[derive(Debug, PartialEq)]
struct View {
    words: Vec<String>,
    sentences: Vec<WordSpan>,
    entities: Vec<Entity>,
    unaligned: usize,
}

impl View {
    fn of(document: &Document) -> Self {
        let mut entities = document.entities().to_vec();
        entities.sort();
        entities.dedup();
        Self {
            words: document.words().map(str::to_owned).collect(),
            sentences: document.sentences().iter().map(|sentence| sentence.words).collect(),
            entities,
            unaligned: document.unaligned().len(),
        }
    }
}

fn written(format: Format, documents: &[Document], folder: &Path) {
    let path = folder.join("out");
    let write = WriteOptions::default();
    let lossless = |document: &Document| losses(document, &write.capabilities(format)).is_empty();
    if format == Format::FactRuEval || !documents.iter().all(lossless) {
        return;
    }
    let Ok(mut writer) = create(&path, format, &write) else { return };
    for document in documents {
        if writer.write_document(document).is_err() {
            return;
        }
    }
    if writer.finish().is_err() {
        return;
    }
    let again = all(open(&path, &options(format))).expect("what was written can be read");
    let views = |documents: &[Document]| documents.iter().map(View::of).collect::<Vec<_>>();
    assert_eq!(views(documents), views(&again));
}
