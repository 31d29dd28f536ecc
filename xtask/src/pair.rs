//! One server, one client, and for multiconn a second client that keeps quiet.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::args::Args;
use crate::cargo::build;
use crate::course::{ECHO, Stage};
use crate::event::{Event, Speaker};
use crate::process::{GRACE, Input, Running};
use crate::program::Program;
use crate::screen::{print, quoted};
use crate::watch::Watch;

/// A program that only has to bind a port, or to connect to one, has long done so.
const START_TIMEOUT: Duration = Duration::from_secs(10);
/// What a server that ends by itself gets to notice that its client is gone.
const SERVER_END_TIMEOUT: Duration = Duration::from_secs(2);
/// How long the quiet client keeps quiet while the other one waits for it: long
/// enough to be seen.
const QUIET_TIME: Duration = Duration::from_secs(2);

/// A stage's programs, built, and what to start them with.
pub(crate) struct Pair<'a> {
    args: &'a Args,
    stage: &'a Stage,
    server: PathBuf,
    server_arguments: Vec<String>,
    client: PathBuf,
    client_arguments: Vec<String>,
    /// Stage 1's client, where a second client shows who waits for whom.
    quiet_client: Option<PathBuf>,
}

impl<'a> Pair<'a> {
    pub(crate) fn build(
        args: &'a Args,
        stage: &'a Stage,
        inbox: &Receiver<Event>,
    ) -> anyhow::Result<Self> {
        // `-v`, because a line for each connection is what a learner is here to see.
        let mut server_arguments = vec![args.host.clone(), args.port.to_string(), "-v".into()];
        if stage.server == ECHO.server && !stage.server_ends_by_itself {
            server_arguments.push("--forever".into());
        }
        if stage.is_naive {
            server_arguments.pop();
        }

        let mut client_arguments = args.client_arguments.clone();
        if client_arguments.is_empty() {
            client_arguments.extend(stage.client_arguments.iter().map(|&word| word.into()));
        }
        if args.verbose {
            client_arguments.push("-v".into());
        }

        build(&stage.programs(), args.release, inbox)?;
        let path = |program: Program| program.path(args.release);
        Ok(Self {
            args,
            stage,
            server: path(stage.server)?,
            server_arguments,
            client: path(stage.client)?,
            client_arguments,
            quiet_client: stage.quiet_client.map(path).transpose()?,
        })
    }

    /// Starts the programs, shows what they say, ends them. Returns the status to
    /// exit with: the client's, or 1 if another program failed.
    pub(crate) fn play(
        &self,
        events: &SyncSender<Event>,
        watch: &mut Watch<'_>,
    ) -> anyhow::Result<u8> {
        let start = |speaker, program: &Path, arguments: &[String], input| {
            print(&format!("$ {}\n", command_line(program, arguments)));
            Running::start(speaker, program, arguments, input, events)
        };
        let mut server = start(
            Speaker::Server,
            &self.server,
            &self.server_arguments,
            Input::None,
        )?;
        let address = wait_until_ready(watch, &mut server)?;

        let mut quiet = None;
        if let Some(program) = &self.quiet_client {
            let arguments = after_address(address, &["-".into(), "-v".into()]);
            let client = start(Speaker::Quiet, program, &arguments, Input::Piped)?;
            quiet = Some(QuietClient::connected(client, watch)?);
        }

        let arguments = after_address(address, &self.client_arguments);
        let mut client = start(Speaker::Client, &self.client, &arguments, Input::Inherited)?;
        if self.stage.is_naive && io::stdin().is_terminal() {
            watch.say(Speaker::Xtask, "type a message, Enter, and then Ctrl-D");
        }
        let deadline = self.args.timeout.map(|limit| Instant::now() + limit);
        if let Some(quiet) = &quiet {
            quiet.wait_for_client(watch, &mut client, deadline)?;
        }
        let quiet_is_well = match quiet {
            Some(quiet) => quiet.speak(watch)?,
            None => true,
        };
        if !watch.until_silent(Speaker::Client, deadline)? {
            bail!("the client has not ended in time, and was stopped; see --timeout");
        }
        let client_status = exit_status(client.wait()?);

        let may_end_by_itself = self.stage.server_ends_by_itself && client_status == 0;
        let server_is_well = end_server(watch, server, may_end_by_itself)?;
        Ok(match client_status {
            0 if !(server_is_well && quiet_is_well) => 1,
            status => status,
        })
    }
}

/// Returns the address in the server's ready line, as a client can use it.
fn wait_until_ready(watch: &mut Watch<'_>, server: &mut Running) -> anyhow::Result<SocketAddr> {
    let deadline = Instant::now() + START_TIMEOUT;
    let Some(address) = watch.until_line(Speaker::Server, "listening on ", deadline)? else {
        // Its outputs close a moment before it has ended.
        match server.wait_until(deadline)? {
            Some(status) => bail!("the server ended before it was ready ({status})"),
            None => bail!(
                "the server has not said that it is ready within {} s",
                START_TIMEOUT.as_secs()
            ),
        }
    };
    let mut address: SocketAddr = address
        .parse()
        .with_context(|| format!("expected an address in the ready line, got {address:?}"))?;
    // Nobody can connect to "all interfaces"; loopback is one of them.
    match address.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    Ok(address)
}

/// A client that has connected and keeps quiet, so that one sees who has to wait.
struct QuietClient {
    running: Running,
}

impl QuietClient {
    fn connected(running: Running, watch: &mut Watch<'_>) -> anyhow::Result<Self> {
        let deadline = Instant::now() + START_TIMEOUT;
        watch
            .until_line(Speaker::Quiet, "connected to ", deadline)?
            .context("the quiet client did not connect")?;
        watch.say(Speaker::Xtask, "quiet has connected, and says nothing");
        Ok(Self { running })
    }

    /// Keeps quiet until the other client is done, or clearly isn't.
    fn wait_for_client(
        &self,
        watch: &mut Watch<'_>,
        client: &mut Running,
        deadline: Option<Instant>,
    ) -> anyhow::Result<()> {
        let begin = Instant::now();
        let patience = begin + QUIET_TIME;
        let patience = deadline.map_or(patience, |deadline| deadline.min(patience));
        let is_done = watch.until_silent(Speaker::Client, Some(patience))?;
        let seconds = begin.elapsed().as_secs_f64();
        let verdict = if !is_done {
            format!("the client is not done after {seconds:.3} s; quiet speaks now")
        } else if client.wait()?.success() {
            format!("the client was done in {seconds:.3} s: nobody waited for quiet")
        } else {
            format!("the client failed after {seconds:.3} s; quiet speaks now")
        };
        watch.say(Speaker::Xtask, &verdict);
        Ok(())
    }

    /// Sends a line, and returns whether it came back.
    fn speak(mut self, watch: &mut Watch<'_>) -> anyhow::Result<bool> {
        let mut input = self.running.take_input().expect("its input is piped");
        // Should the program be gone already, its status tells.
        let _ = input.write_all(b"I am done thinking.\n");
        drop(input);
        // The program has a timeout of its own.
        watch.until_silent(Speaker::Quiet, None)?;
        Ok(self.running.wait()?.success())
    }
}

/// Ends the server as a person would, and says so if it didn't end well.
fn end_server(
    watch: &mut Watch<'_>,
    mut server: Running,
    may_end_by_itself: bool,
) -> anyhow::Result<bool> {
    let patience = if may_end_by_itself {
        SERVER_END_TIMEOUT
    } else {
        Duration::ZERO
    };
    let mut ended_alone = None;
    if watch.until_silent(Speaker::Server, Some(Instant::now() + patience))? {
        // Its outputs close a moment before it has ended.
        ended_alone = server.wait_until(Instant::now() + GRACE)?;
    }
    if ended_alone.is_none() {
        server.ask_to_end();
    }
    let deadline = Instant::now() + GRACE;
    watch.until_silent(Speaker::Server, Some(deadline))?;
    let complaint = match (ended_alone, server.wait_until(deadline)?) {
        (Some(status), _) if !status.success() => format!("the server failed ({status})"),
        (None, Some(status)) if !is_end_as_asked(status) => {
            format!("asked to end, the server failed ({status})")
        }
        (None, None) => {
            server.kill()?;
            format!(
                "the server did not end in {} s, so it was killed",
                GRACE.as_secs()
            )
        }
        _ => return Ok(true),
    };
    watch.say(Speaker::Xtask, &complaint);
    Ok(false)
}

/// Success, or death by the very signal: a program that doesn't handle SIGTERM
/// has done nothing wrong.
fn is_end_as_asked(status: ExitStatus) -> bool {
    status.success() || status.code().is_none() && signal(status) == Some(SIGTERM)
}

/// The same number on every Unix (POSIX, `kill`).
const SIGTERM: i32 = 15;

/// The status as a shell gives it: the code, or 128 + the number of the signal.
fn exit_status(status: ExitStatus) -> u8 {
    let code = status
        .code()
        .or_else(|| signal(status).map(|number| 128 + number))
        .unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<i32> {
    None
}

fn after_address(address: SocketAddr, arguments: &[String]) -> Vec<String> {
    let mut all = vec![address.ip().to_string(), address.port().to_string()];
    all.extend_from_slice(arguments);
    all
}

/// The command as a person would type it into a shell here.
fn command_line(program: &Path, arguments: &[String]) -> String {
    let here = env::current_dir().unwrap_or_default();
    let program = program.strip_prefix(&here).unwrap_or(program);
    let program = program.to_string_lossy().into_owned();
    quoted(std::iter::once(program).chain(arguments.iter().cloned()))
}
