//! Rows M-21 to M-24: a client of many connections, against servers that the checker
//! plays.

use std::io::Read;
use std::thread;
use std::time::Duration;

use crate::arena::Arena;
use crate::outcome::{Miss, Outcome, ensure};
use crate::peer::Peer;
use crate::row::{Level, Row};
use crate::subject::{Subject, Wanted};
use crate::visit::{Client, Host};

pub(super) const ROWS: &[Row] = &[
    Row {
        id: "M-21",
        is_guide: true,
        title: "it opens N connections, counts what comes back, ends",
        cause: "an end that is waited for by another event than the one that comes",
        check: opens_many,
        ..Row::PLAIN
    },
    Row {
        id: "M-22",
        level: Level::Robust,
        needs: &["M-21"],
        title: "a server that answers in other pieces is understood",
        cause: "each recv is taken for the answer to one send",
        check: understands_other_pieces,
        ..Row::PLAIN
    },
    Row {
        id: "M-23",
        level: Level::Robust,
        needs: &["M-21"],
        title: "a server that resets, ends early or lies is an error",
        cause: "an error or an early end of one connection is taken for success",
        check: notices_a_bad_server,
        ..Row::PLAIN
    },
    Row {
        id: "M-24",
        level: Level::Robust,
        is_waiting: true,
        title: "a server that never answers: an error at the deadline",
        cause: "there is no deadline",
        check: has_a_deadline,
        ..Row::PLAIN
    },
];

const N: u32 = 3;

fn meet<'a>(host: &Host<'a>) -> Outcome<(Client<'a>, Vec<Peer>)> {
    if let Subject::Command(template) = &host.arena().trial.subject
        && !template.has("{connections}")
    {
        return Err(Miss::not_judged(
            "put {connections} into the command, where the client is told how many to open",
        ));
    }
    let client = host.invite(Wanted {
        connections: N,
        ..Wanted::default()
    })?;
    let peers: Outcome<Vec<Peer>> = (0..N).map(|_| host.accept(&client)).collect();
    Ok((client, peers?))
}

/// Echoes on all connections until the client ends them, in pieces of `n_bytes`.
fn echo_all(peers: Vec<Peer>, n_bytes: usize) {
    thread::scope(|scope| {
        for mut peer in peers {
            scope.spawn(move || peer.echo(n_bytes));
        }
    });
}

fn opens_many(arena: &Arena<'_>) -> Outcome {
    serves(
        arena,
        64 * 1024,
        "the client's bytes, on each of its connections",
    )
}

fn understands_other_pieces(arena: &Arena<'_>) -> Outcome {
    serves(arena, 1, "the client's bytes, one at a time")
}

fn serves(arena: &Arena<'_>, piece: usize, doing: &str) -> Outcome {
    let host = Host::open(arena)?;
    let (client, peers) = meet(&host)?;
    echo_all(peers, piece);
    client.finish(doing)?.expect_success(doing)
}

fn notices_a_bad_server(arena: &Arena<'_>) -> Outcome {
    for (doing, bad) in [
        ("the end, without an answer", Bad::Closes),
        ("a reset (RST) on one connection", Bad::Resets),
        ("other bytes on one connection", Bad::Lies),
    ] {
        let host = Host::open(arena)?;
        let (client, mut peers) = meet(&host)?;
        let mut victim = peers
            .pop()
            .ok_or_else(|| Miss::not_judged("no connection"))?;
        let mut bytes = vec![0; 64 * 1024];
        let n_read = victim.stream.read(&mut bytes).unwrap_or(0);
        match bad {
            Bad::Closes => drop(victim),
            Bad::Resets => victim.reset(),
            Bad::Lies => {
                let lies: Vec<u8> = bytes[..n_read].iter().map(|byte| byte ^ 1).collect();
                victim.send_what_is_taken(&lies);
                peers.push(victim);
            }
        }
        echo_all(peers, 64 * 1024);
        client.finish(doing)?.expect_error(doing)?;
    }
    Ok(())
}

#[derive(Debug, Clone, Copy)]
enum Bad {
    Closes,
    Resets,
    Lies,
}

/// For a client that was given a deadline of a second or less.
const SHORT_LIMIT: Duration = Duration::from_secs(10);

fn has_a_deadline(arena: &Arena<'_>) -> Outcome {
    let trial = arena.trial;
    let arguments = trial.short_deadline.as_deref().unwrap_or_default();
    let limit = match trial.short_deadline {
        Some(_) => SHORT_LIMIT,
        None => trial.give_up,
    };
    let host = Host::open(arena)?;
    let client = host.invite_as(Wanted::default(), |order| {
        order.command.words.extend_from_slice(arguments);
    })?;
    // What it sends is taken, and nothing is said.
    let _peer = host.accept(&client)?;
    let doing = "nothing, for as long as the client waits";
    let done = client.finish_within(arena.with_start(limit), doing)?;
    ensure(!done.status.success(), || {
        Miss::fails(
            doing,
            "an error, and an exit status other than 0",
            done.told(),
        )
    })?;
    done.expect_error(doing)
}
