//! The start of tensors' names beyond the encoder.

/// Tensors of the linear head.
pub(crate) const CLASSIFIER: &str = "classifier";
/// Tensors of a CRF, named as in pytorch-crf.
pub(crate) const CRF: &str = "crf.";

/// True for a tensor of the head, which has no prefix of a family.
pub(crate) fn is_of_head(name: &str) -> bool {
    HEAD_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// The start of the names of the head's tensors.
pub(crate) const HEAD_PREFIXES: [&str; 2] = ["classifier.", CRF];

/// The word embedding of every family.
pub(crate) const WORD_EMBEDDING: &str = "embeddings.word_embeddings.weight";

/// After the name of a matrix of integers: a scale for each of its rows.
pub(crate) const SCALE: &str = "_scale";

/// A CRF's scores from class to class, `[classes, classes]`.
pub(crate) const TRANSITIONS: &str = "crf.transitions";
