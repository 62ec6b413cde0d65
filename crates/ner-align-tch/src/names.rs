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

/// A CRF's scores from class to class, `[classes, classes]`.
pub(crate) const TRANSITIONS: &str = "crf.transitions";
