//! An error, as the lab knows it before it has come.

use std::io;

use crate::lab::{Lab, errno_name};

/// One way to an error: makes the calls, and gives back what the last of them
/// failed with. An error of its own says why this machine doesn't allow it.
pub(super) type Way = fn(&mut Lab) -> anyhow::Result<io::Error>;

/// An error, by its names, and what a program's author wants to know of it.
pub(super) struct Entry {
    /// As the manual pages write it.
    pub(super) name: &'static str,
    /// Another name for the same.
    pub(super) alias: Option<&'static str>,
    /// Its counterpart in Winsock, and that one's number.
    pub(super) windows: (&'static str, i32),
    pub(super) cause: &'static str,
    pub(super) cure: &'static str,
    /// What else there is to know.
    pub(super) note: &'static str,
    /// The first is the plainest.
    pub(super) ways: &'static [Way],
    /// It takes a network of one's own.
    pub(super) needs_network: bool,
}

impl Entry {
    /// Says whether this error is meant: by one of its names, by a number, or
    /// in the system's words, as Rust prints them.
    pub(super) fn goes_by(&self, word: &str) -> bool {
        let mut names = vec![self.name.to_owned(), self.windows.0.to_owned()];
        names.extend(self.alias.map(ToOwned::to_owned));
        names.push(self.windows.1.to_string());
        if let Some(error) = self.on_this_system() {
            let text = error.to_string();
            names.extend(error.raw_os_error().map(|n| n.to_string()));
            names.push(format!("{:?}", error.kind()));
            names
                .extend(text.split(" (os error").next().map(ToOwned::to_owned));
            names.push(text);
        }
        // `ErrorKind::AddrInUse`, from a line of code.
        let word = word.trim().rsplit("::").next().unwrap_or_default();
        names.iter().any(|name| name.eq_ignore_ascii_case(word))
    }

    /// The error that has this name here; the resolver's have none.
    fn on_this_system(&self) -> Option<io::Error> {
        // No Unix has larger ones.
        let mut all = (1..=255).map(io::Error::from_raw_os_error);
        all.find(|error| errno_name(error).as_deref() == Some(self.name))
    }

    /// Three lines, before it is provoked.
    pub(super) fn introduction(&self) -> String {
        let (name, number) = self.windows;
        format!(
            "{}, on Windows {name} ({number})\nCause: {}\nCure: {}",
            self.name, self.cause, self.cure
        )
    }

    // ANCHOR: is_name_of
    /// Says whether this is the name of what came.
    pub(super) fn is_name_of(&self, error: &io::Error) -> bool {
        if cfg!(windows) {
            error.raw_os_error() == Some(self.windows.1)
        } else if self.is_resolvers() {
            error.raw_os_error().is_none()
        } else {
            errno_name(error).as_deref() == Some(self.name)
        }
    }
    // ANCHOR_END: is_name_of

    /// The sentence that holds if it is.
    pub(super) fn verdict(&self, error: &io::Error) -> String {
        let name = self.name;
        let kind = format!("{:?}", error.kind());
        match kind.as_str() {
            _ if !self.is_name_of(error) => format!("That is {name}."),
            _ if error.raw_os_error().is_none() => {
                "That is the resolver's word, and no errno: raw_os_error() is \
                 None."
                    .to_owned()
            }
            // std has these kinds for itself.
            "Uncategorized" | "InProgress" => format!(
                "That is {name}. It has no stable ErrorKind: compare \
                 raw_os_error()."
            ),
            _ => format!("That is {name}: ErrorKind::{kind}."),
        }
    }

    /// It comes from `getaddrinfo`, which has numbers of its own.
    fn is_resolvers(&self) -> bool {
        self.name.starts_with("EAI_")
    }
}
