//! Row A-10: more than one request a connection.

use std::io::Write;
use std::thread;
use std::time::Duration;

use super::app_server::expect_result;
use super::many::MORE_THAN_ANY_BUFFER;
use crate::arena::{Arena, Server};
use crate::bytes::shown;
use crate::message::{KEEP_ALIVE, keep_alive_search, message};
use crate::outcome::{Miss, Outcome, ensure};
use crate::peer::Peer;
use crate::row::{Level, Row};

pub(super) const ROWS: &[Row] = &[Row {
    id: "A-10",
    level: Level::Production,
    needs: &["A-01"],
    title: "keep-alive: requests one by one, pipelined, read slowly",
    cause: "bytes behind a message are thrown away, or no answer is said to be kept",
    check: keeps_connections,
    ..Row::PLAIN
}];

fn keeps_connections(arena: &Arena<'_>) -> Outcome {
    let server = arena.serve()?;
    one_after_another(&server)?;
    pipelined(&server)?;
    read_slowly(&server)?;
    never_read(&server)
}

fn expect_answer(peer: &mut Peer, number: usize) -> Outcome {
    let response = peer.receive_message()?;
    expect_result(peer, &response, &format!("No match for '{number}'."))?;
    ensure(response.is_kept_alive(), || {
        let expected = "\"connection\": \"keep-alive\" in the response's header";
        peer.failure(expected, "none: the server keeps no connection")
    })
}

fn one_after_another(server: &Server<'_>) -> Outcome {
    let mut peer = server.connect()?;
    for number in 0..100 {
        peer.send(&keep_alive_search(&number.to_string()))?;
        expect_answer(&mut peer, number)?;
    }
    // What isn't JSON is answered by an error; the frame itself was whole.
    peer.send(&message("text/json", "utf-8", KEEP_ALIVE, b"no JSON"))?;
    let response = peer.receive_message()?;
    ensure(response.is_error() && response.is_kept_alive(), || {
        let expected = "an error response that keeps the connection";
        peer.failure(expected, shown(&response.content))
    })?;
    peer.send(&keep_alive_search("0"))?;
    expect_answer(&mut peer, 0)
}

fn pipelined(server: &Server<'_>) -> Outcome {
    let mut peer = server.connect()?;
    let requests = (0..100).flat_map(|number| keep_alive_search(&number.to_string()));
    peer.send(&requests.collect::<Vec<u8>>())?;
    for number in 0..100 {
        let answered = expect_answer(&mut peer, number);
        answered.map_err(|miss| miss.after("100 requests in one write"))?;
    }
    Ok(())
}

fn read_slowly(server: &Server<'_>) -> Outcome {
    const N: usize = 10_000;
    let mut peer = server.connect()?;
    let cloned = peer.stream.try_clone();
    let mut sending = cloned.map_err(|error| Miss::own_trouble("cannot share a socket", &error))?;
    let doing = format!("{N} requests, while the answers are read slowly");
    thread::scope(|scope| {
        scope.spawn(move || {
            for number in 0..N {
                // What isn't taken isn't answered, and that is then told.
                if sending
                    .write_all(&keep_alive_search(&number.to_string()))
                    .is_err()
                {
                    return;
                }
            }
        });
        let answers = (0..N).try_for_each(|number| {
            if number % 1_000 == 0 {
                thread::park_timeout(Duration::from_millis(20));
            }
            expect_answer(&mut peer, number)
        });
        if answers.is_err() {
            let _ = peer.stream.shutdown(std::net::Shutdown::Both);
        }
        answers.map_err(|miss| miss.after(&doing))
    })?;
    Ok(())
}

/// Requests without an end and no answer read: what waits is bounded. Where the
/// process can't be looked into, nothing is told.
fn never_read(server: &Server<'_>) -> Outcome {
    const ALLOWED: u64 = 16 << 20;
    let Ok(before) = server.usage().map(|usage| usage.memory) else {
        return Ok(());
    };
    let stays_small = || {
        let growth = server.usage()?.memory.saturating_sub(before);
        ensure(growth <= ALLOWED, || {
            let expected = "the server's memory grows by at most 16 MiB";
            let came = format!("it grew by {} MiB", growth >> 20);
            Miss::fails(
                "pipelined requests, none of the answers read",
                expected,
                came,
            )
        })
    };
    let mut peer = server.connect()?;
    peer.offer_while(MORE_THAN_ANY_BUFFER, Duration::from_secs(1), stays_small)?;
    stays_small()
}
