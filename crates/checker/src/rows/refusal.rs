//! Rows E-08 and E-09: where a server listens, and what it says when it can't.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use crate::arena::{Arena, said};
use crate::outcome::{Miss, Outcome, ensure};
use crate::row::{Level, Row};
use crate::subject::{Subject, Wanted};
use crate::system::{BlockedPort, Process, Signal};

/// The time that both rows give.
const TWO_SECONDS: Duration = Duration::from_secs(2);

pub(super) const ROWS: &[Row] = &[
    Row {
        id: "E-08",
        level: Level::Core,
        is_timed: true,
        title: "it listens where it was told, again at once after its end",
        cause: "no SO_REUSEADDR, or the address is ignored and all interfaces are listened on",
        check: listens_where_told,
        ..Row::PLAIN
    },
    Row {
        id: "E-09",
        level: Level::Core,
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
    let ended = process.status(arena.setup.drain_deadline + arena.setup.patience);
    let doing = "SIGTERM with a client connected";
    ensure(ended.is_some(), || {
        Miss::fails(doing, "the server ends", "it goes on")
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
                Miss::fails(doing, expected, format!("that took {took:.1?}"))
            })
        }
        Err(Miss::NotJudged(reason)) => Err(Miss::fails(doing, expected, reason)),
        Err(other) => Err(other),
    }
}

fn says_why_it_cannot_listen(arena: &Arena<'_>) -> Outcome {
    let Subject::Command(template) = &arena.setup.subject else {
        return Err(Miss::not_judged("needs the server's command"));
    };
    let host = arena.setup.host.to_string();
    if template.has("{port}") {
        let taken = BlockedPort::taken(arena.setup.host, arena.port()?)?;
        let port = taken.address.port().to_string();
        refuses(
            arena,
            &host,
            &port,
            &[&port],
            &["in use", "eaddrinuse", "already"],
        )?;
        refuses(arena, &host, "99999", &["99999"], &[])?;
        refuses(arena, &host, "no-port", &["no-port"], &[])?;
    }
    if template.has("{host}") {
        let port = arena.port()?.to_string();
        refuses(arena, "300.1.1.1", &port, &["300.1.1.1"], &[])?;
        // A documentation address, which no interface has (RFC 5737).
        let missing = Ipv4Addr::new(192, 0, 2, 1).to_string();
        let words = &[
            "not available",
            "assign",
            "eaddrnotavail",
            "unavailable",
            "not valid",
        ];
        refuses(arena, &missing, &port, &[&missing], words)?;
    }
    if !template.has("{host}") && !template.has("{port}") {
        return Err(Miss::not_judged(
            "the command has neither {host} nor {port}",
        ));
    }
    Ok(())
}

/// Expects the server to refuse this address: each of `names` in the first line, and
/// one of `causes`, if there are any.
fn refuses(arena: &Arena<'_>, host: &str, port: &str, names: &[&str], causes: &[&str]) -> Outcome {
    let Subject::Command(template) = &arena.setup.subject else {
        return Ok(());
    };
    let order = template.order(host, port, Wanted::default());
    let process = Process::start(&order)?;
    let limit = arena.with_start(TWO_SECONDS);
    let doing = format!("the address {host}, port {port}");
    let expected = "within 2 s an exit status other than 0, and a first line on standard error \
                    that names the address and the cause";
    let Some(status) = process.status(limit) else {
        return Err(Miss::fails(
            doing,
            expected,
            format!("after {limit:.1?} it still ran"),
        ));
    };
    let stderr = process.stderr();
    let first_line = stderr.lines().next().unwrap_or_default().to_lowercase();
    let holds = status.code().is_some_and(|code| code != 0)
        && names.iter().all(|name| first_line.contains(name))
        && (causes.is_empty() || causes.iter().any(|cause| first_line.contains(cause)));
    ensure(holds, || {
        let came = format!("it ended ({status}){}", said(&stderr, ""));
        Miss::fails(doing, expected, came)
    })
}
