//! A look through Thrift's compact encoding before the parser that believes in it.
//!
//! The parser of the footer follows the schema down by recursion, so that a file of some megabytes
//! with nothing but nested groups ends the process: `parquet` 60.1 overflows the stack, which no one
//! can catch. And the claims of a page's header are believed before the page is read. What is let
//! through here is shallow, and its lists fit into its bytes.

/// Schemas and values nested deeper than this are no corpus.
const MAX_DEPTH: usize = 32;

/// Nodes of a schema, row groups, columns: lists with more are refused.
const MAX_LIST: u64 = 1 << 20;

const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
const STRUCT: u8 = 12;
const I32: u8 = 5;

/// Bytes that are read from their start.
struct Walk<'a>(&'a [u8]);

impl<'a> Walk<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn skip(&mut self, count: usize) -> Option<()> {
        self.0 = self.0.get(count..)?;
        Some(())
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn zigzag(&mut self) -> Option<i64> {
        let value = self.varint()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// The next field of a struct, its number and its type; type 0 ends the struct.
    fn field(&mut self, last: &mut i64) -> Option<(i64, u8)> {
        let byte = self.byte()?;
        let kind = byte & 0x0F;
        if kind == 0 {
            return Some((0, 0));
        }
        *last = match byte >> 4 {
            0 => self.zigzag()?,
            delta => last.checked_add(i64::from(delta))?,
        };
        Some((*last, kind))
    }

    /// The type and the number of the elements of a list.
    fn list(&mut self) -> Option<(u8, u64)> {
        let byte = self.byte()?;
        let count = match byte >> 4 {
            15 => self.varint()?,
            short => u64::from(short),
        };
        // Every element takes a byte at least.
        (count <= MAX_LIST && count <= self.0.len() as u64).then_some((byte & 0x0F, count))
    }

    /// Passes over a value.
    fn value(&mut self, kind: u8, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match kind {
            // As a field a truth value is in the type itself; lists are seen to below.
            1 | 2 => Some(()),
            3 => self.skip(1),
            4..=6 => self.varint().map(drop),
            7 => self.skip(8),
            BINARY => {
                let count = usize::try_from(self.varint()?).ok()?;
                self.skip(count)
            }
            LIST | SET => {
                let (kind, count) = self.list()?;
                (0..count).try_for_each(|_| self.element(kind, depth))
            }
            MAP => {
                let count = self.varint()?;
                if count == 0 {
                    return Some(());
                }
                let kinds = self.byte()?;
                (0..count.min(MAX_LIST + 1)).try_for_each(|_| {
                    self.element(kinds >> 4, depth)?;
                    self.element(kinds & 0x0F, depth)
                })
            }
            STRUCT => {
                let mut last = 0;
                loop {
                    match self.field(&mut last)? {
                        (_, 0) => return Some(()),
                        (_, kind) => self.value(kind, depth)?,
                    }
                }
            }
            _ => None,
        }
    }

    fn element(&mut self, kind: u8, depth: usize) -> Option<()> {
        match kind {
            1 | 2 => self.skip(1),
            kind => self.value(kind, depth),
        }
    }

    /// A node of the schema: how many children it has.
    fn node(&mut self) -> Option<u64> {
        let (mut last, mut children) = (0, 0);
        loop {
            match self.field(&mut last)? {
                (_, 0) => return Some(children),
                (5, I32) => children = u64::try_from(self.zigzag()?).ok()?,
                (_, kind) => self.value(kind, MAX_DEPTH)?,
            }
        }
    }

    /// The schema, a tree whose nodes come from the root down.
    fn schema(&mut self) -> Option<()> {
        let (kind, count) = self.list()?;
        // Children that are still to come at each level above.
        let mut open: Vec<u64> = Vec::new();
        for _ in 0..count {
            if kind != STRUCT || open.len() > MAX_DEPTH {
                return None;
            }
            if let Some(left) = open.last_mut() {
                *left -= 1;
            }
            let children = self.node()?;
            if children > 0 {
                open.push(children);
            }
            while open.last() == Some(&0) {
                open.pop();
            }
        }
        open.is_empty().then_some(())
    }
}

/// True if a footer may be parsed.
pub(super) fn footer_is_plausible(bytes: &[u8]) -> bool {
    let mut walk = Walk(bytes);
    let mut fields = || {
        let mut last = 0;
        loop {
            match walk.field(&mut last)? {
                (_, 0) => return Some(()),
                (2, LIST) => walk.schema()?,
                (_, kind) => walk.value(kind, MAX_DEPTH)?,
            }
        }
    };
    fields().is_some()
}

/// What the header of a page claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct PageClaim {
    /// Bytes unpacked.
    pub(super) unpacked: u64,
    /// Bytes in the file.
    pub(super) packed: u64,
    /// Bytes of levels at the start that are not packed, in pages of the second version.
    pub(super) levels: u64,
    /// What follows the levels is packed, if the column is.
    pub(super) is_packed: bool,
}

/// What the header of a page claims; `None` if these bytes are not such a header.
pub(super) fn page_claim(header: &[u8]) -> Option<PageClaim> {
    let mut walk = Walk(header);
    let mut claim = PageClaim { is_packed: true, ..PageClaim::default() };
    let mut last = 0;
    loop {
        match walk.field(&mut last)? {
            (_, 0) => return Some(claim),
            (2, I32) => claim.unpacked = u64::try_from(walk.zigzag()?).ok()?,
            (3, I32) => claim.packed = u64::try_from(walk.zigzag()?).ok()?,
            (8, STRUCT) => {
                let mut last = 0;
                loop {
                    match walk.field(&mut last)? {
                        (_, 0) => break,
                        (5 | 6, I32) => claim.levels += u64::try_from(walk.zigzag()?).ok()?,
                        (7, truth) => claim.is_packed = truth != 2,
                        (_, kind) => walk.value(kind, MAX_DEPTH)?,
                    }
                }
            }
            (_, kind) => walk.value(kind, MAX_DEPTH)?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A footer with a schema of these numbers of children.
    fn footer(children: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x15, 2, 0x19, 0xFC];
        bytes.push(children.len() as u8);
        for children in children {
            // A name, and the children as a zigzag number where there are some.
            bytes.extend([0x48, 1, b'a']);
            if *children > 0 {
                bytes.extend([0x15, children * 2]);
            }
            bytes.push(0);
        }
        bytes.push(0);
        bytes
    }

    #[test]
    fn schemas_are_shallow_trees() {
        for (children, plausible) in [
            (&[2, 0, 0][..], true),
            (&[1, 1, 0], true),
            (&[2, 0], false),
            (&[0, 0], true),
            (&[1; 100], false),
            (&[[1; 20].as_slice(), &[0]].concat(), true),
            (&[[1; 60].as_slice(), &[0]].concat(), false),
        ] {
            assert_eq!(footer_is_plausible(&footer(children)), plausible, "{children:?}");
        }
    }

    #[test]
    fn claims_are_held_against_the_bytes() {
        // A list of 2^28 structs, a string of 2^40 bytes, a list in a list in a list...
        assert!(!footer_is_plausible(&[0x19, 0xFC, 0x80, 0x80, 0x80, 0x80, 1, 0, 0]));
        assert!(!footer_is_plausible(&[0x18, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 0]));
        assert!(!footer_is_plausible(&[0x19; 4000]));
        assert!(!footer_is_plausible(&[]));
        let claim = PageClaim { unpacked: 10, packed: 4, levels: 0, is_packed: true };
        assert_eq!(page_claim(&[0x15, 0, 0x15, 20, 0x15, 8, 0]), Some(claim));
        let second = [0x15, 6, 0x15, 20, 0x15, 8, 0x5C, 0x55, 2, 0x15, 4, 0x12, 0, 0];
        assert_eq!(page_claim(&second), Some(PageClaim { levels: 3, is_packed: false, ..claim }));
        assert_eq!(page_claim(&[0x15, 0, 0x15, 1, 0x15, 8, 0]), None);
        assert_eq!(page_claim(&[0x15, 0]), None);
    }
}
