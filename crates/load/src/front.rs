//! From the plan to the report.

use std::io::{self, IsTerminal};
use std::net::SocketAddr;

use anyhow::{Context, bail};

use crate::dialogue::Dialogue;
use crate::engine::Load;
use crate::error::LoadError;
use crate::flags::Plan;
use crate::report::Report;
use crate::shortage::Shortage;
use crate::stop_requests::StopRequests;
use crate::tally::GIVEN_UP;

/// Puts the load on the first of `addresses` that answers, and prints the report, as
/// JSON or for a person. Ctrl-C ends the sending, and a second one the waiting.
///
/// # Errors
///
/// If there was anything but right answers: one line for all of it.
pub fn put_load<D: Dialogue>(
    addresses: &[SocketAddr],
    plan: &Plan,
    new_dialogue: impl FnMut(usize) -> D,
    as_json: bool,
) -> anyhow::Result<()> {
    let n_possible = common::connection_limit();
    if plan.n_connections > n_possible {
        bail!(LoadError::TooMany {
            n_wanted: plan.n_connections,
            n_possible,
            shortage: Shortage::Descriptors,
        });
    }
    let stop_requests = StopRequests::default();
    let on_request = stop_requests.clone();
    common::on_stop_request(move || on_request.add()).context("cannot listen for Ctrl-C")?;
    let mut load = Load::open(addresses, plan, new_dialogue, &stop_requests)?;
    if let Some(duration) = plan.warm_up {
        load.warm_up(duration)?;
    }
    // Whoever measures the server begins now, and ends with the report: connecting and
    // closing are not part of the load.
    log::info!("connections open: {}", load.n_connections());
    let report = load.run(io::stderr().is_terminal())?;
    let shown = match as_json {
        true => report.to_json(),
        false => report.to_string(),
    };
    common::write_stdout(format!("{shown}\n").as_bytes()).context("cannot write the report")?;
    conclude(&report, stop_requests.count() > 0)
}

/// What there is to say behind the report.
fn conclude(report: &Report, was_stopped: bool) -> anyhow::Result<()> {
    for shortage in [Shortage::Ports, Shortage::Descriptors] {
        if let Some(n) = report.shortages.get(shortage.name()) {
            log::warn!("waits that are not the server's: {n}; {shortage}");
        }
    }
    match (report.n_errors(), &report.first_error) {
        (0, _) => Ok(()),
        (1, Some((number, error))) => bail!("connection {number}: {error}"),
        (n, Some((number, error))) => bail!("connection {number}: {error} ({n} errors in all)"),
        (_, None) => {
            if let Some(n) = report.errors.get(GIVEN_UP) {
                match was_stopped {
                    true => bail!("messages under way when it was stopped: {n}"),
                    false => {
                        bail!("messages not answered by the end: {n}; is the server too slow?")
                    }
                }
            }
            let n = report.n_errors();
            bail!("messages that were due and not sent: {n}; try a lower --rate");
        }
    }
}
