//! What a run of the benchmark has brought: for people and for programs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use clap::builder::styling::Style;
use serde::Serialize;

use super::machine::Machine;
use super::metric::{Metric, Sample, Statistic};
use super::peers::OURS;
use super::workload::Workload;

/// All of it.
#[derive(Debug, Serialize)]
pub(crate) struct Results {
    pub(crate) machine: Machine,
    pub(crate) workloads: Vec<Table>,
}

/// One workload, and how each server has done.
#[derive(Debug, Serialize)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// How a figure comes about.
    pub(crate) method: String,
    pub(crate) columns: &'static [Metric],
    pub(crate) rows: Vec<Row>,
}

/// How one server has done.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) server: String,
    pub(crate) what: String,
    pub(crate) version: String,
    pub(crate) figures: BTreeMap<Metric, Statistic>,
    /// What each round has brought.
    pub(crate) rounds: Vec<Sample>,
    /// Why there are none, or not all.
    pub(crate) failure: Option<String>,
}

impl Results {
    /// The figure of a server in a workload, if it was measured.
    pub(crate) fn median(&self, workload: &str, server: &str, metric: Metric) -> Option<f64> {
        let row = self.table(workload)?.row(server)?;
        Some(row.figures.get(&metric)?.median)
    }

    /// The table of a workload, if it was run.
    pub(crate) fn table(&self, workload: &str) -> Option<&Table> {
        self.workloads.iter().find(|table| table.name == workload)
    }
}

impl Table {
    pub(crate) fn new(workload: &'static Workload, method: String) -> Self {
        Self {
            name: workload.name,
            title: workload.title,
            method,
            columns: workload.columns,
            rows: Vec::new(),
        }
    }

    pub(crate) fn row(&self, server: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.server == server)
    }

    /// For a terminal of 80 columns. The first two figures have their ratio to ours
    /// behind them, and the first its spread.
    pub(crate) fn to_text(&self) -> String {
        let bold = Style::new().bold();
        let mut lines = vec![self.heads()];
        lines.extend(self.rows.iter().map(|row| self.cells(row)));
        let n_columns = lines[0].len();
        let width = |column: usize| {
            let cells = lines.iter().filter_map(|line| line.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..n_columns).map(width).collect();
        let mut text = format!("{bold}{}{bold:#}: {}\n\n", self.name, self.title);
        for (line, row) in lines
            .iter()
            .zip(std::iter::once(None).chain(self.rows.iter().map(Some)))
        {
            let is_ours = row.is_some_and(|row| row.server == OURS);
            let style = if is_ours { bold } else { Style::new() };
            let mut shown = format!("{:<1$}", line[0], widths[0]);
            for (cell, width) in line.iter().zip(&widths).skip(1) {
                // Infallible: a String takes everything.
                let _ = write!(shown, "  {cell:>width$}");
            }
            let failure = row.and_then(|row| row.failure.as_deref());
            if let Some(failure) = failure {
                let _ = write!(shown, "  {failure}");
            }
            text += &format!("{style}{}{style:#}\n", shown.trim_end());
        }
        let versions: BTreeSet<&str> = self.rows.iter().map(|row| row.version.as_str()).collect();
        let versions: Vec<&str> = versions.into_iter().filter(|it| !it.is_empty()).collect();
        if !versions.is_empty() {
            text += &format!("with {}\n", versions.join(", "));
        }
        text
    }

    fn heads(&self) -> Vec<String> {
        let mut heads = vec!["server".to_owned()];
        for (index, metric) in self.columns.iter().enumerate() {
            heads.push(metric.title().to_owned());
            if index == 0 {
                heads.push("±%".to_owned());
            }
            if index < 2 {
                heads.push("×ours".to_owned());
            }
        }
        heads
    }

    fn cells(&self, row: &Row) -> Vec<String> {
        let mut cells = vec![row.server.clone()];
        if row.figures.is_empty() {
            return cells;
        }
        for (index, metric) in self.columns.iter().enumerate() {
            let figure = row.figures.get(metric);
            let show = |figure: &Statistic| metric.show(figure.median);
            cells.push(figure.map_or("-".to_owned(), show));
            if index == 0 {
                let several = figure.filter(|_| row.rounds.len() > 1);
                let spread = several.map(|figure| figure.spread_percent());
                cells.push(spread.map_or("-".to_owned(), |spread| format!("{spread:.0}")));
            }
            if index < 2 {
                let ratio = self.ratio(row, OURS, *metric);
                cells.push(ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.2}")));
            }
        }
        cells
    }

    /// The median over the rounds of a server's figure over that of another one in the
    /// same round: a machine that was slow for a while was so for both.
    pub(crate) fn ratio(&self, row: &Row, other: &str, metric: Metric) -> Option<f64> {
        let other = self.row(other)?;
        let rounds = row.rounds.iter().zip(&other.rounds);
        let ratios = rounds.filter_map(|(a, b)| Some(a.get(&metric)? / b.get(&metric)?));
        let ratios: Vec<f64> = ratios.filter(|ratio| ratio.is_finite()).collect();
        Some(Statistic::of(ratios)?.median)
    }
}
