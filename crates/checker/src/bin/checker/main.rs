//! `cargo xtask check`: judges a server or client in any language, row by row, and
//! tells what came of it.
#![forbid(unsafe_code)]

mod accused;
mod again;
mod args;
mod each;
mod escape;
mod interrupt;
mod judge;
mod ours;
mod report;
mod session;

use std::io::Write;
use std::process::ExitCode;
#[cfg(unix)]
use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::Context;
use clap::Parser;

use crate::args::Args;
use crate::interrupt::INTERRUPTED;
use crate::session::Judgement;

/// What a shell gives for a program that Ctrl-C ended: 128 + SIGINT.
const INTERRUPTED_STATUS: u8 = 130;

/// It couldn't judge.
const NO_JUDGEMENT: u8 = 2;

fn main() -> ExitCode {
    let args = Args::parse();
    let result = prepare().and_then(|()| session::run(&args));
    // Whatever the programs left running ends with the checker.
    checker::end_all();
    if INTERRUPTED.load(Ordering::Relaxed) {
        return ExitCode::from(INTERRUPTED_STATUS);
    }
    match result {
        Ok(Judgement::AllHold) => ExitCode::SUCCESS,
        Ok(Judgement::SomeFail) => ExitCode::FAILURE,
        Err(error) => {
            // Nothing is left to do if standard error is closed too.
            let error = escape::shown(&format!("{error:#}"));
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::from(NO_JUDGEMENT)
        }
    }
}

fn prepare() -> anyhow::Result<()> {
    // A thousand connections need as many descriptors, here and in the program.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    // Where the signal is ignored, as after `trap '' CHLD`, children leave no status.
    #[cfg(unix)]
    signal_hook::flag::register(signal_hook::consts::SIGCHLD, Arc::default())
        .context("cannot watch for children that end")?;
    checker::adopt_orphans();
    interrupt::on_interrupt(|| {
        // Rows end soon when their programs are gone, and no other is begun.
        INTERRUPTED.store(true, Ordering::Relaxed);
        checker::end_all();
    })
    .context("cannot listen for Ctrl-C")
}
