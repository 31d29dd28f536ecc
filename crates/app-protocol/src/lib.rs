//! Stage 3: messages instead of bytes.
//!
//! A message is a length of two bytes, a JSON header of that length, and a
//! content of the length that the header says. In the order to read them:
//!
//! 1. [`header`]: the JSON header as a type; [`mod@encode`]: how a message is
//!    written.
//! 2. [`decoder`]: bytes in, messages out, however the bytes are split.
//! 3. [`encoding`]: text as bytes, in Python's encodings.
//! 4. [`actions`]: what the server can do.
//! 5. [`session`]: the server's side of a conversation; then `keep_alive`, by
//!    which the protocol grew.
//! 6. [`request`] and [`client`]: the client's side; `request_flags` for its
//!    programs.
//! 7. [`anatomy`]: a message taken apart, for a person to read.
//!
//! # A server of your own
//!
//! A session on stage 2's event loop is all it takes. This one shouts:
//!
//! ```
//! use app_protocol::{Decoder, Description, encode};
//! use multiconn::{Limits, Server, Session};
//! use std::time::Instant;
//!
//! #[derive(Default)]
//! struct Shout {
//!     decoder: Decoder,
//!     is_broken: bool,
//! }
//!
//! impl Session for Shout {
//!     fn receive(&mut self, input: &[u8], output: &mut Vec<u8>, _now: Instant) -> usize {
//!         let mut rest = input;
//!         match self.decoder.decode(&mut rest) {
//!             Ok(Some(message)) => {
//!                 let loud = message.content.to_ascii_uppercase();
//!                 let description = Description::binary("binary/loud", true);
//!                 encode(description, &loud, output).expect("a short header");
//!             }
//!             Ok(None) => {} // Incomplete: the rest is yet to come.
//!             Err(_) => self.is_broken = true,
//!         }
//!         input.len() - rest.len()
//!     }
//!
//!     /// What a message holds until it is whole is bounded for all clients.
//!     fn room_needed(&self) -> usize {
//!         self.decoder.content_length().unwrap_or(0)
//!     }
//!
//!     fn is_finished(&self) -> bool {
//!         self.is_broken
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
//! # let address = listener.local_addr()?;
//! let server = Server::new(listener, Limits::default(), |_peer| Shout::default())?;
//! # let stopper = server.stopper();
//! # let client = std::thread::spawn(move || {
//! #     let request = app_protocol::request::Request::Binary(b"hello".to_vec());
//! #     let mut wire = Vec::new();
//! #     request.encode(app_protocol::ByteOrder::NATIVE, false, &mut wire).unwrap();
//! #     let mut answer = Vec::new();
//! #     let timeout = common::Timeout::from_secs(10);
//! #     app_protocol::client::run(&[address], &wire, 1, 1000, timeout, |_, message| {
//! #         answer = message.content.to_vec();
//! #     })
//! #     .unwrap();
//! #     stopper.stop();
//! #     answer
//! # });
//! server.run()?;
//! # assert_eq!(client.join().unwrap(), b"HELLO");
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

pub mod actions;
pub mod anatomy;
pub mod client;
pub mod decoder;
pub mod encode;
pub mod encoding;
pub mod header;
mod keep_alive;
pub mod request;
pub mod request_flags;
pub mod session;

pub use decoder::{DecodeError, Decoder, Message};
pub use encode::{Description, EncodeError, encode};
pub use header::{ByteOrder, Header};
