//! Two hosts with a wire between them: who reaches whom, and who notices when
//! the wire is cut.
//!
//! The hosts are networks of their own on this machine, and go away with it.

#[cfg(target_os = "linux")]
mod connection;
#[cfg(target_os = "linux")]
mod cut;
#[cfg(target_os = "linux")]
mod notice;
#[cfg(target_os = "linux")]
mod reach;

use crate::lab::Lab;

#[cfg(target_os = "linux")]
pub(crate) fn run(lab: &mut Lab) -> anyhow::Result<()> {
    let hosts = crate::linux::two_hosts::TwoHosts::enter()?;
    reach::run(lab, &hosts)?;
    cut::run(lab, &hosts)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn run(lab: &mut Lab) -> anyhow::Result<()> {
    lab.not_shown(
        "two hosts on one machine",
        "that takes Linux, in a virtual machine or on Windows by WSL 2",
    );
    Ok(())
}
