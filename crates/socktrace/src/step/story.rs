//! What has happened so far, as far as the screen shows it.

use std::collections::VecDeque;

use super::label::printable;
use crate::model::{Closed, Model, Program};
use crate::record::{Call, Exit, Record, Side, SocketId, State, Step, Wait};

/// More rows than any terminal is high; earlier ones are forgotten.
const MAX_ROWS: usize = 1000;
/// Likewise more text of a program's output than a row shows.
const MAX_TEXT: usize = 400;

/// What has happened so far: what is known of it, and the rows that tell it.
#[derive(Debug, Default)]
pub(crate) struct Story {
    model: Model,
    rows: VecDeque<Row>,
    /// The last call among the rows that were forgotten: a program may print a lot between
    /// one call and the next.
    forgotten: Option<Row>,
    /// After which call, and how the kernel has its sockets since.
    states: Option<(Step, Vec<State>)>,
}

/// Something that has happened.
#[derive(Debug)]
pub(crate) enum Row {
    /// A call began to wait.
    Wait(Wait),
    /// A call ended.
    Call(Call),
    /// Anything else, in words; without a side it is about the trace.
    Told(Option<Side>, String),
}

impl Story {
    /// Goes on by what was seen.
    pub(crate) fn see(&mut self, record: Record) {
        self.model.apply(&record);
        match record {
            Record::Wait(wait) => self.push(Row::Wait(wait)),
            Record::Call(call) => self.see_call(call),
            Record::Thread(thread) => {
                if self.program(thread.side).process != Some(thread.thread) {
                    let is_process = thread.thread == thread.process;
                    let what = if is_process { "process" } else { "thread" };
                    let text = format!("starts {what} {}", thread.thread);
                    self.tell(Some(thread.side), text);
                }
            }
            Record::Output(output) => {
                let shown: String = output.text.chars().take(MAX_TEXT).collect();
                let shown = printable(shown.trim_end());
                self.tell(Some(output.side), format!("prints: {shown}"));
            }
            Record::Signal(signal) => {
                let does = if signal.stopped {
                    "is stopped by"
                } else {
                    "gets"
                };
                self.tell(
                    Some(signal.side),
                    format!("{does} {}", printable(&signal.name)),
                );
            }
            Record::Exit(exit) => self.see_exit(&exit),
            Record::Note(note) => self.tell(note.side, printable(&note.text)),
            Record::Trace(_)
            | Record::Exec(_)
            | Record::Socket(_)
            | Record::Connection(_)
            | Record::End(_) => {}
        }
    }

    fn see_call(&mut self, call: Call) {
        if !call.states.is_empty() {
            self.states = Some((call.step, call.states.clone()));
        }
        // Of two calls that end at the same time, the effect may be seen first.
        let is_effect = |row: &Row| match row {
            Row::Call(other) => other.causes.iter().any(|cause| cause.step == call.step),
            _ => false,
        };
        let n_effects = self
            .rows
            .iter()
            .rev()
            .take_while(|row| is_effect(row))
            .count();
        self.rows
            .insert(self.rows.len() - n_effects, Row::Call(call));
        self.forget();
    }

    fn see_exit(&mut self, exit: &Exit) {
        let how = how_it_ended(exit);
        let text = if self.program(exit.side).exit.as_ref() == Some(exit) {
            how
        } else if exit.thread == exit.process {
            format!("process {} {how}", exit.process)
        } else {
            format!("thread {} ends", exit.thread)
        };
        self.tell(Some(exit.side), text);
    }

    fn tell(&mut self, side: Option<Side>, text: String) {
        self.push(Row::Told(side, text));
    }

    fn push(&mut self, row: Row) {
        self.rows.push_back(row);
        self.forget();
    }

    fn forget(&mut self) {
        if self.rows.len() > MAX_ROWS {
            let row = self.rows.pop_front();
            let is_call = |row: &Row| !matches!(row, Row::Told(..));
            self.forgotten = row.filter(is_call).or(self.forgotten.take());
        }
    }

    fn program(&self, side: Side) -> &Program {
        self.model.program(side)
    }

    /// The last `count` rows, the earliest first.
    pub(crate) fn last_rows(&self, count: usize) -> impl Iterator<Item = &Row> {
        self.rows.iter().skip(self.rows.len().saturating_sub(count))
    }

    /// The last call that ended or began to wait.
    pub(crate) fn last(&self) -> Option<&Row> {
        let mut rows = self.rows.iter().rev();
        let last = rows.find(|row| !matches!(row, Row::Told(..)));
        last.or(self.forgotten.as_ref())
    }

    /// The last call that ended.
    pub(crate) fn last_call(&self) -> Option<&Call> {
        self.rows.iter().rev().find_map(|row| match row {
            Row::Call(call) => Some(call),
            _ => None,
        })
    }

    /// The latest row about a call, if it is still remembered.
    pub(crate) fn row_of(&self, step: Step) -> Option<&Row> {
        self.rows.iter().rev().find(|row| match row {
            Row::Call(call) => call.step == step,
            Row::Wait(wait) => wait.step == step,
            Row::Told(..) => false,
        })
    }

    /// The name of a call that is still remembered.
    pub(crate) fn name_of(&self, step: Step) -> Option<&str> {
        match self.row_of(step)? {
            Row::Call(call) => Some(&call.name),
            Row::Wait(wait) => Some(&wait.name),
            Row::Told(..) => None,
        }
    }

    /// The calls that wait now, in the order in which they began.
    pub(crate) fn waits(&self) -> Vec<&Wait> {
        let mut waits: Vec<&Wait> = self.model.waits().collect();
        waits.sort_by_key(|wait| wait.step);
        waits
    }

    /// The call that `side` waits in, the earliest if there are several threads.
    pub(crate) fn wait_of(&self, side: Side) -> Option<&Wait> {
        self.waits().into_iter().find(|wait| wait.side == side)
    }

    pub(crate) fn waits_in(&self, step: Step) -> bool {
        self.model.waits().any(|wait| wait.step == step)
    }

    /// The last call whose sockets are known, and how the kernel has them since.
    pub(crate) fn states(&self) -> Option<(Step, &[State])> {
        let (step, states) = self.states.as_ref()?;
        Some((*step, states))
    }

    /// A `close` left bytes of the peer unread: it doesn't show that itself.
    pub(crate) fn has_reset(&self, call: &Call) -> bool {
        let life = call.socket.and_then(|socket| self.model.socket(socket));
        life.is_some_and(|life| life.is_reset && life.closed == Some(Closed::By(call.step)))
    }

    pub(crate) fn side_of(&self, socket: SocketId) -> Option<Side> {
        self.model.socket(socket).map(|life| life.side)
    }

    /// How the program of `side` ended, if it did and nothing of it is left.
    pub(crate) fn end_of(&self, side: Side) -> Option<String> {
        let program = self.program(side);
        let exit = program.exit.as_ref().filter(|_| program.is_gone());
        exit.map(how_it_ended)
    }

    pub(crate) fn has_begun(&self, side: Side) -> bool {
        let program = self.program(side);
        program.n_threads > 0 || program.n_calls > 0 || !program.waits.is_empty()
    }

    /// True once the last line of the trace was seen; one that was cut short has none.
    pub(crate) fn is_whole(&self) -> bool {
        self.model.is_over()
    }

    pub(crate) fn n_calls(&self) -> u64 {
        self.program(Side::Server).n_calls + self.program(Side::Client).n_calls
    }
}

fn how_it_ended(exit: &Exit) -> String {
    match &exit.signal {
        Some(signal) => format!("ended by {}", printable(signal)),
        None => format!("ended with status {}", exit.status),
    }
}
