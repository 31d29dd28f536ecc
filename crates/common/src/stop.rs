//! Ctrl-C and SIGTERM, the wish that a server stop.

use std::io;

/// Calls `on_request` each time somebody wishes the program to stop: Ctrl-C on
/// every system, SIGTERM and SIGHUP on Unix.
///
/// These signals are then handled even where the program was started with them
/// ignored, as by `nohup`.
///
/// The callback runs on a thread of its own, not inside a signal handler, so it
/// may do what any code may.
///
/// # Errors
///
/// If the system refuses the handler, or the program has one already.
pub fn on_stop_request(on_request: impl FnMut() + Send + 'static) -> io::Result<()> {
    ctrlc::set_handler(on_request).map_err(io::Error::other)
}
