//! Which attribute of spaCy stands where in a row of tokens.

use std::io::BufRead;

use super::strings;
use super::unpack::Unpacker;
use super::{ENT_IOB, ENT_TYPE, ORTH, SENT_START};
use crate::CorpusError;

/// More columns than spaCy has attributes are no columns.
const MAX_COLUMNS: u32 = 1024;

/// Where in a row the attributes are.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) width: usize,
    pub(super) orth: usize,
    pub(super) iob: Option<usize>,
    pub(super) label: Option<usize>,
    pub(super) start: Option<usize>,
    /// What is not kept: its column, its name, and the value that means that there is nothing.
    pub(super) others: Vec<(usize, &'static str, u64)>,
}

impl Columns {
    pub(super) fn read<R: BufRead>(from: &mut Unpacker<R>) -> Result<Self, CorpusError> {
        let width = from.expect_array()?;
        if width == 0 || width > MAX_COLUMNS {
            return Err(from.fault("1 to 1024 attributes", &format!("{width}")));
        }
        let mut attributes = Vec::new();
        for _ in 0..width {
            attributes.push(from.expect_number()?);
        }
        let position = |wanted| attributes.iter().position(|attribute| *attribute == wanted);
        let Some(orth) = position(ORTH) else {
            let found = format!("{attributes:?}");
            return Err(from.fault("the attribute 65 (ORTH) among others", &found));
        };
        let others = attributes.iter().enumerate();
        let others = others.filter_map(|(column, attribute)| {
            let (kind, nothing) = match attribute {
                73 => ("lemmas", 0),
                74 => ("parts of speech", 0),
                // `spacy convert` writes "-" where a file has no tags.
                75 => ("part-of-speech tags", strings::hash("-")),
                76 => ("dependency labels", 0),
                79 => ("syntactic heads", 0),
                452 => ("knowledge-base links", 0),
                453 => ("morphological features", strings::id_of("_")),
                454 => ("entity names", 0),
                _ => return None,
            };
            Some((column, kind, nothing))
        });
        Ok(Self {
            width: attributes.len(),
            orth,
            iob: position(ENT_IOB),
            label: position(ENT_TYPE),
            start: position(SENT_START),
            others: others.collect(),
        })
    }
}
