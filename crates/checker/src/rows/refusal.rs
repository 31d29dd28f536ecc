//! Rows E-08 and E-09: where a server listens, and what it says when it can't.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::arena::Arena;
use crate::outcome::{Miss, Outcome, ensure};
use crate::row::{Level, Row};
use crate::span::span;
use crate::subject::{Subject, Wanted};
use crate::system::said;
use crate::system::{BlockedPort, Process, Signal};

/// The time that both rows give.
const TWO_SECONDS: Duration = Duration::from_secs(2);

pub(super) const ROWS: &[Row] = &[
    Row {
        id: "E-08",
        level: Level::Core,
        is_timed: true,
        needs: &["E-01", "A-02"],
        title: "it listens where it was told, again at once after its end",
        cause: "no SO_REUSEADDR, or the address is ignored and all interfaces are listened on",
        check: listens_where_told,
        ..Row::PLAIN
    },
    Row {
        id: "E-09",
        level: Level::Robust,
        is_timed: true,
        title: "it says in one line why it can't listen, and fails",
        cause: "the error of bind isn't caught, or doesn't name the address",
        check: says_why_it_cannot_listen,
        ..Row::PLAIN
    },
];

fn listens_where_told(arena: &Arena<'_>) -> Outcome {
    let server = arena.serve()?;
    let process = server.process()?;
    let told = server.address;
    // Where the system shows no table, only the second start is judged.
    if !server.listens_on.is_empty() {
        let is_there = |address: &SocketAddr| {
            address.port() == told.port() && address.ip().to_canonical() == told.ip()
        };
        let holds = server.listens_on.iter().all(is_there);
        ensure(holds, || {
            let came = format!("it listens on {:?}", server.listens_on);
            Miss::fails(
                format!("the address {told}"),
                "it listens there and nowhere else",
                came,
            )
        })?;
    }
    let mut peer = server.connect()?;
    peer.round_trip(b"connected")?;
    server.signal(Signal::Terminate)?;
    let ended = process.status(arena.trial.drain_deadline + arena.trial.patience);
    let doing = "SIGTERM with a client connected";
    ensure(ended.is_some(), || {
        Miss::fails(doing, "the server ends", "it goes on")
            .because("SIGTERM is ignored, or the server waits for a client that stays")
    })?;
    drop(server);
    let begin = Instant::now();
    let second = arena.serve_at(told.port(), |_| ());
    let doing = format!("{doing}, then the same command again");
    let expected = format!("it listens on {told} again within 2 s");
    match second {
        Ok(_) => {
            let took = begin.elapsed();
            ensure(took < arena.with_start(TWO_SECONDS), || {
                Miss::fails(doing, expected, format!("that took {}", span(took)))
            })
        }
        Err(Miss::NotJudged(reason)) => {
            arena.check_time()?;
            Err(Miss::fails(doing, expected, reason))
        }
        Err(other) => Err(other),
    }
}

fn says_why_it_cannot_listen(arena: &Arena<'_>) -> Outcome {
    let Subject::Command(template) = &arena.trial.subject else {
        return Err(Miss::not_judged("needs the server's command"));
    };
    arena.know_start()?;
    let host = arena.trial.host.to_string();
    let mut parts = Vec::new();
    if template.has("{port}") {
        let taken = BlockedPort::taken(arena.trial.host, arena.port()?)?;
        let port = taken.address.port().to_string();
        parts.push(refuses(arena, &host, &port, &Refusal::of(&port, IN_USE)));
        for port in ["99999", "no-port"] {
            parts.push(refuses(arena, &host, port, &Refusal::of(port, &[])));
        }
    }
    if template.has("{host}") {
        let port = arena.port()?.to_string();
        // Some ask a name server about it, and no verdict may hang on one that is silent.
        let no_address = "300.1.1.1";
        if let Some(took) = lookup_time(no_address) {
            let refusal = Refusal {
                more_time: took,
                ..Refusal::of(no_address, &[])
            };
            parts.push(refuses(arena, no_address, &port, &refusal));
        }
        // A documentation address, which no interface has (RFC 5737).
        let missing = Ipv4Addr::new(192, 0, 2, 1);
        // Unless the system lets anybody have it (`net.ipv4.ip_nonlocal_bind`).
        if TcpListener::bind((missing, 0)).is_err() {
            let missing = missing.to_string();
            let refusal = Refusal::of(&missing, NOT_HERE);
            parts.push(refuses(arena, &missing, &port, &refusal));
        }
    }
    if parts.is_empty() {
        return Err(Miss::not_judged(
            "the command has neither {host} nor {port}",
        ));
    }
    Miss::together(parts)
}

/// How systems and languages say that somebody else has the port; some say it in their
/// users' language, whatever they are told.
const IN_USE: &[&str] = &[
    "in use",
    "eaddrinuse",
    "already",
    "verwendet",
    "belegt",
    "utilis",
    "en uso",
    "in uso",
    "em uso",
    "in gebruik",
];

/// How they say that no interface has the address.
const NOT_HERE: &[&str] = &[
    "not available",
    "assign",
    "eaddrnotavail",
    "unavailable",
    "not valid",
    "zugewiesen",
    "zugeordnet",
    "asign",
    "assegn",
    "atribu",
    "toegewezen",
];

/// How long a name server may take; a silent one takes a resolver many times as long.
const LOOKUP_LIMIT: Duration = Duration::from_secs(1);

/// How long it takes here to look `name` up; none if that is too long.
fn lookup_time(name: &'static str) -> Option<Duration> {
    let begin = Instant::now();
    let (answered, answer) = mpsc::channel();
    thread::spawn(move || {
        // There is no such name; how long that takes is what is asked.
        drop((name, 0).to_socket_addrs());
        let _ = answered.send(());
    });
    answer.recv_timeout(LOOKUP_LIMIT).ok()?;
    Some(begin.elapsed())
}

/// How an address is to be refused.
#[derive(Debug, Clone, Copy)]
struct Refusal<'a> {
    /// What the first line has to name.
    name: &'a str,
    /// Of which it has to have one, if there are any.
    causes: &'a [&'a str],
    /// What the program may take beyond the row's own limit.
    more_time: Duration,
}

impl<'a> Refusal<'a> {
    fn of(name: &'a str, causes: &'a [&'a str]) -> Self {
        Self {
            name,
            causes,
            more_time: Duration::ZERO,
        }
    }
}

/// Expects the server to refuse this address.
fn refuses(arena: &Arena<'_>, host: &str, port: &str, refusal: &Refusal<'_>) -> Outcome {
    let Subject::Command(template) = &arena.trial.subject else {
        return Ok(());
    };
    let order = template.order(host, port, Wanted::default());
    let process = Process::start(&order)?;
    let limit = arena.with_start(TWO_SECONDS) + refusal.more_time;
    let doing = format!("the address {host}, port {port}");
    let expected = "within 2 s an exit status other than 0, and a first line on standard error \
                    that names the address and the cause";
    let Some(status) = process.status(limit) else {
        return Err(Miss::fails(
            doing,
            expected,
            format!("after {} it still ran", span(limit)),
        ));
    };
    let stderr = arena.trial.foreign.own_words(&process);
    let first_line = stderr.lines().next().unwrap_or_default().to_lowercase();
    let causes = refusal.causes;
    let names_it = status.code().is_some_and(|code| code != 0) && first_line.contains(refusal.name);
    let has_cause = causes.is_empty() || causes.iter().any(|cause| first_line.contains(cause));
    ensure(names_it && has_cause, || {
        if names_it && is_in_another_language(&first_line) {
            return Miss::not_judged(format!("{doing}: {first_line:?} isn't understood"));
        }
        let came = format!("it ended ({status}){}", said(&stderr, ""));
        Miss::fails(doing, expected, came)
    })
}

/// True for words that can't be searched for a cause: systems have them in their users'
/// language.
pub(super) fn is_in_another_language(line: &str) -> bool {
    line.chars()
        .any(|letter| letter.is_alphabetic() && !letter.is_ascii())
}
