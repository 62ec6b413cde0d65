//! The start of tensors' names beyond the encoder.

/// Tensors of the linear head.
pub(crate) const CLASSIFIER: &str = "classifier";
/// Tensors of a CRF, named as in pytorch-crf.
pub(crate) const CRF: &str = "crf.";

/// True for a tensor that has a row for each class.
pub(crate) fn is_of_head(name: &str) -> bool {
    HEAD_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// True for a tensor above the encoder, which has no prefix of a family.
pub(crate) fn is_above_encoder(name: &str) -> bool {
    is_of_head(name) || name.split('.').next() == Some(TRANSFORM)
}

/// The start of the names of the head's tensors.
pub(crate) const HEAD_PREFIXES: [&str; 2] = ["classifier.", CRF];

/// Tensors between the encoder and the linear head, in ModernBERT.
pub(crate) const TRANSFORM: &str = "head";

/// After the name of a matrix of integers: a scale for each of its rows.
pub(crate) const SCALE: &str = "_scale";

/// A CRF's scores from class to class, `[classes, classes]`.
pub(crate) const TRANSITIONS: &str = "crf.transitions";
