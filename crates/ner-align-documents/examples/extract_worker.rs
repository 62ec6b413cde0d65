//! A program that extracts documents in a process of its own, which it starts of itself:
//!
//! ```sh
//! cargo run --example extract_worker -- FILE...
//! ```

use std::env;
use std::error::Error;
use std::io::{self, Write};

use ner_align_documents::{ExtractOptions, Worker, worker_main};

/// The argument by which it knows that it is the child.
const CHILD: &str = "extract-worker";

fn main() -> Result<(), Box<dyn Error>> {
    if env::args().nth(1).as_deref() == Some(CHILD) {
        return Ok(worker_main(io::stdin(), io::stdout())?);
    }
    let worker = Worker::new(env::current_exe()?).with_arguments([CHILD]);
    for path in env::args().skip(1) {
        let document = worker.read(path, &ExtractOptions::default())?;
        writeln!(io::stdout(), "{}", document.text)?;
    }
    Ok(())
}
