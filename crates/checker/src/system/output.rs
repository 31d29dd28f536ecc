//! What a program writes, read as it comes.

use std::io::{self, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

/// One of a program's outputs. All of it is read, so that the program never waits;
/// only the start is kept, so that a flood costs nothing.
#[derive(Debug)]
pub(crate) struct Output {
    state: Mutex<State>,
    closed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    kept: Vec<u8>,
    n_dropped: usize,
    is_closed: bool,
}

impl Output {
    /// Collects what comes from `pipe`, at most `room` bytes of it.
    pub(crate) fn collect(
        mut pipe: impl Read + Send + 'static,
        room: usize,
    ) -> io::Result<Arc<Self>> {
        let output = Arc::new(Self {
            state: Mutex::default(),
            closed: Condvar::new(),
        });
        let collected = Arc::clone(&output);
        thread::Builder::new().spawn(move || {
            let mut buffer = vec![0; 64 * 1024];
            loop {
                let n_read = pipe.read(&mut buffer).unwrap_or(0);
                let mut state = collected.lock();
                if n_read == 0 {
                    state.is_closed = true;
                    collected.closed.notify_all();
                    return;
                }
                let n_kept = n_read.min(room.saturating_sub(state.kept.len()));
                state.kept.extend_from_slice(&buffer[..n_kept]);
                state.n_dropped += n_read - n_kept;
            }
        })?;
        Ok(output)
    }

    /// What has come so far.
    pub(crate) fn text(&self) -> String {
        let state = self.lock();
        let mut text = String::from_utf8_lossy(&state.kept).into_owned();
        if state.n_dropped > 0 {
            text += &format!("… and {} bytes more", state.n_dropped);
        }
        text
    }

    /// What has come so far, as far as it was kept.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.lock().kept.clone()
    }

    /// Waits for the end of the output; it may stay open when a child of the program
    /// has it.
    pub(crate) fn wait_for_end(&self, within: Duration) {
        let state = self.lock();
        drop(
            self.closed
                .wait_timeout_while(state, within, |state| !state.is_closed),
        );
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("nobody panics with an output locked")
    }
}

/// What a program wrote, for the end of a sentence.
pub(crate) fn said(stderr: &str, stdout: &str) -> String {
    let text = if stderr.trim().is_empty() {
        stdout
    } else {
        stderr
    };
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    match lines.as_slice() {
        [] => String::new(),
        [line] => format!(", saying {line:?}"),
        [first, .., last] => {
            format!(", with {} lines from {first:?} to {last:?}", lines.len())
        }
    }
}
