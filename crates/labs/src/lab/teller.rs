//! To whom an experiment is told: to a person as text, or to a program as JSON
//! lines.

use std::io::{self, Stdout, Write};

use anstream::AutoStream;

use super::Ending;
use super::ask::{Asked, Examiner};
use super::event::Event;
use super::text;

pub(super) struct Teller {
    listener: Listener,
    /// Why nothing more can be told, such as a full disk, or a reader who has
    /// seen enough. The experiment goes on to its end, which is near.
    failure: Option<io::Error>,
}

enum Listener {
    Person {
        out: AutoStream<Stdout>,
        /// There with `--ask`.
        examiner: Option<Examiner>,
    },
    Program(Stdout),
}

impl Teller {
    /// Tells a person, who is asked before the notable calls if `asks`.
    pub(super) fn for_people(asks: bool) -> Self {
        Self::new(Listener::Person {
            out: AutoStream::auto(io::stdout()),
            examiner: asks.then(Examiner::default),
        })
    }

    /// Tells a program.
    pub(super) fn for_programs() -> Self {
        Self::new(Listener::Program(io::stdout()))
    }

    fn new(listener: Listener) -> Self {
        Self {
            listener,
            failure: None,
        }
    }

    /// A call that is made now: if it waits, a person sees in what.
    pub(super) fn begin_call(&mut self, who: &str, call: &str) {
        if let Listener::Person { out, .. } = &mut self.listener {
            let told = text::begin_call(out, who, call);
            self.note(told);
        }
    }

    pub(super) fn tell(&mut self, event: &Event) {
        let told = match &mut self.listener {
            Listener::Person { out, .. } => text::write(out, event),
            Listener::Program(out) => write_line(out, event),
        };
        self.note(told);
    }

    pub(super) fn ask(
        &mut self,
        question: &str,
        answers: &'static [&'static str],
    ) -> Asked {
        let Listener::Person {
            out,
            examiner: Some(examiner),
        } = &mut self.listener
        else {
            return Asked::nobody();
        };
        let asked = examiner.ask(question, answers, out);
        asked.unwrap_or_else(|error| {
            self.note(Err(error));
            Asked::nobody()
        })
    }

    pub(super) fn answer(&mut self, asked: Asked, right: Option<usize>) {
        if let Listener::Person {
            out,
            examiner: Some(examiner),
        } = &mut self.listener
        {
            let told = examiner.answer(asked, right, out);
            self.note(told);
        }
    }

    /// Ends: what was predicted, and where to go on.
    ///
    /// # Errors
    ///
    /// The first that there was in telling any of it.
    pub(super) fn end(mut self, ending: &Ending<'_>) -> io::Result<()> {
        if let Some(error) = self.failure {
            return Err(error);
        }
        if let Listener::Person { out, examiner } = &mut self.listener {
            writeln!(out)?;
            if let Some(score) = examiner.as_ref().and_then(Examiner::score) {
                writeln!(out, "{}.\n{score}\n", ending.title)?;
            }
            writeln!(out, "chapter: {}", ending.chapter)?;
            writeln!(out, "next: {}", ending.next)?;
        }
        Ok(())
    }

    fn note(&mut self, told: io::Result<()>) {
        self.failure = self.failure.take().or(told.err());
    }
}

fn write_line(out: &mut Stdout, event: &Event) -> io::Result<()> {
    let mut line = serde_json::to_vec(event)?;
    line.push(b'\n');
    out.write_all(&line)?;
    out.flush()
}
