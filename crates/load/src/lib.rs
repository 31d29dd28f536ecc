//! The load generator: as many messages as a server answers, or as many a second as
//! it is told to, and how long each answer took. Any server that sends back what comes
//! will do, and any that answers stage 3's messages.
//!
//! In the order to read the files:
//!
//! 1. [`flags`](LoadFlags): what the person at the command line decides, and the
//!    [`Plan`] that it comes to.
//! 2. `dialogue`: what is said, and which answer is right: a [`Dialogue`];
//!    `echo_dialogue` and `app_dialogue`: the two there are.
//! 3. `schedule`: which message is due, and when.
//! 4. `failure` and `shortage`: what goes wrong, and whose doing it is; `tally` and
//!    `report`: what came of the load.
//! 5. `under_way` and `debts`: messages that are sent, and messages that are due.
//! 6. `link`: a connection; `lane`: one after another, with the messages on it;
//!    `run_state`: what all lanes share.
//! 7. `engine`: all lanes, and the loop; `opening`: how it begins; `ready_queue`: who
//!    has something to do.
//! 8. `front`: from the plan to the report; `progress`: for those who wait;
//!    `stop_requests`: for those who don't.
//!
//! One thread does all the work, and little of it for each message: one read, one
//! write, one look at the clock. Each connection is registered once, edge-triggered,
//! for everything.
#![forbid(unsafe_code)]

mod app_dialogue;
mod debts;
mod dialogue;
mod echo_dialogue;
mod engine;
mod error;
mod failure;
mod flags;
mod front;
mod lane;
mod link;
mod opening;
mod progress;
mod ready_queue;
mod report;
mod run_state;
mod schedule;
mod shortage;
mod stop_requests;
mod tally;
mod under_way;

pub use app_dialogue::AppDialogue;
pub use dialogue::{Dialogue, Received, Wrong};
pub use echo_dialogue::{EchoDialogue, Pattern};
pub use engine::Load;
pub use error::LoadError;
pub use flags::{LoadFlags, MAX_SIZE, Pace, Plan};
pub use front::put_load;
pub use report::{Latency, Report};
pub use shortage::Shortage;
pub use stop_requests::StopRequests;
