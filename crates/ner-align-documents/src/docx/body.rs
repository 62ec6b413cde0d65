//! The text of one part: paragraphs, tables, text boxes.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::blocks::{Blocks, Separator};
use crate::error::DocumentsError;

/// Elements without text to show: what was deleted or moved away, codes of fields, and the second
/// form of a drawing, for programs that cannot show the first.
const SKIPPED: [&str; 8] =
    ["del", "moveFrom", "instrText", "delText", "delInstrText", "Fallback", "fldData", "sdtPr"];

/// Appends the text of the part `name`.
pub(super) fn append(xml: &str, name: &str, blocks: &mut Blocks) -> Result<(), DocumentsError> {
    let mut reader = Reader::from_str(xml);
    let mut body = Body {
        blocks,
        skipped: 0,
        is_text: false,
        is_hidden: false,
        properties: 0,
        paragraph: None,
        is_list: false,
        was_list: false,
        tables: Vec::new(),
    };
    loop {
        let event = reader.read_event().map_err(|error| {
            let found = format!("{error} at byte {}", reader.error_position());
            DocumentsError::malformed(format!("{name} in a docx file"), found)
        })?;
        match event {
            Event::Start(element) => body.start(&element, false)?,
            Event::Empty(element) => body.start(&element, true)?,
            Event::End(element) => body.end(element.local_name().as_ref()),
            Event::Text(text) => body.text(&text)?,
            Event::CData(text) => body.text(&text)?,
            Event::GeneralRef(reference) => body.reference(&reference)?,
            Event::Eof => return Ok(()),
            Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_) => {}
        }
    }
}

/// A table that is open.
#[derive(Debug, Default)]
struct Table {
    has_rows: bool,
    /// Whether the row has a cell already, and the cell a paragraph.
    has_cells: bool,
    has_paragraphs: bool,
}

struct Body<'a> {
    blocks: &'a mut Blocks,
    /// Open elements inside the skipped one, itself included.
    skipped: usize,
    /// Inside `w:t`.
    is_text: bool,
    /// Inside a run of hidden text.
    is_hidden: bool,
    /// Open elements with properties of a paragraph or run, whose `w:tab` is a tab stop.
    properties: usize,
    /// What is due before the text of the paragraph.
    paragraph: Option<Separator>,
    /// Whether the paragraph is in a list, and the one before.
    is_list: bool,
    was_list: bool,
    tables: Vec<Table>,
}

impl Body<'_> {
    fn start(&mut self, element: &BytesStart<'_>, is_empty: bool) -> Result<(), DocumentsError> {
        let name = element.local_name();
        let name: &str = name.as_ref();
        if self.skipped > 0 || (SKIPPED.contains(&name) && self.properties == 0) {
            self.skipped += usize::from(!is_empty);
            return Ok(());
        }
        match name {
            "pPr" | "rPr" => self.properties += usize::from(!is_empty),
            "vanish" | "webHidden" => self.is_hidden |= is_on(element),
            "numPr" => self.is_list = true,
            _ if self.properties > 0 => {}
            "r" => self.is_hidden = false,
            "t" => self.is_text = !is_empty,
            "p" => self.start_paragraph(),
            "tab" | "ptab" => self.separate(Separator::Tab),
            "br" | "cr" => {
                self.begin_text();
                self.blocks.break_line()?;
            }
            "noBreakHyphen" => self.visible("-")?,
            "tbl" => self.tables.push(Table::default()),
            "tr" => self.start_row(),
            "tc" => self.start_cell(),
            "txbxContent" | "footnote" | "endnote" => self.blocks.separate(Separator::Blank),
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, name: &str) {
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        match name {
            "pPr" | "rPr" => self.properties = self.properties.saturating_sub(1),
            "t" => self.is_text = false,
            "r" => self.is_hidden = false,
            "p" => self.paragraph = None,
            "tbl" => {
                self.tables.pop();
                let outer = self.tables.is_empty();
                self.blocks.separate(if outer { Separator::Blank } else { Separator::Line });
            }
            "txbxContent" => self.blocks.separate(Separator::Blank),
            _ => {}
        }
    }

    fn start_paragraph(&mut self) {
        self.was_list = std::mem::replace(&mut self.is_list, false);
        self.paragraph = match self.tables.last_mut() {
            None => Some(Separator::Blank),
            Some(table) => {
                std::mem::replace(&mut table.has_paragraphs, true).then_some(Separator::Line)
            }
        };
    }

    fn start_row(&mut self) {
        let outer = self.tables.len() == 1;
        let Some(table) = self.tables.last_mut() else { return };
        let first = !std::mem::replace(&mut table.has_rows, true);
        table.has_cells = false;
        let separator = if first && outer { Separator::Blank } else { Separator::Line };
        self.blocks.separate(separator);
    }

    fn start_cell(&mut self) {
        let Some(table) = self.tables.last_mut() else { return };
        table.has_paragraphs = false;
        if std::mem::replace(&mut table.has_cells, true) {
            self.blocks.separate(Separator::Tab);
        }
    }

    /// Separates the paragraph from what comes before it, once something of it is to be shown.
    fn begin_text(&mut self) {
        let Some(separator) = self.paragraph.take() else { return };
        let in_list = self.is_list && self.was_list;
        self.blocks.separate(if in_list { Separator::Line } else { separator });
    }

    fn separate(&mut self, separator: Separator) {
        if !self.is_hidden {
            self.begin_text();
            self.blocks.separate(separator);
        }
    }

    fn text(&mut self, text: &str) -> Result<(), DocumentsError> {
        if self.skipped == 0 && self.is_text { self.visible(text) } else { Ok(()) }
    }

    fn visible(&mut self, text: &str) -> Result<(), DocumentsError> {
        if self.is_hidden {
            return Ok(());
        }
        self.begin_text();
        self.blocks.flow(text)
    }

    /// One of XML's own entities or a number; entities that a document declares are not expanded.
    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), DocumentsError> {
        if let Ok(Some(character)) = reference.resolve_char_ref() {
            return self.text(character.encode_utf8(&mut [0; 4]));
        }
        self.text(quick_xml::escape::resolve_xml_entity(reference).unwrap_or_default())
    }
}

/// Whether a property such as `<w:vanish w:val="0"/>` is set.
fn is_on(element: &BytesStart<'_>) -> bool {
    let value = element.attributes().flatten().find(|a| a.key.local_name().as_ref() == "val");
    value.is_none_or(|value| !matches!(value.value.as_ref(), "0" | "false" | "off"))
}
