//! A server is killed, and its clients don't notice.

use crate::lab::Lab;

pub(crate) fn run(lab: &mut Lab) -> anyhow::Result<()> {
    let _ = lab;
    anyhow::bail!("not here yet")
}
