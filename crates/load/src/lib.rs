//! The load generator: as many messages as a server answers, or as many a second as
//! it is told to, and how long each answer took.
//!
//! No lesson is about these files. In the order to read them:
//!
//! 1. [`flags`](LoadFlags): what the person at the command line decides.
//! 2. `dialogue`: what is said, and which answer is right: a [`Dialogue`].
//! 3. `schedule`: which message is due, and when.
//! 4. `tally` and `report`: what came of it.
//! 5. `lane`: one connection after another, with the messages under way on it.
//! 6. `engine`: all lanes, and the loop.
//!
//! One thread does all the work, and little of it for each message: one read, one
//! write, one look at the clock. Each connection is registered once, edge-triggered,
//! for everything.

mod dialogue;
mod engine;
mod error;
mod flags;
mod front;
mod lane;
mod progress;
mod report;
mod schedule;
mod tally;

pub use dialogue::{Dialogue, EchoDialogue, Pattern, Received, Wrong};
pub use engine::{Load, StopRequests};
pub use error::LoadError;
pub use flags::{LOAD_HEADING, LoadFlags, MAX_SIZE, Pace, Plan};
pub use front::put_load;
pub use report::{Latency, Report};
