//! A client under test, and the server that the checker plays for it.

use std::cell::Cell;
use std::net::{IpAddr, TcpListener, TcpStream};
use std::process::ExitStatus;
use std::thread;
use std::time::{Duration, Instant};

use crate::arena::{Arena, START_LIMIT};
use crate::outcome::{Miss, Outcome, ensure, limit_of};
use crate::peer::{Peer, is_timeout};
use crate::span::span;
use crate::subject::{Subject, Wanted};
use crate::system::said;
use crate::system::{BlockedPort, Order, Process};

/// How long a client may take to say that something is wrong, or that all is done.
const CLIENT_LIMIT: Duration = Duration::from_secs(20);

/// The checker as a server.
#[derive(Debug)]
pub(crate) struct Host<'a> {
    arena: &'a Arena<'a>,
    listener: TcpListener,
    port: u16,
}

/// The client under test, running.
#[derive(Debug)]
pub(crate) struct Client<'a> {
    arena: &'a Arena<'a>,
    process: Process,
    has_come: Cell<bool>,
}

/// What a client did.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl<'a> Host<'a> {
    /// A server for clients to come to.
    pub(crate) fn open(arena: &'a Arena<'a>) -> Outcome<Self> {
        let host: IpAddr = arena.trial.host;
        let port = arena.trial.fixed_port.unwrap_or(0);
        let open = || {
            let listener = TcpListener::bind((host, port))?;
            listener.set_nonblocking(true)?;
            let port = listener.local_addr()?.port();
            Ok(Self {
                arena,
                listener,
                port,
            })
        };
        open().map_err(|error| Miss::own_trouble("cannot listen", &error))
    }

    /// The row that this is for.
    pub(crate) fn arena(&self) -> &Arena<'a> {
        self.arena
    }

    /// Starts the client, which is to come to this server.
    pub(crate) fn invite(&self, wanted: Wanted<'_>) -> Outcome<Client<'a>> {
        self.invite_as(wanted, |_| ())
    }

    /// The same, by a command that is changed first.
    pub(crate) fn invite_as(
        &self,
        wanted: Wanted<'_>,
        change: impl FnOnce(&mut Order),
    ) -> Outcome<Client<'a>> {
        invite(self.arena, self.port, wanted, change)
    }

    /// What keeps this machine from connecting to the listener, if anything does.
    fn own_limit(&self) -> Option<String> {
        let connected = TcpStream::connect(self.listener.local_addr().ok()?);
        limit_of(&connected.err()?)
    }

    /// Takes the client's next connection.
    pub(crate) fn accept(&self, client: &Client<'_>) -> Outcome<Peer> {
        let deadline = Instant::now() + START_LIMIT;
        loop {
            match self.listener.accept() {
                Ok((stream, address)) => {
                    let blocking = stream.set_nonblocking(false);
                    blocking.map_err(|error| Miss::own_trouble("cannot accept", &error))?;
                    let trial = self.arena.trial;
                    // Before it has come, nothing can have gone wrong with it.
                    if !client.has_come.replace(true) && client.process.ended().is_none() {
                        trial.foreign.learn(&client.process);
                    }
                    return Peer::new(stream, address, self.arena.manner());
                }
                Err(error) if is_timeout(&error) => {
                    if Instant::now() > deadline || client.process.ended().is_some() {
                        // Where nobody gets a port, the client doesn't either.
                        return Err(match self.own_limit() {
                            Some(limit) => Miss::not_judged(limit),
                            None => client.did_not_come(),
                        });
                    }
                    self.arena.check_time()?;
                    thread::park_timeout(Duration::from_millis(1));
                }
                Err(error) => return Err(Miss::own_trouble("cannot accept", &error)),
            }
        }
    }
}

/// A port that refuses connections, and what keeps others away from it: nothing where
/// the port is fixed, which was seen to be free.
pub(crate) fn refusing_port(arena: &Arena<'_>) -> Outcome<(u16, Option<BlockedPort>)> {
    if arena.trial.fixed_port.is_some() {
        return Ok((arena.port()?, None));
    }
    let blocked = BlockedPort::refusing(arena.trial.host)?;
    Ok((blocked.address.port(), Some(blocked)))
}

/// Starts the client, which is to come to `port`.
pub(crate) fn invite<'a>(
    arena: &'a Arena<'a>,
    port: u16,
    wanted: Wanted<'_>,
    change: impl FnOnce(&mut Order),
) -> Outcome<Client<'a>> {
    let Subject::Command(template) = &arena.trial.subject else {
        return Err(Miss::not_judged("needs the client's command"));
    };
    let host = arena.trial.host.to_string();
    let mut order = template.order(&host, &port.to_string(), wanted);
    order.ends_input = true;
    change(&mut order);
    let process = Process::start(&order)?;
    Ok(Client {
        arena,
        process,
        has_come: Cell::new(false),
    })
}

impl Client<'_> {
    /// Waits for the client's end.
    pub(crate) fn finish(&self, sent: &str) -> Outcome<Done> {
        self.finish_within(CLIENT_LIMIT, sent)
    }

    pub(crate) fn finish_within(&self, limit: Duration, sent: &str) -> Outcome<Done> {
        let left = self
            .arena
            .manner()
            .end
            .saturating_duration_since(Instant::now());
        let status = self.process.status(limit.min(left));
        if status.is_none() {
            self.arena.check_time()?;
        }
        let status = status.ok_or_else(|| {
            let so_far = self.said();
            let came = format!("after {} it still ran{so_far}", span(limit));
            Miss::fails(sent, "the client ends", came)
        })?;
        Ok(Done {
            status,
            stdout: self.process.stdout(),
            stderr: self.arena.trial.foreign.own_words(&self.process),
        })
    }

    /// What it has said so far, for the end of a sentence.
    fn said(&self) -> String {
        let own_words = self.arena.trial.foreign.own_words(&self.process);
        said(&own_words, &self.process.stdout_text())
    }

    fn did_not_come(&self) -> Miss {
        let came = match self.process.ended() {
            Some(status) => {
                // Its last words may be on their way yet.
                self.process.status(Duration::from_millis(200));
                format!("it ended ({status}) without one{}", self.said())
            }
            None => format!("none within {}", span(START_LIMIT)),
        };
        Miss::fails("nothing yet", "a connection from the client", came)
    }
}

impl Done {
    /// Expects an exit status of 0.
    pub(crate) fn expect_success(&self, sent: &str) -> Outcome {
        ensure(self.status.success(), || {
            Miss::fails(sent, "exit status 0", self.told())
        })
    }

    /// Expects an error, and an exit status that isn't 0; death by a signal is no way
    /// to say something.
    pub(crate) fn expect_error(&self, sent: &str) -> Outcome {
        let says_so = !self.stderr.trim().is_empty() || !self.stdout.is_empty();
        let is_error = self.status.code().is_some_and(|code| code != 0) && says_so;
        ensure(is_error, || {
            Miss::fails(
                sent,
                "an error, and an exit status other than 0",
                self.told(),
            )
        })
    }

    /// The end of the client in words.
    pub(crate) fn told(&self) -> String {
        let stdout = String::from_utf8_lossy(&self.stdout);
        format!("it ended ({}){}", self.status, said(&self.stderr, &stdout))
    }
}
