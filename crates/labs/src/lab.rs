//! How an experiment tells what it does: what comes next, each call with what
//! came of it, and what that shows.
//!
//! Nothing is told that didn't happen: results come from the calls, and each
//! claim comes with the condition under which it holds, looked at here and now.

mod ask;
mod came;
mod event;
mod number;
mod teller;
mod text;

use std::fmt::Display;
use std::io;
use std::time::{Duration, Instant};

pub(crate) use self::ask::Asked;
pub(crate) use self::came::{Came, words};
use self::event::{Event, Outcome, Value};
pub(crate) use self::event::{Returned, errno_name};
pub(crate) use self::number::{grouped, seconds};
use self::teller::Teller;

/// An experiment under way.
pub(crate) struct Lab {
    teller: Teller,
    /// What is told before anything else. Whoever is told that his words are
    /// wrong is told nothing else.
    title: Option<Event>,
    /// The last call's.
    took: Duration,
    /// No claim has failed.
    all_hold: bool,
    /// A call gave EINTR.
    was_interrupted: bool,
}

impl Lab {
    /// Told to a person, who is asked before the notable calls if `asks`.
    pub(crate) fn for_people(asks: bool) -> Self {
        Self::new(Teller::for_people(asks))
    }

    /// Told to a program, as JSON lines.
    pub(crate) fn for_programs() -> Self {
        Self::new(Teller::for_programs())
    }

    fn new(teller: Teller) -> Self {
        Self {
            teller,
            title: None,
            took: Duration::ZERO,
            all_hold: true,
            was_interrupted: false,
        }
    }

    /// Begins: the name of the experiment, its surprise, its chapter.
    pub(crate) fn title(&mut self, name: &str, title: &str, chapter: &str) {
        self.title = Some(Event::Lab {
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
        self.tell_title();
        self.teller.begin_call(who, &call);
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
        self.teller.ask(question, answers)
    }

    /// Gives the answer: the index, from 0, of the one that what came makes
    /// right, or `None` if it was none of them.
    pub(crate) fn answer(
        &mut self,
        asked: Asked,
        right: impl Into<Option<usize>>,
    ) {
        self.teller.answer(asked, right.into());
    }

    /// Ends: what was predicted, and where to go on. Returns whether every
    /// claim held.
    ///
    /// # Errors
    ///
    /// The first that there was in telling any of it.
    pub(crate) fn end(mut self, ending: &Ending<'_>) -> io::Result<bool> {
        let holds = self.all_hold;
        self.tell(&Event::End { holds });
        self.teller.end(ending)?;
        Ok(holds)
    }

    /// Ends before the end.
    pub(crate) fn fail(mut self, why: String) {
        self.tell(&Event::Failed { why });
    }

    fn tell(&mut self, event: &Event) {
        self.tell_title();
        self.teller.tell(event);
    }

    fn tell_title(&mut self) {
        if let Some(title) = self.title.take() {
            self.teller.tell(&title);
        }
    }
}

/// What stands below an experiment.
pub(crate) struct Ending<'a> {
    /// The surprise, for those who were to find it themselves.
    pub(crate) title: &'a str,
    pub(crate) chapter: &'a str,
    /// The command to try next.
    pub(crate) next: String,
}
