//! What was found while the inputs were read.

use std::collections::BTreeMap;

use ner_align_core::Finding;

/// What was read in another way than it was written in one input.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct SourceFindings {
    /// The input's name; the names of all training inputs, parted by commas.
    pub name: String,
    /// The findings that were kept.
    pub findings: Vec<Finding>,
    /// How many findings there were of each code, those not kept included.
    pub counts: BTreeMap<String, usize>,
}
