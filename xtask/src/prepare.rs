//! x
use std::process::ExitCode;
pub(crate) fn prepare() -> anyhow::Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
