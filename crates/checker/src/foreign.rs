//! Lines on standard error that aren't the program's own words: a virtual machine's, a build
//! tool's. They stand there at a good start, too, and that is how they are known.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard};

use crate::system::Process;

/// What is on standard error at a good start.
#[derive(Debug, Default)]
pub(crate) struct Foreign {
    /// The shapes of lines.
    known: Mutex<BTreeSet<String>>,
}

impl Foreign {
    /// Takes note of what a program has said by the time at which all is well.
    pub(crate) fn learn(&self, process: &Process) {
        let stderr = process.stderr();
        let shapes = stderr.lines().map(|line| shape(line, process.told()));
        self.known().extend(shapes);
    }

    /// What a program has said on standard error in its own words.
    pub(crate) fn own_words(&self, process: &Process) -> String {
        let known = self.known();
        let stderr = process.stderr();
        let own = stderr
            .split_inclusive('\n')
            .filter(|line| !known.contains(&shape(line.trim_end_matches('\n'), process.told())));
        own.collect()
    }

    fn known(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.known
            .lock()
            .expect("nobody panics with the lines locked")
    }
}

/// A line without what differs from start to start: what the program was `told`, such as
/// its port in the command that a tool shows, and numbers, such as times, versions and ids.
fn shape(line: &str, told: &[String]) -> String {
    let told = told.iter().filter(|value| !value.is_empty());
    let line = told.fold(line.trim().to_owned(), |line, value| {
        line.replace(value.as_str(), "#")
    });
    let mut shape = String::new();
    let is_of_a_word = |c: char| c.is_alphanumeric();
    for piece in line.split_inclusive(|c| !is_of_a_word(c)) {
        let word = piece.trim_end_matches(|c| !is_of_a_word(c));
        let is_number = word.contains(|c: char| c.is_ascii_digit());
        // As in the ids of a session.
        let is_hex = word.len() >= 4 && word.chars().all(|c| c.is_ascii_hexdigit());
        let shown = if is_number || is_hex { "#" } else { word };
        shape += shown;
        shape += &piece[word.len()..];
    }
    // `0.13` and `12` have one shape, and so have addresses.
    while shape.contains("#.#") || shape.contains("##") {
        shape = shape.replace("#.#", "#").replace("##", "#");
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_start_to_start_has_no_part_in_a_shape() {
        let shape_for =
            |line: &str, host: &str, port: &str| shape(line, &[host, port].map(str::to_owned));
        let running = |host: &str, port: &str| {
            shape_for(&format!("  Running `server {host} {port}`"), host, port)
        };
        assert_eq!(
            running("127.0.0.1", "10123"),
            running("300.1.1.1", "no-port")
        );
        let finished = |seconds: &str| shape_for(&format!("Finished in {seconds}s"), "::1", "1");
        assert_eq!(finished("0.13"), finished("12.5"));
        assert_ne!(finished("0.13"), running("::1", "1"));
        let session = |id: &str| shape_for(&format!("session {id} opens"), "::1", "1");
        assert_eq!(session("3f2a-beef"), session("dead-91c0"));
        assert_ne!(session("3f2a"), session("never"));
    }
}
