//! The stages' own pairs: what their traces say is what the programs did, on IPv4 and on
//! IPv6.

use socktrace::kind::Kind;
use socktrace::record::{Call, Connection, Field, Outcome, Side, SocketId, Way};
use test_support::HOSTS;

use crate::run::{Run, beside, kind, pair, trace};

#[track_caller]
fn check_stage(stage: &str, check: impl Fn(&Run)) {
    beside("");
    for host in HOSTS {
        let run = trace(&[stage, "--host", host]).check();
        for connection in run.connections() {
            check_addresses(&run, connection, host);
            check_accept(&run, connection);
            check_ends(&run, connection);
            check_states(&run, connection);
        }
        check(&run);
    }
}

/// Both addresses are on this host, and both sockets have them the other way round.
#[track_caller]
fn check_addresses(run: &Run, connection: &Connection, host: &str) {
    let (from, to) = (&connection.from, &connection.to);
    for address in [from, to] {
        let address: std::net::SocketAddr = address.parse().unwrap();
        assert_eq!(address.ip().to_string(), host);
        assert_ne!(address.port(), 0);
    }
    assert!(run.printed(Side::Server).contains(to), "{to}");
    let accept = made_by(run, connection.accepted);
    let states = &accept.states;
    assert_eq!((&states[0].local, &states[0].peer), (to, from));
    assert_eq!((&states[1].local, &states[1].peer), (from, to));
}

/// The call that a socket came from.
#[track_caller]
fn made_by(run: &Run, socket: SocketId) -> &Call {
    let makes = |call: &&Call| matches!(kind(call), Kind::Socket | Kind::Accept);
    run.on(socket).find(makes).unwrap()
}

/// An `accept` is owed to the `connect` of the socket that it's joined with.
#[track_caller]
fn check_accept(run: &Run, connection: &Connection) {
    let accept = made_by(run, connection.accepted);
    let [cause] = &accept.causes[..] else {
        panic!("no cause: {accept:?}");
    };
    let connect = run.call(cause.step);
    assert_eq!(kind(connect), Kind::Connect);
    assert_eq!(connect.socket, Some(connection.connected));
    assert_eq!(cause.bytes, None);
}

/// All that was sent was received, and each end of input is owed to the call that closed
/// or shut down the other end.
#[track_caller]
fn check_ends(run: &Run, connection: &Connection) {
    let (connected, accepted) = (connection.connected, connection.accepted);
    for (one, other) in [(connected, accepted), (accepted, connected)] {
        let sent = run.bytes(one, Way::Sent);
        assert!(!sent.is_empty());
        assert_eq!(run.bytes(other, Way::Received), sent);
        for end in run.on(other).filter(|call| is_end_of_input(call)) {
            let [cause] = &end.causes[..] else {
                panic!("no cause: {end:?}");
            };
            let cause = run.call(cause.step);
            assert_eq!(cause.socket, Some(one), "{cause:?}");
            assert!(matches!(kind(cause), Kind::Close | Kind::Shutdown { .. }));
        }
    }
    // The server reads to the end; a client need not.
    assert!(run.on(accepted).any(is_end_of_input));
}

fn is_end_of_input(call: &Call) -> bool {
    kind(call) == Kind::Receive && call.result == Outcome::Returned(0)
}

/// The states after connecting, accepting and closing are those of RFC 9293, 3.3.2.
#[track_caller]
fn check_states(run: &Run, connection: &Connection) {
    let accept = made_by(run, connection.accepted);
    let connect = run.call(accept.causes[0].step);
    check_state(connect, &["ESTABLISHED"]);
    check_state(accept, &["ESTABLISHED"]);
    assert_eq!(accept.states[1].state, "ESTABLISHED");

    let ends = run.calls().filter(|call| {
        let is_one = [connection.connected, connection.accepted].map(Some);
        is_one.contains(&call.socket) && matches!(kind(call), Kind::Close | Kind::Shutdown { .. })
    });
    let ends: Vec<&Call> = ends.collect();
    // A descriptor that was copied is closed before the socket is.
    let mut is_ending = ends
        .iter()
        .skip_while(|call| call.states[0].state == "ESTABLISHED");
    let first = is_ending.next().unwrap();
    // By the time of the look, the other end may have ended its direction, too.
    let ended = ["FIN_WAIT1", "FIN_WAIT2", "CLOSING", "TIME_WAIT", "CLOSED"];
    check_state(first, &ended);
    if first.states[0].state == "FIN_WAIT2" {
        let other = &first.states[1].state;
        assert!(
            ["CLOSE_WAIT", "LAST_ACK", "CLOSED"].contains(&&**other),
            "{first:?}"
        );
    }
    for socket in [connection.connected, connection.accepted] {
        let last = ends
            .iter()
            .rfind(|call| call.socket == Some(socket))
            .unwrap();
        let closed = ["FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "LAST_ACK", "CLOSED"];
        check_state(last, &closed);
    }
}

/// The state of the call's own socket is one of these.
#[track_caller]
fn check_state(call: &Call, expected: &[&str]) {
    assert!(expected.contains(&&*call.states[0].state), "{call:?}");
}

/// The listener of the server is one, from `listen` to its close.
#[track_caller]
fn check_listener(run: &Run) {
    let listen = run.calls().find(|call| kind(call) == Kind::Listen).unwrap();
    check_state(listen, &["LISTEN"]);
    assert_eq!(listen.side, Side::Server);
    assert!(listen.states[0].send_queue > 0, "the backlog");
    let close = run.on(listen.socket.unwrap()).last().unwrap();
    assert_eq!(kind(close), Kind::Close);
    check_state(close, &["CLOSED"]);
}

#[test]
fn echo() {
    check_stage("echo", |run| {
        check_listener(run);
        let connection = run.connection();
        let message = b"Hello, world";
        assert_eq!(run.bytes(connection.connected, Way::Sent), message);
        assert_eq!(run.bytes(connection.accepted, Way::Sent), message);
        let printed = run.printed(Side::Client);
        assert_eq!(printed, "received \"Hello, world\"\n");
    });
}

#[test]
fn multiconn() {
    check_stage("multiconn", |run| {
        check_listener(run);
        check_numbered(run, 2);
    });
}

/// Each connection has the bytes of its number, and no two are mixed up.
#[track_caller]
fn check_numbered(run: &Run, n_connections: usize) {
    let connections = run.connections();
    assert_eq!(connections.len(), n_connections);
    let mut sent: Vec<String> = connections
        .iter()
        .map(|it| String::from_utf8(run.bytes(it.connected, Way::Sent)).unwrap())
        .collect();
    sent.sort();
    let expected = (1..=n_connections).map(|n| format!("Hello from {n}. Bye from {n}."));
    assert_eq!(sent, expected.collect::<Vec<_>>());
}

#[test]
fn many_connections() {
    let [server, client] = ["multiconn-server", "multiconn-client"].map(beside);
    let server = &[server.to_str().unwrap(), "::1", "0"];
    let client = &[client.to_str().unwrap(), "{host}", "{port}", "8"];
    let run = pair(server, client).check();
    for connection in run.connections() {
        check_accept(&run, connection);
        check_ends(&run, connection);
    }
    check_numbered(&run, 8);
}

#[test]
fn app_protocol() {
    check_stage("app-protocol", |run| {
        check_listener(run);
        let connection = run.connection();
        let request = r#"{"action": "search", "value": "morpheus"}"#;
        check_frames(run, connection.connected, Way::Sent, request);
        check_frames(run, connection.accepted, Way::Received, request);
        let answer = r#"{"result": "Follow the white rabbit. 🐰"}"#;
        check_frames(run, connection.accepted, Way::Sent, answer);
        check_frames(run, connection.connected, Way::Received, answer);
    });
}

/// What went that way is one message, named part by part and field by field.
#[track_caller]
fn check_frames(run: &Run, socket: SocketId, way: Way, content: &str) {
    let goes = |call: &&Call| call.data.as_ref().is_some_and(|data| data.way == way);
    let frames: Vec<_> = run
        .on(socket)
        .filter(goes)
        .flat_map(|call| &call.frames)
        .collect();
    let parts: Vec<&str> = frames.iter().map(|frame| &*frame.part).collect();
    assert_eq!(parts, ["length", "header", "content"]);
    let bytes = run.bytes(socket, way);
    let header_length = u64::from(u16::from_be_bytes([bytes[0], bytes[1]]));
    let lengths: Vec<u64> = frames.iter().map(|frame| frame.length).collect();
    assert_eq!(lengths, [2, header_length, content.len() as u64]);
    let fields: Vec<&Field> = frames.iter().flat_map(|frame| &frame.fields).collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|it| (&*it.name, &*it.value)).collect();
    let (header_length, length) = (header_length.to_string(), content.len().to_string());
    let expected = [
        ("length", &*header_length),
        ("byteorder", "little"),
        ("content-type", "text/json"),
        ("content-encoding", "utf-8"),
        ("content-length", &length),
    ];
    assert_eq!(fields[..5], expected);
    let (name, value) = fields[5];
    assert_eq!(name, "content");
    // An excerpt, if it's long.
    let value = value.trim_end_matches('…');
    assert!(content.starts_with(value), "{value}");
}
