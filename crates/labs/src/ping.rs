//! ping: the kernel of any host sends an echo back, whatever runs there.
//!
//! Without a HOST, in a network of its own, where all that can come of it does.

#[cfg(target_os = "linux")]
mod message;
#[cfg(target_os = "linux")]
mod own;
#[cfg(target_os = "linux")]
mod real;
#[cfg(target_os = "linux")]
mod socket;

#[cfg(target_os = "linux")]
use std::fs;

use crate::lab::Lab;
#[cfg(target_os = "linux")]
use crate::linux::two_hosts::TwoHosts;

#[cfg(target_os = "linux")]
pub(crate) fn run(lab: &mut Lab, operand: Option<&str>) -> anyhow::Result<()> {
    if let Some(host) = operand {
        return real::run(lab, host);
    }
    let network = || fs::read_link("/proc/self/ns/net").ok();
    let before = network();
    match TwoHosts::enter() {
        Ok(hosts) => own::run(lab, &hosts),
        // Not allowed, but the machine's own network is still around us.
        Err(error) if network() == before => {
            lab.not_shown("a network of its own", format!("{error:#}"));
            real::run(lab, "127.0.0.1")
        }
        Err(error) => Err(error),
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn run(lab: &mut Lab, operand: Option<&str>) -> anyhow::Result<()> {
    let _ = operand;
    lab.not_shown(
        "an echo by a program of one's own",
        "this is written for Linux's ICMP sockets; try the program `ping`",
    );
    Ok(())
}
