//! The number 1, read as 16,777,216.

use crate::lab::Lab;

pub(crate) fn run(lab: &mut Lab) -> anyhow::Result<()> {
    let _ = lab;
    anyhow::bail!("not here yet")
}
