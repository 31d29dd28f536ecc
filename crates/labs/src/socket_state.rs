//! One connection, led through its states: what the kernel's table says of both
//! ends at each moment.

#[cfg(target_os = "linux")]
mod closing;
#[cfg(target_os = "linux")]
mod ends;
#[cfg(target_os = "linux")]
mod opening;
#[cfg(target_os = "linux")]
mod port;
#[cfg(target_os = "linux")]
mod queues;

use crate::lab::Lab;

#[cfg(target_os = "linux")]
pub(crate) fn run(lab: &mut Lab) -> anyhow::Result<()> {
    let mut connection = opening::open(lab)?;
    let n_sent = queues::fill(lab, &mut connection)?;
    let (address, server) = closing::to_the_end(lab, connection, n_sent)?;
    port::take_again(lab, address, server)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn run(lab: &mut Lab) -> anyhow::Result<()> {
    lab.not_shown(
        "the states of a connection",
        "this reads the table in which Linux keeps them; \
         `netstat -an` prints that of your system",
    );
    Ok(())
}
