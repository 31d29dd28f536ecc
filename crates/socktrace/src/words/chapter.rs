//! The chapters of the book that words point to.

use std::fmt;

/// A chapter of the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Chapter {
    /// A server and a client, and each call once.
    Echo,
    /// What a tracer sees, and what it doesn't.
    Calls,
    /// From one client to many: blocking, asking in turn, readiness, backpressure.
    Steps,
    /// The event loop, and how a connection ends in order.
    EventLoop,
    /// Where a message ends in a stream of bytes.
    Messages,
}

impl Chapter {
    /// Its title, as the book's table of contents has it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Echo => "One connection: echo",
            Self::Calls => "Seeing the calls",
            Self::Steps => "Many connections: five small steps",
            Self::EventLoop => "Many connections: the event loop",
            Self::Messages => "Messages instead of bytes",
        }
    }

    /// The path of its file from the workspace's root.
    #[must_use]
    pub const fn file(self) -> &'static str {
        match self {
            Self::Echo => "docs/src/echo.md",
            Self::Calls => "docs/src/calls.md",
            Self::Steps => "docs/src/steps.md",
            Self::EventLoop => "docs/src/multiconn.md",
            Self::Messages => "docs/src/app-protocol.md",
        }
    }
}

/// Its file.
impl fmt::Display for Chapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.file())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    const ALL: [Chapter; 5] = [
        Chapter::Echo,
        Chapter::Calls,
        Chapter::Steps,
        Chapter::EventLoop,
        Chapter::Messages,
    ];

    #[test]
    fn each_stands_in_the_table_of_contents_and_has_its_file() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let summary = fs::read_to_string(root.join("docs/src/SUMMARY.md")).unwrap();
        for chapter in ALL {
            let file = chapter.file().strip_prefix("docs/src/").unwrap();
            let line = format!("- [{}]({file})", chapter.title());
            assert!(summary.lines().any(|it| it == line), "{line}");
            let text = fs::read_to_string(root.join(chapter.to_string())).unwrap();
            assert!(text.starts_with("# "), "{chapter}");
        }
    }
}
