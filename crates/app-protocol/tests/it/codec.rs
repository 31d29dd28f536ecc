//! The codec as a library: any split, any bytes, and what it allocates.

use app_protocol::decoder::{Decoder, Message, Part};
use app_protocol::{ByteOrder, Description, encode};
use proptest::prelude::*;

/// Decodes all of `wire`, fed in pieces of the sizes given (the last of them again
/// and again); returns each message's content type and content.
fn decode_in(
    wire: &[u8],
    sizes: &[usize],
    max_content: u64,
) -> Result<Vec<(String, Vec<u8>)>, String> {
    let mut decoder = Decoder::new(max_content);
    let mut messages = Vec::new();
    let mut sizes = sizes.iter().copied();
    let mut size = 1;
    let mut rest = wire;
    while !rest.is_empty() {
        size = sizes.next().unwrap_or(size);
        let (piece, behind) = rest.split_at(size.min(rest.len()));
        rest = behind;
        let mut piece = piece;
        while let Some(Message { header, content }) = decoder
            .decode(&mut piece)
            .map_err(|error| error.to_string())?
        {
            messages.push((header.content_type, content.to_vec()));
        }
        assert!(piece.is_empty(), "it waits, and yet leaves bytes");
    }
    Ok(messages)
}

fn message(content_type: &str, content: &[u8]) -> Vec<u8> {
    let mut wire = Vec::new();
    let description = Description {
        content_type,
        content_encoding: "binary",
        byte_order: ByteOrder::Big,
        keep_alive: true,
    };
    encode(description, content, &mut wire).unwrap();
    wire
}

#[test]
fn a_message_split_anywhere_is_the_same_message() {
    let wire =
        [message("binary/a", b"first"), message("binary/b", b"")].concat();
    let whole = decode_in(&wire, &[wire.len()], 100).unwrap();
    assert_eq!(whole.len(), 2);
    for size in 1..wire.len() {
        assert_eq!(decode_in(&wire, &[size], 100).as_ref(), Ok(&whole));
        assert_eq!(
            decode_in(&wire, &[size, wire.len()], 100).as_ref(),
            Ok(&whole)
        );
    }
}

#[test]
fn content_that_arrives_whole_is_not_copied() {
    let wire = message("binary/a", b"content");
    let mut rest = wire.as_slice();
    let mut decoder = Decoder::new(100);
    let content = decoder.decode(&mut rest).unwrap().unwrap().content;
    assert!(wire.as_ptr_range().contains(&content.as_ptr()));
}

#[test]
fn a_truncated_stream_says_where() {
    let wire = message("binary/a", b"content");
    let mut decoder = Decoder::new(100);
    let parts: Vec<_> = wire
        .chunks(1)
        .map(|mut byte| {
            decoder.decode(&mut byte).unwrap();
            decoder.truncated().map(|t| (t.part, t.missing))
        })
        .collect();
    let header = wire.len() - 7 - 2;
    assert_eq!(parts[0], Some((Part::Length, 1)));
    assert_eq!(parts[1], Some((Part::Header, header)));
    assert_eq!(parts[header], Some((Part::Header, 1)));
    assert_eq!(parts[header + 1], Some((Part::Content, 7)));
    assert_eq!(parts.last(), Some(&None));
}

#[test]
fn a_header_too_long_for_its_length_is_refused() {
    let content_type = "x".repeat(65_535);
    let description = Description {
        content_type: &content_type,
        content_encoding: "binary",
        byte_order: ByteOrder::Big,
        keep_alive: false,
    };
    let mut output = b"before".to_vec();
    let error = encode(description, b"", &mut output).unwrap_err();
    assert!(error.to_string().ends_with("limit is 65535"), "{error}");
    assert_eq!(output, b"before");
}

#[test]
fn once_warm_only_the_headers_strings_are_allocated() {
    let mut wire = Vec::new();
    let mut decoder = Decoder::new(1000);
    let mut round = |content: &[u8]| {
        wire.clear();
        let description = Description::binary("binary/small", true);
        encode(description, content, &mut wire).unwrap();
        let mut rest = wire.as_slice();
        decoder.decode(&mut rest).unwrap().unwrap().content.len()
    };
    round(b"warm");
    let allocated = allocation_counter::measure(|| {
        round(b"counted");
    });
    // Its content type and its encoding.
    assert_eq!(allocated.count_total, 2);
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded(
        messages in prop::collection::vec((any::<String>(), prop::collection::vec(any::<u8>(), 0..2000)), 0..5),
        sizes in prop::collection::vec(1..3000_usize, 1..20),
    ) {
        let wire: Vec<u8> = messages.iter().flat_map(|(content_type, content)| message(content_type, content)).collect();
        prop_assert_eq!(decode_in(&wire, &sizes, 2000), Ok(messages));
    }

    #[test]
    fn arbitrary_bytes_give_the_same_however_they_are_split(
        wire in prop::collection::vec(prop_oneof![Just(0_u8), Just(2), Just(b'{'), Just(b'}'), any::<u8>()], 0..300),
        sizes in prop::collection::vec(1..50_usize, 1..20),
    ) {
        prop_assert_eq!(decode_in(&wire, &sizes, 100), decode_in(&wire, &[300], 100));
    }

    #[test]
    fn headers_with_anything_in_them_never_panic(
        length in any::<u64>(),
        garbage in ".{0,40}",
        fields in prop::sample::subsequence(vec![0, 1, 2, 3], 0..=4),
    ) {
        let all = [
            "\"byteorder\": \"little\"".to_owned(),
            format!("\"content-type\": {garbage:?}"),
            "\"content-encoding\": \"utf-8\"".to_owned(),
            format!("\"content-length\": {length}"),
        ];
        let fields: Vec<&str> = fields.into_iter().map(|field| all[field].as_str()).collect();
        let header = format!("{{{}}}{garbage}", fields.join(", "));
        if let Ok(header_length) = u16::try_from(header.len()) {
            let wire = [&header_length.to_be_bytes(), header.as_bytes(), b"content"].concat();
            let _ = decode_in(&wire, &[3], 100);
        }
    }
}
