//! Predict, then run: a question before a call, and the kernel's answer.
//!
//! Which answer is right is written down nowhere: the lab finds it in what
//! came.

use std::io::{self, BufRead, IsTerminal, Read, Write};

use common::Printable;

/// Who answers a question so often with none of its answers may be no person,
/// but a program that never ends (`yes |`).
const MAX_ATTEMPTS: usize = 3;
/// Much more than a number takes; a line may have no end (`</dev/zero`).
const MAX_LINE: u64 = 1024;

/// Asks, and counts.
#[derive(Debug, Default)]
pub(crate) struct Examiner {
    n_asked: usize,
    n_right: usize,
    /// Who has no more answers (`</dev/null`) isn't asked any more.
    has_ended: bool,
}

/// A question that waits for what comes.
#[must_use = "a question wants an answer: `lab.answer`"]
#[derive(Debug)]
pub(crate) struct Asked {
    answers: &'static [&'static str],
    /// From 0; none if nobody was asked.
    guess: Option<usize>,
}

impl Asked {
    /// Nobody was asked.
    pub(crate) fn nobody() -> Self {
        Self {
            answers: &[],
            guess: None,
        }
    }
}

impl Examiner {
    /// Asks, and reads the number of an answer from standard input; a few
    /// times, if it is none.
    pub(crate) fn ask(
        &mut self,
        question: &str,
        answers: &'static [&'static str],
        out: &mut dyn Write,
    ) -> io::Result<Asked> {
        if self.has_ended {
            return Ok(Asked::nobody());
        }
        writeln!(out, "  ? {question}")?;
        for (index, answer) in answers.iter().enumerate() {
            writeln!(out, "    {} {answer}", index + 1)?;
        }
        let guess = self.read_guess(answers.len(), out)?;
        Ok(Asked { answers, guess })
    }

    fn read_guess(
        &mut self,
        n_answers: usize,
        out: &mut dyn Write,
    ) -> io::Result<Option<usize>> {
        for _ in 0..MAX_ATTEMPTS {
            write!(out, "    1 to {n_answers}, then Enter: ")?;
            out.flush()?;
            // Bytes, since what somebody types need not be text.
            let mut line = Vec::new();
            let mut stdin = io::stdin().lock().take(MAX_LINE);
            if stdin.read_until(b'\n', &mut line)? == 0 {
                self.has_ended = true;
                writeln!(out, "no more answers: going on without questions")?;
                return Ok(None);
            }
            let line = String::from_utf8_lossy(&line);
            if !io::stdin().is_terminal() {
                // A terminal shows what was typed, and its end of line.
                writeln!(
                    out,
                    "{}",
                    Printable::excerpt(line.trim().as_bytes()).without_quotes()
                )?;
            }
            match line.trim().parse::<usize>() {
                Ok(n @ 1..) if n <= n_answers => return Ok(Some(n - 1)),
                _ => writeln!(out, "    it takes the number of an answer")?,
            }
        }
        writeln!(out, "    none of the answers: going on without one")?;
        Ok(None)
    }

    /// Says which answer was right: the one with this index, or none of them.
    pub(crate) fn answer(
        &mut self,
        Asked { answers, guess }: Asked,
        right: Option<usize>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let Some(guess) = guess else {
            return Ok(());
        };
        self.n_asked += 1;
        let right_answer = right.and_then(|right| answers.get(right));
        match right_answer {
            Some(_) if right == Some(guess) => {
                self.n_right += 1;
                writeln!(out, "  ! as you said")
            }
            Some(answer) => writeln!(out, "  ! it is: {answer}"),
            None => writeln!(out, "  ! none of these: see what came"),
        }
    }

    /// How many were right, if there were any.
    pub(crate) fn score(&self) -> Option<String> {
        (self.n_asked > 0).then(|| {
            format!("You predicted {} of {}.", self.n_right, self.n_asked)
        })
    }
}
