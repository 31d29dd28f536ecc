//! What the programs say, shown as it comes: a line each, with the seconds since
//! the start and who said it.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Instant;

use clap::builder::styling::{AnsiColor, Color, Style};

use crate::course::Remark;
use crate::error::Interrupted;
use crate::event::{Event, Speaker};
use crate::screen::print;

/// Receives what happens, shows it, and finds what somebody waits for.
#[derive(Debug)]
pub(crate) struct Watch<'a> {
    inbox: &'a Receiver<Event>,
    started: Instant,
    /// Who has closed its outputs.
    closed: Vec<Speaker>,
    /// What is still to be said, once there is an occasion.
    remark: Option<Remark>,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(inbox: &'a Receiver<Event>, remark: Option<Remark>) -> Self {
        Self {
            inbox,
            started: Instant::now(),
            closed: Vec::new(),
            remark,
        }
    }

    /// Shows what comes until `speaker` has said a line that begins with `prefix`,
    /// and returns the rest of that line; `None` if the speaker falls silent, or
    /// the deadline comes, before.
    pub(crate) fn until_line(
        &mut self,
        speaker: Speaker,
        prefix: &str,
        deadline: Instant,
    ) -> Result<Option<String>, Interrupted> {
        while !self.is_silent(speaker) {
            match self.next(Some(deadline))? {
                Some(Event::Line { speaker: who, text }) if who == speaker => {
                    if let Some(rest) = text.strip_prefix(prefix) {
                        return Ok(Some(rest.to_owned()));
                    }
                }
                Some(_) => {}
                None => break,
            }
        }
        Ok(None)
    }

    /// Shows what comes until `speaker` has closed its outputs; false if the
    /// deadline comes before.
    pub(crate) fn until_silent(
        &mut self,
        speaker: Speaker,
        deadline: Option<Instant>,
    ) -> Result<bool, Interrupted> {
        while !self.is_silent(speaker) {
            if self.next(deadline)?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Shows a line, in colour on a terminal, plain in a pipe and under `NO_COLOR`.
    pub(crate) fn say(&self, speaker: Speaker, text: &str) {
        let (label, color) = match speaker {
            Speaker::Server => ("server", AnsiColor::Cyan),
            Speaker::Client => ("client", AnsiColor::Green),
            Speaker::Quiet => ("quiet", AnsiColor::Yellow),
            Speaker::Xtask => ("xtask", AnsiColor::Magenta),
        };
        let style = Style::new().fg_color(Some(Color::Ansi(color)));
        let seconds = self.started.elapsed().as_secs_f64();
        print(&format!(
            "{seconds:6.3} {style}{label:>6}{style:#} | {text}\n"
        ));
    }

    fn is_silent(&self, speaker: Speaker) -> bool {
        self.closed.contains(&speaker)
    }

    /// The next event, already shown; `None` at the deadline.
    fn next(&mut self, deadline: Option<Instant>) -> Result<Option<Event>, Interrupted> {
        let received = match deadline {
            Some(deadline) => self
                .inbox
                .recv_timeout(deadline.saturating_duration_since(Instant::now())),
            None => self.inbox.recv().map_err(RecvTimeoutError::from),
        };
        match received {
            Ok(Event::Interrupted) => return Err(Interrupted),
            Ok(Event::Line { speaker, ref text }) => {
                self.say(speaker, text);
                if let Some(remark) = self.remark.take_if(|remark| (remark.fits)(text)) {
                    self.say(Speaker::Xtask, remark.text);
                }
            }
            Ok(Event::PipeClosed(speaker)) => self.closed.push(speaker),
            Err(_) => {}
        }
        Ok(received.ok())
    }
}
