//! A program on trial: what it is, and what it is given time for.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::foreign::Foreign;
use crate::speech::Speech;
use crate::stage::{Side, Stage};
use crate::subject::Subject;

/// Why a row isn't judged after [`Trial::interrupted`] was set.
pub const STOPPED: &str = "interrupted";

/// A program on trial, and what is the same for all of its rows.
#[derive(Debug)]
pub struct Trial {
    /// What the program claims to be.
    pub stage: Stage,
    /// Which end of a connection it is.
    pub side: Side,
    /// The program.
    pub subject: Subject,
    /// Where servers listen: 127.0.0.1 unless it is changed.
    pub host: IpAddr,
    /// The port of a program that can't be told one.
    pub fixed_port: Option<u16>,
    /// How long a step may take in which nothing moves: 5 s unless it is changed.
    pub patience: Duration,
    /// How long a program without short deadlines may take to give up by itself: 90 s
    /// unless it is changed.
    pub give_up: Duration,
    /// Arguments that give the program deadlines of a second or less.
    pub short_deadline: Option<Vec<String>>,
    /// Arguments with which a client sends its standard input.
    pub stdin: Option<Vec<String>>,
    /// How long the server waits for its clients once it was told to stop: 3 s unless it
    /// is changed.
    pub drain_deadline: Duration,
    /// Set when whoever asked wants no verdict any more.
    pub interrupted: Option<&'static AtomicBool>,
    /// Called with a line to be shown when the machine makes a row wait for long.
    pub tell: fn(&str),
    pub(crate) foreign: Foreign,
    /// The longest start seen so far, in milliseconds.
    pub(crate) slowest_start: AtomicU64,
}

impl Trial {
    /// A trial on IPv4, with the times that most programs need.
    pub fn new(stage: Stage, side: Side, subject: Subject) -> Self {
        Self {
            stage,
            side,
            subject,
            host: Ipv4Addr::LOCALHOST.into(),
            fixed_port: None,
            patience: Duration::from_secs(5),
            give_up: Duration::from_secs(90),
            short_deadline: None,
            stdin: None,
            drain_deadline: Duration::from_secs(3),
            interrupted: None,
            tell: |_| (),
            foreign: Foreign::default(),
            slowest_start: AtomicU64::new(0),
        }
    }

    /// What the program speaks.
    pub(crate) fn speech(&self) -> Speech {
        match self.stage {
            Stage::Echo | Stage::Multiconn => Speech::Echo,
            Stage::AppProtocol => Speech::Messages,
        }
    }

    /// True if only one row at a time can have the program.
    pub fn shares_a_port(&self) -> bool {
        self.fixed_port.is_some() || matches!(self.subject, Subject::Running(_))
    }

    /// How long a row may take as a whole, beside what it waits for on purpose: far longer
    /// than any does with a program that answers.
    pub(crate) fn longest_row(&self) -> Duration {
        /// As many as any row has of steps in which a program says nothing or stops.
        const N_LONG_STEPS: u32 = 4;
        Duration::from_secs(90) + N_LONG_STEPS * (self.patience + self.drain_deadline)
    }

    /// True once whoever asked wants no verdict any more.
    pub fn is_interrupted(&self) -> bool {
        self.interrupted
            .is_some_and(|interrupted| interrupted.load(Ordering::Relaxed))
    }
}
