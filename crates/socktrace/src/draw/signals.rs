//! Signals that a runtime sends itself: Go's SIGURG and the JVM's SIGSEGV come by the
//! thousand, between all other things. The first of each is drawn, and the others are
//! counted.

use std::collections::BTreeMap;

use crate::record::{Micros, Side, Signal};

use super::entry::Entry;
use super::event;
use super::theme::Theme;

/// Somebody asks for something by these; each of them counts.
const REQUESTS: [&str; 9] = [
    "SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGKILL", "SIGSTOP", "SIGTSTP", "SIGCONT",
    "SIGWINCH",
];
/// There are 64 signals; a file may make up more.
const MAX_COUNTED: usize = 128;

/// How many of each were not drawn.
#[derive(Debug, Default)]
pub(super) struct Signals(BTreeMap<(Side, String), u64>);

impl Signals {
    /// Counts a signal, and says whether there is no need to draw it.
    pub(super) fn is_one_of_many(&mut self, signal: &Signal) -> bool {
        if signal.stopped || REQUESTS.contains(&signal.name.as_str()) {
            return false;
        }
        let key = (signal.side, signal.name.clone());
        if let Some(n) = self.0.get_mut(&key) {
            *n += 1;
            return true;
        }
        if self.0.len() < MAX_COUNTED {
            self.0.insert(key, 0);
        }
        false
    }

    /// What to draw of those that were counted, of one program or of all.
    pub(super) fn take(&mut self, side: Option<Side>, at: Micros, theme: Theme) -> Vec<Entry> {
        let mut entries = Vec::new();
        for ((whose, name), n) in &mut self.0 {
            if *n > 0 && side.is_none_or(|side| side == *whose) {
                entries.push(event::signals(*whose, name, *n, at, theme));
                *n = 0;
            }
        }
        entries
    }
}
