//! How long something took, as it is told.

use std::time::Duration;

/// From here on in seconds: milliseconds would claim more than a scheduler keeps.
const IN_SECONDS: u128 = 500;

/// `5 s`, `0.5 s`, `200 ms`: no digits that nobody asked for.
pub fn span(duration: Duration) -> String {
    let milliseconds = (duration.as_micros() + 500) / 1_000;
    if milliseconds < IN_SECONDS {
        return format!("{milliseconds} ms");
    }
    let tenths = (milliseconds + 50) / 100;
    match (tenths / 10, tenths % 10) {
        (seconds, 0) => format!("{seconds} s"),
        (seconds, tenth) => format!("{seconds}.{tenth} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_the_digits_that_matter() {
        for (nanoseconds, expected) in [
            (0, "0 ms"),
            (200_000_000, "200 ms"),
            (499_999_999, "0.5 s"),
            (4_999_999_179, "5 s"),
            (1_449_000_000, "1.4 s"),
            (59_960_000_000, "60 s"),
        ] {
            assert_eq!(span(Duration::from_nanos(nanoseconds)), expected);
        }
    }
}
