//! Checks the learner's program whenever it is saved, until it is repaired.

use std::io::{self, BufRead};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::Context;
use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use crate::catalogue::Exercise;
use crate::check::{Outcome, check};
use crate::process::Cancel;
use crate::screen::{coloured, note, print};
use crate::{hints, places};

/// Editors write a file in several steps, and several files at once: a save is over
/// when nothing has changed for so long.
const QUIET_TIME: Duration = Duration::from_millis(100);

const PROMPT: &str = "save a file to check it; h + Enter: a hint, q + Enter: the end\n";

enum Event {
    /// A file of the program has changed.
    Changed,
    /// The learner has typed a line.
    Line(String),
    InputEnded,
    Checked(anyhow::Result<Outcome>),
}

/// Checks the program now and after each save, until all holds or the learner stops.
pub(crate) fn watch(exercise: &'static Exercise) -> anyhow::Result<Outcome> {
    let (events, inbox) = mpsc::channel();
    // It watches until it is dropped.
    let _watcher = watch_files(exercise, events.clone())?;
    let input = events.clone();
    // It ends with the program: nobody can call a read of a terminal back.
    thread::spawn(move || read_input(&input));
    let mut checks = Checks::new(exercise, events);
    checks.start();
    let outcome = attend(exercise, &mut checks, &inbox);
    checks.stop();
    outcome
}

fn attend(
    exercise: &Exercise,
    checks: &mut Checks,
    inbox: &Receiver<Event>,
) -> anyhow::Result<Outcome> {
    let mut save_is_over: Option<Instant> = None;
    loop {
        let event = match save_is_over {
            None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(instant) => inbox.recv_timeout(instant.saturating_duration_since(Instant::now())),
        };
        match event {
            Ok(Event::Changed) => save_is_over = Some(Instant::now() + QUIET_TIME),
            Err(RecvTimeoutError::Timeout) => {
                save_is_over = None;
                print("\nsaved\n");
                checks.start();
            }
            Ok(Event::Checked(outcome)) => match outcome? {
                Outcome::Solved => return Ok(Outcome::Solved),
                Outcome::NotYet => print(PROMPT),
                Outcome::Cancelled => {}
            },
            Ok(Event::Line(line)) => match line.trim() {
                "h" => print(&coloured(&hints::next(exercise)?)),
                "q" => {
                    print(&format!(
                        "\nto go on: cargo xtask exercise {}\n",
                        exercise.name
                    ));
                    return Ok(Outcome::NotYet);
                }
                "" => {}
                _ => print(PROMPT),
            },
            Ok(Event::InputEnded) | Err(RecvTimeoutError::Disconnected) => {
                return Ok(Outcome::NotYet);
            }
        }
    }
}

fn watch_files(exercise: &Exercise, events: Sender<Event>) -> anyhow::Result<RecommendedWatcher> {
    let folder = places::copy(exercise);
    let on_event = move |event: notify::Result<notify::Event>| match event {
        // The compiler reads the files, too.
        Ok(event) if event.kind.is_access() => {}
        // When nobody listens any more, the program is about to end.
        Ok(_) => drop(events.send(Event::Changed)),
        Err(error) => note(&format!("cannot see whether a file was saved: {error}")),
    };
    let watching = || {
        let mut watcher = notify::recommended_watcher(on_event)?;
        // The folder and not its files: editors replace a file by a new one.
        watcher.watch(&folder, RecursiveMode::NonRecursive)?;
        Ok(watcher)
    };
    watching().map_err(|error: notify::Error| {
        anyhow::Error::from(error).context(format!("cannot watch {}", places::shown(&folder)))
    })
}

fn read_input(events: &Sender<Event>) {
    for line in io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        if events.send(Event::Line(line)).is_err() {
            return;
        }
    }
    let _ = events.send(Event::InputEnded);
}

/// One check at a time, in a thread of its own, so that the learner is heard
/// meanwhile.
struct Checks {
    exercise: &'static Exercise,
    events: Sender<Event>,
    current: Option<(Cancel, JoinHandle<()>)>,
}

impl Checks {
    fn new(exercise: &'static Exercise, events: Sender<Event>) -> Self {
        Self {
            exercise,
            events,
            current: None,
        }
    }

    /// Starts a check; one that still runs judges a program of yesterday, and ends.
    fn start(&mut self) {
        let previous = self.current.take();
        if let Some((cancel, _)) = &previous {
            cancel.cancel();
        }
        let cancel = Cancel::default();
        let (wish, events, exercise) = (cancel.clone(), self.events.clone(), self.exercise);
        let thread = thread::spawn(move || {
            if let Some((_, previous)) = previous {
                // Should it have panicked, it has said so.
                let _ = previous.join();
            }
            let outcome = check(exercise, &wish).context("cannot check the program");
            let _ = events.send(Event::Checked(outcome));
        });
        self.current = Some((cancel, thread));
    }

    /// Ends what still runs, so that no process is left.
    fn stop(&mut self) {
        if let Some((cancel, thread)) = self.current.take() {
            cancel.cancel();
            let _ = thread.join();
        }
    }
}
