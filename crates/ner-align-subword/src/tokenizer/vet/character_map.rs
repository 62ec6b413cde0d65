//! SentencePiece's compiled character maps.
//!
//! A map is a trie over bytes (a double array, as darts-clone writes it) and the texts that replace
//! what the trie finds, each with a NUL byte behind it:
//!
//! ```text
//! u32 bytes of the trie    u32 units of the trie ...    texts
//! ```
//!
//! The library follows the trie without a look at its bounds.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ner_align_core::BoxError;
use serde_json::Value;

/// Checks a map; the answer is how many times as long it can make a text.
pub(super) fn check(map: &Value) -> Result<f64, BoxError> {
    let Some(text) = map.as_str() else {
        return Err("expected a precompiled_charsmap in Base64, found none".into());
    };
    let bytes = STANDARD.decode(text).map_err(|error| format!("precompiled_charsmap: {error}"))?;
    let map = CharacterMap::split(&bytes).ok_or("expected a character map that is whole")?;
    map.walk().ok_or("expected a character map whose trie stays within it")?;
    let longest = map.texts.split(|byte| *byte == 0).map(<[u8]>::len).max();
    Ok(longest.unwrap_or_default().max(1) as f64)
}

struct CharacterMap<'a> {
    units: Vec<u32>,
    texts: &'a [u8],
}

impl<'a> CharacterMap<'a> {
    fn split(bytes: &'a [u8]) -> Option<Self> {
        let (size, rest) = bytes.split_first_chunk()?;
        let size = usize::try_from(u32::from_le_bytes(*size) / 4 * 4).ok()?;
        let (trie, texts) = rest.split_at_checked(size)?;
        let unit = |bytes: &[u8]| Some(u32::from_le_bytes(*bytes.first_chunk()?));
        Some(Self { units: trie.chunks_exact(4).map_while(unit).collect(), texts })
    }

    /// Takes each way through the trie that a text can take. `None` if one leaves the array, or if
    /// one ends at no text.
    fn walk(&self) -> Option<()> {
        let texts = std::str::from_utf8(self.texts).ok()?;
        let root = offset(*self.units.first()?);
        let (mut seen, mut open) = (HashSet::from([root]), vec![root]);
        while let Some(node) = open.pop() {
            for byte in 1..=u8::MAX {
                let at = node ^ usize::from(byte);
                let unit = *self.units.get(at)?;
                if unit & (1 << 31 | 0xFF) != u32::from(byte) {
                    continue;
                }
                let next = at ^ offset(unit);
                if unit >> 8 & 1 == 1 {
                    let leaf = *self.units.get(next)?;
                    texts.get((leaf & !(1 << 31)) as usize..)?;
                }
                if seen.insert(next) {
                    open.push(next);
                }
            }
        }
        Some(())
    }
}

/// The distance to the children of a unit.
const fn offset(unit: u32) -> usize {
    (unit as usize >> 10) << ((unit & 1 << 9) >> 6)
}
