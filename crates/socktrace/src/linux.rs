//! Two programs, watched by ptrace. In the order to read it:
//!
//! 1. `launch`: a program, held before its first instruction; `inherited`: what it gets
//!    from others than us; `filter`: at which calls the kernel is to stop it.
//! 2. `tracer`: stops, put in order; `sys`: what has no safe form.
//! 3. `decode`: a call's numbers as names, values and bytes; `memory`, `process`, `kernel`:
//!    what the system says of a stopped thread and of its sockets.
//! 4. `recorder`: records, made of all that.
//! 5. `program` and `session`: programs under watch; `pair`, `one` and `live`: what they are watched for.

mod decode;
mod filter;
mod inherited;
mod kernel;
mod launch;
mod live;
mod memory;
mod one;
mod outlets;
mod pair;
mod passing;
mod permission;
mod process;
mod program;
mod recorder;
mod sent;
mod session;
mod signals;
mod sys;
mod tracer;

pub use inherited::Inherited;
pub use launch::start_watched;
pub use live::Live;
pub use one::{OnePlan, trace_one};
pub use pair::{Ending, Plan, trace_pair};
pub use signals::die_of;
