//! A workload as a picture: bars, or lines for what grows. It carries its own colours
//! for light and for dark, and needs nothing else to be shown.

use svg::Document;
use svg::node::element::{Circle, Line, Polyline, Rectangle, Style, Text, Title};

use super::machine::Machine;
use super::metric::{Metric, Statistic};
use super::peers::OURS;
use super::results::{Row, Table};
use super::workload::GROWTH;

const WIDTH: f64 = 800.0;
const MARGIN: f64 = 20.0;
/// Where the bars begin: names stand left of it.
const LEFT: f64 = 140.0;
/// Where the farthest spread ends: a figure stands right of it.
const RIGHT: f64 = 660.0;
/// How far a spread may reach beyond the longest bar, as a part of that bar.
const MAX_SPREAD: f64 = 1.25;
const TOP: f64 = 80.0;
const BAR_STEP: f64 = 28.0;
const BAR_HEIGHT: f64 = 18.0;
/// For the lines on what it was measured on.
const FOOT: f64 = 74.0;
const CHART_HEIGHT: f64 = 340.0;

/// One set of colours by day, one by night: a bar in ours, in the others'.
const STYLE: &str = "
    svg { --paper: #ffffff; --ink: #1f2328; --faint: #59636e; --line: #d1d9e0;
          --ours: #0969da; --other: #afb8c1; }
    @media (prefers-color-scheme: dark) {
        svg { --paper: #0d1117; --ink: #f0f6fc; --faint: #9198a1; --line: #3d444d;
              --ours: #4493f8; --other: #656c76; }
    }
    text { font: 14px system-ui, sans-serif; fill: var(--ink); }
    .title { font-size: 18px; font-weight: 600; }
    .faint { font-size: 12px; fill: var(--faint); }
    .paper { fill: var(--paper); }
    .ours { fill: var(--ours); stroke: var(--ours); }
    .other { fill: var(--other); stroke: var(--other); }
    polyline { fill: none !important; stroke-width: 2; }
    .grid { stroke: var(--line); }
    .spread { stroke: var(--ink); stroke-width: 1.5; }
    text.ours { fill: var(--ours); stroke: none; font-weight: 600; }
";

/// The picture of a table, or `None` if there is nothing to show.
pub(crate) fn plot(table: &Table, machine: &Machine) -> Option<String> {
    let metric = *table.columns.first()?;
    let drawing = match metric {
        Metric::CpuGrowth => lines(table)?,
        _ => bars(table, metric)?,
    };
    let subject = match metric {
        Metric::CpuGrowth => {
            "server CPU per message, µs, by connections; both axes are logarithmic".to_owned()
        }
        _ => {
            let better = if metric.is_higher_better() {
                "longer"
            } else {
                "shorter"
            };
            format!("{}: {better} is better", metric.description())
        }
    };
    let height = drawing.bottom + FOOT;
    let mut document = Document::new()
        .set("viewBox", (0.0, 0.0, WIDTH, height))
        .set("role", "img")
        .add(Title::new(format!("{}: {subject}", table.name)))
        .add(Style::new(STYLE))
        .add(
            Rectangle::new()
                .set("class", "paper")
                .set("width", WIDTH)
                .set("height", height),
        )
        .add(text(
            MARGIN,
            32.0,
            "title",
            &format!("{}: {}", table.name, table.title),
        ))
        .add(text(MARGIN, 56.0, "faint", &subject));
    for node in drawing.nodes {
        document = document.add(node);
    }
    let notes = machine.lines();
    let notes = std::iter::once(&table.method).chain(&notes);
    for (index, note) in notes.enumerate() {
        let y = drawing.bottom + 20.0 + 15.0 * index as f64;
        document = document.add(text(MARGIN, y, "faint", note));
    }
    Some(document.to_string() + "\n")
}

struct Drawing {
    nodes: Vec<Box<dyn svg::Node>>,
    bottom: f64,
}

fn bars(table: &Table, metric: Metric) -> Option<Drawing> {
    let mut rows: Vec<(&Row, Statistic)> = table
        .rows
        .iter()
        .filter_map(|row| Some((row, *row.figures.get(&metric)?)))
        .collect();
    rows.sort_by(|(_, a), (_, b)| match metric.is_higher_better() {
        true => b.median.total_cmp(&a.median),
        false => a.median.total_cmp(&b.median),
    });
    // One bad round of one server must not press all bars flat: a spread that goes
    // beyond the edge says in figures how far.
    let largest = rows
        .iter()
        .map(|(_, figure)| figure.median)
        .reduce(f64::max)?;
    let edge = largest * MAX_SPREAD;
    let scale = |value: f64| match largest > 0.0 {
        true => LEFT + (RIGHT - LEFT) * value.min(edge) / edge,
        false => LEFT,
    };
    let mut nodes: Vec<Box<dyn svg::Node>> = Vec::new();
    for (index, (row, figure)) in rows.iter().enumerate() {
        let y = TOP + BAR_STEP * index as f64;
        let middle = y + BAR_HEIGHT / 2.0;
        let class = class(row);
        let name = text(LEFT - 8.0, middle + 5.0, class, &row.server).set("text-anchor", "end");
        let end = scale(figure.median);
        let bar = Rectangle::new()
            .set("class", class)
            .set("x", LEFT)
            .set("y", y)
            .set("width", (end - LEFT).max(1.0))
            .set("height", BAR_HEIGHT)
            .add(Title::new(&row.what));
        let spread = line(
            "spread",
            (scale(figure.min), middle),
            (scale(figure.max), middle),
        );
        let mut told = metric.show(figure.median);
        if figure.max > edge {
            told += &format!(" (up to {})", metric.show(figure.max));
        }
        let figure = text(scale(figure.max) + 8.0, middle + 5.0, "", &told);
        nodes.extend([
            Box::new(name) as Box<dyn svg::Node>,
            Box::new(bar),
            Box::new(spread),
            Box::new(figure),
        ]);
    }
    let missing = table.rows.iter().filter_map(|row| {
        let failure = row.failure.as_ref()?;
        Some(format!("{}: {failure}", row.server))
    });
    let mut bottom = TOP + BAR_STEP * rows.len() as f64;
    for note in missing {
        bottom += 16.0;
        nodes.push(Box::new(text(MARGIN, bottom, "faint", &note)));
    }
    Some(Drawing { nodes, bottom })
}

fn lines(table: &Table) -> Option<Drawing> {
    let points = |row: &Row| -> Vec<(usize, f64)> {
        let at = |(n, metric): &(usize, Metric)| Some((*n, row.figures.get(metric)?.median));
        GROWTH.iter().filter_map(at).collect()
    };
    let rows: Vec<(&Row, Vec<(usize, f64)>)> = table
        .rows
        .iter()
        .map(|row| (row, points(row)))
        .filter(|(_, points)| !points.is_empty())
        .collect();
    let values = rows
        .iter()
        .flat_map(|(_, points)| points)
        .map(|(_, value)| *value);
    let axis = Axis::around(values)?;
    let bottom = TOP + CHART_HEIGHT;
    let (first, last) = (GROWTH[0].0 as f64, GROWTH[GROWTH.len() - 1].0 as f64);
    let x = |n: usize| LEFT + (RIGHT - LEFT) * (n as f64 / first).ln() / (last / first).ln();
    let y = |value: f64| bottom - CHART_HEIGHT * axis.place(value);
    let mut nodes: Vec<Box<dyn svg::Node>> = Vec::new();
    for value in axis.steps() {
        nodes.push(Box::new(line("grid", (LEFT, y(value)), (RIGHT, y(value)))));
        let label = text(
            LEFT - 8.0,
            y(value) + 4.0,
            "faint",
            &Metric::CpuAt10.show(value),
        );
        nodes.push(Box::new(label.set("text-anchor", "end")));
    }
    for (n, metric) in GROWTH {
        let label = text(x(n), bottom + 18.0, "faint", metric.title());
        nodes.push(Box::new(label.set("text-anchor", "middle")));
    }
    let mut ends = Vec::new();
    for (row, points) in &rows {
        let places: Vec<(f64, f64)> = points.iter().map(|(n, value)| (x(*n), y(*value))).collect();
        ends.extend(places.last().map(|(_, y)| (*y, *row)));
        nodes.extend(curve(row, &places));
    }
    // From the top down, and never one on the other.
    ends.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let mut free = TOP;
    for (y, row) in ends {
        free = y.max(free);
        let label = text(RIGHT + 10.0, free + 4.0, class(row), &row.server);
        nodes.push(Box::new(label));
        free += 16.0;
    }
    Some(Drawing {
        nodes,
        bottom: (bottom + 24.0).max(free),
    })
}

/// A line through `places`, with a dot on each.
fn curve(row: &Row, places: &[(f64, f64)]) -> Vec<Box<dyn svg::Node>> {
    let path: Vec<String> = places
        .iter()
        .map(|(x, y)| format!("{x:.1},{y:.1}"))
        .collect();
    let line = Polyline::new()
        .set("class", class(row))
        .set("points", path.join(" "));
    let mut nodes: Vec<Box<dyn svg::Node>> = vec![Box::new(line)];
    for (x, y) in places {
        let dot = Circle::new().set("class", class(row)).set("r", 3);
        nodes.push(Box::new(dot.set("cx", *x).set("cy", *y)));
    }
    nodes
}

/// A logarithmic axis: a server that costs ten times as much is shown where it is, and
/// presses no other flat.
struct Axis {
    low: f64,
    high: f64,
}

impl Axis {
    /// From a round number below all values to one above.
    fn around(values: impl Iterator<Item = f64> + Clone) -> Option<Self> {
        let low = values
            .clone()
            .filter(|value| *value > 0.0)
            .reduce(f64::min)?;
        let high = values.reduce(f64::max)?;
        Some(Self {
            low: round_numbers().take_while(|step| *step <= low).last()?,
            high: round_numbers().find(|step| *step > high)?,
        })
    }

    /// The round numbers on it.
    fn steps(&self) -> impl Iterator<Item = f64> {
        round_numbers().filter(|step| (self.low..=self.high).contains(step))
    }

    /// Where a value is: 0 at the low end, 1 at the high one.
    fn place(&self, value: f64) -> f64 {
        (value.max(self.low) / self.low).ln() / (self.high / self.low).ln()
    }
}

fn round_numbers() -> impl Iterator<Item = f64> {
    (-6..9).flat_map(|power| [1.0, 2.0, 5.0].map(|n| n * 10_f64.powi(power)))
}

fn class(row: &Row) -> &'static str {
    if row.server == OURS { "ours" } else { "other" }
}

fn text(x: f64, y: f64, class: &str, content: &str) -> Text {
    let text = Text::new(content).set("x", x).set("y", y);
    match class {
        // The colour of a bar is no colour for letters.
        "" | "other" => text,
        _ => text.set("class", class),
    }
}

fn line(class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) -> Line {
    Line::new()
        .set("class", class)
        .set("x1", x1)
        .set("y1", y1)
        .set("x2", x2)
        .set("y2", y2)
}
