//! How many of the predictions were right, and what to read about the others.

use std::fmt;

use common::Printable;

use crate::words::Chapter;

/// How many of the predictions were right.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Score {
    n_right: usize,
    missed: Vec<Missed>,
}

/// The calls whose outcome was predicted wrongly, by the chapter that explains it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Missed {
    chapter: Chapter,
    n: usize,
    names: Vec<String>,
}

impl Score {
    /// Counts a prediction about the call `name`, whose outcome `chapter` explains.
    pub fn count(&mut self, is_right: bool, name: &str, chapter: Chapter) {
        // A name comes from the trace, which may be a file that a stranger made.
        let name = Printable::whole(name.as_bytes())
            .without_quotes()
            .to_string();
        if is_right {
            self.n_right += 1;
            return;
        }
        let known = self
            .missed
            .iter()
            .position(|missed| missed.chapter == chapter);
        let index = known.unwrap_or_else(|| {
            self.missed.push(Missed {
                chapter,
                n: 0,
                names: Vec::new(),
            });
            self.missed.len() - 1
        });
        let missed = &mut self.missed[index];
        missed.n += 1;
        if !missed.names.contains(&name) {
            missed.names.push(name);
        }
    }

    /// How many predictions were made.
    #[must_use]
    pub fn n_asked(&self) -> usize {
        self.n_right + self.missed.iter().map(|missed| missed.n).sum::<usize>()
    }

    /// How many of them were right.
    #[must_use]
    pub fn n_right(&self) -> usize {
        self.n_right
    }
}

/// A line that says how many, and one for each chapter to read.
impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n_asked = self.n_asked();
        let predictions = if n_asked == 1 {
            "prediction was"
        } else {
            "predictions were"
        };
        write!(f, "{} of {n_asked} {predictions} right.", self.n_right)?;
        for missed in &self.missed {
            let names = missed.names.join(", ");
            write!(f, "\nTo read about {names}: {}", missed.chapter)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chapters_are_told_once_each() {
        let mut score = Score::default();
        score.count(true, "accept4", Chapter::Echo);
        assert_eq!(score.to_string(), "1 of 1 prediction was right.");
        score.count(false, "recvfrom", Chapter::EventLoop);
        score.count(false, "connect", Chapter::Echo);
        score.count(false, "recvfrom", Chapter::EventLoop);
        score.count(false, "sendto", Chapter::EventLoop);
        assert_eq!(
            score.to_string(),
            "1 of 5 predictions were right.\n\
             To read about recvfrom, sendto: docs/src/multiconn.md\n\
             To read about connect: docs/src/echo.md"
        );
    }
}
