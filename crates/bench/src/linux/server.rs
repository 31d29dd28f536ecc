//! A server under load: started on its core, watched from outside, ended.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use checker::command_line::CommandLine;
use nix::sys::signal::{Signal, killpg};
use nix::time::ClockId;
use nix::unistd::Pid;
use procfs::process::Process;

use super::contender::{Contender, Launch, output_folder};
use super::machine::on_core;
use super::wait::wait_until;

/// A program that only has to bind a port has long done so.
const START_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a server may take to end after it was asked to.
const GRACE: Duration = Duration::from_secs(2);

/// A running server; it is ended and reaped when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    /// Held open: taken out of the child, since waiting for that closes it.
    _input: Option<ChildStdin>,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts a server on `core`, and waits until it listens. `wrapper` is what to
    /// start it with, if anything.
    pub(crate) fn start(
        contender: &Contender,
        core: Option<usize>,
        wrapper: &[String],
    ) -> anyhow::Result<Self> {
        let launch = match &contender.launch {
            Ok(launch) => launch,
            Err(reason) => bail!("{reason}"),
        };
        let (CommandLine { env, words }, given) = started_by(launch)?;
        let words: Vec<String> = wrapper.iter().cloned().chain(words).collect();
        let (program, arguments) = words.split_first().context("an empty command")?;
        // What it complains of, for whoever wants to know why it failed.
        let log = contender
            .name
            .replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        let log = output_folder()?.join(format!("{log}.log"));
        let complaints =
            File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .envs(env)
            // Open and silent: some servers end when somebody presses Enter, or at the
            // end of their input.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(complaints)
            // A group of its own, so that what it starts ends with it.
            .process_group(0);
        let spawn = || {
            command
                .spawn()
                .with_context(|| format!("cannot start {program}"))
        };
        let mut child = on_core(core, spawn)?;
        let input = child.stdin.take();
        let stdout = child.stdout.take().context("standard output is piped")?;
        let mut server = Self {
            child,
            _input: input,
            address: given.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, 0).into()),
        };
        let found = match given {
            Some(address) => server.wait_until_it_answers(address, stdout),
            None => ready_address(stdout),
        };
        server.address = found.with_context(|| format!("see {}", log.display()))?;
        Ok(server)
    }

    /// User and system time of all its threads so far, also of those that have ended.
    pub(crate) fn cpu_time(&self) -> anyhow::Result<Duration> {
        let clock = ClockId::pid_cpu_clock_id(self.pid())?;
        Ok(clock.now().context("the server has ended")?.into())
    }

    /// Resident memory now, and the largest so far, in bytes.
    pub(crate) fn memory(&self) -> anyhow::Result<(f64, f64)> {
        let status = self.process()?.status()?;
        let bytes = |kibibytes: Option<u64>| Some(kibibytes? as f64 * 1024.0);
        let (now, peak) = (bytes(status.vmrss), bytes(status.vmhwm));
        Ok((
            now.context("the server has ended")?,
            peak.context("the server has ended")?,
        ))
    }

    /// Waits until it has `n` descriptors more than `before`: it has then accepted so
    /// many connections.
    pub(crate) fn wait_for_descriptors(&self, n: usize) -> anyhow::Result<()> {
        let has_all = || self.n_descriptors().is_ok_and(|n_open| n_open >= n);
        ensure!(
            wait_until(has_all, START_TIMEOUT),
            "it does not accept all connections"
        );
        Ok(())
    }

    /// How many descriptors it has open.
    pub(crate) fn n_descriptors(&self) -> anyhow::Result<usize> {
        Ok(self.process()?.fd_count()?)
    }

    fn process(&self) -> anyhow::Result<Process> {
        Ok(Process::new(self.pid().as_raw())?)
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }

    /// For a program without a ready line. Its output is read and dropped.
    fn wait_until_it_answers(
        &mut self,
        address: SocketAddr,
        mut stdout: impl Read + Send + 'static,
    ) -> anyhow::Result<SocketAddr> {
        thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
        let mut status = None;
        let mut is_listening = false;
        wait_until(
            || {
                is_listening = TcpStream::connect(address).is_ok();
                status = self.child.try_wait().unwrap_or_default();
                is_listening || status.is_some()
            },
            START_TIMEOUT,
        );
        match status {
            Some(status) => bail!("it has ended ({status})"),
            None => ensure!(is_listening, "it does not listen on {address}"),
        }
        Ok(address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A child that has ended keeps its id until it is reaped, which is here.
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = killpg(self.pid(), Signal::SIGTERM);
        }
        if !wait_until(|| !matches!(self.child.try_wait(), Ok(None)), GRACE) {
            let _ = killpg(self.pid(), Signal::SIGKILL);
            let _ = self.child.wait();
        }
    }
}

/// How to start a server, and its address if we choose it.
fn started_by(launch: &Launch) -> anyhow::Result<(CommandLine, Option<SocketAddr>)> {
    match launch {
        Launch::Program {
            program,
            script,
            arguments,
        } => {
            let program = [Some(program), script.as_ref()].into_iter().flatten();
            let mut words: Vec<String> = program.map(|path| path.display().to_string()).collect();
            words.extend([Ipv4Addr::LOCALHOST.to_string(), "0".to_owned()]);
            words.extend_from_slice(arguments);
            let env = Vec::new();
            Ok((CommandLine { env, words }, None))
        }
        Launch::Command(command) => {
            let address = free_address()?;
            let (host, port) = (address.ip().to_string(), address.port().to_string());
            let filled = command.filled(&[("{host}", &host), ("{port}", &port)]);
            Ok((filled, Some(address)))
        }
    }
}

/// An address where nobody listens now.
pub(crate) fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// The address in a server's ready line. What it prints after that is dropped.
fn ready_address(stdout: impl Read + Send + 'static) -> anyhow::Result<SocketAddr> {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            // Only the first is waited for.
            let _ = sender.send(line);
        }
    });
    let line = lines
        .recv_timeout(START_TIMEOUT)
        .context("it has not said that it listens")?;
    line.strip_prefix("listening on ")
        .and_then(|address| address.parse().ok())
        .with_context(|| format!("expected `listening on ADDRESS:PORT`, got {line:?}"))
}
