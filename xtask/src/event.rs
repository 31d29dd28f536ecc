//! What the programs and the learner do.

/// Something that happened.
#[derive(Debug)]
pub(crate) enum Event {
    /// A program wrote a line, or a long piece of one.
    Line { speaker: Speaker, text: String },
    /// A program closed its outputs, usually by ending.
    PipeClosed(Speaker),
    /// Ctrl-C or SIGTERM.
    Interrupted,
}

/// Who a line is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaker {
    Server,
    Client,
    /// The client that connects first and says nothing for a while.
    Quiet,
    /// This program.
    Xtask,
}
