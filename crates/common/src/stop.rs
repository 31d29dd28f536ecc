//! Ctrl-C and SIGTERM, the wish that a server stop.

/// Calls `on_request` each time somebody wishes the program to stop: Ctrl-C on
/// every system, SIGTERM and SIGHUP on Unix.
///
/// The callback runs on a thread of its own, not inside a signal handler, so it
/// may do what any code may.
///
/// # Errors
///
/// If the system refuses the handler, or the program has one already.
pub fn on_stop_request(on_request: impl FnMut() + Send + 'static) -> anyhow::Result<()> {
    use anyhow::Context;
    ctrlc::set_handler(on_request).context("cannot listen for Ctrl-C")
}
