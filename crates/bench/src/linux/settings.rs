//! How to measure.

use super::machine::Cores;

/// How to measure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    /// How long one run takes.
    pub(crate) seconds: f64,
    pub(crate) cores: Option<Cores>,
}

impl Settings {
    /// With runs half as long.
    pub(crate) fn halved(self) -> Self {
        Self {
            seconds: self.seconds / 2.0,
            ..self
        }
    }
}
