//! What a row should become where it has no class of its own.

use std::sync::Arc;

/// What a row of a batch should become where the data do not say its class.
///
/// ```
/// use ner_align_core::SoftTarget;
/// assert_eq!(SoftTarget::Distribution([0.25, 0.75].into()).check(2), Ok(()));
/// let error = SoftTarget::AnyOf([0, 7].into()).check(2).unwrap_err();
/// assert_eq!(error, ("classes below 2, ascending".to_owned(), "[0, 7]".to_owned()));
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum SoftTarget {
    /// The probability of each class, as another model sees it: `[classes]`. The loss of the row is
    /// the cross-entropy against it (Hinton et al. 2015).
    Distribution(Box<[f32]>),
    /// One of these classes, ascending, and nobody knows which. The loss of the row is the negative
    /// logarithm of their probabilities' sum, the marginal likelihood of partial annotation
    /// (Tsuboi et al. 2008).
    AnyOf(Arc<[usize]>),
}

impl SoftTarget {
    /// What was expected and what was found, if it does not fit this number of classes.
    ///
    /// # Errors
    /// Probabilities of another number, outside 0 to 1, or whose sum is not 1; classes that are not
    /// ascending, not among those of the model, or none at all.
    pub fn check(&self, classes: usize) -> Result<(), (String, String)> {
        match self {
            Self::Distribution(row) if row.len() != classes => {
                Err((format!("{classes} probabilities"), row.len().to_string()))
            }
            Self::Distribution(row) => {
                let sum: f32 = row.iter().sum();
                let fits = row.iter().all(|share| (0.0..=1.001).contains(share));
                if fits && (sum - 1.0).abs() < 1e-3 {
                    return Ok(());
                }
                Err(("probabilities that add up to 1".to_owned(), format!("{row:?}")))
            }
            Self::AnyOf(ids) => {
                let ascends = ids.windows(2).all(|pair| pair[0] < pair[1]);
                match ids.last() {
                    Some(&last) if ascends && last < classes => Ok(()),
                    _ => Err((format!("classes below {classes}, ascending"), format!("{ids:?}"))),
                }
            }
        }
    }
}

/// Rows of a batch, by their index in [`Batch::rows`](crate::Batch::rows), ascending, with what they
/// should become.
pub type SoftRows = Vec<(usize, SoftTarget)>;
