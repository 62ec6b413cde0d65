//! What is at fault where something fails.

use ner_align_core::ErrorKind;

/// What is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FaultKind {
    /// A corpus or a text.
    Input,
    /// A setting, or a combination of them.
    Usage,
    /// The machine or its files: a missing model, a full disk, a missing device.
    Environment,
    /// The training: its loss is no longer a number.
    Diverged,
    /// Nothing: the run was interrupted, and its state saved where it keeps checkpoints.
    Interrupted,
}

impl From<ErrorKind> for FaultKind {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Input => Self::Input,
            ErrorKind::Usage => Self::Usage,
            ErrorKind::Diverged => Self::Diverged,
            _ => Self::Environment,
        }
    }
}
