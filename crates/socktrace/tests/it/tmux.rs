//! A real terminal: keys go in, the screen comes out.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use test_support::DEADLINE;

/// A terminal of its own, in a server of its own, which ends when it is dropped.
pub(crate) struct Tmux {
    /// Where the server has its socket, so that nobody else's is met.
    directory: TempDir,
}

impl Tmux {
    /// Runs `script` by a shell, in a terminal of this size with these variables, and with
    /// a directory of its own in `D`.
    pub(crate) fn start(
        script: &str,
        (columns, rows): (u16, u16),
        variables: &[(&str, &str)],
    ) -> Self {
        let tmux = Self {
            directory: TempDir::new().unwrap(),
        };
        let (columns, rows) = (columns.to_string(), rows.to_string());
        let mut words = vec![
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-x",
            &columns,
            "-y",
            &rows,
        ];
        let directory = tmux.directory.path().to_str().unwrap();
        let variables = [&[("D", directory)], variables].concat();
        let variables: Vec<_> = variables.iter().map(|(k, v)| format!("{k}={v}")).collect();
        for variable in &variables {
            words.extend(["-e", variable.as_str()]);
        }
        words.push(script);
        tmux.run(&words);
        tmux
    }

    /// Sends keys, each by its name in tmux.
    pub(crate) fn keys(&self, keys: &[&str]) {
        self.run(&[&["send-keys"], keys].concat());
    }

    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        let (columns, rows) = (columns.to_string(), rows.to_string());
        self.run(&["resize-window", "-x", &columns, "-y", &rows]);
    }

    /// What is on the screen.
    pub(crate) fn screen(&self) -> String {
        self.run(&["capture-pane", "-p"])
    }

    /// Waits until the screen has `text`, and returns it.
    #[track_caller]
    pub(crate) fn wait_for(&self, text: &str) -> String {
        self.wait_until(text, |screen| screen.contains(text))
    }

    /// Waits until the screen is as `wanted`.
    #[track_caller]
    pub(crate) fn wait_until(&self, name: &str, wanted: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let screen = self.screen();
            if wanted(&screen) {
                return screen;
            }
            assert!(
                Instant::now() < deadline,
                "no {name:?} on the screen:\n{screen}"
            );
            // tmux tells nobody of a change, so look again, a little later.
            thread::park_timeout(Duration::from_millis(10));
        }
    }

    /// A property of the terminal, by its name in tmux.
    pub(crate) fn property(&self, name: &str) -> String {
        let format = format!("#{{{name}}}");
        self.run(&["display-message", "-p", &format])
            .trim()
            .to_owned()
    }

    /// The process that the shell runs.
    pub(crate) fn child(&self) -> i32 {
        let shell = self.property("pane_pid");
        let children = fs::read_to_string(format!("/proc/{shell}/task/{shell}/children")).unwrap();
        children.trim().parse().unwrap()
    }

    /// Ends the terminal, with whatever runs in it.
    pub(crate) fn close(&self) {
        self.run(&["kill-server"]);
    }

    fn run(&self, words: &[&str]) -> String {
        let output = self.command().args(words).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "tmux {words:?}: {stderr}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn command(&self) -> Command {
        let mut tmux = Command::new("tmux");
        tmux.arg("-u")
            .env("TMUX_TMPDIR", self.directory.path())
            .env_remove("TMUX");
        tmux
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let mut kill = self.command();
        let _ = kill.arg("kill-server").stderr(Stdio::null()).status();
    }
}
