//! A run that can be stepped through: live, with the programs held before each call, or
//! recorded.

use crate::kind::Kind;
use crate::record::{Argument, Data, Record, Side, SocketId};

/// A call that a program is about to make.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// Whose.
    pub side: Side,
    /// The thread that makes it.
    pub thread: u32,
    /// Its name.
    pub name: String,
    /// What it does.
    pub kind: Kind,
    /// What it is given.
    pub arguments: Vec<Argument>,
    /// The socket that it concerns.
    pub socket: Option<SocketId>,
    /// The bytes that it offers, of a send.
    pub data: Option<Data>,
}

/// Why [`Play::settle`] came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// Nothing moves by itself: each thread is held, waits in a call, or is gone.
    Still,
    /// A key was pressed, or the terminal has another size.
    Key,
    /// The programs have ended; there is nothing more.
    Over,
    /// A signal wants the stepping to end.
    Stop,
}

/// Something to step through.
pub trait Play {
    /// The calls that are held, the natural next one first. A recorded run has one for
    /// each side: the one that comes next.
    fn held(&self) -> Vec<Held>;

    /// Lets the held call of `thread` go. A recorded run can only go on as it went; there
    /// `thread` has to be that of the natural next one.
    fn release(&mut self, thread: u32);

    /// Waits until nothing moves by itself, or a key is there, and hands over what was
    /// seen meanwhile, in order.
    ///
    /// # Errors
    ///
    /// If the programs can't be watched any more.
    fn settle(&mut self, seen: &mut dyn FnMut(Record)) -> anyhow::Result<Settled>;
}
