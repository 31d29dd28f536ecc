//! A host that answers, with no server running.

use crate::lab::Lab;

pub(crate) fn run(lab: &mut Lab, operand: Option<&str>) -> anyhow::Result<()> {
    let _ = (lab, operand);
    anyhow::bail!("not here yet")
}
