//! Where attention finds the rows of windows.

use tch::Tensor;

use crate::error::Result;
use crate::rectangle::Rectangle;
use crate::windows::Windows;

/// How rows of windows, packed one after another, come to attention and back.
#[derive(Debug)]
pub(crate) enum Placing {
    /// By indices, for a processor.
    Rectangle(Rectangle),
    /// By the lengths of the windows, for a GPU.
    Windows(Windows),
}

impl Placing {
    /// `[rows, parts heads width]` to what attention takes of each part.
    pub(crate) fn fill(&self, packed: &Tensor) -> Result<Vec<Tensor>> {
        match self {
            Self::Rectangle(rectangle) => rectangle.fill(packed),
            Self::Windows(windows) => windows.fill(packed),
        }
    }

    /// What attention returns to `[rows, heads width]`.
    pub(crate) fn pack(&self, attended: &Tensor) -> Result<Tensor> {
        match self {
            Self::Rectangle(rectangle) => rectangle.pack(attended),
            Self::Windows(windows) => windows.pack(attended),
        }
    }
}
