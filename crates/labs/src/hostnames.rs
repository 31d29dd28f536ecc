//! A name stands for a list of addresses, in an order that isn't yours. Whoever
//! connects goes through the list; whoever asks for it may have to wait.

mod anywhere;
#[cfg(target_os = "linux")]
mod name_server;
#[cfg(target_os = "linux")]
mod network;
#[cfg(target_os = "linux")]
mod order;
#[cfg(target_os = "linux")]
mod questions;
mod resolver;

use crate::lab::Lab;

pub(crate) fn run(lab: &mut Lab, operand: Option<&str>) -> anyhow::Result<()> {
    match operand {
        Some(name) => anywhere::one(lab, name),
        None => all(lab),
    }
}

#[cfg(target_os = "linux")]
fn all(lab: &mut Lab) -> anyhow::Result<()> {
    if let Err(error) = network::enter() {
        return anywhere::some(lab, &format!("{error:#}"));
    }
    order::in_turn(lab)?;
    order::localhost(lab)?;
    questions::nobody_asked(lab)?;
    questions::no_such_name(lab)?;
    questions::silence(lab)
}

#[cfg(not(target_os = "linux"))]
fn all(lab: &mut Lab) -> anyhow::Result<()> {
    anywhere::some(lab, "networks of one's own are made on Linux only")
}
