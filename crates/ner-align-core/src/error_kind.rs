//! What is at fault for an error.

/// What is at fault for an error, so that a program can choose its exit status by this alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The data: a corpus, a text, annotation.
    Input,
    /// A setting or an argument, or a combination of them.
    Usage,
    /// The machine or its files: a missing model, a full disk, a missing device.
    Environment,
    /// The training: its loss is not a number any more.
    Diverged,
}
