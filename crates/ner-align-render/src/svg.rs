//! Entities in their text as a picture for a paper.

use std::fmt::Write as _;

use ner_align_core::{Document, WordSpan};
use unicode_width::UnicodeWidthChar;

use crate::colours::{label_hue, rgb};
use crate::side::{Drawn, Labels, drawn};
use crate::units::clusters;
use crate::visible::escape;

const SIZE: f64 = 16.0;
const LABEL_SIZE: f64 = 9.5;
const SPACE: f64 = 4.5;
/// Between the baseline of the text and that of its first label, and between two tracks.
const FIRST_TRACK: f64 = 17.0;
const NEXT_TRACK: f64 = 15.0;
const MARGIN: f64 = 10.0;

/// A sentence or a few as an SVG picture: text stays text, in a font by its family, lines wrap, and
/// labels stand under their spans. Colours are those of a light page.
///
/// Widths of words are estimated and then kept by the picture, so that it looks the same where the font
/// is another one.
///
/// ```
/// use ner_align_core::{Document, Entity};
/// use ner_align_render::EntityPicture;
/// let mut builder = Document::builder();
/// ["Ada", "wrote"].iter().for_each(|word| builder.push_word(word));
/// let mut document = builder.untagged();
/// document.set_entities(vec![Entity::new(0, 1, "PER".parse()?)])?;
/// let picture = EntityPicture::new(&[document]).width(400.0).font("Times").render();
/// assert!(picture.starts_with("<svg") && picture.contains(">Ada</text>"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct EntityPicture<'a> {
    documents: &'a [Document],
    width: f64,
    font: &'a str,
}

/// A word in its line.
struct Placed {
    word: usize,
    x: f64,
    width: f64,
}

impl<'a> EntityPicture<'a> {
    /// A picture of these documents.
    #[must_use]
    pub const fn new(documents: &'a [Document]) -> Self {
        Self { documents, width: 640.0, font: "Helvetica, Arial, sans-serif" }
    }

    /// The width in pixels at which lines wrap; at least 80.
    #[must_use]
    pub const fn width(mut self, width: f64) -> Self {
        self.width = if width >= 80.0 { width } else { 80.0 };
        self
    }

    /// The families of the font, as CSS has them.
    #[must_use]
    pub const fn font(mut self, font: &'a str) -> Self {
        self.font = font;
        self
    }

    /// The picture.
    #[must_use]
    pub fn render(&self) -> String {
        let labels = Labels::of(self.documents.iter());
        let mut body = String::new();
        let mut y = MARGIN;
        for document in self.documents {
            let entities = drawn(document, &labels, &[]);
            let sentences: Vec<WordSpan> = match document.entities().iter().any(|entity| {
                !document.sentences().iter().any(|sentence| {
                    sentence.words.start <= entity.span.start
                        && entity.span.end <= sentence.words.end
                })
            }) {
                true => vec![WordSpan::new(0, document.len())],
                false => document.sentences().iter().map(|sentence| sentence.words).collect(),
            };
            for words in sentences {
                self.sentence(&mut body, &mut y, document, words, &entities);
            }
        }
        let (width, height) = (self.width, y + MARGIN);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height:.0}\" \
             width=\"{width}\" height=\"{height:.0}\" font-family=\"{}\" font-size=\"{SIZE}\" \
             text-anchor=\"middle\" fill=\"#1c2128\">\n{body}</svg>\n",
            escape(self.font)
        )
    }

    fn sentence(
        &self,
        out: &mut String,
        y: &mut f64,
        document: &Document,
        words: WordSpan,
        entities: &[Drawn<'_>],
    ) {
        let entities: Vec<&Drawn<'_>> = entities
            .iter()
            .filter(|entity| entity.words.start >= words.start && entity.words.end <= words.end)
            .collect();
        let from_right = document.surface(words).chars().find_map(direction) == Some(true);
        let spans: Vec<_> = entities.iter().map(|entity| entity.bytes).collect();
        // A track of a cluster counts from the text downwards.
        let mut tracks = vec![0; entities.len()];
        for (index, track) in clusters(&spans).into_iter().flat_map(|cluster| cluster.tracks) {
            tracks[index] = track;
        }
        for line in self.lines(document, words, &entities) {
            let (Some(first), Some(last)) = (line.first(), line.last()) else { continue };
            let (from, to) = (first.word, last.word + 1);
            let here = || {
                let touches = |e: &Drawn<'_>| e.words.start < to && e.words.end > from;
                entities.iter().zip(&tracks).filter(move |(entity, _)| touches(entity))
            };
            let deepest = here().map(|(_, track)| track + 1).max().unwrap_or(0);
            let baseline = *y + SIZE;
            let mirror = |x: f64, width: f64| if from_right { self.width - x - width } else { x };
            for (entity, &track) in here() {
                let inside = |p: &&Placed| (entity.words.start..entity.words.end).contains(&p.word);
                let (Some(start), Some(end)) =
                    (line.iter().find(inside), line.iter().rfind(inside))
                else {
                    continue;
                };
                let width = end.x + end.width - start.x;
                let x = mirror(start.x, width);
                let hue = label_hue(entity.colour);
                let [r, g, b] = rgb(hue, 0.75, 0.86);
                let [dr, dg, db] = rgb(hue, 0.55, 0.45);
                let under = baseline + 5.0 + track as f64 * NEXT_TRACK;
                if track == 0 {
                    let _ = write!(
                        out,
                        "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"3\" \
                         fill=\"#{r:02x}{g:02x}{b:02x}\"/>",
                        x - 2.0,
                        baseline - SIZE + 1.0,
                        width + 4.0,
                        SIZE + 4.0
                    );
                }
                let _ = writeln!(
                    out,
                    "<rect x=\"{:.1}\" y=\"{under:.1}\" width=\"{:.1}\" height=\"2\" \
                     fill=\"#{dr:02x}{dg:02x}{db:02x}\"/><text x=\"{:.1}\" y=\"{:.1}\" \
                     font-size=\"{LABEL_SIZE}\" font-weight=\"600\">{}</text>",
                    x - 2.0,
                    width + 4.0,
                    x + width / 2.0,
                    baseline + FIRST_TRACK - 1.0 + track as f64 * NEXT_TRACK,
                    escape(entity.label.as_str())
                );
            }
            for Placed { word, x, width } in &line {
                let text = document.word(*word);
                // Scripts whose letters join or stack have widths that one cannot estimate.
                let fit = match text.chars().all(is_estimated) && !text.is_empty() {
                    true => {
                        let width = text_width(text, SIZE);
                        format!(" textLength=\"{width:.1}\" lengthAdjust=\"spacingAndGlyphs\"")
                    }
                    false => String::new(),
                };
                let middle = mirror(*x, *width) + width / 2.0;
                let _ = writeln!(
                    out,
                    "<text x=\"{middle:.1}\" y=\"{baseline:.1}\"{fit}>{}</text>",
                    escape(text)
                );
            }
            *y = baseline + 8.0 + deepest as f64 * NEXT_TRACK + if deepest > 0 { 4.0 } else { 0.0 };
        }
    }

    /// Breaks words into lines. The last word of an entity makes room for its label.
    fn lines(
        &self,
        document: &Document,
        words: WordSpan,
        entities: &[&Drawn<'_>],
    ) -> Vec<Vec<Placed>> {
        let mut lines: Vec<Vec<Placed>> = vec![Vec::new()];
        let mut x = MARGIN;
        let bytes = document.word_bytes();
        for word in words.start..words.end {
            let mut width = text_width(document.word(word), SIZE);
            for entity in entities.iter().filter(|entity| entity.words.end == word + 1) {
                let label = text_width(entity.label.as_str(), LABEL_SIZE) * 1.1 + 4.0;
                let line = lines.last().map(Vec::as_slice).unwrap_or_default();
                let start = line.iter().find(|placed| placed.word >= entity.words.start);
                let wide = start.map_or(width, |placed| x + width - placed.x);
                width += (label - wide).max(0.0);
            }
            if x + width > self.width - MARGIN && lines.last().is_some_and(|line| !line.is_empty())
            {
                lines.push(Vec::new());
                x = MARGIN;
            }
            if let Some(line) = lines.last_mut() {
                line.push(Placed { word, x, width });
            }
            let close =
                bytes.get(word).zip(bytes.get(word + 1)).is_some_and(|(a, b)| a.end == b.start);
            x += width + if close { 0.0 } else { SPACE };
        }
        lines
    }
}

/// An estimate of the width of a text in pixels, from the widths of Helvetica.
fn text_width(text: &str, size: f64) -> f64 {
    let width = |c: char| match c {
        'i' | 'j' | 'l' | '\'' | '|' => 0.222,
        ' ' | 't' | 'f' | 'I' | '.' | ',' | ':' | ';' | '!' | '/' | '[' | ']' => 0.278,
        'r' | '-' | '(' | ')' | '"' => 0.333,
        'c' | 'k' | 's' | 'v' | 'x' | 'y' | 'z' | 'J' => 0.5,
        'm' | 'M' => 0.833,
        'w' => 0.722,
        'W' => 0.944,
        '@' => 1.015,
        'F' | 'T' | 'Z' => 0.611,
        'G' | 'O' | 'Q' => 0.778,
        c if c.is_uppercase() => 0.69,
        c if c.is_ascii() => 0.556,
        c => match UnicodeWidthChar::width(c) {
            Some(2) => 1.0,
            Some(0) => 0.0,
            _ => 0.58,
        },
    };
    text.chars().map(width).sum::<f64>() * size
}

/// Latin, Greek, Cyrillic, and the scripts of East Asia.
const fn is_estimated(c: char) -> bool {
    matches!(c, '\u{20}'..='\u{52f}' | '\u{2010}'..='\u{2027}' | '\u{3000}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

/// True for a letter of a script that runs from right to left, false for one from left to right.
fn direction(c: char) -> Option<bool> {
    match c {
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' => Some(true),
        c if c.is_alphabetic() => Some(false),
        _ => None,
    }
}
