//! Bytes to send, and bytes shown.

/// How many bytes of a longer sequence are shown.
const SHOWN: usize = 48;

/// One period of the pattern: a prime, so that it never falls together with the
/// size of anybody's buffer.
const PERIOD: u8 = 251;

/// `length` bytes, from `start` on, of a stream in which each byte tells its place.
pub(crate) fn pattern(start: usize, length: usize) -> Vec<u8> {
    let period: Vec<u8> = (0..PERIOD).collect();
    let offset = start % period.len();
    let mut bytes = Vec::with_capacity(length + 2 * period.len());
    bytes.extend_from_slice(&period[offset..]);
    while bytes.len() < length {
        bytes.extend_from_slice(&period);
    }
    bytes.truncate(length);
    bytes
}

/// Bytes as a person can read them: `5 bytes "ab\x00\xff\n"`.
pub(crate) fn shown(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(SHOWN)];
    let is_text = |text: &&str| !text.contains(|c: char| c.is_control() && !c.is_whitespace());
    let text = match std::str::from_utf8(head).ok().filter(is_text) {
        Some(text) => text.escape_debug().to_string(),
        // Escaped, a byte takes four places.
        None => head[..head.len().min(SHOWN / 3)].escape_ascii().to_string(),
    };
    let is_whole = head.len() == bytes.len() && (head.len() <= SHOWN / 3 || !text.contains("\\x"));
    let more = if is_whole { "" } else { "…" };
    format!("{} \"{text}\"{more}", n_bytes(bytes.len()))
}

/// `1 byte`, `2 bytes`.
pub(crate) fn n_bytes(n: usize) -> String {
    format!("{n} byte{}", if n == 1 { "" } else { "s" })
}

/// What came instead of `expected`, around the first place where they differ.
pub(crate) fn difference(expected: &[u8], came: &[u8]) -> String {
    let place = expected
        .iter()
        .zip(came)
        .position(|(one, other)| one != other)
        .unwrap_or_else(|| expected.len().min(came.len()));
    if place == came.len() && place > 0 {
        return format!("the first {} of it", n_bytes(place));
    }
    if place < SHOWN / 2 {
        return shown(came);
    }
    format!(
        "{}, other than expected from byte {place} on: {} instead of {}",
        n_bytes(came.len()),
        shown(&came[place..]),
        shown(&expected[place..])
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pattern_goes_on_from_anywhere() {
        let whole = pattern(0, 10_000);
        for start in [0, 1, 250, 251, 252, 5_000] {
            assert_eq!(pattern(start, 2_000), whole[start..start + 2_000]);
        }
    }

    #[test]
    fn bytes_are_shown_in_one_line() {
        assert_eq!(shown(b"a\n\0"), r#"3 bytes "a\n\x00""#);
        assert_eq!(shown(b"\xff"), r#"1 byte "\xff""#);
        assert!(shown(&[b'x'; 100]).starts_with("100 bytes \"xxx"));
    }

    #[test]
    fn a_difference_is_shown_where_it_is() {
        let expected = pattern(0, 1000);
        let mut came = expected.clone();
        came[700] = 0;
        assert!(difference(&expected, &came).contains("from byte 700 on"));
        assert_eq!(
            difference(&expected, &expected[..600]),
            "the first 600 bytes of it"
        );
    }
}
