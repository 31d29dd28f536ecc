//! How an experiment tells what it does: what comes next, each call with what
//! came of it, and what that shows.
//!
//! Nothing is told that didn't happen: results come from the calls, and each
//! claim comes with the condition under which it holds, looked at here and now.

pub(crate) mod ask;
mod came;
mod event;
mod text;

use std::fmt::Display;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use anstream::AutoStream;

pub(crate) use self::ask::Asked;
use self::ask::Examiner;
pub(crate) use self::came::{Came, words};
use self::event::Event;
pub(crate) use self::event::{Outcome, Returned, Value, errno_name};
pub(crate) use self::text::{grouped, seconds};

/// An experiment under way.
pub(crate) struct Lab {
    style: Style,
    /// There with `--ask`.
    examiner: Option<Examiner>,
    /// The last call's.
    took: Duration,
    /// No claim has failed.
    all_hold: bool,
    /// A call gave EINTR.
    was_interrupted: bool,
    /// Why nothing more can be told, such as a full disk, or a reader who has
    /// seen enough. The experiment goes on to its end, which is near.
    failure: Option<io::Error>,
}

/// The command line asks for something that isn't there: what, and what to try.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) String);

impl Usage {
    /// As clap has it for what it finds itself.
    pub(crate) const EXIT_STATUS: u8 = 2;
}

impl std::error::Error for Usage {}

impl Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// For whom it is told.
enum Style {
    Text(AutoStream<io::Stdout>),
    Json(io::Stdout),
}

impl Lab {
    /// Told to a person, who is asked before the notable calls if `asks`.
    pub(crate) fn for_people(asks: bool) -> Self {
        let style = Style::Text(AutoStream::auto(io::stdout()));
        Self {
            examiner: asks.then(Examiner::default),
            ..Self::new(style)
        }
    }

    /// Told to a program, as JSON lines.
    pub(crate) fn for_programs() -> Self {
        Self::new(Style::Json(io::stdout()))
    }

    fn new(style: Style) -> Self {
        Self {
            style,
            examiner: None,
            took: Duration::ZERO,
            all_hold: true,
            was_interrupted: false,
            failure: None,
        }
    }

    /// Begins: the name of the experiment, its surprise, its chapter.
    pub(crate) fn title(&mut self, name: &str, title: &str, chapter: &str) {
        self.tell(&Event::Lab {
            name: name.to_owned(),
            title: title.to_owned(),
            chapter: chapter.to_owned(),
        });
    }

    /// Says what is done next, in whole sentences.
    pub(crate) fn about(&mut self, text: impl Into<String>) {
        self.tell(&Event::About { text: text.into() });
    }

    /// Makes a call, and tells who made it, what came of it, and how long it
    /// took if it waited.
    ///
    /// # Errors
    ///
    /// The call's own: an experiment goes on with them, or fails by `?`.
    pub(crate) fn call<T: Came>(
        &mut self,
        who: &str,
        call: impl Display,
        make: impl FnOnce() -> io::Result<T>,
    ) -> io::Result<T> {
        let call = call.to_string();
        if let Style::Text(out) = &mut self.style {
            let begun = text::begin_call(out, who, &call);
            self.failure = self.failure.take().or(begun.err());
        }
        let start = Instant::now();
        let result = make();
        self.took = start.elapsed();
        let outcome = match &result {
            Ok(value) => Outcome::Returned(value.returned()),
            Err(error) => Outcome::Failed(error.into()),
        };
        self.was_interrupted |= result
            .as_ref()
            .is_err_and(|error| error.kind() == io::ErrorKind::Interrupted);
        self.tell(&Event::Call {
            who: who.to_owned(),
            call,
            took: self.took.as_secs_f64(),
            outcome,
        });
        result
    }

    /// Says whether a call was interrupted: on purpose, or since the program was
    /// stopped and went on, which ends a receive with a timeout (signal(7)).
    pub(crate) fn was_interrupted(&self) -> bool {
        self.was_interrupted
    }

    /// How long the last call took.
    pub(crate) fn took(&self) -> Duration {
        self.took
    }

    /// Tells what was counted, measured or read from the system.
    pub(crate) fn found(
        &mut self,
        name: impl Into<String>,
        value: impl Into<Value>,
    ) {
        self.tell(&Event::Found {
            name: name.into(),
            value: value.into(),
        });
    }

    /// Says in a sentence what this shows, if `holds`. If it doesn't, it says
    /// that, and the experiment will have failed.
    pub(crate) fn claim(&mut self, holds: bool, text: impl Into<String>) {
        self.all_hold &= holds;
        let text = text.into();
        self.tell(&Event::Claim { text, holds });
    }

    /// Names a part that can't be done on this machine; `why` continues
    /// "since", and says what to try.
    pub(crate) fn not_shown(
        &mut self,
        what: impl Into<String>,
        why: impl Into<String>,
    ) {
        let (what, why) = (what.into(), why.into());
        self.tell(&Event::NotShown { what, why });
    }

    /// With `--ask`, asks what the next call will do.
    pub(crate) fn ask(
        &mut self,
        question: &str,
        answers: &'static [&'static str],
    ) -> Asked {
        let (Some(examiner), Style::Text(out)) =
            (&mut self.examiner, &mut self.style)
        else {
            return Asked::nobody();
        };
        let asked = examiner.ask(question, answers, out);
        asked.unwrap_or_else(|error| {
            self.failure = self.failure.take().or(Some(error));
            Asked::nobody()
        })
    }

    /// Gives the answer: the index, from 0, of the one that what came makes
    /// right, or `None` if it was none of them.
    pub(crate) fn answer(
        &mut self,
        asked: Asked,
        right: impl Into<Option<usize>>,
    ) {
        if let (Some(examiner), Style::Text(out)) =
            (&mut self.examiner, &mut self.style)
        {
            let told = examiner.answer(asked, right.into(), out);
            self.failure = self.failure.take().or(told.err());
        }
    }

    /// Ends: what was predicted, and where to read on. Returns whether every
    /// claim held.
    ///
    /// # Errors
    ///
    /// The first that there was in telling any of it.
    pub(crate) fn end(mut self, chapter: &str) -> io::Result<bool> {
        if let Some(error) = self.failure {
            return Err(error);
        }
        if let Style::Text(out) = &mut self.style {
            writeln!(out)?;
            if let Some(score) =
                self.examiner.as_ref().and_then(Examiner::score)
            {
                writeln!(out, "{score}")?;
            }
            writeln!(out, "chapter: {chapter}")?;
        }
        Ok(self.all_hold)
    }

    fn tell(&mut self, event: &Event) {
        let told = match &mut self.style {
            Style::Text(out) => text::write(out, event),
            Style::Json(out) => write_line(out, event),
        };
        self.failure = self.failure.take().or(told.err());
    }
}

fn write_line(out: &mut impl Write, event: &Event) -> io::Result<()> {
    let mut line = serde_json::to_vec(event)?;
    line.push(b'\n');
    out.write_all(&line)?;
    out.flush()
}
