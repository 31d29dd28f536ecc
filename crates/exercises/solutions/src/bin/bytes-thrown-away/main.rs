//! A server of the application protocol, with a thread for each client.
//!
//! Users reported: clients that send several requests at once get an answer to the
//! first, and then nothing or nonsense. Those that wait for each answer have no
//! trouble. Repaired in `serve`.
#![forbid(unsafe_code)]

mod answers;
mod message;

use std::collections::HashMap;
use std::io::{self, BufReader, ErrorKind, Read};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::answers::{answer, complaint};
use crate::message::{ReadError, read_request, write_response};

/// When to try again if a newcomer could not be accepted and nobody leaves.
const ACCEPT_RETRY: Duration = Duration::from_millis(500);
/// How long clients may take to read their last answers when the server has to stop.
const DRAIN_DEADLINE: Duration = Duration::from_secs(3);
/// How long a client may take to close once it has its last answer.
const LINGER: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [host, port] = &args[..] else {
        bail!("expected HOST PORT");
    };
    let listener = listen(host, port).with_context(|| format!("cannot listen on {host}:{port}"))?;
    let address = listener.local_addr()?;
    let clients = Arc::new(Clients::default());
    let told = Arc::clone(&clients);
    ctrlc::set_handler(move || {
        told.count_signal();
        // For the thread that waits in `accept`.
        let _ = TcpStream::connect(address);
    })?;
    println!("listening on {address}");
    accept_until_stopped(&listener, &clients)?;
    // First nobody comes any more, then those who are there are told.
    drop(listener);
    clients.end_input();
    clients.wait_for_the_last();
    Ok(())
}

fn listen(host: &str, port: &str) -> anyhow::Result<TcpListener> {
    Ok(TcpListener::bind((host, port.parse()?))?)
}

fn accept_until_stopped(listener: &TcpListener, clients: &Arc<Clients>) -> io::Result<()> {
    loop {
        if clients.is_stopping() {
            // Who waits already is served still, and nobody is waited for.
            listener.set_nonblocking(true)?;
        }
        match listener.accept() {
            Ok((stream, _)) => welcome(stream, clients),
            Err(_) if clients.is_stopping() => return Ok(()),
            // That one has left already.
            Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
            // Too many open files, most likely: until somebody leaves.
            Err(_) => clients.wait_for_a_change(),
        }
    }
}

fn welcome(stream: TcpStream, clients: &Arc<Clients>) {
    // Some systems hand the listener's own mode down.
    let _ = stream.set_nonblocking(false);
    // Small answers are not to wait for larger ones.
    let _ = stream.set_nodelay(true);
    let stream = Arc::new(stream);
    let place = clients.enter(&stream);
    // Without a thread for it, the client is let go.
    let _ = thread::Builder::new().spawn(move || {
        // An error ends this connection, and no other.
        let _ = serve(&stream, &place.clients);
        drop(stream);
        drop(place);
    });
}

/// Answers requests until the client has no more.
fn serve(stream: &TcpStream, clients: &Clients) -> io::Result<()> {
    // One for the whole connection: it may hold bytes of the next request already.
    let mut input = BufReader::new(stream);
    loop {
        let (response, goes_on) = match read_request(&mut input) {
            Ok(Some(request)) => (answer(&request), request.header.wants_to_go_on()),
            Ok(None) => break,
            Err(ReadError::Bad(code, message)) => (complaint(code, &message), false),
            Err(ReadError::Broken(error)) => return Err(error),
        };
        // The last response doesn't promise that there will be others.
        let promises_more = goes_on && !clients.is_stopping();
        write_response(stream, &response, promises_more)?;
        if !goes_on {
            break;
        }
    }
    close(stream)
}

/// Lets the client read its last answer in peace: to close while input is unread would
/// send a reset, which can overtake the answer.
fn close(mut stream: &TcpStream) -> io::Result<()> {
    stream.shutdown(Shutdown::Write)?;
    let deadline = Instant::now() + LINGER;
    let mut unwanted = [0; 16 * 1024];
    loop {
        // A timeout of zero, at the deadline, is an error.
        stream.set_read_timeout(Some(deadline.saturating_duration_since(Instant::now())))?;
        if stream.read(&mut unwanted)? == 0 {
            return Ok(());
        }
    }
}

/// Who is connected, and whether the server has to stop.
#[derive(Default)]
struct Clients {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    streams: HashMap<usize, Arc<TcpStream>>,
    n_accepted: usize,
    n_signals: usize,
}

/// A client's place among the others, given up when its thread ends, however it ends.
struct Place {
    clients: Arc<Clients>,
    number: usize,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.clients.lock().streams.remove(&self.number);
        self.clients.changed.notify_all();
    }
}

impl Clients {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics with the lock held")
    }

    fn enter(self: &Arc<Self>, stream: &Arc<TcpStream>) -> Place {
        let mut state = self.lock();
        state.n_accepted += 1;
        let number = state.n_accepted;
        state.streams.insert(number, Arc::clone(stream));
        let clients = Arc::clone(self);
        Place { clients, number }
    }

    fn is_stopping(&self) -> bool {
        self.lock().n_signals > 0
    }

    fn count_signal(&self) {
        self.lock().n_signals += 1;
        self.changed.notify_all();
    }

    /// Ends everybody's input; what has arrived before is still read (Linux).
    fn end_input(&self) {
        for stream in self.lock().streams.values() {
            let _ = stream.shutdown(Shutdown::Read);
        }
    }

    fn wait_for_a_change(&self) {
        let _ = self.changed.wait_timeout(self.lock(), ACCEPT_RETRY);
    }

    /// Waits for the clients; a second signal, or the deadline, ends the wait.
    fn wait_for_the_last(&self) {
        let _ = self
            .changed
            .wait_timeout_while(self.lock(), DRAIN_DEADLINE, |state| {
                state.n_signals < 2 && !state.streams.is_empty()
            });
    }
}
