//! Any bytes, split anywhere: the same messages and the same error, no more memory
//! than the limit allows, and what was decoded can be encoded and decoded again.
#![no_main]

use app_protocol::decoder::Decoder;
use app_protocol::{Description, Header, encode};
use libfuzzer_sys::fuzz_target;

const MAX_CONTENT: u64 = 1000;

fuzz_target!(|data: &[u8]| {
    let Some((&size, wire)) = data.split_first() else {
        return;
    };
    let whole = decode(wire.chunks(wire.len().max(1)));
    let split = decode(wire.chunks(usize::from(size).max(1)));
    assert_eq!(whole, split);
    for (header, content) in &whole.0 {
        let mut encoded = Vec::new();
        let description = Description {
            content_type: &header.content_type,
            content_encoding: &header.content_encoding,
            byte_order: header.byte_order,
            keep_alive: header.keep_alive,
        };
        // Escapes can be longer than what they stand for.
        if encode(description, content, &mut encoded).is_ok() {
            let again = decode(std::iter::once(encoded.as_slice()));
            assert_eq!(again, (vec![(header.clone(), content.clone())], None));
        }
    }
});

type Decoded = (Vec<(Header, Vec<u8>)>, Option<String>);

fn decode<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Decoded {
    let mut decoder = Decoder::new(MAX_CONTENT);
    let mut messages = Vec::new();
    for mut piece in pieces {
        loop {
            match decoder.decode(&mut piece) {
                Ok(Some(message)) => {
                    assert!(message.content.len() as u64 <= MAX_CONTENT);
                    messages.push((message.header, message.content.to_vec()));
                }
                Ok(None) => break,
                Err(error) => return (messages, Some(error.to_string())),
            }
        }
        assert!(piece.is_empty());
    }
    (messages, None)
}
