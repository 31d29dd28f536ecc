//! Programs that an experiment starts, and that never outlive it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode};
use std::{env, io};

/// The hidden command that starts another program bound to this one.
pub(crate) const BOUND: &str = "bound";

/// This program itself, to be started again.
///
/// # Errors
///
/// If its path is unknown.
pub(crate) fn this() -> io::Result<PathBuf> {
    if cfg!(target_os = "linux") {
        // Whatever has become of its name meanwhile (proc(5)).
        return Ok(PathBuf::from("/proc/self/exe"));
    }
    env::current_exe()
}

/// A command that starts `program`, which then ends with this process, however
/// that ends (Linux; elsewhere by [`Running`] alone). It is the *thread* that
/// starts it that it ends with.
///
/// # Errors
///
/// If this program's own path is unknown.
pub(crate) fn command(program: &Path) -> io::Result<Command> {
    if cfg!(not(target_os = "linux")) {
        return Ok(Command::new(program));
    }
    // It has to ask for that itself, after it was forked and before it becomes
    // the other program: std has no safe way in between but a program of ours.
    let mut command = Command::new(this()?);
    command.arg(BOUND).arg(std::process::id().to_string());
    command.arg(program);
    Ok(command)
}

/// Where programs are looked for without a `PATH`, as cron may have none.
const DEFAULT_PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin";

/// Where the program with this name is, as a shell finds it.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_else(|| DEFAULT_PATH.into());
    env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

/// What the hidden command is told: who started it, and what to become.
#[derive(clap::Args)]
pub(crate) struct Args {
    parent: u32,
    program: OsString,
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

/// Becomes the other program, which the kernel then kills when the thread that
/// started it ends (prctl(2), PR_SET_PDEATHSIG).
///
/// # Errors
///
/// If it can't be started.
#[cfg(target_os = "linux")]
pub(crate) fn become_bound(args: &Args) -> anyhow::Result<ExitCode> {
    use std::os::unix::process::CommandExt;

    use anyhow::Context;
    use nix::sys::prctl::set_pdeathsig;
    use nix::sys::signal::Signal;

    set_pdeathsig(Signal::SIGKILL)?;
    // Too late for the kernel to tell us?
    if std::os::unix::process::parent_id() != args.parent {
        return Ok(ExitCode::FAILURE);
    }
    let error = Command::new(&args.program).args(&args.arguments).exec();
    Err(error)
        .with_context(|| format!("cannot start {}", args.program.display()))
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn become_bound(_: &Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("programs can't be bound to others here")
}

/// A running program, killed and reaped when dropped.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) child: Child,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
