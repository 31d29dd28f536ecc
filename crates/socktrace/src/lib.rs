//! See every socket call of any two programs.
//!
//! In the order to read it:
//!
//! 1. [`record`]: what is seen, a line of JSON each. Everything else is made from these
//!    lines, live or read from a file, on any platform.
//! 2. [`kind`]: what a call does, whatever its name.
//! 3. [`trace_file`]: the lines as a file.
//!
//! Where the lines come from:
//!
//! 4. `linux`: two programs, watched by ptrace.
//! 5. `tracker`: which socket a call is about, and which calls its result is owed to.
//!
//! How they are shown as a diagram:
//!
//! 6. [`show`]: where records go as they come.
//! 7. [`model`]: what is known of programs and sockets after some of them.
//! 8. [`only`]: which calls are wanted.
//! 9. [`draw`]: a column for each program, and arrows.
//! 10. [`locale`]: which signs the terminal has.
//!
//! How a run is stepped through:
//!
//! 11. [`play`]: what can be stepped through, live or recorded.
//! 12. [`replay`]: a recorded run.
//! 13. [`words`]: what a call means, in two lines.
//! 14. [`ask`]: what will it do? The questions, and the score.
//! 15. [`step`]: the screen and its keys.
#![deny(unsafe_code)]

pub mod ask;
pub mod draw;
pub mod kind;
pub mod locale;
pub mod model;
pub mod only;
pub mod play;
pub mod record;
pub mod replay;
pub mod show;
pub mod step;
pub mod trace_file;
pub mod words;

#[cfg(target_os = "linux")]
pub mod linux;
// Linux alone needs it, but its tests run anywhere.
#[cfg(any(target_os = "linux", test))]
mod tracker;
