//! The packets of an echo, as the chapter on Wireshark shows them.

use std::collections::BTreeSet;
use std::process::Command;
use std::{env, fs};

use test_support::{DEADLINE, Program, require, require_tool};

use crate::{finish, root};

const COMMAND: &str =
    "unshare --map-user=1000 --map-group=1000 --keep-caps --net sh docs/src/capture-echo.sh";

/// What each packet is: who sends it, its flags, how many bytes it carries. How many
/// confirm nothing but bytes depends on how busy the machine is.
fn essence(transcript: &str) -> BTreeSet<String> {
    let packets = transcript.lines().filter(|line| line.starts_with("IP "));
    let packets = packets.map(|line| {
        let (addresses, rest) = line.split_once(": ").unwrap();
        let is_from_server = addresses.starts_with("IP 127.0.0.1.65432 ");
        format!("{is_from_server} {rest}")
    });
    packets.collect()
}

#[test]
fn the_packets_in_the_book_are_those_of_an_echo() {
    if !require_tool("tcpdump") || !require_tool("unshare") {
        return;
    }
    let (_, stdout, _) = finish(&["prepare", "--check"]);
    let has_networks = stdout.contains("two hosts were made, and connected");
    if !require(has_networks, "no networks of one's own; see `prepare`") {
        return;
    }
    let mut command = Command::new("sh");
    command.args(["-c", COMMAND]).current_dir(root());
    let (status, stdout, stderr) = Program::start(command).unwrap().finish(DEADLINE).unwrap();
    assert!(status.success(), "{stderr}");
    let printed = format!("$ {COMMAND}\n{}", String::from_utf8(stdout).unwrap());
    let path = root().join("docs/src/transcripts/capture-echo.txt");
    if env::var_os("UPDATE_TRANSCRIPTS").is_some() {
        fs::write(&path, &printed).unwrap();
    }
    let stored = fs::read_to_string(&path).unwrap();
    assert_eq!(essence(&stored), essence(&printed), "{stderr}");
}
