use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::time::Instant;
use std::{fs, io};

use socket2::{Domain, Socket, Type};

use crate::book::root;
use crate::story::{LAB, Story, run, run_command};

/// The states that one end went through.
fn states(story: &Story, end: &str) -> Vec<String> {
    let lines = story.found(end).into_iter();
    let words = lines.map(|line| line.as_str().unwrap().split("  ").next());
    words.map(|word| word.unwrap().to_owned()).collect()
}

#[test]
fn one_connection_goes_through_all_states() {
    let story = run(&["socket-state"]);
    assert_eq!(story.came("client", "connect"), ["EINPROGRESS"]);
    assert_eq!(
        states(&story, "client"),
        [
            "SYN_SENT",
            "ESTABLISHED",
            "ESTABLISHED",
            "ESTABLISHED",
            "CLOSE_WAIT",
            "LAST_ACK",
            "not in the table",
            "not in the table",
        ]
    );
    assert_eq!(
        states(&story, "server"),
        [
            "not in the table",
            "ESTABLISHED",
            "ESTABLISHED",
            "FIN_WAIT1",
            "FIN_WAIT2",
            "FIN_WAIT2",
            "TIME_WAIT",
            "TIME_WAIT",
        ]
    );
    for (sender, receiver) in [("server", "client"), ("client", "server")] {
        let sent = story.came(sender, "send, until");
        assert_ne!(sent, ["0"]);
        assert_eq!(sent, story.came(receiver, "recv, until"));
    }
}

#[test]
fn a_port_in_time_wait_can_be_taken_by_who_says_so() {
    let story = run(&["socket-state"]);
    assert_eq!(story.came("server", "bind, listen"), ["EADDRINUSE"]);
    let came = story.came("server", "SO_REUSEADDR, bind, listen(128)");
    assert!(came[0].starts_with("127.0.0.1:"), "{came:?}");
    assert_eq!(came[1], "EADDRINUSE");
}

#[test]
fn the_tools_print_the_same() {
    let story = run(&["socket-state"]);
    let missing = story.not_shown().join(", ");
    if !test_support::require(missing.is_empty(), &missing) {
        return;
    }
    assert_eq!(story.found("ss").len(), 3);
    assert_eq!(story.found("netstat").len(), 2);
    assert_eq!(story.found("lsof").len(), 2);
    let queues = story.found("client")[2].as_str().unwrap();
    let recv_q = queues.split_whitespace().nth(2).unwrap().replace(',', "");
    let line = story.found("ss")[0].as_str().unwrap();
    assert!(line.starts_with(&format!("ESTAB {recv_q} 0 ")), "{line}");
    let line = story.found("ss")[2].as_str().unwrap();
    assert!(line.contains("timer:(timewait,"), "{line}");
}

#[test]
fn the_tools_need_not_be_there() {
    let mut command = Command::new(LAB);
    command.args(["socket-state", "--json"]).env("PATH", "");
    let story = run_command(command);
    assert_eq!(states(&story, "server").last().unwrap(), "TIME_WAIT");
}

/// A connection that its server has closed first.
fn closed_by_the_server(reuses: bool) -> (SocketAddr, TcpStream) {
    let listener = bind("127.0.0.1:0".parse().unwrap(), reuses).unwrap();
    let address = listener.local_addr().unwrap();
    let client = TcpStream::connect(address).unwrap();
    drop(listener.accept().unwrap());
    (address, client)
}

fn bind(address: SocketAddr, reuses: bool) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_reuse_address(reuses)?;
    socket.bind(&address.into())?;
    socket.listen(1)?;
    Ok(socket.into())
}

/// As the chapter says.
#[test]
fn the_server_before_must_have_set_it_too() {
    for reuses in [true, false] {
        let (address, client) = closed_by_the_server(reuses);
        drop(client);
        assert_eq!(bind(address, true).is_ok(), reuses);
    }
}

/// As the chapter about netstat says.
#[test]
fn an_end_that_is_not_read_counts_as_one_byte() {
    let (server, client) = closed_by_the_server(true);
    let is_closed = || {
        let table = procfs::net::tcp().unwrap().into_iter();
        let mut table = table.filter(|entry| entry.remote_address == server);
        let entry = table
            .find(|entry| entry.local_address == client.local_addr().unwrap())
            .unwrap();
        let is_closed = entry.state == procfs::net::TcpState::CloseWait;
        is_closed.then_some(entry.rx_queue)
    };
    let end = Instant::now() + test_support::DEADLINE;
    let unread = loop {
        if let Some(unread) = is_closed() {
            break unread;
        }
        assert!(Instant::now() < end);
    };
    assert_eq!(unread, 1);
}

/// It includes lines of the transcript by their numbers.
#[test]
fn the_chapter_about_netstat_shows_the_lines_about_full_queues() {
    let folder = root().join("docs/src");
    let chapter = fs::read_to_string(folder.join("netstat.md")).unwrap();
    let (_, rest) = chapter.split_once("lab-socket-state.txt:").unwrap();
    let (range, _) = rest.split_once("}}").unwrap();
    let (first, last) = range.split_once(':').unwrap();
    let (first, last): (usize, usize) =
        (first.parse().unwrap(), last.parse().unwrap());
    let path = folder.join("transcripts/lab-socket-state.txt");
    let transcript = fs::read_to_string(path).unwrap();
    let lines: Vec<_> = transcript.lines().collect();
    assert!(lines[first - 1].starts_with("The server sends as much"));
    assert_eq!(lines[last - 1].trim(), "(ESTABLISHED)");
    assert_eq!(lines[last], "");
}
