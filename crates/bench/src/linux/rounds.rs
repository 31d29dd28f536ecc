//! The rounds of a workload: each server once, then each again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressStyle};

use super::contender::Contender;
use super::machine::first_line;
use super::measure::{count_calls, measure};
use super::metric::{Metric, Sample, summarize};
use super::peers::IPERF3;
use super::results::{Row, Table};
use super::settings::Settings;
use super::workload::{Method, Workload};
use super::{codec, iperf};

/// What all workloads are run with.
pub(crate) struct Rounds {
    pub(crate) settings: Settings,
    /// Runs of each server.
    pub(crate) rounds: usize,
    pub(crate) contenders: Vec<Contender>,
    /// iperf3 is to be measured, too.
    pub(crate) has_iperf3: bool,
    /// strace is there.
    pub(crate) counts_calls: bool,
    pub(crate) is_interrupted: Arc<AtomicBool>,
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
    pub(crate) fn run(&self, workload: &'static Workload) -> Option<Table> {
        if workload.method == Method::Codec {
            let table = codec_table(workload);
            return (!self.is_interrupted.load(Ordering::Relaxed)).then_some(table);
        }
        let Settings { seconds, .. } = self.settings;
        let (rounds, settings, method) = match workload.method {
            // They take long, and what they measure is steady.
            Method::Idle | Method::NeverRead => (1, self.settings, "one run".to_owned()),
            // Each of its runs is four, one for each number of connections; and a server
            // that looks at all of them takes a minute for ten thousand.
            Method::Growth => {
                let (rounds, settings) = (self.rounds.min(3), self.settings.halved());
                (rounds, settings, of_runs(rounds, settings.seconds))
            }
            _ => (self.rounds, self.settings, of_runs(self.rounds, seconds)),
        };
        let mut table = Table::new(workload, method);
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
            Err(error) => {
                // What it brought before is worth nothing, if it went wrong now.
                self.row.rounds.clear();
                self.row.failure = Some(format!("failed: {error:#}"));
            }
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

fn of_runs(rounds: usize, seconds: f64) -> String {
    match rounds {
        1 => format!("one run of {seconds} s"),
        _ => format!("median of {rounds} runs of {seconds} s, with the least and the largest"),
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
        ..Table::new(workload, "medians of the codec's own benchmark".to_owned())
    }
}

fn progress_bar(n_steps: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("[{elapsed} of about {duration}] {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    // It shows itself on a terminal only.
    ProgressBar::new(n_steps as u64).with_style(style)
}
