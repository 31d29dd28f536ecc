//! What a program writes: the ready line, its data, its one error line.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::ExitCode;

/// Prints `listening on ADDRESS:PORT`, a server's first line on standard
/// output.
///
/// The address is the one that the system really gave, so that whoever started
/// the server on port 0 learns where it is. Flushed: into a pipe, a line would
/// otherwise wait for more.
///
/// # Errors
///
/// As [`write_stdout`].
pub fn print_ready_line(address: SocketAddr) -> io::Result<()> {
    write_stdout(format!("listening on {address}\n").as_bytes())
}

/// Writes all of `data` to standard output and flushes it.
///
/// A reader that has seen enough and is gone (`| head`) is not an error.
///
/// # Errors
///
/// Any other failure, such as a full disk.
pub fn write_stdout(data: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(data).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Standard output as a [`Write`], each write flushed; see [`write_stdout`].
#[derive(Debug, Clone, Copy)]
pub struct Stdout;

impl Write for Stdout {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        write_stdout(data).map(|()| data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Turns a program's result into its exit status: 0, or one line on standard
/// error and 1. (Wrong usage is 2, and clap's affair.)
pub fn exit_code(result: anyhow::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to do if standard error is closed too.
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
