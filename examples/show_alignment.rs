//! Shows sentences, the subtokens that a model sees of them, and what each is labelled.
//!
//! ```sh
//! cargo run --example show_alignment
//! cargo run --example show_alignment -- STRATEGY SENTENCES CORPUS TOKENIZER_FOLDER
//! ```
//!
//! STRATEGY is `first`, `propagate`, `propagate-inside` or `mark-x`. Without arguments it takes two
//! of this repository's job postings and its tiny tokenizer. Colours are for terminals, and go off
//! where `NO_COLOR` is set.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use ner_align::Window;
use ner_align::corpus::{ReadOptions, read_path};
use ner_align::prelude::*;
use ner_align::subword::{Aligner, HfTokenizer, Preparer, Strategy};

fn main() -> anyhow::Result<()> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut arguments = std::env::args().skip(1);
    let strategy: Strategy = arguments.next().map_or(Ok(Strategy::First), |name| name.parse())?;
    let sentences = arguments.next().map_or(Ok(2), |count| count.parse())?;
    let path =
        |given: Option<String>, or: &str| given.map_or_else(|| fixtures.join(or), PathBuf::from);
    let corpus = path(arguments.next(), "postings/postings-dev.tsv");
    let folder = path(arguments.next(), "tiny-bert");

    let documents = read_path(&corpus, &ReadOptions::default())?.documents;
    let types = documents.iter().flat_map(|d| d.entities().iter().map(|e| e.label.clone()));
    let scheme = documents.iter().find_map(|d| d.tags()).map_or(Scheme::Iob2, |(_, scheme)| scheme);
    let labels = strategy.label_set(types, scheme);
    let tokenizer = HfTokenizer::from_dir(&folder)?;
    let aligner = Aligner::new(strategy, &labels)?;
    let preparer = Preparer::new(&tokenizer, &aligner, &labels);
    let palette = Palette::new(&labels);

    let mut out = io::stdout().lock();
    writeln!(out, "strategy {strategy}: · is a position that training passes over\n")?;
    let all = documents.iter().flat_map(|document| {
        document.sentences().iter().map(move |sentence| (document, sentence.words))
    });
    // The sentences that have something to show.
    let with_entity = all.filter(|(document, words)| {
        document.entities().iter().any(|entity| words.contains(entity.span.start))
    });
    for (document, span) in with_entity.take(sentences) {
        let words: Vec<&str> = document.words().skip(span.start).take(span.len()).collect();
        let tags = document.tags_in(scheme)?;
        let tags = &tags[span.range()];
        let coloured = words.iter().zip(tags).map(|(word, tag)| palette.paint(word, tag.label()));
        writeln!(out, "{}\n", coloured.collect::<Vec<_>>().join(" "))?;
        for window in preparer.sentence(&words, Some(tags))?.windows {
            show(&mut out, &window, &words, &tokenizer, &labels, &palette)?;
        }
    }
    Ok(())
}

/// One line a subtoken: the word where it is the word's first, the subtoken, the label.
fn show(
    out: &mut impl Write,
    window: &Window,
    words: &[&str],
    tokenizer: &HfTokenizer,
    labels: &LabelSet,
    palette: &Palette,
) -> io::Result<()> {
    let width = words.iter().map(|word| word.chars().count()).max().unwrap_or(0).min(24);
    let mut previous = None;
    for (position, &id) in window.input_ids.iter().enumerate() {
        let word = window.word_ids[position].map(|word| word as usize);
        let is_first = word.is_some() && word != previous;
        previous = word;
        let shown = word.filter(|_| is_first).and_then(|word| words.get(word)).unwrap_or(&"");
        let class = usize::try_from(window.labels[position]).ok();
        let name = class.and_then(|class| labels.names().get(class)).map_or("·", String::as_str);
        let kind = class.and_then(|class| labels.tag(class)).and_then(|tag| tag.label());
        let token = tokenizer.token(id).unwrap_or_default();
        let token = format!("{token:16}");
        let (token, name) = match class {
            Some(_) => (palette.paint(&token, kind), palette.paint(name, kind)),
            None => (palette.dim(&token), palette.dim(name)),
        };
        writeln!(out, "  {shown:width$}  {token}  {name}")?;
    }
    writeln!(out)
}

/// A colour for each entity type.
struct Palette {
    types: Vec<Label>,
    on: bool,
}

impl Palette {
    /// Colours that all terminals have and that show on black and on white.
    const COLOURS: [u8; 6] = [36, 35, 32, 33, 34, 31];

    fn new(labels: &LabelSet) -> Self {
        let forbidden = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { types: labels.types(), on: std::io::stdout().is_terminal() && !forbidden }
    }

    /// Text in the colour of an entity type; as it is without one.
    fn paint(&self, text: &str, kind: Option<&Label>) -> String {
        let number = kind.and_then(|kind| self.types.iter().position(|known| known == kind));
        match number.filter(|_| self.on) {
            Some(number) => {
                let colour = Self::COLOURS[number % Self::COLOURS.len()];
                format!("\u{1b}[1;{colour}m{text}\u{1b}[0m")
            }
            None => text.to_owned(),
        }
    }

    fn dim(&self, text: &str) -> String {
        if self.on { format!("\u{1b}[2m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}
