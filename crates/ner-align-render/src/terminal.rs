//! Entities in their text for a terminal.

use std::fmt::Write as _;

use ner_align_core::{ByteSpan, Document};
use ner_align_metrics::analysis::Outcome;

use crate::colours::{label_hue, rgb};
use crate::comparison::Comparison;
use crate::side::{Drawn, Labels, Mark, drawn};
use crate::units::{Unit, clusters, units};
use crate::visible::{Part, name, parts};

/// What a terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum TerminalColours {
    /// None: brackets alone mark entities.
    #[default]
    None,
    /// The 256 colours of xterm.
    Indexed,
    /// 24 bits for each colour.
    True,
}

/// Entities in their text for a terminal, a line for each sentence with its line in the source, or its
/// number. Control characters are shown by their code points, so that no text can move the cursor.
///
/// ```
/// use ner_align_core::{Document, Entity};
/// use ner_align_render::{TerminalColours, terminal};
/// let mut builder = Document::builder();
/// ["Ada", "wrote"].iter().for_each(|word| builder.push_word(word));
/// let mut document = builder.untagged();
/// document.set_entities(vec![Entity::new(0, 1, "PER".parse()?)])?;
/// assert_eq!(terminal(&[document], TerminalColours::None), "1  [Ada]PER wrote\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn terminal(documents: &[Document], colours: TerminalColours) -> String {
    let labels = Labels::of(documents.iter());
    let mut out = String::new();
    for (index, document) in documents.iter().enumerate() {
        let entities = drawn(document, &labels, &[]);
        let units = units(document, &[document.entities()]);
        for (at, unit) in units.iter().enumerate() {
            let _ = write!(out, "{}  ", place(unit, index, at, units.len()));
            push_unit(&mut out, document, unit, &entities, colours);
        }
        for span in document.unaligned() {
            let pieces = span.pieces.iter().map(|piece| format!("{}-{}", piece.start, piece.end));
            let pieces = pieces.collect::<Vec<_>>().join(" ");
            let _ = writeln!(out, "   {} {}: {pieces}", visible(span.label.as_str()), span.reason);
        }
    }
    out
}

/// Gold above predicted, for the sentences that have an error of these `kinds`, or of any kind where
/// there are none; each error names its kind.
#[must_use]
pub fn terminal_comparison(
    comparison: &Comparison,
    colours: TerminalColours,
    kinds: &[Outcome],
) -> String {
    let labels = Labels::of(comparison.gold().chain(comparison.predicted()));
    let mut out = String::new();
    for (index, pair) in comparison.pairs().iter().enumerate() {
        let sides = [
            ("gold", &pair.gold, drawn(&pair.gold, &labels, &pair.gold_marks)),
            ("pred", &pair.predicted, drawn(&pair.predicted, &labels, &pair.predicted_marks)),
        ];
        let units = units(&pair.gold, &[pair.gold.entities(), pair.predicted.entities()]);
        for (at, unit) in units.iter().enumerate() {
            let wrong = |entity: &Drawn<'_>| match entity.mark {
                Mark::Wrong(kind, _) if kinds.is_empty() || kinds.contains(&kind) => {
                    within(unit, entity)
                }
                _ => false,
            };
            if !sides.iter().any(|(_, _, entities)| entities.iter().any(wrong)) {
                continue;
            }
            let _ = writeln!(out, "{}", place(unit, index, at, units.len()));
            for (side, document, entities) in &sides {
                let _ = write!(out, "  {side}  ");
                push_unit(&mut out, document, unit, entities, colours);
            }
        }
    }
    out
}

fn within(unit: &Unit, entity: &Drawn<'_>) -> bool {
    entity.words.start >= unit.words.start && entity.words.end <= unit.words.end
}

fn place(unit: &Unit, document: usize, at: usize, units: usize) -> String {
    match unit.line {
        Some(line) => line.to_string(),
        None if units > 1 => format!("{}.{}", document + 1, at + 1),
        None => (document + 1).to_string(),
    }
}

fn push_unit(
    out: &mut String,
    document: &Document,
    unit: &Unit,
    entities: &[Drawn<'_>],
    colours: TerminalColours,
) {
    let text = document.text();
    let slice = |start: usize, end: usize| visible(text.get(start..end).unwrap_or_default());
    let entities: Vec<&Drawn<'_>> = entities.iter().filter(|entity| within(unit, entity)).collect();
    let spans: Vec<ByteSpan> = entities.iter().map(|entity| entity.bytes).collect();
    let mut at = unit.bytes.start;
    for cluster in clusters(&spans) {
        out.push_str(&slice(at, cluster.bytes.start));
        at = cluster.bytes.end;
        for segment in &cluster.segments {
            let starts = |index: &&usize| entities[**index].bytes.start == segment.bytes.start;
            for &index in segment.open.iter().filter(starts) {
                match cluster.segments.len() {
                    1 => out.push_str(&paint(entities[index], colours)),
                    _ => {
                        out.extend([paint(entities[index], colours).as_str(), "[", reset(colours)]);
                    }
                }
                if colours == TerminalColours::None && cluster.segments.len() == 1 {
                    out.push('[');
                }
            }
            out.push_str(&slice(segment.bytes.start, segment.bytes.end));
            let ends = |index: &&usize| entities[**index].bytes.end == segment.bytes.end;
            for &index in segment.open.iter().rev().filter(ends) {
                let entity = entities[index];
                let label = visible(entity.label.as_str());
                match (cluster.segments.len(), colours) {
                    (_, TerminalColours::None) => out.extend(["]", label.as_str()]),
                    (1, _) => out.extend([" ", label.as_str(), reset(colours)]),
                    _ => out.extend([
                        paint(entity, colours).as_str(),
                        "]",
                        label.as_str(),
                        reset(colours),
                    ]),
                }
                if let Mark::Wrong(outcome, _) = entity.mark {
                    let red = if colours == TerminalColours::None { "" } else { "\u{1b}[1;31m" };
                    out.extend([red, "!", outcome.as_str(), reset(colours)]);
                }
            }
        }
    }
    out.push_str(slice(at, unit.bytes.end).trim_end());
    out.push('\n');
}

/// White on the label's dark colour.
fn paint(entity: &Drawn<'_>, colours: TerminalColours) -> String {
    let [r, g, b] = rgb(label_hue(entity.colour), 0.45, 0.30);
    match colours {
        TerminalColours::None => String::new(),
        TerminalColours::True => format!("\u{1b}[38;2;255;255;255;48;2;{r};{g};{b}m"),
        TerminalColours::Indexed => {
            // The cube of six steps for each colour: 0, 95, then 40 apart.
            let step = |value: u8| match value {
                0..48 => 0,
                48..115 => 1,
                value => u32::from(value - 35) / 40,
            };
            format!("\u{1b}[38;5;231;48;5;{}m", 16 + 36 * step(r) + 6 * step(g) + step(b))
        }
    }
}

const fn reset(colours: TerminalColours) -> &'static str {
    match colours {
        TerminalColours::None => "",
        _ => "\u{1b}[0m",
    }
}

fn visible(text: &str) -> String {
    let show = |part| match part {
        Part::Plain(plain) => plain.to_owned(),
        Part::Hidden(c) => format!("<{}>", name(c)),
    };
    parts(text).map(show).collect()
}
