//! The diagram that books on networking print, of what really happened: a column for
//! each program, time going down, and arrows where bytes have arrived.
//!
//! A record becomes an `entry`, by way of `call` or `event`; `fold` finds those that
//! repeat; `page` puts them into columns, for which `paragraph` wraps their lines.

mod bytes;
mod call;
mod entry;
mod event;
mod fold;
mod page;
mod paragraph;
mod signals;
mod summary;
mod theme;

use std::io::{self, Write};

use crate::model::Model;
use crate::only::Only;
use crate::record::{Header, Record};

use entry::Entry;
use fold::{Fold, Piece};
use page::Page;
use signals::Signals;
use theme::Theme;

/// What fits on every terminal, and on a projector.
pub const DEFAULT_WIDTH: usize = 80;

/// How to draw.
#[derive(Debug, Clone)]
pub struct Options {
    /// The columns of the terminal, from 40 to 1000; what is beyond is drawn as these.
    pub width: usize,
    /// How many lines the bytes of a call may take as text, and as many again in
    /// hexadecimal digits.
    pub byte_lines: usize,
    /// Nothing is folded.
    pub all: bool,
    /// Which calls.
    pub only: Only,
    /// Nothing but ASCII, for terminals that know no UTF-8.
    pub ascii: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            width: DEFAULT_WIDTH,
            byte_lines: 1,
            all: false,
            only: Only::default(),
            ascii: false,
        }
    }
}

/// A diagram that grows with the run.
///
/// Styles are written as escape sequences; whoever owns the terminal takes them out
/// where they aren't wanted (`anstream`). No line needs them to be understood.
#[derive(Debug)]
pub struct Drawing {
    model: Model,
    page: Page,
    theme: Theme,
    options: Options,
    fold: Fold,
    signals: Signals,
    /// A call that waits, as the last thing that happened. If it ends as the next one,
    /// its end says it all.
    wait: Option<Entry>,
    /// The title is drawn.
    has_begun: bool,
}

impl Drawing {
    /// A diagram of this run.
    pub fn new(header: &Header, options: Options) -> Self {
        let theme = Theme::new(options.ascii);
        let mut model = Model::new();
        model.apply(&Record::Trace(header.clone()));
        Self {
            model,
            page: Page::new(header, options.width, theme),
            theme,
            options,
            fold: Fold::default(),
            signals: Signals::default(),
            wait: None,
            has_begun: false,
        }
    }

    /// Draws the next record, or holds it back, as it may turn out to be one of many.
    ///
    /// # Errors
    ///
    /// If `out` doesn't take it.
    pub fn record(&mut self, record: &Record, out: &mut impl Write) -> io::Result<()> {
        self.begin(out)?;
        self.model.apply(record);
        if let Record::Exit(exit) = record
            && self.model.program(exit.side).is_gone()
        {
            for entry in self.signals.take(Some(exit.side), exit.at, self.theme) {
                self.push(entry, out)?;
            }
        }
        if let Some(entry) = self.entry(record) {
            self.push(entry, out)?;
        }
        Ok(())
    }

    /// Draws what is held back. To be called when nothing moves for a while, since
    /// somebody may look.
    ///
    /// # Errors
    ///
    /// If `out` doesn't take it.
    pub fn pause(&mut self, out: &mut impl Write) -> io::Result<()> {
        self.begin(out)?;
        if let Some(wait) = self.wait.take() {
            self.show(wait, out)?;
        }
        let mut pieces = Vec::new();
        self.fold.flush(&mut pieces);
        self.draw(pieces, out)?;
        out.flush()
    }

    /// Draws what is held back, and what there is to say in the end: the sockets and
    /// their connections.
    ///
    /// # Errors
    ///
    /// If `out` doesn't take it.
    pub fn finish(&mut self, out: &mut impl Write) -> io::Result<()> {
        self.pause(out)?;
        for entry in self.signals.take(None, self.model.now(), self.theme) {
            self.page.entry(&entry, out)?;
        }
        for paragraph in summary::summary(&self.model, &self.options, self.theme) {
            self.page.full_width(&paragraph, out)?;
        }
        out.flush()
    }

    fn begin(&mut self, out: &mut impl Write) -> io::Result<()> {
        if !self.has_begun {
            self.has_begun = true;
            self.page.title(out)?;
        }
        Ok(())
    }

    /// What there is to see of a record.
    fn entry(&mut self, record: &Record) -> Option<Entry> {
        let only = &self.options.only;
        match record {
            Record::Call(call) => {
                let is_shown = only.shows_call(call.side, &call.name, call.socket);
                is_shown.then(|| {
                    let view = call::View {
                        model: &self.model,
                        theme: self.theme,
                        width: self.page.column_width(),
                        byte_lines: self.options.byte_lines,
                        arrow_room: self.page.arrow_room(),
                    };
                    view.call(call)
                })
            }
            Record::Wait(wait) => {
                let is_shown = only.shows_call(wait.side, &wait.name, wait.socket);
                is_shown.then(|| call::wait(wait, &self.model, self.theme))
            }
            Record::Signal(signal) if !self.options.all && self.signals.is_one_of_many(signal) => {
                None
            }
            other => event::event(other, &self.model, only, self.theme),
        }
    }

    fn push(&mut self, entry: Entry, out: &mut impl Write) -> io::Result<()> {
        if let Some(wait) = self.wait.take()
            && (self.options.all || wait.step != entry.step)
        {
            self.show(wait, out)?;
        }
        match entry.is_wait {
            true => self.wait = Some(entry),
            false => self.show(entry, out)?,
        }
        Ok(())
    }

    fn show(&mut self, entry: Entry, out: &mut impl Write) -> io::Result<()> {
        if self.options.all {
            return self.page.entry(&entry, out);
        }
        let mut pieces = Vec::new();
        self.fold.push(entry, &mut pieces);
        self.draw(pieces, out)
    }

    fn draw(&mut self, pieces: Vec<Piece>, out: &mut impl Write) -> io::Result<()> {
        for piece in pieces {
            match piece {
                Piece::Entry(entry) => self.page.entry(&entry, out)?,
                Piece::Repeated(repeated) => {
                    let entry = event::repeated(&repeated, self.theme);
                    self.page.entry(&entry, out)?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
