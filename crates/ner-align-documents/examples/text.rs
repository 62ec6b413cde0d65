//! Prints the text of a document.
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let options = ner_align_documents::ExtractOptions::default();
    match ner_align_documents::read(&path, &options) {
        Ok(document) => println!("{}", document.text),
        Err(error) => {
            eprintln!("error: {error}");
            std::process::exit(1)
        }
    }
}
