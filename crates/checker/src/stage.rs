//! What a program claims to be: a stage's server or its client.

use clap::ValueEnum;
use serde::Serialize;

/// A stage of the course.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Stage {
    Echo,
    Multiconn,
    AppProtocol,
}

/// Which end of a connection is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Side {
    Server,
    Client,
}
