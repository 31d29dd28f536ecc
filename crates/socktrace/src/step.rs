//! The screen that steps through a run, call by call.
//!
//! In the order to read it: `stepper` (what a key does), `view` and `story` (what there
//! is to show), `frame` (how it looks), `terminal` (how it gets there, and how the
//! terminal becomes itself again).

mod columns;
mod frame;
mod keyboard;
mod label;
mod line;
mod panel;
mod sockets;
mod stepper;
mod story;
mod terminal;
mod view;

#[cfg(test)]
mod live_tests;
#[cfg(test)]
mod tests;

use std::io;

use anyhow::Context;

use crate::play::Play;
use crate::record::Header;
use stepper::Stepper;
use terminal::{Screen, Terminal};

/// How to step.
#[derive(Debug, Clone, Default)]
pub struct StepOptions {
    /// What is stepped through, for the title.
    pub title: String,
    /// Ask before each notable call what it will do.
    pub ask: bool,
    /// The run is a recorded one, which can only go on as it went.
    pub is_recorded: bool,
}

/// True if there is a terminal to step on: keys come from standard input, the screen is
/// standard output.
#[must_use]
pub fn has_terminal() -> bool {
    use io::IsTerminal;
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Steps through `play` on the terminal, until somebody leaves. Once the terminal is
/// itself again, the score is printed if there were questions.
///
/// # Errors
///
/// If the terminal can't be used, or the run can't be watched any more.
pub fn run(play: &mut dyn Play, header: &Header, options: &StepOptions) -> anyhow::Result<()> {
    anyhow::ensure!(has_terminal(), "standard input or output is no terminal");
    let mut screen = Screen::new().context("cannot watch for signals")?;
    let mut terminal = Terminal::enter().context("cannot use the terminal")?;
    let mut stepper = Stepper::new(play, header, options);
    let result = stepper.run(&mut screen);
    terminal.leave();
    result?;
    if let Some(score) = stepper.score().filter(|score| score.n_asked() > 0) {
        common::write_stdout(format!("{score}\n").as_bytes())?;
    }
    Ok(())
}
