//! The same echo over IPv4, over IPv6, and over a file.

use crate::lab::Lab;

pub(crate) fn run(lab: &mut Lab) -> anyhow::Result<()> {
    let _ = lab;
    anyhow::bail!("not here yet")
}
