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

use crate::lab::Lab;

#[cfg(target_os = "linux")]
pub(crate) fn run(lab: &mut Lab, operand: Option<&str>) -> anyhow::Result<()> {
    if let Some(host) = operand {
        return real::run(lab, host);
    }
    match crate::linux::two_hosts::TwoHosts::enter() {
        Ok(hosts) => own::run(lab, &hosts),
        Err(error) => {
            lab.not_shown("a network of its own", format!("{error:#}"));
            real::run(lab, "127.0.0.1")
        }
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
