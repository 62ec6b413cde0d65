//! Where a model computes, and in what.

use super::Precision;

/// Where a model computes, and in what.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Computing {
    /// `auto`, `cpu`, `cuda`, `cuda:N` or `mps`.
    pub device: String,
    /// What it computes in.
    pub precision: Precision,
}

impl Default for Computing {
    /// The best device that the machine has, in the precision that suits it.
    fn default() -> Self {
        Self { device: "auto".to_owned(), precision: Precision::Auto }
    }
}

impl Computing {
    /// Computes on this device.
    #[must_use]
    pub fn with_device(mut self, device: impl Into<String>) -> Self {
        self.device = device.into();
        self
    }

    /// Computes in this precision.
    #[must_use]
    pub const fn with_precision(mut self, precision: Precision) -> Self {
        self.precision = precision;
        self
    }
}
