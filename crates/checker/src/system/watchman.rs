//! Ends programs that eat the machine.

use std::sync::{Arc, Mutex, Once, Weak};
use std::thread;
use std::time::Duration;

use crate::system::orphans;
use crate::system::tree::Tree;

/// More than any server of these lessons needs, a thousand processes of it taken
/// together, and less than what brings a laptop to its knees.
const MAX_MEMORY: u64 = 2 << 30;

/// A server that forks for each of a thousand connections is far below this.
const MAX_PROCESSES: usize = 3_000;

/// How often the watchman looks.
const ROUND: Duration = Duration::from_millis(200);

/// The trees to be watched.
static WATCHED: Mutex<Vec<Weak<Tree>>> = Mutex::new(Vec::new());

/// Watches a tree until it is dropped.
pub(crate) fn watch(tree: &Arc<Tree>) {
    static KEEPS_WATCH: Once = Once::new();
    lock().push(Arc::downgrade(tree));
    // Without room for a thread, nobody watches; other threads will tell of that.
    KEEPS_WATCH.call_once(|| drop(thread::Builder::new().spawn(keep_watch)));
}

fn keep_watch() {
    loop {
        thread::park_timeout(ROUND);
        orphans::reap();
        for tree in watched() {
            look_at(&tree);
        }
    }
}

fn watched() -> Vec<Arc<Tree>> {
    let mut watched = lock();
    watched.retain(|tree| tree.strong_count() > 0);
    watched.iter().filter_map(Weak::upgrade).collect()
}

fn look_at(tree: &Tree) {
    let Ok(usage) = tree.usage() else {
        return;
    };
    if usage.memory > MAX_MEMORY {
        let gibibytes = MAX_MEMORY >> 30;
        tree.end_because(format!("it took more than {gibibytes} GiB of memory"));
    } else if usage.n_processes > MAX_PROCESSES {
        let zombies = match usage.n_zombies {
            0 => String::new(),
            n => format!(", {n} of them ended and never waited for"),
        };
        let reason = format!("it had more than {MAX_PROCESSES} processes{zombies}");
        tree.end_because(reason);
    }
}

fn lock() -> std::sync::MutexGuard<'static, Vec<Weak<Tree>>> {
    WATCHED.lock().expect("nobody panics with the list locked")
}
