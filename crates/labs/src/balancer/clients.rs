//! Clients without a pause, each a process; and what became of their requests.

use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Scope;
use std::time::Instant;

use anyhow::Context;

use super::haproxy::FRONT;
use super::servers;
use crate::child;
use crate::threads::start;
use crate::wait;

/// So many at a time, each with one request.
pub(super) const N_CLIENTS: u64 = 4;

pub(super) struct Clients {
    program: PathBuf,
    requests: Mutex<Vec<Request>>,
    is_over: AtomicBool,
}

#[derive(Clone, Copy)]
pub(super) struct Request {
    pub(super) began: Instant,
    /// The client got its answer: its exit status was 0.
    pub(super) is_answered: bool,
}

impl Clients {
    pub(super) fn new() -> anyhow::Result<Self> {
        Ok(Self {
            program: servers::program("app-client")?,
            requests: Mutex::default(),
            is_over: AtomicBool::new(false),
        })
    }

    /// Starts them, one after another in each of several threads.
    ///
    /// # Errors
    ///
    /// If there can't be so many threads.
    pub(super) fn start<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
    ) -> io::Result<()> {
        for _ in 0..N_CLIENTS {
            start(scope, || {
                while !self.is_over.load(Ordering::Relaxed) {
                    let began = Instant::now();
                    let is_answered = self.request().unwrap_or(false);
                    self.lock().push(Request { began, is_answered });
                }
            })?;
        }
        Ok(())
    }

    /// No further ones.
    pub(super) fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    /// One request, by a client of its own.
    pub(super) fn request(&self) -> io::Result<bool> {
        let (host, port) = FRONT.split_once(':').expect("host and port");
        let status = child::command(&self.program)?
            .args([host, port, "search", "ring", "--timeout", "5"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        Ok(status.success())
    }

    /// Waits until so many requests that began after `start` have ended, and
    /// returns all that began after it.
    pub(super) fn after(
        &self,
        start: Instant,
        n: usize,
    ) -> anyhow::Result<Vec<Request>> {
        let found = wait::until(|| {
            let mut requests = self.all();
            requests.retain(|request| request.began > start);
            Ok(Some(requests).filter(|requests| requests.len() >= n))
        })?;
        found.with_context(|| format!("too few of {n} requests have ended"))
    }

    pub(super) fn all(&self) -> Vec<Request> {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Request>> {
        self.requests.lock().expect("nobody panics with it")
    }
}
