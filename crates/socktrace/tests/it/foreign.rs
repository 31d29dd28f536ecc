//! Programs that know nothing of the course: what is told of them is what they did, and
//! they do what they do unwatched.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::OnceLock;

use socktrace::kind::Kind;
use socktrace::record::{Call, Outcome, Record, Side, SocketId, Way};
use tempfile::TempDir;
use test_support::{DEADLINE, Program, Server, require_tool};

use crate::run::{Run, SOCKTRACE, foreign, kind, pair, trace, value};

/// The interpreter itself, and no script that looks for it.
fn python() -> Option<&'static str> {
    static PYTHON: OnceLock<String> = OnceLock::new();
    require_tool("python3").then(|| {
        &**PYTHON.get_or_init(|| {
            let mut command = Command::new("python3");
            command.args(["-c", "import sys; print(sys.executable)"]);
            let output = command.output().unwrap();
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        })
    })
}

/// The one connection carried `sent` to the server and `answered` back, and each end of
/// input on it has its cause.
#[track_caller]
fn check_echo(run: &Run, sent: &[u8], answered: &[u8]) {
    let (connected, accepted) = ends(run);
    for (one, other, bytes) in [(connected, accepted, sent), (accepted, connected, answered)] {
        check_bytes(&run.bytes(one, Way::Sent), bytes);
        check_bytes(&run.bytes(other, Way::Received), bytes);
    }
    for call in run.on(connected).chain(run.on(accepted)) {
        if kind(call) == Kind::Receive && call.result == Outcome::Returned(0) {
            assert_eq!(call.causes.len(), 1, "{call:?}");
        }
    }
}

/// Not `assert_eq`, which would print ten thousand numbers.
#[track_caller]
fn check_bytes(bytes: &[u8], expected: &[u8]) {
    let lengths = (bytes.len(), expected.len());
    assert!(bytes == expected, "{lengths:?} {}", bytes.escape_ascii());
}

/// The sockets of the one connection.
#[track_caller]
fn ends(run: &Run) -> (SocketId, SocketId) {
    let connection = run.connection();
    (connection.connected, connection.accepted)
}

/// The program ends as it does unwatched, with the same output.
#[track_caller]
fn check_same(words: &[&str]) -> Run {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    let mut unwatched = Program::start(command).unwrap();
    let (status, stdout, stderr) = unwatched.finish(DEADLINE).unwrap();
    let run = trace(&[&["--one", "--"], words].concat());
    assert_eq!(run.status, status.code(), "{}", run.stderr);
    assert_eq!(run.stdout, stdout);
    assert_eq!(run.stderr, stderr);
    run.check_sound();
    run
}

#[test]
fn python_echo() {
    let Some(python) = python() else { return };
    for host in test_support::HOSTS {
        let server = [python, &foreign("echo_server.py"), host];
        let client = [python, &foreign("echo_client.py"), "{host}", "{port}"];
        let run = pair(&server, &client).check();
        let bytes: Vec<u8> = (0..250).cycle().take(10_000).collect();
        check_echo(&run, &bytes, &bytes);
        assert_eq!(run.printed(Side::Client), "10000 bytes came back\n");
        assert_eq!(run.printed(Side::Server), "server: over\n");
    }
}

#[test]
fn datagrams_have_their_causes_and_lost_ones_none() {
    let Some(python) = python() else { return };
    let server = [python, &foreign("udp_server.py")];
    let client = [python, &foreign("udp_client.py"), "{host}", "{port}"];
    let run = pair(&server, &client).check();
    let text = |call: &Call| String::from_utf8(call.data.clone().unwrap().bytes).unwrap();
    let receives = run.calls().filter(|call| kind(call) == Kind::Receive);
    let received: Vec<(String, String)> = receives
        .filter(|call| call.data.as_ref().is_some_and(|data| data.length > 0))
        .map(|call| (text(call), text(run.call(call.causes[0].step))))
        .collect();
    let same = |word: &str| (word.to_owned(), word.to_owned());
    assert_eq!(received, ["one", "ONE", "three", "THREE"].map(same));
    let sends = run.calls().filter(|call| kind(call) == Kind::Send);
    let lost = sends.map(text).filter(|text| text == "lost").count();
    assert_eq!(lost, 1);
    assert_eq!(run.printed(Side::Client), "b'ONE'\nb'THREE'\n");
}

#[test]
fn unix_sockets_are_joined_in_their_order() {
    let Some(python) = python() else { return };
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("socket");
    let server = [python, &foreign("unix_server.py"), path.to_str().unwrap()];
    let client = [python, &foreign("unix_client.py"), "{host}"];
    let run = pair(&server, &client).check();
    let [first, second] = run.connections()[..] else {
        panic!("{:?}", run.connections());
    };
    for (connection, number) in [(first, 0), (second, 1)] {
        let message = format!("client {number}").into_bytes();
        assert_eq!(run.bytes(connection.connected, Way::Sent), message);
        assert_eq!(run.bytes(connection.accepted, Way::Received), message);
        assert_eq!(connection.from, "unix:");
        assert_eq!(connection.to, format!("unix:{}", path.display()));
    }
}

#[test]
fn a_descriptor_that_was_passed_on_is_the_same_socket() {
    let Some(python) = python() else { return };
    let run = check_same(&[python, &foreign("rights.py")]);
    let (connected, accepted) = ends(&run);
    check_echo(&run, b"", b"from the child");
    let send = run
        .on(accepted)
        .find(|call| kind(call) == Kind::Send)
        .unwrap();
    let receive = run
        .on(connected)
        .find(|call| kind(call) == Kind::Receive)
        .unwrap();
    assert_ne!(send.process, receive.process);
    // The pair is joined as well: what came through it is owed to what went into it.
    let message = run.calls().find(|call| call.name == "recvmsg").unwrap();
    let cause = run.call(message.causes[0].step);
    assert_eq!(cause.name, "sendmsg");
    let control = value(&message.gave, "control").unwrap();
    assert!(control.contains("SCM_RIGHTS"), "{control}");
}

#[test]
fn a_socket_that_a_child_still_has_is_not_closed() {
    let Some(python) = python() else { return };
    let server = [python, &foreign("echo_server.py"), "127.0.0.1"];
    let client = [python, &foreign("handed_on.py"), "{host}", "{port}"];
    let run = pair(&server, &client).check();
    assert_eq!(run.printed(Side::Client), "b'HELLO'\n");
    let receive = run.calls().find(|call| {
        let data = call.data.as_ref();
        data.is_some_and(|data| data.way == Way::Received && data.bytes == b"hello")
    });
    let (child, pair_end) = receive.map(|call| (call.process, call.socket)).unwrap();
    let closes = run
        .on(pair_end.unwrap())
        .filter(|call| kind(call) == Kind::Close);
    let close = closes
        .into_iter()
        .find(|call| call.process != child)
        .unwrap();
    assert_eq!(Some(close.states[0].socket), pair_end);
    assert_ne!(close.states[0].state, "CLOSED");
}

#[test]
fn asyncio() {
    let Some(python) = python() else { return };
    let server = [python, &foreign("asyncio_server.py")];
    let client = [python, &foreign("asyncio_client.py"), "{host}", "{port}"];
    let run = pair(&server, &client).check();
    let connections = run.connections();
    let lines: BTreeSet<Vec<u8>> = connections
        .iter()
        .map(|it| {
            let sent = run.bytes(it.connected, Way::Sent);
            assert_eq!(run.bytes(it.accepted, Way::Received), sent);
            assert_eq!(run.bytes(it.accepted, Way::Sent), sent);
            assert_eq!(run.bytes(it.connected, Way::Received), sent);
            sent
        })
        .collect();
    let of = |number| {
        let lines = (0..3).map(|turn| format!("client {number}, line {turn}\n"));
        lines.collect::<String>().into_bytes()
    };
    assert_eq!(lines, (0..3).map(of).collect());
}

/// Each connection is served by a process of its own.
#[track_caller]
fn check_processes(server: &str) {
    let Some(python) = python() else { return };
    let server = [python, &foreign(server)];
    let client = [python, &foreign("two_clients.py"), "{host}", "{port}"];
    let run = pair(&server, &client).check();
    assert_eq!(run.printed(Side::Client), "both came back\n");
    let sends = run.connections().into_iter().map(|connection| {
        let sent = run.bytes(connection.connected, Way::Sent);
        assert_eq!(run.bytes(connection.accepted, Way::Received), sent);
        assert_eq!(run.bytes(connection.connected, Way::Received), sent);
        let mut calls = run.on(connection.accepted);
        calls.find(|call| kind(call) == Kind::Send).unwrap().process
    });
    let processes: BTreeSet<u32> = sends.collect();
    assert_eq!(processes.len(), 2);
    let first = run.calls().next().unwrap().process;
    assert!(!processes.contains(&first));
}

#[test]
fn a_server_that_forks_for_each_client() {
    check_processes("forking_server.py");
}

#[test]
fn a_server_that_forks_before_its_clients_come() {
    check_processes("preforking_server.py");
}

#[test]
fn a_server_behind_other_programs() {
    let Some(python) = python() else { return };
    let script = foreign("echo_server.py");
    let in_a_shell = format!("true; {python} {script} 127.0.0.1; echo done");
    for wrapper in [
        &["sh", "-c", &in_a_shell] as &[&str],
        &["env", "-u", "LANG", python, &script, "127.0.0.1"],
        &["timeout", "30", python, &script, "127.0.0.1"],
    ] {
        let client = [python, &foreign("echo_client.py"), "{host}", "{port}"];
        let run = pair(wrapper, &client).check();
        assert_eq!(run.printed(Side::Client), "10000 bytes came back\n");
        let bytes: Vec<u8> = (0..250).cycle().take(10_000).collect();
        check_echo(&run, &bytes, &bytes);
        let is_exec =
            |record: &&Record| matches!(record, Record::Exec(exec) if exec.path.contains("python"));
        assert_eq!(run.records.iter().filter(is_exec).count(), 1);
    }
}

#[test]
fn socat() {
    if !require_tool_by("socat", "-V") {
        return;
    }
    // Once one direction has ended, it gives the other half a second, unless it's told.
    let server = [
        "socat",
        "-t",
        "60",
        "TCP-LISTEN:0,bind=127.0.0.1",
        "EXEC:rev",
    ];
    let client = ["sh", "-c", "echo hello | socat -t 60 - TCP:{host}:{port}"];
    let run = pair(&server, &client).check();
    check_echo(&run, b"hello\n", b"olleh\n");
    assert_eq!(run.printed(Side::Client), "olleh\n");
}

/// Like [`require_tool`], for a tool that has another word for `--version`.
fn require_tool_by(tool: &str, word: &str) -> bool {
    let works = Command::new(tool).arg(word).output().is_ok();
    // Not there: it says so as ever.
    works || require_tool(tool)
}

#[test]
fn ncat() {
    if !require_tool("ncat") {
        return;
    }
    // It doesn't wait for what it executes once its client has finished: so this client
    // doesn't finish.
    let server = [
        "ncat",
        "--listen",
        "127.0.0.1",
        "0",
        "--exec",
        "/usr/bin/head -n 1",
    ];
    let client = ["sh", "-c", "echo hello | ncat --no-shutdown {host} {port}"];
    let run = pair(&server, &client).check();
    check_echo(&run, b"hello\n", b"hello\n");
    assert_eq!(run.printed(Side::Client), "hello\n");
}

#[test]
fn curl_and_a_web_server() {
    let Some(python) = python().filter(|_| require_tool("curl")) else {
        return;
    };
    let folder = TempDir::new().unwrap();
    let page = "a page of some length\n".repeat(10_000);
    std::fs::write(folder.path().join("page"), &page).unwrap();
    let folder = folder.path().to_str().unwrap();
    let module = ["-m", "http.server", "0", "-b", "127.0.0.1", "-d", folder];
    let server = [&[python], &module[..]].concat();
    let client = ["curl", "-sS", "http://{host}:{port}/page"];
    let run = pair(&server, &client).check();
    assert_eq!(run.printed(Side::Client), page);
    let (connected, accepted) = ends(&run);
    let length = |socket, way| -> u64 {
        let data = run.on(socket).filter_map(|call| call.data.as_ref());
        data.filter(|data| data.way == way)
            .map(|data| data.length)
            .sum()
    };
    let answer = length(accepted, Way::Sent);
    assert!(answer > page.len() as u64);
    assert_eq!(length(connected, Way::Received), answer);
    let request = run.bytes(connected, Way::Sent);
    assert!(request.starts_with(b"GET /page HTTP/1.1\r\n"));
    assert_eq!(run.bytes(accepted, Way::Received), request);
}

/// An echo server and its client in one language, each in its own process.
#[track_caller]
fn check_language(program: &[&str], message: &str, printed: &str) {
    let server = [program, &["server"]].concat();
    let client = [program, &["{host}", "{port}"]].concat();
    let run = pair(&server, &client).check();
    let bytes = message.repeat(1000).into_bytes();
    check_echo(&run, &bytes, &bytes);
    assert_eq!(run.printed(Side::Client), printed);
}

#[test]
fn node() {
    if require_tool("node") {
        check_language(&["node", &foreign("echo.js")], "from node ", "true 10000\n");
    }
}

#[test]
fn java() {
    if require_tool("java") {
        let printed = "10000 bytes came back\n";
        check_language(&["java", &foreign("Echo.java")], "from Java ", printed);
    }
}

#[test]
fn outputs_and_statuses_are_those_of_the_unwatched_run() {
    let Some(python) = python() else { return };
    let script = "import socket, sys, threading\n\
        a, b = socket.socketpair()\n\
        t = threading.Thread(target=lambda: b.sendall(b.recv(9) * 2))\n\
        t.start(); a.sendall(b'hello'); t.join()\n\
        print(a.recv(100)); print('to stderr', file=sys.stderr); sys.exit(7)";
    let run = check_same(&[python, "-c", script]);
    assert_eq!(run.status, Some(7));
    assert_eq!(run.status_of(Side::Server), Some(7));
    check_same(&["sh", "-c", "cat; echo over; exit 3"]);
}

#[test]
fn a_watched_server_serves_whoever_is_not_watched() {
    let Some(python) = python() else { return };
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("trace.jsonl");
    let mut command = Command::new(SOCKTRACE);
    command
        .args(["trace", "--one", "--json"])
        .arg(&file)
        .arg("--");
    let script = "import socket\n\
        s = socket.create_server(('127.0.0.1', 0))\n\
        print('listening on 127.0.0.1:%d' % s.getsockname()[1], flush=True)\n\
        c, _ = s.accept()\n\
        while d := c.recv(9): c.sendall(d)";
    command.args([python, "-c", script]);
    let mut server = Server::start(command).unwrap();
    let mut peer = server.connect().unwrap();
    peer.round_trip(b"hello").unwrap();
    drop(peer);
    assert!(server.status(DEADLINE).unwrap().success());
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains(r#""bytes":"68656c6c6f""#));
}
