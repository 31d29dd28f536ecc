//! Where the records of a run go as they come.

use crate::record::Record;

/// Takes records.
pub trait Show {
    /// The next one.
    ///
    /// # Errors
    ///
    /// If it can't be shown or written; the run is then ended.
    fn record(&mut self, record: &Record) -> anyhow::Result<()>;

    /// Nothing happens just now, so what is held back may be shown.
    ///
    /// # Errors
    ///
    /// As of `record`.
    fn pause(&mut self) -> anyhow::Result<()> {
        Ok(())
    }
}
