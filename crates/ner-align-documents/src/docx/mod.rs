//! The text of Word documents (Office Open XML).

mod body;
mod package;

use crate::blocks::{Blocks, Separator};
use crate::error::DocumentsError;
use crate::{ExtractOptions, ExtractedText};
use package::{Package, Part};

/// The text: headers, body, notes, footers. Deleted and hidden text is left out, and a header or
/// footer that repeats another appears once.
pub(crate) fn extract(
    bytes: &[u8],
    options: &ExtractOptions,
) -> Result<ExtractedText, DocumentsError> {
    let mut package = Package::open(bytes, options.max_unpacked)?;
    let mut blocks = Blocks::new(options.max_text);
    for part in [Part::Header, Part::Main, Part::Footnotes, Part::Endnotes, Part::Footer] {
        let mut seen = Vec::new();
        for name in package.names(part) {
            let xml = package.read(&name)?;
            if matches!(part, Part::Header | Part::Footer) {
                let mut alone = Blocks::new(options.max_text);
                body::append(&xml, &name, &mut alone)?;
                let text = alone.finish();
                if seen.contains(&text) {
                    continue;
                }
                seen.push(text);
            }
            blocks.separate(Separator::Blank);
            body::append(&xml, &name, &mut blocks)?;
            blocks.separate(Separator::Blank);
        }
    }
    Ok(ExtractedText::new(blocks.finish()))
}

#[cfg(test)]
mod tests;
