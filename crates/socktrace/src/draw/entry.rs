//! What a record becomes: a time, a column, an arrow and some lines.

use std::fmt::{self, Write};
use std::hash::{DefaultHasher, Hasher};

use crate::record::{Micros, Side, Step};

use super::paragraph::Paragraph;

/// Something to draw.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) at: Micros,
    /// The column; none goes across all of them.
    pub(super) side: Option<Side>,
    /// Its call, if it is about one.
    pub(super) step: Option<Step>,
    pub(super) is_wait: bool,
    /// The calls of the other side that this one owes its result to.
    pub(super) arrow: Option<Arrow>,
    /// Something leaves for the other side.
    pub(super) leaves: bool,
    pub(super) lines: Vec<Paragraph>,
    /// The same for entries that differ in times and step numbers only.
    pub(super) key: u64,
}

/// Where an entry's bytes come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Arrow {
    /// The first call behind it.
    pub(super) from: Step,
    /// There are more of them.
    pub(super) has_more: bool,
}

/// Makes a key of what is written to it.
#[derive(Default)]
pub(super) struct Key(DefaultHasher);

impl Key {
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.0.write_usize(bytes.len());
        self.0.write(bytes);
    }

    pub(super) fn finish(&self) -> u64 {
        self.0.finish()
    }
}

impl Write for Key {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}
