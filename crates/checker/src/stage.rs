//! What a program claims to be: a stage's server or its client.

use clap::ValueEnum;
use serde::Serialize;

/// A stage of the course.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Bytes come back, to one client after another
    Echo,
    /// Bytes come back, to many clients at once
    Multiconn,
    /// Messages with a JSON header are answered
    AppProtocol,
}

/// Which end of a connection is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// It listens.
    Server,
    /// It connects.
    Client,
}
