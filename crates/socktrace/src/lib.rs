//! See every socket call of any two programs.
//!
//! In the order to read it:
//!
//! 1. [`record`]: what is seen, a line of JSON each. Everything else is made from these
//!    lines, live or read from a file, on any platform.
//! 2. [`play`]: a run that can be stepped through, live or recorded.
//! 3. `linux`: where the records come from: two programs, watched by ptrace.
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
pub mod tracker;
pub mod words;

#[cfg(target_os = "linux")]
pub mod linux;
