//! Text as bytes, in the encodings of the protocol: Python's, by Python's
//! names.
//!
//! They differ from the web's encodings of the same names (WHATWG), where
//! latin-1 is really windows-1252, and bytes that mean nothing are replaced.

use std::borrow::Cow;
use std::fmt;

use byteorder::{BigEndian, LittleEndian};
use thiserror::Error;

use crate::header::ByteOrder;

/// A character encoding of text content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextEncoding {
    /// UTF-8 (RFC 3629).
    Utf8,
    /// Seven bits a character.
    Ascii,
    /// ISO 8859-1: the first 256 characters of Unicode, a byte each.
    Latin1,
    /// UTF-16 that begins with a byte order mark; little-endian without one.
    Utf16,
    /// UTF-16, little-endian, without a mark.
    Utf16Le,
    /// UTF-16, big-endian, without a mark.
    Utf16Be,
}

/// U+FEFF, which tells the byte order of what follows it.
const BYTE_ORDER_MARK: u16 = 0xFEFF;

/// Why bytes are not text, or text has no bytes, in some encoding.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EncodingError {
    /// The bytes from this offset on are not in the encoding.
    #[error("byte {offset} is not {encoding}")]
    Invalid {
        /// The encoding that was expected.
        encoding: TextEncoding,
        /// How many bytes before it are valid.
        offset: usize,
    },
    /// The encoding has no such character.
    #[error("{encoding} has no {character:?}")]
    Unencodable {
        /// The encoding that was asked for.
        encoding: TextEncoding,
        /// What it can't say.
        character: char,
    },
}

impl TextEncoding {
    /// Every encoding, for a message that lists them.
    pub const ALL: [Self; 6] = [
        Self::Utf8,
        Self::Ascii,
        Self::Latin1,
        Self::Utf16,
        Self::Utf16Le,
        Self::Utf16Be,
    ];

    /// The encoding that Python knows by `name`, whatever its case and whatever
    /// stands between its letters and digits (`encodings.aliases`).
    pub fn from_name(name: &str) -> Option<Self> {
        // What nearly everybody writes needs no allocation.
        if name == "utf-8" {
            return Some(Self::Utf8);
        }
        let name = normalized(name);
        // Python's own names of its codecs are looked up as they are, the
        // aliases a second time without their dots.
        Self::from_normalized(&name).or_else(|| {
            let undotted = name.replace('.', "_");
            let is_codec = Self::ALL
                .iter()
                .any(|codec| normalized(codec.name()) == undotted);
            (!is_codec)
                .then(|| Self::from_normalized(&undotted))
                .flatten()
        })
    }

    fn from_normalized(name: &str) -> Option<Self> {
        match name {
            "utf_8" | "cp65001" | "u8" | "utf" | "utf8" | "utf8_ucs2"
            | "utf8_ucs4" => Some(Self::Utf8),
            "ascii" | "646" | "ansi_x3.4_1968" | "ansi_x3.4_1986"
            | "ansi_x3_4_1968" | "cp367" | "csascii" | "ibm367"
            | "iso646_us" | "iso_646.irv_1991" | "iso_ir_6" | "us"
            | "us_ascii" => Some(Self::Ascii),
            "latin_1" | "8859" | "cp819" | "csisolatin1" | "ibm819"
            | "iso8859" | "iso8859_1" | "iso_8859_1" | "iso_8859_1_1987"
            | "iso_ir_100" | "l1" | "latin" | "latin1" => Some(Self::Latin1),
            "utf_16" | "u16" | "utf16" => Some(Self::Utf16),
            "utf_16_le" | "unicodelittleunmarked" | "utf_16le" => {
                Some(Self::Utf16Le)
            }
            "utf_16_be" | "unicodebigunmarked" | "utf_16be" => {
                Some(Self::Utf16Be)
            }
            _ => None,
        }
    }

    /// The name that a header carries.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Ascii => "ascii",
            Self::Latin1 => "latin-1",
            Self::Utf16 => "utf-16",
            Self::Utf16Le => "utf-16-le",
            Self::Utf16Be => "utf-16-be",
        }
    }

    /// Reads `bytes` as text, without copying them where they are UTF-8
    /// already.
    ///
    /// # Errors
    ///
    /// [`EncodingError::Invalid`] at the first byte that is not in this
    /// encoding.
    pub fn decode(self, bytes: &[u8]) -> Result<Cow<'_, str>, EncodingError> {
        let invalid = |offset| EncodingError::Invalid {
            encoding: self,
            offset,
        };
        match self {
            Self::Utf8 => str::from_utf8(bytes)
                .map(Cow::Borrowed)
                .map_err(|error| invalid(error.valid_up_to())),
            Self::Ascii => match bytes.iter().position(|byte| !byte.is_ascii())
            {
                Some(offset) => Err(invalid(offset)),
                None => Self::Utf8.decode(bytes),
            },
            Self::Latin1 => {
                Ok(bytes.iter().map(|&byte| char::from(byte)).collect())
            }
            Self::Utf16 => match bytes {
                [0xFE, 0xFF, rest @ ..] => {
                    decode_utf16::<BigEndian>(rest, 2, invalid)
                }
                [0xFF, 0xFE, rest @ ..] => {
                    decode_utf16::<LittleEndian>(rest, 2, invalid)
                }
                _ => decode_utf16::<LittleEndian>(bytes, 0, invalid),
            },
            Self::Utf16Le => decode_utf16::<LittleEndian>(bytes, 0, invalid),
            Self::Utf16Be => decode_utf16::<BigEndian>(bytes, 0, invalid),
        }
    }

    /// Writes `text` as bytes, without copying where they are UTF-8 anyway.
    ///
    /// # Errors
    ///
    /// [`EncodingError::Unencodable`] for the first character that this
    /// encoding doesn't have.
    pub fn encode(self, text: &str) -> Result<Cow<'_, [u8]>, EncodingError> {
        let unencodable = |character| EncodingError::Unencodable {
            encoding: self,
            character,
        };
        match self {
            Self::Utf8 => Ok(Cow::Borrowed(text.as_bytes())),
            Self::Ascii => {
                match text.chars().find(|character| !character.is_ascii()) {
                    Some(character) => Err(unencodable(character)),
                    None => Ok(Cow::Borrowed(text.as_bytes())),
                }
            }
            Self::Latin1 => text
                .chars()
                .map(|character| {
                    u8::try_from(character).map_err(|_| unencodable(character))
                })
                .collect(),
            // As Python does: marked, in the machine's own order.
            Self::Utf16 => {
                let marked =
                    std::iter::once(BYTE_ORDER_MARK).chain(text.encode_utf16());
                Ok(match ByteOrder::NATIVE {
                    ByteOrder::Little => encode_utf16::<LittleEndian>(marked),
                    ByteOrder::Big => encode_utf16::<BigEndian>(marked),
                })
            }
            Self::Utf16Le => {
                Ok(encode_utf16::<LittleEndian>(text.encode_utf16()))
            }
            Self::Utf16Be => Ok(encode_utf16::<BigEndian>(text.encode_utf16())),
        }
    }
}

impl fmt::Display for TextEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// As Python's `encodings.normalize_encoding`, in lower case: whatever is not a
/// letter, a digit or a dot separates, and separators become one underscore
/// each. Letters and digits that are not ASCII vanish.
fn normalized(name: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric() || c == '.';
    let parts = name.split(|c| !is_part(c)).filter(|part| !part.is_empty());
    let joined = parts.collect::<Vec<_>>().join("_").to_ascii_lowercase();
    joined.replace(|c: char| !c.is_ascii(), "")
}

/// `n_before` bytes stood in front of `bytes`.
fn decode_utf16<'a, E: byteorder::ByteOrder>(
    bytes: &'a [u8],
    n_before: usize,
    invalid: impl Fn(usize) -> EncodingError,
) -> Result<Cow<'a, str>, EncodingError> {
    let units = bytes.chunks_exact(2);
    let mut text = String::with_capacity(bytes.len() / 2);
    let is_odd = !units.remainder().is_empty();
    let mut offset = n_before;
    for decoded in char::decode_utf16(units.map(E::read_u16)) {
        let character = decoded.map_err(|_| invalid(offset))?;
        offset += 2 * character.len_utf16();
        text.push(character);
    }
    if is_odd {
        return Err(invalid(offset));
    }
    Ok(text.into())
}

fn encode_utf16<'a, E: byteorder::ByteOrder>(
    units: impl Iterator<Item = u16>,
) -> Cow<'a, [u8]> {
    let mut bytes = Vec::new();
    for unit in units {
        let mut pair = [0; 2];
        E::write_u16(&mut pair, unit);
        bytes.extend_from_slice(&pair);
    }
    bytes.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(encoding: TextEncoding, text: &str, bytes: &[u8]) {
        assert_eq!(encoding.decode(bytes).as_deref(), Ok(text));
        assert_eq!(encoding.encode(text).as_deref(), Ok(bytes));
    }

    #[track_caller]
    fn check_invalid(encoding: TextEncoding, bytes: &[u8], offset: usize) {
        let expected = EncodingError::Invalid { encoding, offset };
        assert_eq!(encoding.decode(bytes), Err(expected));
    }

    #[test]
    fn text_goes_both_ways() {
        check(TextEncoding::Utf8, "ë🐶", b"\xc3\xab\xf0\x9f\x90\xb6");
        check(TextEncoding::Ascii, "e\0\x7f", b"e\0\x7f");
        check(TextEncoding::Latin1, "ë\u{80}", b"\xeb\x80");
        check(TextEncoding::Utf16Le, "e🐶", b"e\0\x3d\xd8\x36\xdc");
        check(TextEncoding::Utf16Be, "e🐶", b"\0e\xd8\x3d\xdc\x36");
        if cfg!(target_endian = "little") {
            check(TextEncoding::Utf16, "e", b"\xff\xfee\0");
        }
        for encoding in TextEncoding::ALL {
            assert_eq!(encoding.decode(b"").as_deref(), Ok(""));
        }
    }

    #[test]
    fn utf_16_obeys_its_mark() {
        let decode =
            |bytes| TextEncoding::Utf16.decode(bytes).unwrap().into_owned();
        assert_eq!(decode(b"\xfe\xff\0e"), "e");
        assert_eq!(decode(b"\xff\xfee\0"), "e");
        assert_eq!(decode(b"e\0"), "e");
        // Only the variant that has no order of its own takes the mark away.
        assert_eq!(
            TextEncoding::Utf16Le.decode(b"\xff\xfee\0").as_deref(),
            Ok("\u{feff}e")
        );
    }

    #[test]
    fn what_is_not_in_the_encoding_is_located() {
        check_invalid(TextEncoding::Utf8, b"ab\xff", 2);
        check_invalid(TextEncoding::Ascii, b"ab\xe9c", 2);
        check_invalid(TextEncoding::Utf16Le, b"e\0f", 2);
        check_invalid(TextEncoding::Utf16Be, b"\0e\xd8\x3d\0e", 2);
        check_invalid(TextEncoding::Utf16, b"\xff\xfee\0\x36\xdc", 4);
    }

    #[test]
    fn what_the_encoding_lacks_is_named() {
        for (encoding, character) in
            [(TextEncoding::Ascii, 'é'), (TextEncoding::Latin1, '🐶')]
        {
            let expected = EncodingError::Unencodable {
                encoding,
                character,
            };
            assert_eq!(
                encoding.encode(&format!("a{character}")),
                Err(expected)
            );
        }
    }

    #[test]
    fn names_are_pythons() {
        for (name, encoding) in [
            ("UTF 8", Some(TextEncoding::Utf8)),
            ("-utf--8 ", Some(TextEncoding::Utf8)),
            ("ISO8859-1", Some(TextEncoding::Latin1)),
            ("iso_8859-1:1987", Some(TextEncoding::Latin1)),
            ("ANSI-X3.4-1968", Some(TextEncoding::Ascii)),
            ("Utf-16LE", Some(TextEncoding::Utf16Le)),
            ("utf.16LE", Some(TextEncoding::Utf16Le)),
            ("ISO8859.1", Some(TextEncoding::Latin1)),
            ("646é", Some(TextEncoding::Ascii)),
            ("utf.8", None),
            ("utf-8-sig", None),
            ("windows-1252", None),
            ("", None),
        ] {
            assert_eq!(TextEncoding::from_name(name), encoding, "{name}");
        }
        for encoding in TextEncoding::ALL {
            assert_eq!(
                TextEncoding::from_name(encoding.name()),
                Some(encoding)
            );
        }
    }
}
