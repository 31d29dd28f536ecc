//! A number of seconds on a command line.

use std::fmt::{self, Display};
use std::str::FromStr;
use std::time::Duration;

/// More is as good as none, and a sum with it must not overflow.
const MAX_SECONDS: f64 = 365.0 * 24.0 * 60.0 * 60.0;

/// How long to wait, or for ever: in seconds, with 0 for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeout(Option<Duration>);

impl Timeout {
    /// A whole number of seconds, 0 for none.
    pub const fn from_secs(seconds: u64) -> Self {
        match seconds {
            0 => Self(None),
            _ => Self(Some(Duration::from_secs(seconds))),
        }
    }

    /// The limit, `None` if there is none.
    pub fn limit(self) -> Option<Duration> {
        self.0
    }
}

impl FromStr for Timeout {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || {
            format!(
                "expected seconds from 0 (none) to {MAX_SECONDS}, as in 2.5"
            )
        };
        let seconds: f64 = text.parse().map_err(|_| expected())?;
        if !(0.0..=MAX_SECONDS).contains(&seconds) {
            return Err(expected());
        }
        // The shortest time there is, rather than none, for what rounds to 0.
        let limit =
            Duration::from_secs_f64(seconds).max(Duration::from_nanos(1));
        Ok(Self((seconds > 0.0).then_some(limit)))
    }
}

impl Display for Timeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.unwrap_or_default().as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_parsed_and_zero_is_none() {
        let parse = |text: &str| text.parse::<Timeout>().map(Timeout::limit);
        assert_eq!(parse("2.5"), Ok(Some(Duration::from_millis(2500))));
        assert_eq!(parse("0"), Ok(None));
        assert_eq!(parse("1e-10"), Ok(Some(Duration::from_nanos(1))));
        for nonsense in ["", "-1", "NaN", "inf", "1e300", "ten", "31536001"] {
            assert!(parse(nonsense).is_err(), "{nonsense}");
        }
    }
}
