//! Stage 3's server as a Rust user would write it: a task for each client,
//! `LengthDelimitedCodec` for the JSON header, serde_json for JSON.
//!
//! It searches, and answers anything else with its first ten bytes; the keep-alive
//! field it grants as ours does. It does not answer bad input: it hangs up.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use anyhow::ensure;
use bytes::{Bytes, BytesMut};
use clap::Parser;
use futures_util::{FutureExt, SinkExt, StreamExt};
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use tokio_peers::Args;
use tokio_util::codec::{Decoder, Encoder, Framed, LengthDelimitedCodec};

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct RequestHeader {
    content_type: String,
    content_length: usize,
    connection: Option<String>,
}

impl RequestHeader {
    fn is_keep_alive(&self) -> bool {
        self.connection.as_deref() == Some("keep-alive")
    }
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct ResponseHeader<'a> {
    byteorder: &'a str,
    content_type: &'a str,
    content_encoding: &'a str,
    content_length: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<&'a str>,
}

#[derive(Deserialize)]
struct Request {
    action: String,
    value: String,
}

#[derive(Serialize)]
struct Response {
    result: String,
}

fn main() -> ExitCode {
    common::exit_code(Args::parse().serve_with(serve))
}

async fn serve(stream: TcpStream) -> anyhow::Result<()> {
    let mut framed = Framed::new(stream, MessageCodec::default());
    loop {
        // Answers go out together as long as there are requests to be had.
        let next = match framed.next().now_or_never() {
            Some(next) => next,
            None => {
                framed.flush().await?;
                framed.next().await
            }
        };
        let Some(message) = next else {
            return framed.flush().await;
        };
        let message = message?;
        framed.feed(answer(&message)?).await?;
        if !message.header.is_keep_alive() {
            return framed.close().await;
        }
    }
}

fn answer(message: &Message) -> anyhow::Result<Answer> {
    let (content_type, content_encoding, content) = match message.header.content_type.as_str() {
        "text/json" => {
            let result = search(&serde_json::from_slice(&message.content)?);
            let content = serde_json::to_vec(&Response { result })?;
            ("text/json", "utf-8", content)
        }
        _ => {
            let first = &message.content[..message.content.len().min(10)];
            let content = [b"First 10 bytes of request: ", first].concat();
            ("binary/custom-server-binary-type", "binary", content)
        }
    };
    let header = ResponseHeader {
        byteorder: if cfg!(target_endian = "little") {
            "little"
        } else {
            "big"
        },
        content_type,
        content_encoding,
        content_length: content.len(),
        connection: message.header.is_keep_alive().then_some("keep-alive"),
    };
    Ok(Answer {
        header: serde_json::to_vec(&header)?.into(),
        content,
    })
}

fn search(request: &Request) -> String {
    match (request.action.as_str(), request.value.as_str()) {
        ("search", "morpheus") => "Follow the white rabbit. 🐰".to_owned(),
        ("search", "ring") => "In the caves beneath the Misty Mountains. 💍".to_owned(),
        ("search", "🐶") => "🐾 Playing ball! 🏐".to_owned(),
        ("search", value) => format!("No match for '{value}'."),
        (action, _) => format!("Error: invalid action '{action}'."),
    }
}

/// What our own server allows, too.
const MAX_CONTENT: usize = 8 << 20;

struct Message {
    header: RequestHeader,
    content: Bytes,
}

struct Answer {
    header: Bytes,
    content: Vec<u8>,
}

/// A header behind its length, then a content of the length that the header says.
struct MessageCodec {
    headers: LengthDelimitedCodec,
    /// The header of the content that is arriving.
    header: Option<RequestHeader>,
}

impl Default for MessageCodec {
    fn default() -> Self {
        Self {
            headers: LengthDelimitedCodec::builder()
                .length_field_type::<u16>()
                .new_codec(),
            header: None,
        }
    }
}

impl Decoder for MessageCodec {
    type Item = Message;
    type Error = anyhow::Error;

    fn decode(&mut self, input: &mut BytesMut) -> anyhow::Result<Option<Message>> {
        if self.header.is_none()
            && let Some(frame) = self.headers.decode(input)?
        {
            let header: RequestHeader = serde_json::from_slice(&frame)?;
            ensure!(header.content_length <= MAX_CONTENT, "too much content");
            self.header = Some(header);
        }
        let is_whole = |header: &mut RequestHeader| header.content_length <= input.len();
        Ok(self.header.take_if(is_whole).map(|header| {
            let content = input.split_to(header.content_length).freeze();
            Message { header, content }
        }))
    }
}

impl Encoder<Answer> for MessageCodec {
    type Error = anyhow::Error;

    fn encode(&mut self, answer: Answer, output: &mut BytesMut) -> anyhow::Result<()> {
        self.headers.encode(answer.header, output)?;
        output.extend_from_slice(&answer.content);
        Ok(())
    }
}
