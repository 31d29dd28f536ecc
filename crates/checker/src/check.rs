//! One row, checked of one program.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::arena::Arena;
use crate::fixed_port::who_listens_on;
use crate::outcome::{Miss, limit_of};
use crate::row::Row;
use crate::rows::rows;
use crate::stage::Side;
use crate::subject::Subject;
use crate::system::Listening;
use crate::trial::{STOPPED, Trial};

/// Held by a row with a limit of time in it: they aren't measured beside one another,
/// whoever checks them in this process.
static MEASURING: Mutex<()> = Mutex::new(());

/// How long a row may take as a whole, beside what it waits for on purpose: far longer than
/// any does with a program that answers.
const LONGEST_ROW: Duration = Duration::from_secs(120);

/// How many rows of one program are checked at a time: most of them wait, for the program
/// or for time to pass.
const N_AT_ONCE: usize = 6;

impl Trial {
    /// Checks a row, as long as there is time until `end`.
    ///
    /// # Errors
    ///
    /// If the row doesn't hold, or nothing can be said about it.
    pub fn check(&self, row: &Row, end: Option<Instant>) -> Result<(), Miss> {
        let measuring = || MEASURING.lock().unwrap_or_else(PoisonError::into_inner);
        let _turn = row.is_timed.then(measuring);
        let waiting = if row.is_waiting {
            self.give_up
        } else {
            Duration::ZERO
        };
        let arena = Arena::new(self, LONGEST_ROW + waiting, end);
        let result = arena.check_time().and_then(|()| (row.check)(&arena));
        if self.is_interrupted() {
            // The programs were ended, whatever that looked like to the row.
            return Err(Miss::not_judged(STOPPED));
        }
        result.map_err(|miss| match miss {
            Miss::Fails(mut failure) => {
                // A row about the end of a program tells of it itself.
                if !failure.came.contains("it ended") {
                    for words in arena.last_words() {
                        failure.came += &format!("; {words}");
                    }
                }
                for note in arena.notes() {
                    failure.came += &format!("; {note}");
                }
                Miss::Fails(failure)
            }
            other => other,
        })
    }

    /// Checks all rows, several at a time, each of them once: also those that rest on a
    /// broken one.
    pub fn check_all(&self) -> Vec<(&'static Row, Result<(), Miss>)> {
        let rows = rows(self.stage, self.side);
        let next = AtomicUsize::new(0);
        let check_next = || {
            let row = *rows.get(next.fetch_add(1, Ordering::Relaxed))?;
            Some((row, self.check(row, None)))
        };
        thread::scope(|scope| {
            let check_some = || scope.spawn(|| std::iter::from_fn(check_next).collect::<Vec<_>>());
            let workers: Vec<_> = (0..N_AT_ONCE).map(|_| check_some()).collect();
            let results = workers
                .into_iter()
                .map(|worker| worker.join().expect("no row panics"));
            results.flatten().collect()
        })
    }

    /// Checks that the program can be judged at all: this machine connects to itself, the
    /// port is free, and a server starts, or runs.
    ///
    /// # Errors
    ///
    /// The reason, if it can't.
    pub fn check_start(&self) -> Result<(), String> {
        if let Subject::Running(address) = self.subject {
            // Not connected to: a server of one client would then have had it.
            return if nobody_listens(address) {
                Err(format!(
                    "nobody listens on {address}: is the server running, and on this port?"
                ))
            } else {
                Ok(())
            };
        }
        check_loopback(self.host)?;
        let port = self.fixed_port.map(|port| SocketAddr::new(self.host, port));
        if let Some(owner) = port.and_then(who_listens_on) {
            return Err(owner);
        }
        if self.side == Side::Client {
            return Ok(());
        }
        match Arena::new(self, LONGEST_ROW, None).serve() {
            Ok(_) => Ok(()),
            Err(Miss::NotJudged(reason)) => Err(reason),
            Err(Miss::Fails(failure)) => Err(failure.came),
        }
    }

    /// Checks the row of this name over IPv4 and over IPv6, for a test.
    ///
    /// # Panics
    ///
    /// Unless there is such a row, and it holds on both.
    #[track_caller]
    pub fn assert_holds(mut self, row: &str) {
        let rows = rows(self.stage, self.side);
        let row = rows
            .iter()
            .find(|known| known.id == row)
            .expect("a row of the stage");
        for host in [
            IpAddr::from(Ipv4Addr::LOCALHOST),
            Ipv6Addr::LOCALHOST.into(),
        ] {
            self.host = host;
            if let Err(miss) = self.check(row, None) {
                panic!("{}, on {host}: {miss}", row.id);
            }
        }
    }
}

/// Connects to itself once: where that fails, no program could do better.
fn check_loopback(host: IpAddr) -> Result<(), String> {
    let listener = TcpListener::bind((host, 0)).map_err(|error| {
        format!("nobody can listen on {host} here; is it an address of this machine?: {error}")
    })?;
    let connected = listener.local_addr().and_then(TcpStream::connect);
    connected.map(|_| ()).map_err(|error| {
        let why = limit_of(&error).unwrap_or_else(|| error.to_string());
        format!("the checker can't connect to itself on {host}: {why}")
    })
}

/// True if this machine's table of sockets says so; other machines have their own.
fn nobody_listens(address: SocketAddr) -> bool {
    match Listening::now() {
        Listening::On(sockets) => {
            let is_this = |(listening, _): &(SocketAddr, u64)| listening.port() == address.port();
            address.ip().is_loopback() && !sockets.iter().any(is_this)
        }
        Listening::Unknown => false,
    }
}
