//! Messages written and read by hand, so that the library doesn't judge itself.

use std::io::Read;

use serde_json::Value;
use test_support::{Peer, Server, Target};

pub(crate) fn target(arguments: &[&str]) -> Target {
    Target::new(env!("CARGO_BIN_EXE_app-server"), arguments)
}

pub(crate) fn server() -> Server {
    target(&[]).start("127.0.0.1").unwrap()
}

/// A message with `header` as it is, whatever it says.
pub(crate) fn frame(header: &str, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(header.len()).unwrap();
    [&length.to_be_bytes(), header.as_bytes(), content].concat()
}

/// A message with a right header, and `extra` fields after the others.
pub(crate) fn message(
    content_type: &str,
    encoding: &str,
    extra: &str,
    content: &[u8],
) -> Vec<u8> {
    let header = format!(
        "{{\"byteorder\": \"little\", \"content-type\": \"{content_type}\", \
         \"content-encoding\": \"{encoding}\", \"content-length\": {}{extra}}}",
        content.len()
    );
    frame(&header, content)
}

pub(crate) fn json(content: &str) -> Vec<u8> {
    message("text/json", "utf-8", "", content.as_bytes())
}

pub(crate) fn search(value: &str) -> Vec<u8> {
    json(&format!(
        "{{\"action\": \"search\", \"value\": \"{value}\"}}"
    ))
}

pub(crate) const KEEP_ALIVE: &str = ", \"connection\": \"keep-alive\"";

pub(crate) fn keep_alive_search(value: &str) -> Vec<u8> {
    let content = format!("{{\"action\": \"search\", \"value\": \"{value}\"}}");
    message("text/json", "utf-8", KEEP_ALIVE, content.as_bytes())
}

/// A response, taken apart.
#[derive(Debug, PartialEq)]
pub(crate) struct Response {
    pub(crate) header: Value,
    pub(crate) content: Vec<u8>,
}

impl Response {
    /// The `result` of JSON content.
    pub(crate) fn result(&self) -> String {
        self.json()["result"].as_str().unwrap().to_owned()
    }

    /// The `error` of JSON content, if it has one.
    pub(crate) fn error(&self) -> Option<String> {
        self.json()["error"].as_str().map(ToOwned::to_owned)
    }

    pub(crate) fn is_kept_alive(&self) -> bool {
        self.header["connection"] == "keep-alive"
    }

    fn json(&self) -> Value {
        assert_eq!(self.header["content-type"], "text/json");
        assert_eq!(self.header["content-encoding"], "utf-8");
        serde_json::from_slice(&self.content).unwrap()
    }
}

/// Reads one response, which must be well formed.
pub(crate) fn read(peer: &mut Peer) -> Response {
    let mut length = [0; 2];
    peer.stream.read_exact(&mut length).unwrap();
    let mut header = vec![0; usize::from(u16::from_be_bytes(length))];
    peer.stream.read_exact(&mut header).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    let order = if cfg!(target_endian = "big") {
        "big"
    } else {
        "little"
    };
    assert_eq!(header["byteorder"], order);
    let length = header["content-length"].as_u64().unwrap();
    let mut content = vec![0; usize::try_from(length).unwrap()];
    peer.stream.read_exact(&mut content).unwrap();
    Response { header, content }
}

/// Sends `request` on a connection of its own; expects one response, then the end.
#[track_caller]
pub(crate) fn ask(server: &Server, request: &[u8]) -> Response {
    let mut peer = server.connect().unwrap();
    peer.send(request).unwrap();
    let response = read(&mut peer);
    peer.expect_end().unwrap();
    response
}
