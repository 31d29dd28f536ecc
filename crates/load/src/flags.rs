//! What the person at the command line decides.

use std::time::Duration;

use common::Timeout;

/// Bytes in a message, at most: a connection holds one of them in memory.
pub const MAX_SIZE: u32 = 64 << 20;
/// What the documents on the speed of servers measure with.
const DEFAULT_SIZE: u32 = 512;
/// Long enough for a steady figure.
const DEFAULT_DURATION: Duration = Duration::from_secs(10);

/// One in a quarter of an hour: whoever wants fewer wants none.
const MIN_RATE: f64 = 0.001;
/// Ten times what one core can send one by one: more would only be counted as late.
const MAX_RATE: f64 = 1e7;
/// As many messages of 1 KiB as any system's buffers hold, and their times in memory.
const MAX_DEPTH: i64 = 65_536;
/// Plain enough to work with any server, also with one that serves one client at a time.
const DEFAULT_CONNECTIONS: u32 = 1;
/// As of all clients of the course.
const DEFAULT_TIMEOUT: Timeout = Timeout::from_secs(10);

/// How much of what to send, and when.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Load")]
pub struct LoadFlags {
    /// Open so many connections
    #[arg(long, value_name = "COUNT", default_value_t = DEFAULT_CONNECTIONS)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    connections: u32,
    /// Send so many messages in all; 0 for silence
    #[arg(long, value_name = "COUNT")]
    messages: Option<u64>,
    /// Send messages of so many bytes [echo: 512]
    #[arg(long, value_name = "BYTES")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_SIZE)))]
    size: Option<u32>,
    /// Send for so long; 0 until Ctrl-C [default: 10]
    #[arg(long, value_name = "SECONDS")]
    duration: Option<Timeout>,
    /// Send so many messages a second in all
    #[arg(long, value_name = "COUNT", value_parser = parse_rate)]
    rate: Option<f64>,
    /// Have so many under way on a connection [default: 1]
    #[arg(long, value_name = "COUNT")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=MAX_DEPTH))]
    depth: Option<u32>,
    /// Have so many under way on all, each in its turn
    #[arg(long, value_name = "COUNT", conflicts_with_all = ["depth", "rate"])]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    in_flight: Option<u32>,
    /// Send whatever the system takes, without waiting
    #[arg(long, conflicts_with_all = ["rate", "depth", "in_flight", "reconnect"])]
    push: bool,
    /// Send each message on a connection of its own
    #[arg(long, conflicts_with_all = ["depth", "in_flight"])]
    reconnect: bool,
    /// Send, and never read what comes back
    #[arg(long)]
    #[arg(conflicts_with_all = ["rate", "depth", "in_flight", "push", "reconnect", "warm_up"])]
    never_read: bool,
    /// Send for so long before what is measured
    #[arg(long, value_name = "SECONDS")]
    warm_up: Option<Timeout>,
    /// Never sleep: wants a core of its own
    #[arg(long)]
    busy_poll: bool,
    /// Longest silence to bear; 0 for any
    #[arg(long, value_name = "SECONDS", default_value_t = DEFAULT_TIMEOUT)]
    timeout: Timeout,
}

fn parse_rate(text: &str) -> Result<f64, &'static str> {
    match text.parse() {
        Ok(rate) if (MIN_RATE..=MAX_RATE).contains(&rate) => Ok(rate),
        _ => Err("expected messages a second, from 0.001 to 1e7"),
    }
}

/// What a load generator is to do: the flags, with their defaults.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Connections at once.
    pub n_connections: usize,
    /// Messages in all, if there is a limit.
    pub max_messages: Option<u64>,
    /// Bytes in a message.
    pub size: usize,
    /// How long to send, if there is a limit.
    pub duration: Option<Duration>,
    /// In which order, and how many at once.
    pub pace: Pace,
    /// A connection for each message.
    pub reconnect: bool,
    /// Nothing is read.
    pub never_read: bool,
    /// How long to send before anything is measured.
    pub warm_up: Option<Duration>,
    /// The loop never sleeps.
    pub busy_poll: bool,
    /// How long nothing may come for a message under way.
    pub timeout: Timeout,
}

/// Which message is sent when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// As soon as another one is answered on the same connection, of which so many are
    /// under way at once.
    OnAnswer {
        /// For each connection.
        depth: usize,
    },
    /// As soon as the system takes it, whatever is answered: bounded by the buffers of
    /// the two systems, and by the server's.
    Push,
    /// As soon as another one is answered anywhere: each connection has its turn.
    InTurns {
        /// Over all connections.
        in_flight: usize,
    },
    /// At its time, whatever came of those before; but no more of them are under way at
    /// once on a connection, and those that wait for it are late.
    AtRate {
        /// A second, over all connections.
        rate: f64,
        /// For each connection.
        depth: usize,
    },
}

impl LoadFlags {
    /// The size of a message, if it was given.
    pub fn size(&self) -> Option<usize> {
        self.size.map(|size| size as usize)
    }

    /// What these flags ask for.
    pub fn plan(&self) -> Plan {
        let depth = self.depth.unwrap_or(1) as usize;
        Plan {
            n_connections: self.connections as usize,
            max_messages: self.messages,
            size: self.size.unwrap_or(DEFAULT_SIZE) as usize,
            duration: match (self.duration, self.messages) {
                (Some(duration), _) => duration.limit(),
                // A server that holds its client back never takes all of them.
                (None, Some(_)) if !self.never_read => None,
                (None, _) => Some(DEFAULT_DURATION),
            },
            pace: match (self.rate, self.in_flight) {
                (Some(rate), _) => Pace::AtRate { rate, depth },
                (None, Some(in_flight)) => Pace::InTurns {
                    in_flight: in_flight as usize,
                },
                (None, None) if self.push => Pace::Push,
                (None, None) => Pace::OnAnswer { depth },
            },
            reconnect: self.reconnect,
            never_read: self.never_read,
            warm_up: self.warm_up.and_then(Timeout::limit),
            busy_poll: self.busy_poll,
            timeout: self.timeout,
        }
    }
}
