//! What goes with a message: descriptors, and who sends it.

use std::mem::offset_of;

use super::memory::{Memory, i32_at, u64_at};
use super::number::{Names, list, name, names, text};
use super::options;
use crate::record::Value;

/// More doesn't fit into what a socket keeps for it, as the kernel is set up.
const MAX_CONTROL: usize = 4096;

const KINDS: Names =
    names! { SCM_RIGHTS SCM_CREDENTIALS SCM_TIMESTAMP SCM_TIMESTAMPNS SCM_TIMESTAMPING };

/// What went with a message.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Control {
    /// All of it; none if there is none.
    pub(super) value: Option<Value>,
    /// The descriptors that are among it.
    pub(super) descriptors: Vec<i32>,
}

/// What `length` bytes at `place` are.
pub(super) fn read(memory: &dyn Memory, place: u64, length: u64) -> Control {
    let bytes = memory.at_most(place, length, MAX_CONTROL);
    let mut rest = bytes.as_slice();
    let mut control = Control::default();
    let mut shown = Vec::new();
    while let Some((part, after)) = first(rest) {
        shown.push(part.shown());
        control.descriptors.extend(part.descriptors());
        rest = after;
    }
    if !shown.is_empty() {
        let n_shown = shown.len().try_into().unwrap_or(u64::MAX);
        control.value = Some(list(shown, n_shown));
    }
    control
}

/// A `struct cmsghdr` and what follows it.
struct Part<'a> {
    level: i32,
    kind: i32,
    bytes: &'a [u8],
}

/// The first part, and what is behind it. Each says how long it is, and begins where a
/// word of memory does.
fn first(bytes: &[u8]) -> Option<(Part<'_>, &[u8])> {
    const HEADER: usize = size_of::<libc::cmsghdr>();
    let length = u64_at(bytes, offset_of!(libc::cmsghdr, cmsg_len))?;
    let length = usize::try_from(length).ok()?;
    let part = Part {
        level: i32_at(bytes, offset_of!(libc::cmsghdr, cmsg_level))?,
        kind: i32_at(bytes, offset_of!(libc::cmsghdr, cmsg_type))?,
        bytes: bytes.get(HEADER..length)?,
    };
    let next = length.next_multiple_of(size_of::<usize>());
    Some((part, bytes.get(next..).unwrap_or_default()))
}

impl Part<'_> {
    fn descriptors(&self) -> Vec<i32> {
        if (self.level, self.kind) != (libc::SOL_SOCKET, libc::SCM_RIGHTS) {
            return Vec::new();
        }
        let descriptors = self.bytes.chunks_exact(size_of::<i32>());
        descriptors.filter_map(|bytes| i32_at(bytes, 0)).collect()
    }

    fn shown(&self) -> Value {
        let known = match (self.level, self.kind) {
            (libc::SOL_SOCKET, libc::SCM_RIGHTS) => {
                let descriptors = self.descriptors();
                let words = descriptors.iter().map(ToString::to_string);
                Some(words.collect::<Vec<_>>().join(" "))
            }
            (libc::SOL_SOCKET, libc::SCM_CREDENTIALS) => options::credentials(self.bytes),
            _ => None,
        };
        let value = known.unwrap_or_else(|| format!("of {} bytes", self.bytes.len()));
        text(format!("{} {value}", self.name()))
    }

    fn name(&self) -> String {
        let own = name(KINDS, self.kind.into()).filter(|_| self.level == libc::SOL_SOCKET);
        let of_option = || {
            let level = options::level(self.level);
            format!("{level} {}", options::name(self.level, self.kind))
        };
        own.map_or_else(of_option, str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake::{Fake, ints};
    use super::*;

    const PLACE: u64 = 0x1000;

    fn part(level: i32, kind: i32, length: u64, bytes: &[u8]) -> Vec<u8> {
        let mut part = length.to_ne_bytes().to_vec();
        part.extend(ints(&[level, kind]));
        part.extend(bytes);
        part.resize(part.len().next_multiple_of(8), 0);
        part
    }

    fn at(bytes: &[u8]) -> Control {
        let memory = Fake::default().with(PLACE, bytes);
        read(&memory, PLACE, bytes.len().try_into().unwrap())
    }

    #[track_caller]
    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(at(bytes).value.unwrap().to_string(), expected);
    }

    #[test]
    fn descriptors_are_named_one_by_one() {
        let mut bytes = part(libc::SOL_SOCKET, libc::SCM_RIGHTS, 28, &ints(&[5, 6, 7]));
        check(&bytes, "[SCM_RIGHTS 5 6 7]");
        let credentials = ints(&[42, 1000, 100]);
        bytes.extend(part(
            libc::SOL_SOCKET,
            libc::SCM_CREDENTIALS,
            28,
            &credentials,
        ));
        check(
            &bytes,
            "[SCM_RIGHTS 5 6 7, SCM_CREDENTIALS {pid 42, uid 1000, gid 100}]",
        );
        assert_eq!(at(&bytes).descriptors, [5, 6, 7]);
    }

    #[test]
    fn others_have_a_name_and_a_size() {
        check(
            &part(libc::SOL_SOCKET, libc::SCM_TIMESTAMP, 32, &[0; 16]),
            "[SCM_TIMESTAMP of 16 bytes]",
        );
        check(
            &part(libc::IPPROTO_IP, libc::IP_TTL, 20, &[0; 4]),
            "[IPPROTO_IP IP_TTL of 4 bytes]",
        );
        check(&part(77, 88, 16, &[]), "[77 88 of 0 bytes]");
    }

    #[test]
    fn lengths_that_lie_end_it() {
        for length in [0, 15, 1000, u64::MAX, u64::MAX - 8] {
            let bytes = part(libc::SOL_SOCKET, libc::SCM_RIGHTS, length, &ints(&[5]));
            assert_eq!(at(&bytes), Control::default(), "{length}");
        }
        assert_eq!(read(&Fake::default(), PLACE, u64::MAX), Control::default());
    }
}
