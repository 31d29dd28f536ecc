//! What a server allows its clients, as flags with defaults.

use common::Timeout;

/// Each may hold twice the high-water mark, and one read and one answer besides: with
/// the other defaults, 4 GiB in the worst case, when nobody reads what he asked for.
const MAX_CONNECTIONS: u32 = 16_384;
/// Long enough for a person who types, short enough that a client whose machine was
/// switched off doesn't stay for ever: TCP alone would never tell.
const IDLE_TIMEOUT: Timeout = Timeout::from_secs(60);
/// As much as one read brings: what the system's own buffers hold comes on top.
const HIGH_WATER_MARK: u32 = 64 * 1024;
/// Whoever ends servers, an init system or `cargo xtask run`, kills after 5 s or more.
const DRAIN_TIMEOUT: Timeout = Timeout::from_secs(3);

/// Limits of an event loop: each a flag of the servers built on it.
#[derive(Debug, Clone, clap::Args)]
pub struct Limits {
    /// Clients served at once; more of them wait
    #[arg(long, value_name = "COUNT", default_value_t = MAX_CONNECTIONS)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub max_connections: u32,

    /// Drop a connection that is idle for so long; 0 for never
    #[arg(long, value_name = "SECONDS", default_value_t = IDLE_TIMEOUT)]
    pub idle_timeout: Timeout,

    /// Read no more from a client that has so much to read
    #[arg(long, value_name = "BYTES", default_value_t = HIGH_WATER_MARK)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1 << 30))]
    pub high_water_mark: u32,

    /// Wait so long for clients when told to stop; 0 for ever
    #[arg(long, value_name = "SECONDS", default_value_t = DRAIN_TIMEOUT)]
    pub drain_timeout: Timeout,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_connections: MAX_CONNECTIONS,
            idle_timeout: IDLE_TIMEOUT,
            high_water_mark: HIGH_WATER_MARK,
            drain_timeout: DRAIN_TIMEOUT,
        }
    }
}
