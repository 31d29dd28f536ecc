//! What a server allows its clients, as flags with defaults.

use common::Timeout;

/// Limits of an event loop: each a flag of the servers built on it.
#[derive(Debug, Clone, clap::Args)]
pub struct Limits {
    // Each may hold twice the high-water mark and one read: 3 GiB in the worst
    // case, when every client is greedy and none of them reads.
    /// Clients served at once; more of them wait
    #[arg(long, value_name = "COUNT", default_value_t = 16_384)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub max_connections: u32,

    // Long enough for a person who types, short enough that a client whose
    // machine was switched off doesn't stay for ever: TCP alone would never tell.
    /// Drop a connection that is idle for so long; 0 for never
    #[arg(long, value_name = "SECONDS", default_value_t = Timeout::from_secs(60))]
    pub idle_timeout: Timeout,

    // As much as one read brings: what the system's own buffers hold comes on top.
    /// Read no more from a client that has so much to read
    #[arg(long, value_name = "BYTES", default_value_t = 64 * 1024)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1 << 30))]
    pub high_water_mark: u32,

    // Whoever ends servers (init systems, `cargo xtask run`) kills after 5 s or more.
    /// Wait so long for clients when told to stop; 0 for ever
    #[arg(long, value_name = "SECONDS", default_value_t = Timeout::from_secs(3))]
    pub drain_timeout: Timeout,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_connections: 16_384,
            idle_timeout: Timeout::from_secs(60),
            high_water_mark: 64 * 1024,
            drain_timeout: Timeout::from_secs(3),
        }
    }
}
