//! An echo request and its reply, as they stand behind the IP header
//! (RFC 792; RFC 4443, 4): type, code, checksum, identifier, sequence number,
//! and whatever the sender likes, which comes back.

use byteorder::{BigEndian, ByteOrder};

const HEADER: usize = 8;
/// As many as `ping` sends.
const PAYLOAD: usize = 56;

/// The types of request and reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    V4,
    V6,
}

impl Version {
    fn request(self) -> u8 {
        match self {
            Self::V4 => 8,
            Self::V6 => 128,
        }
    }

    fn reply(self) -> u8 {
        match self {
            Self::V4 => 0,
            Self::V6 => 129,
        }
    }
}

// ANCHOR: request
/// An echo request, as a program hands it to an ICMP socket of Linux: the
/// kernel fills in the identifier and the checksum.
pub(super) fn request(version: Version, sequence: u16) -> Vec<u8> {
    let mut message = vec![0; HEADER];
    message[0] = version.request();
    BigEndian::write_u16(&mut message[6..8], sequence);
    message.extend(payload());
    message
}
// ANCHOR_END: request

fn payload() -> impl Iterator<Item = u8> {
    (0..=u8::MAX).take(PAYLOAD)
}

/// Is this the reply to the request with these numbers, and are its bytes the
/// request's?
pub(super) fn is_reply(
    message: &[u8],
    version: Version,
    identifier: u16,
    sequence: u16,
) -> bool {
    message.len() == HEADER + PAYLOAD
        && message[0] == version.reply()
        && message[1] == 0
        && BigEndian::read_u16(&message[4..6]) == identifier
        && BigEndian::read_u16(&message[6..8]) == sequence
        && message[HEADER..].iter().copied().eq(payload())
}

// ANCHOR: checksum
/// The checksum of the Internet (RFC 1071): the ones' complement of the sum of
/// all 16-bit words, where what is carried out at the top comes in below. Over
/// a message with its checksum in it, it is 0.
pub(super) fn checksum(message: &[u8]) -> u16 {
    let mut sum: u32 = 0;
    for word in message.chunks(2) {
        let low = word.get(1).copied().unwrap_or(0);
        sum += u32::from(u16::from_be_bytes([word[0], low]));
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).expect("what was carried is folded in")
}
// ANCHOR_END: checksum

#[cfg(test)]
mod tests {
    use super::*;

    /// The example in RFC 1071, 3.
    #[test]
    fn the_checksum_is_the_one_of_the_rfc() {
        let words = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        assert_eq!(checksum(&words), !0xddf2);
        assert_eq!(checksum(&[]), 0xffff);
        assert_eq!(checksum(&[0xff; 64]), 0);
        assert_eq!(checksum(&[0x12]), !0x1200);
    }

    fn reply() -> Vec<u8> {
        let mut message = request(Version::V4, 3);
        message[0] = 0;
        BigEndian::write_u16(&mut message[4..6], 77);
        let sum = checksum(&message);
        BigEndian::write_u16(&mut message[2..4], sum);
        message
    }

    #[test]
    fn a_reply_is_known_by_all_of_its_bytes() {
        let message = reply();
        assert_eq!(checksum(&message), 0);
        assert!(is_reply(&message, Version::V4, 77, 3));
        assert!(!is_reply(&message, Version::V6, 77, 3));
        for index in [0, 1, 4, 5, 6, 7, HEADER, HEADER + PAYLOAD - 1] {
            let mut other = message.clone();
            other[index] ^= 1;
            assert!(!is_reply(&other, Version::V4, 77, 3), "byte {index}");
        }
        for length in 0..message.len() {
            assert!(!is_reply(&message[..length], Version::V4, 77, 3));
        }
    }
}
