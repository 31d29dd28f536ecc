//! Times that a call is given.

use crate::record::Value;

use super::memory::{Memory, i64_at};
use super::number::{pointer, text};

/// What a second is divided into: a `timeval` has microseconds, a `timespec` has
/// nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fraction {
    Micro,
    Nano,
}

/// The time at `address`, "1.5 s"; "none" if there is none, which waits for ever.
pub(super) fn time(memory: &dyn Memory, address: u64, fraction: Fraction) -> Value {
    let bytes = memory.read(address, size_of::<[i64; 2]>());
    seconds(&bytes, fraction).map_or_else(|| pointer(address), text)
}

/// The time in the bytes of a `timeval` or a `timespec`.
pub(super) fn seconds(bytes: &[u8], fraction: Fraction) -> Option<String> {
    let whole = i64_at(bytes, 0)?;
    let part = i64_at(bytes, size_of::<i64>())?;
    let (digits, unit) = match fraction {
        Fraction::Micro => (6, "µs"),
        Fraction::Nano => (9, "ns"),
    };
    if whole < 0 || !(0..10_i64.pow(digits)).contains(&part) {
        // No time that the kernel takes.
        return Some(format!("{whole} s and {part} {unit}"));
    }
    let width = digits as usize;
    let decimals = format!("{part:0width$}");
    let number = format!("{whole}.{decimals}");
    Some(format!(
        "{} s",
        number.trim_end_matches('0').trim_end_matches('.')
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(whole: i64, part: i64, fraction: Fraction, expected: &str) {
        let bytes = [whole.to_ne_bytes(), part.to_ne_bytes()].concat();
        assert_eq!(seconds(&bytes, fraction).unwrap(), expected);
    }

    #[test]
    fn times_are_in_seconds() {
        check(1, 500_000, Fraction::Micro, "1.5 s");
        check(1, 500_000_000, Fraction::Nano, "1.5 s");
        check(0, 1, Fraction::Nano, "0.000000001 s");
        check(100, 0, Fraction::Nano, "100 s");
        check(0, 0, Fraction::Micro, "0 s");
    }

    #[test]
    fn what_is_no_time_is_shown_as_it_is() {
        check(-1, 0, Fraction::Nano, "-1 s and 0 ns");
        check(
            0,
            i64::MAX,
            Fraction::Micro,
            "0 s and 9223372036854775807 µs",
        );
        assert_eq!(seconds(&[0; 15], Fraction::Nano), None);
    }
}
