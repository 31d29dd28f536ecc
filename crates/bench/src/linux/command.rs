//! The command: chooses, prepares, runs the rounds, shows what came of them.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{env, fs};

use anyhow::Context;
use checker::command_line;
use clap::Parser;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use procfs::process::Process;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::contender::{Contender, Named, build_load, output_folder, prepare};
use super::machine::Machine;
use super::peers::{IPERF3, PEERS, Peer};
use super::plot::plot;
use super::results::Results;
use super::rounds::Rounds;
use super::settings::Settings;
use super::workload::{Speech, WORKLOADS, Workload};
use super::{goals, syscalls};

/// What a shell gives for a program that Ctrl-C ended: 128 + SIGINT.
const INTERRUPTED: u8 = 130;

/// Measures our servers and those that a person would pick instead, side by side.
///
/// Each figure is the median of several interleaved rounds.
#[derive(Parser)]
#[command(
    name = "cargo xtask bench",
    bin_name = "cargo xtask bench",
    version,
    after_help = "Examples:\n  cargo xtask bench ping-pong\n  \
                  cargo xtask bench stream --only ours,tokio --rounds 3\n  \
                  cargo xtask bench ping-pong --server 'my-server {host} {port}'"
)]
struct Args {
    /// Workloads to run [default: all of them; see --list]
    #[arg(value_name = "WORKLOAD", value_parser = parse_workload)]
    workloads: Vec<&'static Workload>,
    /// Measure only these servers, with commas between
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = parse_server)]
    only: Vec<String>,
    /// Measure this, too, with {host} and {port} filled in
    #[arg(long = "server", value_name = "COMMAND", value_parser = parse_command)]
    servers: Vec<Named>,
    /// Runs of each server
    #[arg(long, value_name = "COUNT", default_value_t = 5)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1000))]
    rounds: u16,
    /// How long one run takes
    #[arg(long, default_value_t = 1.0, value_parser = parse_seconds)]
    seconds: f64,
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
    /// Build and install what is needed, and measure nothing
    #[arg(long, conflicts_with = "json")]
    prepare: bool,
    /// List the workloads and the servers
    #[arg(long)]
    list: bool,
}

impl Args {
    fn wants(&self, server: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == server)
    }
}

fn parse_workload(name: &str) -> Result<&'static Workload, String> {
    let find = |workload: &&Workload| workload.name == name;
    WORKLOADS.iter().find(find).ok_or_else(|| {
        let names = WORKLOADS.each_ref().map(|workload| workload.name);
        format!("expected one of {}", names.join(", "))
    })
}

fn parse_server(name: &str) -> Result<String, String> {
    let mut names: Vec<&str> = PEERS.iter().map(|peer| peer.name).collect();
    names.push(IPERF3);
    match names.contains(&name) {
        true => Ok(name.to_owned()),
        false => Err("no such server; see --list".to_owned()),
    }
}

fn parse_command(text: &str) -> Result<Named, String> {
    let command = command_line::command(text)?;
    let expected = "expected {port} where the port goes, as in 'my-server {host} {port}'";
    match command.has("{port}") {
        true => Ok(Named {
            text: text.to_owned(),
            command,
        }),
        false => Err(expected.to_owned()),
    }
}

fn parse_seconds(text: &str) -> Result<f64, &'static str> {
    match text.parse() {
        Ok(seconds) if (0.1..=3600.0).contains(&seconds) => Ok(seconds),
        _ => Err("expected seconds from 0.1 to 3600"),
    }
}

pub(crate) fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(status) => status,
        Err(error) => {
            // Nothing is left to do if standard error is closed too.
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Ctrl-C and SIGTERM set the flag, even where they were ignored at the start, as in
/// a shell's background jobs; SIGHUP only if it wasn't, as by `nohup`.
fn heed_interrupts(flag: &Arc<AtomicBool>) -> anyhow::Result<()> {
    let mut signals = vec![SIGINT, SIGTERM];
    // proc(5): in `SigIgn`, the lowest bit is signal 1, which SIGHUP is.
    if Process::myself()?.status()?.sigign & 1 == 0 {
        signals.push(SIGHUP);
    }
    for signal in signals {
        signal_hook::flag::register(signal, Arc::clone(flag))?;
    }
    Ok(())
}

fn interrupted() -> ExitCode {
    let _ = writeln!(io::stderr(), "error: interrupted; nothing was left running");
    ExitCode::from(INTERRUPTED)
}

fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if args.list {
        print(&list());
        return Ok(ExitCode::SUCCESS);
    }
    let chosen: Vec<&'static Workload> = match args.workloads.is_empty() {
        true => WORKLOADS.iter().collect(),
        false => args.workloads.clone(),
    };
    // The load generator gets Ctrl-C, too, and ends; the servers are then ended by us.
    let is_interrupted = Arc::new(AtomicBool::new(false));
    heed_interrupts(&is_interrupted).context("cannot listen for Ctrl-C")?;

    let contenders = make_ready(args, &chosen)?;
    if is_interrupted.load(Ordering::Relaxed) {
        return Ok(interrupted());
    }
    if args.prepare {
        print(&readiness(&contenders));
        return Ok(ExitCode::SUCCESS);
    }
    let machine = Machine::look()?;
    let calls = syscalls::check();
    if !args.json {
        print(&format!("{}\n", machine.lines().join("\n")));
        if let Err(reason) = &calls {
            print(&format!("system calls are not counted: {reason}\n"));
        }
        print("\n");
    }
    let rounds = Rounds {
        settings: Settings {
            seconds: args.seconds,
            cores: machine.pinned,
        },
        rounds: args.rounds.into(),
        contenders,
        has_iperf3: args.wants(IPERF3),
        counts_calls: calls.is_ok(),
        is_interrupted,
    };
    measure_all(args, &chosen, &rounds, machine)
}

/// Builds what has to be built, for the servers and for the load.
fn make_ready(args: &Args, chosen: &[&Workload]) -> anyhow::Result<Vec<Contender>> {
    // Servers inherit it: no peer is to fail for want of what ours asks for itself.
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    build_load()?;
    let peers: Vec<&Peer> = PEERS
        .iter()
        .filter(|peer| args.wants(peer.name))
        .filter(|peer| chosen.iter().any(|workload| peer.takes_part(workload)))
        .collect();
    let mut contenders = prepare(&peers);
    let others = (1..).zip(&args.servers);
    contenders.extend(others.map(|(number, named)| Contender::of_command(number, named)));
    Ok(contenders)
}

/// Runs one workload after another, and shows each as soon as it is measured.
fn measure_all(
    args: &Args,
    chosen: &[&'static Workload],
    rounds: &Rounds,
    machine: Machine,
) -> anyhow::Result<ExitCode> {
    let mut results = Results {
        machine,
        workloads: Vec::new(),
    };
    for workload in chosen {
        let Some(table) = rounds.run(workload) else {
            return Ok(interrupted());
        };
        if !args.json {
            print(&format!("{}\n", table.to_text()));
        }
        results.workloads.push(table);
        // Now, and not at the end: a run that is cut short has not been for nothing.
        save(&results)?;
    }
    if args.json {
        print(&(serde_json::to_string_pretty(&results)? + "\n"));
    } else {
        print(&goals::to_text(&results));
        let folder = output_folder()?;
        let here = env::current_dir()?;
        let folder = folder.strip_prefix(&here).unwrap_or(&folder);
        print(&format!("\nplots and figures: {}\n", folder.display()));
    }
    // Peers may be missing; what somebody named was to be measured.
    let named = &rounds.contenders[rounds.contenders.len() - args.servers.len()..];
    let has_failed = |contender: &Contender| {
        let mut tables = results.workloads.iter();
        tables.any(|table| {
            table
                .row(&contender.name)
                .is_some_and(|row| row.failure.is_some())
        })
    };
    Ok(match named.iter().any(has_failed) {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    })
}

/// Who can be measured here, and what others lack.
fn readiness(contenders: &[Contender]) -> String {
    let mut text = String::from("Servers to measure\n\n");
    for contender in contenders {
        let found = match &contender.launch {
            Ok(_) => format!("works  {}", contender.version),
            Err(reason) => format!("no     {reason}"),
        };
        text += format!("  {:<15}{found}", contender.name).trim_end();
        text.push('\n');
    }
    text
}

fn list() -> String {
    let mut text = String::from("Workloads\n\n");
    for workload in &WORKLOADS {
        text += &format!("  {:<15}{}\n", workload.name, workload.title);
    }
    text += "\nServers that echo\n\n";
    let line = |peer: &Peer| format!("  {:<15}{}\n", peer.name, peer.what);
    let (echoes, apps): (Vec<&Peer>, Vec<&Peer>) =
        PEERS.iter().partition(|peer| peer.speech == Speech::Echo);
    text.extend(echoes.into_iter().map(line));
    text += &format!("  {IPERF3:<15}no server: the machine's limit, for stream and push\n");
    text += "\nServers of messages\n\n";
    text.extend(apps.into_iter().map(line));
    text
}

/// Leaves the figures, and a plot of each workload, in the output folder.
fn save(results: &Results) -> anyhow::Result<()> {
    let folder = output_folder()?;
    let write = |name: &str, text: String| {
        let path = folder.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    write(
        "results.json",
        serde_json::to_string_pretty(results)? + "\n",
    )?;
    for table in &results.workloads {
        if let Some(picture) = plot(table, &results.machine) {
            write(&format!("{}.svg", table.name), picture)?;
        }
    }
    Ok(())
}

/// Writes to standard output. A reader that is gone (`| head`) has seen what it wanted.
fn print(text: &str) {
    let mut stdout = anstream::stdout().lock();
    let _ = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
}
