//! What a server allows its clients, as flags with defaults.

use common::Timeout;

/// Each may hold a read that is held back (128 KiB), output below twice the
/// high-water mark and one answer (192 KiB for an echo), and a small message
/// that is not whole (64 KiB). So 4 GiB if ten thousand of them do their worst
/// at once, and a few megabytes if they don't.
const MAX_CONNECTIONS: u32 = 10_240;
/// What large messages under way may take on top of that, all connections
/// together: a laptop has it to spare, and eight of the largest messages of
/// stage 3 fit.
pub const MAX_MEMORY: u64 = 64 << 20;
/// Long enough for a person who types, short enough that a client whose machine
/// was switched off doesn't stay for ever: TCP alone would never tell.
const IDLE_TIMEOUT: Timeout = Timeout::from_secs(60);
/// Enough for one more answer: what the system's own buffers hold comes on top.
const HIGH_WATER_MARK: u32 = 64 * 1024;
/// Whoever ends servers, an init system or `cargo xtask run`, kills after 5 s
/// or more.
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

    /// Bytes that all sessions together may hold of large messages under way. A
    /// server whose sessions hold any has a flag of its own for it.
    #[arg(skip = MAX_MEMORY)]
    pub max_memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_connections: MAX_CONNECTIONS,
            idle_timeout: IDLE_TIMEOUT,
            high_water_mark: HIGH_WATER_MARK,
            drain_timeout: DRAIN_TIMEOUT,
            max_memory: MAX_MEMORY,
        }
    }
}
