//! Each error of a socket, provoked: what it is called here, in Rust and on
//! Windows, why it comes, and what to do about it.

mod connecting;
mod datagrams;
mod ending;
mod entry;
#[cfg(target_os = "linux")]
mod hosts;
mod limits;
mod names;
mod networks;
mod opening;
mod waiting;

use std::io;

use anyhow::bail;

use self::entry::Entry;
use crate::error::Usage;
use crate::lab::Lab;
use crate::tcp;

/// In the order in which a program meets them. From a network of its own a
/// process can't come back, so those that need one are the last.
fn entries() -> impl Iterator<Item = &'static Entry> {
    let groups: [&[Entry]; 8] = [
        &opening::ENTRIES,
        &connecting::ENTRIES,
        &datagrams::ENTRIES,
        &waiting::ENTRIES,
        &ending::ENTRIES,
        &limits::ENTRIES,
        &names::ENTRIES,
        &networks::ENTRIES,
    ];
    groups.into_iter().flatten()
}

pub(crate) fn run(lab: &mut Lab, operand: Option<&str>) -> anyhow::Result<()> {
    let entries: Vec<_> = match operand {
        None => entries().collect(),
        Some(word) => named(word)?,
    };
    let in_full = operand.is_some();
    let n_entries = entries.len();
    let (elsewhere, here): (Vec<_>, Vec<_>) =
        entries.into_iter().partition(|entry| entry.needs_network);

    let mut n_provoked = 0;
    if !here.is_empty() {
        // What all of them need; without it there is nothing to see.
        tcp::pair()?;
        n_provoked += show_all(lab, &here, in_full);
    }
    if !elsewhere.is_empty() {
        match enter_network() {
            Ok(()) => n_provoked += show_all(lab, &elsewhere, in_full),
            Err(why) => show_none(lab, &elsewhere, &why),
        }
    }
    if !in_full {
        lab.about("All in all:");
        lab.found("provoked", format!("{n_provoked} of {n_entries}"));
        lab.found("more of each, as in", "cargo xtask lab errors ECONNRESET");
    }
    Ok(())
}

/// Those that go by this name or number.
fn named(word: &str) -> anyhow::Result<Vec<&'static Entry>> {
    let found: Vec<_> = entries().filter(|entry| entry.goes_by(word)).collect();
    if found.is_empty() {
        return Err(Usage(format!(
            "{word:?} is no error that is shown here; give a name, a number or \
             a kind, as in ECONNRESET; `cargo xtask lab errors` has them all"
        ))
        .into());
    }
    Ok(found)
}

#[cfg(target_os = "linux")]
fn enter_network() -> anyhow::Result<()> {
    crate::linux::namespace::enter()
}

#[cfg(not(target_os = "linux"))]
fn enter_network() -> anyhow::Result<()> {
    bail!("they take networks of one's own; use Linux")
}

/// Returns how many of them came.
fn show_all(lab: &mut Lab, entries: &[&Entry], in_full: bool) -> usize {
    let come = entries.iter().filter(|entry| show(lab, entry, in_full));
    come.count()
}

/// Provokes an error, and says whether it came: in the plainest way, or in full
/// by each.
fn show(lab: &mut Lab, entry: &Entry, in_full: bool) -> bool {
    lab.about(entry.introduction());
    if entry.ways.is_empty() {
        lab.not_shown(entry.name, "this system has no way to it; use Linux");
    }
    let n_ways = if in_full { entry.ways.len() } else { 1 };
    let mut has_come = false;
    for provoke in entry.ways.iter().take(n_ways) {
        match provoke(lab) {
            Ok(error) => {
                let is_it = entry.is_name_of(&error);
                lab.claim(is_it, entry.verdict(&error));
                has_come |= is_it;
            }
            Err(why) => lab.not_shown(entry.name, format!("{why:#}")),
        }
    }
    if in_full {
        lab.about(entry.note);
    }
    has_come
}

/// What can be said of errors that can't be provoked here.
fn show_none(lab: &mut Lab, entries: &[&Entry], why: &anyhow::Error) {
    for entry in entries {
        lab.about(entry.introduction());
    }
    let names: Vec<_> = entries.iter().map(|entry| entry.name).collect();
    lab.not_shown(names.join(", "), format!("{why:#}"));
}

/// The error of a call that has to fail.
fn failure<T>(result: io::Result<T>) -> anyhow::Result<io::Error> {
    match result {
        Err(error) => Ok(error),
        Ok(_) => bail!("the call succeeded"),
    }
}
