//! The checker, judged itself: by programs with one known defect each, by programs
//! that nobody here wrote, and by programs that misbehave.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    reason = "in a test, a panic is the report; clippy spares only the test functions themselves"
)]

mod blame;
mod checker;
mod class;
mod foreign;
mod guide;
mod machine;
mod mutants;
mod robust;
mod signals;
