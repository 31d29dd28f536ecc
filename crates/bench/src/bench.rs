//! The command: chooses, prepares, runs the rounds, shows what came of them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};

use crate::contender::{Contender, build_client, output_folder, prepare};
use crate::machine::{Machine, first_line};
use crate::measure::{Settings, count_calls, measure};
use crate::metric::{Metric, Sample, summarize};
use crate::peers::{IPERF3, PEERS, Peer};
use crate::plot::plot;
use crate::results::{Results, Row, Table};
use crate::workload::{Method, WORKLOADS, Workload};
use crate::{codec, goals, iperf, syscalls};

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
    servers: Vec<String>,
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

fn parse_command(command: &str) -> Result<String, &'static str> {
    match command.contains("{port}") {
        true => Ok(command.to_owned()),
        false => Err("expected {port} where the port goes, as in 'my-server {host} {port}'"),
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

fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if args.list {
        print(&list());
        return Ok(ExitCode::SUCCESS);
    }
    let chosen: Vec<&'static Workload> = match args.workloads.is_empty() {
        true => WORKLOADS.iter().collect(),
        false => args.workloads.clone(),
    };
    // The programs get Ctrl-C, too, and end by themselves.
    let is_interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&is_interrupted);
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))
        .context("cannot listen for Ctrl-C")?;

    let machine = Machine::look()?;
    let is_wanted = |name: &str| args.only.is_empty() || args.only.iter().any(|only| only == name);
    let peers: Vec<&Peer> = PEERS
        .iter()
        .filter(|peer| is_wanted(peer.name))
        .filter(|peer| chosen.iter().any(|workload| peer.takes_part(workload)))
        .collect();
    for workload in &chosen {
        build_client(workload.speech)?;
    }
    let mut contenders = prepare(&peers);
    contenders.extend(args.servers.iter().map(|it| Contender::of_command(it)));
    if args.prepare {
        print(&readiness(&contenders));
        return Ok(ExitCode::SUCCESS);
    }
    let rounds = Rounds {
        settings: Settings {
            seconds: args.seconds,
            cores: machine.pinned,
        },
        rounds: args.rounds.into(),
        contenders,
        has_iperf3: is_wanted(IPERF3),
        counts_calls: syscalls::is_there(),
        is_interrupted,
    };
    let mut results = Results {
        machine,
        workloads: Vec::new(),
    };
    if !args.json {
        print(&format!("{}\n\n", results.machine.lines().join("\n")));
    }
    for workload in chosen {
        let Some(table) = rounds.run(workload) else {
            let _ = writeln!(io::stderr(), "error: interrupted; nothing was left running");
            return Ok(ExitCode::from(INTERRUPTED));
        };
        if !args.json {
            print(&format!("{}\n", table.to_text()));
        }
        results.workloads.push(table);
    }
    save(&results)?;
    if args.json {
        print(&(serde_json::to_string_pretty(&results)? + "\n"));
    } else {
        let folder = output_folder()?;
        print(&goals::to_text(&results));
        print(&format!("\nplots and figures: {}\n", folder.display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// What all workloads are run with.
struct Rounds {
    settings: Settings,
    rounds: usize,
    contenders: Vec<Contender>,
    has_iperf3: bool,
    counts_calls: bool,
    is_interrupted: Arc<AtomicBool>,
}

/// A contender in one workload, and what it has brought so far.
struct Entry<'a> {
    row: Row,
    run: Run<'a>,
}

/// How a sample of an entry is taken.
enum Run<'a> {
    Server(&'a Contender),
    Iperf3,
}

impl Rounds {
    /// Runs all rounds of a workload; `None` if somebody interrupted them.
    fn run(&self, workload: &'static Workload) -> Option<Table> {
        if workload.method == Method::Codec {
            return Some(codec_table(workload));
        }
        let (rounds, settings) = match workload.method {
            // They take long, and what they measure is steady.
            Method::Idle | Method::NeverRead => (1, self.settings),
            // Each of its runs is one for each number of connections.
            Method::Growth => (self.rounds.min(3), self.settings.halved()),
            _ => (self.rounds, self.settings),
        };
        let mut table = Table::new(workload, rounds, settings.seconds);
        let mut entries = self.entries(workload);
        let progress = progress_bar(entries.len() * (rounds + 1));
        for round in 1..=rounds {
            for entry in &mut entries {
                let Row { server, .. } = &entry.row;
                progress.set_message(format!(
                    "{}, round {round} of {rounds}: {server}",
                    workload.name
                ));
                entry.take_sample(workload, settings);
                progress.inc(1);
                if self.is_interrupted.load(Ordering::Relaxed) {
                    return None;
                }
            }
        }
        for entry in &mut entries {
            let Row { server, .. } = &entry.row;
            progress.set_message(format!("{}, system calls: {server}", workload.name));
            if self.counts_calls {
                entry.count_calls(workload, settings);
            }
            progress.inc(1);
            if self.is_interrupted.load(Ordering::Relaxed) {
                return None;
            }
        }
        progress.finish_and_clear();
        table.rows = entries.into_iter().map(Entry::into_row).collect();
        Some(table)
    }

    fn entries(&self, workload: &Workload) -> Vec<Entry<'_>> {
        let takes_part = |contender: &&Contender| contender.takes_part(workload);
        let mut entries: Vec<Entry> = self
            .contenders
            .iter()
            .filter(takes_part)
            .map(|contender| Entry {
                row: Row {
                    server: contender.name.clone(),
                    what: contender.what.clone(),
                    version: contender.version.clone(),
                    figures: BTreeMap::new(),
                    rounds: Vec::new(),
                    failure: contender
                        .launch
                        .as_ref()
                        .err()
                        .map(|why| format!("missing: {why}")),
                },
                run: Run::Server(contender),
            })
            .collect();
        if workload.columns.contains(&Metric::CpuSecondsPerGib) && self.has_iperf3 {
            let version = first_line("iperf3", &["--version"]);
            entries.push(Entry {
                row: Row {
                    server: IPERF3.to_owned(),
                    what: "the machine's limit: both ends of one direction".to_owned(),
                    failure: match version {
                        Some(_) => None,
                        None => Some("missing: iperf3 is not installed".to_owned()),
                    },
                    version: version.unwrap_or_default(),
                    figures: BTreeMap::new(),
                    rounds: Vec::new(),
                },
                run: Run::Iperf3,
            });
        }
        entries
    }
}

impl Entry<'_> {
    /// One run, unless an earlier one has failed: then the next would, too.
    fn take_sample(&mut self, workload: &Workload, settings: Settings) {
        if self.row.failure.is_some() {
            return;
        }
        let sample = match self.run {
            Run::Server(contender) => measure(contender, workload, settings),
            Run::Iperf3 => iperf::measure(settings),
        };
        match sample {
            Ok(sample) => self.row.rounds.push(sample),
            Err(error) => self.row.failure = Some(format!("failed: {error:#}")),
        }
    }

    fn count_calls(&mut self, workload: &Workload, settings: Settings) {
        let counts = matches!(
            workload.method,
            Method::Steady {
                counts_calls: true,
                ..
            }
        );
        if let Run::Server(contender) = self.run
            && counts
            && self.row.failure.is_none()
        {
            // A server that strace can't follow has the figure missing, and no more.
            if let Ok(calls) = count_calls(contender, workload, settings) {
                let sample = Sample::from([(Metric::SystemCalls, calls)]);
                self.row.figures.extend(summarize(&[sample]));
            }
        }
    }

    fn into_row(mut self) -> Row {
        self.row.figures.extend(summarize(&self.row.rounds));
        self.row
    }
}

/// The codec's benchmark has its own rounds.
fn codec_table(workload: &'static Workload) -> Table {
    let row = |name: String, what: &str| Row {
        server: name,
        what: what.to_owned(),
        version: String::new(),
        figures: BTreeMap::new(),
        rounds: Vec::new(),
        failure: None,
    };
    let rows = match codec::measure() {
        Ok(calls) => calls
            .into_iter()
            .map(|(name, sample)| Row {
                figures: summarize(&[sample]),
                ..row(name, "stage 3's codec")
            })
            .collect(),
        Err(error) => vec![Row {
            failure: Some(format!("failed: {error:#}")),
            ..row("codec".to_owned(), "stage 3's codec")
        }],
    };
    Table {
        rows,
        ..Table::new(workload, codec::N_ROUNDS, codec::ROUND_SECONDS)
    }
}

fn progress_bar(n_steps: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("[{elapsed} of about {duration}] {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    // It shows itself on a terminal only.
    ProgressBar::new(n_steps as u64).with_style(style)
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
        text += &format!("  {:<13}{}\n", workload.name, workload.title);
    }
    text += "\nServers that echo\n\n";
    let line = |peer: &Peer| format!("  {:<13}{}\n", peer.name, peer.what);
    let (echoes, apps): (Vec<&Peer>, Vec<&Peer>) = PEERS
        .iter()
        .partition(|peer| peer.speech == crate::workload::Speech::Echo);
    text.extend(echoes.into_iter().map(line));
    text += &format!("  {IPERF3:<13}no server: the machine's limit, for stream\n");
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
