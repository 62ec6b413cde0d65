//! A text with its entities, wrapped for the terminal.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::Value;

/// Columns of a line.
const WIDTH: usize = 88;

/// Backgrounds of the 256-colour palette that black letters are legible on.
const BACKGROUNDS: [u8; 10] = [153, 157, 222, 218, 183, 229, 159, 216, 152, 193];

/// A line of `ner-align predict`.
#[derive(Debug)]
pub(super) struct Document {
    text: Vec<char>,
    /// Sorted and disjoint.
    entities: Vec<Entity>,
}

/// Half-open, in code points.
#[derive(Debug)]
struct Entity {
    start: usize,
    end: usize,
    label: String,
}

/// How entities are marked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Look {
    /// `[Python SKILL]`.
    Plain,
    /// A background, and the label after the entity, in small capitals if the terminal shows them.
    Colour {
        /// Whether the terminal shows characters outside ASCII.
        small_caps: bool,
    },
}

/// A character and the entity that it belongs to.
#[derive(Debug, Clone, Copy)]
struct Cell {
    character: char,
    entity: Option<usize>,
    /// Part of a label rather than of the text.
    label: bool,
}

/// The labels of several documents, in order.
#[derive(Debug)]
pub(super) struct Labels(BTreeSet<String>);

impl Labels {
    pub(super) fn of(documents: &[Document]) -> Self {
        let entities = documents.iter().flat_map(|document| &document.entities);
        Self(entities.map(|entity| entity.label.clone()).collect())
    }

    fn background(&self, label: &str) -> u8 {
        let index = self.0.iter().position(|known| known == label).unwrap_or_default();
        BACKGROUNDS[index % BACKGROUNDS.len()]
    }
}

impl Document {
    /// Reads `{"text", "entities": [{"start", "end", "label", ...}]}`. Leaves out entities that
    /// overlap an earlier one or end past the text.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(line).ok()?;
        let text: Vec<char> = value["text"].as_str()?.chars().collect();
        let offset = |value: &Value| usize::try_from(value.as_u64()?).ok();
        let entity = |value: &Value| {
            let label = value["label"].as_str()?.to_owned();
            Some(Entity { start: offset(&value["start"])?, end: offset(&value["end"])?, label })
        };
        let mut entities: Vec<_> =
            value["entities"].as_array()?.iter().map(entity).collect::<Option<_>>()?;
        entities.sort_by_key(|entity| (entity.start, entity.end));
        let mut free_from = 0;
        entities.retain(|entity| {
            let fits =
                free_from <= entity.start && entity.start < entity.end && entity.end <= text.len();
            if fits {
                free_from = entity.end;
            }
            fits
        });
        Some(Self { text, entities })
    }

    /// The text in lines of at most [`WIDTH`] columns, unless a word is longer.
    ///
    /// `labels` are those of all documents, so that a label has the same colour in each.
    pub(super) fn render(&self, look: &Look, labels: &Labels) -> String {
        let lines = wrap(&self.cells(look));
        let shown = |line: &Vec<Cell>| match look {
            Look::Plain => line.iter().map(|cell| cell.character).collect(),
            Look::Colour { .. } => self.coloured(line, labels),
        };
        lines.iter().map(shown).collect::<Vec<String>>().join("\n")
    }

    /// The text with brackets and labels inserted.
    fn cells(&self, look: &Look) -> Vec<Cell> {
        let mut cells = Vec::with_capacity(self.text.len() + 16 * self.entities.len());
        let mut position = 0;
        for (index, entity) in self.entities.iter().enumerate() {
            let plain = |&character| Cell { character, entity: None, label: false };
            let inside = |&character| Cell { character, entity: Some(index), label: false };
            let mark = |character| Cell { character, entity: Some(index), label: true };
            cells.extend(self.text[position..entity.start].iter().map(plain));
            let (open, label, close) = match look {
                Look::Plain => (Some('['), format!("{NO_BREAK}{}", entity.label), Some(']')),
                Look::Colour { small_caps: true } => {
                    (None, format!("{NO_BREAK}{}", small_capitals(&entity.label)), None)
                }
                Look::Colour { small_caps: false } => {
                    (None, format!("{NO_BREAK}{}", entity.label), None)
                }
            };
            cells.extend(open.map(mark));
            cells.extend(self.text[entity.start..entity.end].iter().map(inside));
            cells.extend(label.chars().chain(close).map(mark));
            position = entity.end;
        }
        let plain = |&character| Cell { character, entity: None, label: false };
        cells.extend(self.text[position..].iter().map(plain));
        cells
    }

    fn coloured(&self, line: &[Cell], labels: &Labels) -> String {
        let mut shown = String::new();
        let mut style = None;
        for cell in line {
            let wanted = cell.entity.map(|entity| (entity, cell.label));
            if wanted != style {
                if style.is_some() {
                    shown.push_str("\x1b[0m");
                }
                if let Some((entity, label)) = wanted {
                    let background = labels.background(&self.entities[entity].label);
                    let weight = if label { "2;" } else { "" };
                    // Writing to a String cannot fail.
                    let _ = write!(shown, "\x1b[{weight}30;48;5;{background}m");
                }
                style = wanted;
            }
            shown.push(cell.character);
        }
        if style.is_some() {
            shown.push_str("\x1b[0m");
        }
        shown
    }
}

/// Joins an entity and its label until the lines are wrapped.
const NO_BREAK: char = '\u{a0}';

/// Breaks lines at white space, and drops it there. Runs of white space become one space; line
/// breaks of the text are not kept.
fn wrap(cells: &[Cell]) -> Vec<Vec<Cell>> {
    let is_space = |cell: &Cell| cell.character.is_whitespace() && cell.character != NO_BREAK;
    let mut lines = vec![Vec::new()];
    let mut width = 0;
    let mut space: Option<Cell> = None;
    for word in cells.chunk_by(|a, b| is_space(a) == is_space(b)) {
        if is_space(&word[0]) {
            space = word.first().map(|cell| Cell { character: ' ', ..*cell });
            continue;
        }
        if width > 0 && width + 1 + word.len() > WIDTH {
            lines.push(Vec::new());
            width = 0;
            space = None;
        }
        if let (Some(line), true) = (lines.last_mut(), width == 0 || space.is_some()) {
            let between = space.take().filter(|_| width > 0);
            width += usize::from(between.is_some());
            line.extend(between);
        }
        if let Some(line) = lines.last_mut() {
            let shown = |cell: &Cell| match cell.character {
                NO_BREAK => Cell { character: ' ', ..*cell },
                _ => *cell,
            };
            line.extend(word.iter().map(shown));
            width += word.len();
        }
    }
    lines
}

/// Latin letters as Unicode's small capitals; other characters stay.
fn small_capitals(label: &str) -> String {
    const SMALL: [char; 26] = [
        'ᴀ', 'ʙ', 'ᴄ', 'ᴅ', 'ᴇ', 'ꜰ', 'ɢ', 'ʜ', 'ɪ', 'ᴊ', 'ᴋ', 'ʟ', 'ᴍ', 'ɴ', 'ᴏ', 'ᴘ', 'ǫ', 'ʀ',
        'ꜱ', 'ᴛ', 'ᴜ', 'ᴠ', 'ᴡ', 'x', 'ʏ', 'ᴢ',
    ];
    let small = |letter: char| match letter.to_ascii_lowercase() {
        lower @ 'a'..='z' => SMALL[usize::from(lower as u8 - b'a')],
        _ => letter,
    };
    label.chars().map(small).collect()
}

#[cfg(test)]
mod tests;
