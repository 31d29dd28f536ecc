//! A client of the application protocol: one request, and the answer to it.
//!
//! Users reported: no server answers: each waits for more, or says that the header
//! is none. With the server that the client was written against, on the same
//! machine, all is well. Repaired in `message`.
#![forbid(unsafe_code)]

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, anyhow, bail, ensure};
use serde::Deserialize;
use serde_json::Value;

/// The longest time in which nothing moves.
const DEADLINE: Duration = Duration::from_secs(10);
/// More content than this is refused, before any of it is read.
const MAX_CONTENT: usize = 8 << 20;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [host, port, action, value] = &args[..] else {
        bail!("expected HOST PORT ACTION VALUE");
    };
    let request = request(action, value)?;
    let mut stream =
        connect(host, port).with_context(|| format!("cannot connect to {host}:{port}"))?;
    let no_answer = || format!("no answer from {host}:{port}");
    let sent = stream.write_all(&request).map_err(explain);
    sent.with_context(no_answer)?;
    let response = Response::read(&mut stream).with_context(no_answer)?;
    println!("{}", response.shown()?);
    Ok(())
}

fn connect(host: &str, port: &str) -> anyhow::Result<TcpStream> {
    let stream = TcpStream::connect((host, port.parse()?))?;
    stream.set_read_timeout(Some(DEADLINE))?;
    stream.set_write_timeout(Some(DEADLINE))?;
    Ok(stream)
}

/// Says what a failed read or write means.
fn explain(error: io::Error) -> anyhow::Error {
    match error.kind() {
        // How a timeout shows depends on the system.
        ErrorKind::WouldBlock | ErrorKind::TimedOut => anyhow!("nothing moved for {DEADLINE:?}"),
        _ => anyhow::Error::from(error).context("the connection broke"),
    }
}

/// The request for an action, as bytes.
fn request(action: &str, value: &str) -> anyhow::Result<Vec<u8>> {
    Ok(match action {
        "search" => {
            let (action, value) = (Value::from(action), Value::from(value));
            let content = format!("{{\"action\": {action}, \"value\": {value}}}");
            message("text/json", "utf-8", content.as_bytes())
        }
        "sum" => {
            let mut content = Vec::new();
            for word in value.split(',') {
                let number: u32 = word.trim().parse().with_context(|| {
                    format!("expected numbers with commas between, got {word:?}")
                })?;
                content.extend_from_slice(&number.to_ne_bytes());
            }
            message("binary/u32", "binary", &content)
        }
        _ => {
            let content = [action, value].concat();
            let content_type = "binary/custom-client-binary-type";
            message(content_type, "binary", content.as_bytes())
        }
    })
}

/// A message: the length of the header, the header, the content.
fn message(content_type: &str, content_encoding: &str, content: &[u8]) -> Vec<u8> {
    let byteorder = if cfg!(target_endian = "big") {
        "big"
    } else {
        "little"
    };
    let header = format!(
        "{{\"byteorder\": \"{byteorder}\", \"content-type\": \"{content_type}\", \
         \"content-encoding\": \"{content_encoding}\", \"content-length\": {}}}",
        content.len()
    );
    let length = u16::try_from(header.len()).expect("our own headers are short");
    // Big-endian, the order of the network, whatever this machine's own is.
    [&length.to_be_bytes(), header.as_bytes(), content].concat()
}

struct Response {
    header: Header,
    content: Vec<u8>,
}

/// What comes before the content, and says how to take it.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Header {
    byteorder: ByteOrder,
    content_type: String,
    content_encoding: String,
    content_length: usize,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ByteOrder {
    Little,
    Big,
}

/// The content of a text response.
#[derive(Deserialize)]
struct Answer {
    result: String,
    error: Option<String>,
}

impl Response {
    fn read(stream: &mut TcpStream) -> anyhow::Result<Self> {
        let length = read_exactly(stream, 2, "length")?;
        let length = u16::from_be_bytes([length[0], length[1]]);
        let header = read_exactly(stream, usize::from(length), "header")?;
        let header: Header =
            serde_json::from_slice(&header).context("the response has no proper header")?;
        let length = header.content_length;
        ensure!(
            length <= MAX_CONTENT,
            "the response announces {length} bytes, the limit is {MAX_CONTENT}"
        );
        let content = read_exactly(stream, length, "content")?;
        Ok(Self { header, content })
    }

    /// The answer in words, unless it is an error.
    fn shown(&self) -> anyhow::Result<String> {
        match self.header.content_type.as_str() {
            "text/json" => {
                let encoding = &self.header.content_encoding;
                ensure!(
                    encoding == "utf-8",
                    "the response is text in {encoding:?}, expected utf-8"
                );
                let answer: Answer = serde_json::from_slice(&self.content)
                    .context("the response's content is no answer")?;
                let is_error = answer.error.is_some() || answer.result.starts_with("Error: ");
                ensure!(!is_error, "the server answered: {}", answer.result);
                Ok(answer.result)
            }
            "binary/u64" => {
                let bytes = <[u8; 8]>::try_from(self.content.as_slice())
                    .context("expected a number of 8 bytes")?;
                let sum = match self.header.byteorder {
                    ByteOrder::Big => u64::from_be_bytes(bytes),
                    ByteOrder::Little => u64::from_le_bytes(bytes),
                };
                Ok(sum.to_string())
            }
            _ => Ok(format!("{:?}", String::from_utf8_lossy(&self.content))),
        }
    }
}

/// Reads so many bytes, in as many reads as it takes. Memory is taken only for what
/// arrives.
fn read_exactly(stream: &mut TcpStream, length: usize, part: &str) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut limited = stream.take(length as u64);
    limited.read_to_end(&mut bytes).map_err(explain)?;
    let n_missing = length - bytes.len();
    ensure!(
        n_missing == 0,
        "the server closed in the {part} of its response, {n_missing} bytes missing"
    );
    Ok(bytes)
}
