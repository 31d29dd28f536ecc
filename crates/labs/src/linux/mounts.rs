//! Files that nobody else sees, and that go away with this process.

use anyhow::Context;
use nix::mount::{MsFlags, mount};

/// Covers a folder with an empty one in memory (tmpfs(5)). The process has to
/// be in a [namespace of its own](super::namespace::enter); only it sees this.
///
/// # Errors
///
/// If there is no such folder, or the system doesn't allow it.
pub(crate) fn cover(folder: &str) -> anyhow::Result<()> {
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(Some("tmpfs"), folder, Some("tmpfs"), flags, None::<&str>)
        .with_context(|| format!("cannot cover {folder} with a tmpfs"))
}
