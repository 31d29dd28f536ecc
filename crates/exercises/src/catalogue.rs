//! The exercises, in the order that teaches.

/// A stage of the course.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Echo,
    Multiconn,
    AppProtocol,
}

impl Stage {
    /// As the checker calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Echo => "echo",
            Self::Multiconn => "multiconn",
            Self::AppProtocol => "app-protocol",
        }
    }
}

/// Which end of a connection a program is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Server,
    Client,
}

/// A broken program, and what helps to repair it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exercise {
    /// Of the folders with the broken program and its solution.
    pub(crate) name: &'static str,
    pub(crate) stage: Stage,
    pub(crate) side: Side,
    /// The rows of the checker that the defect breaks.
    pub(crate) rows: &'static [&'static str],
    /// What a user sees of it.
    pub(crate) symptom: &'static str,
    /// The first hint: the function, or the situation.
    pub(crate) where_to_look: &'static str,
    /// The second hint: how to repair it, in words.
    pub(crate) idea: &'static str,
    /// The file in `docs/src` that helps.
    pub(crate) chapter: &'static str,
}

pub(crate) const EXERCISES: [Exercise; 22] = [
    Exercise {
        name: "recv-once-server",
        stage: Stage::Echo,
        side: Side::Server,
        rows: &["E-04"],
        symptom: "The echo of a long text stops in the middle, and whoever types one character \
                  after another gets only the first one back.",
        where_to_look: "Look at `serve`, and ask how much of what the client sends a single `read` \
                        is sure to return.",
        idea: "A read returns what has arrived so far, be it one byte. Go on reading and echoing \
               until a read returns nothing: that is how the client says that it has finished.",
        chapter: "echo.md",
    },
    Exercise {
        name: "recv-once-client",
        stage: Stage::Echo,
        side: Side::Client,
        rows: &["E-12"],
        symptom: "With a server far away, the client now and then says that something else came \
                  back, though the server has echoed every byte.",
        where_to_look: "Look at `ask`: what is in `answer` if the echo arrives in two pieces?",
        idea: "TCP carries bytes, not messages: what was sent at once may arrive in pieces. The \
               client knows how many bytes have to come back, so it reads until it has them all. \
               The standard library has a call for exactly that.",
        chapter: "echo.md",
    },
    Exercise {
        name: "dead-on-reset",
        stage: Stage::Multiconn,
        side: Side::Server,
        rows: &["E-07", "M-07"],
        symptom: "Now and then the whole server is gone, just when somebody's program crashes or \
                  somebody's laptop is closed.",
        where_to_look: "Look at `Server::turn`, and at what it believes about every connection.",
        idea: "That a connection fails is no error of the program: a client that is killed resets \
               it, and the next read says so. Treat an error at one connection as the end of \
               that connection, and go on with the others.",
        chapter: "multiconn.md",
    },
    Exercise {
        name: "send-all-then-read",
        stage: Stage::Echo,
        side: Side::Client,
        rows: &["E-15"],
        symptom: "The client copies small files. With large ones it stands still for ten seconds \
                  and gives up, whatever the server.",
        where_to_look: "Look at `exchange`. While it still sends, the echo is on its way back \
                        already: who takes it, and what happens if nobody does?",
        idea: "Once the buffers on the way back are full, the server can't write; so it doesn't \
               read; so the client can't write either, and each waits for the other. Send and \
               read at the same time: a thread of its own for the sending is enough.",
        chapter: "echo.md",
    },
    Exercise {
        name: "blocking-call",
        stage: Stage::Multiconn,
        side: Side::Server,
        rows: &["M-02"],
        symptom: "If somebody connects and says nothing, the server stands still for everybody \
                  until they do.",
        where_to_look: "Look at what happens to a newcomer between `accept` and the event loop.",
        idea: "One thread serves everybody, so a call that waits for one client makes all of them \
               wait. Nothing but `poll` may block: let the loop read a newcomer's first bytes \
               like all others, when an event says that they are there.",
        chapter: "multiconn.md",
    },
    Exercise {
        name: "single-write",
        stage: Stage::Multiconn,
        side: Side::Server,
        rows: &["E-03"],
        symptom: "Large payloads come back with holes in them; small ones are always fine.",
        where_to_look: "Look at `Client::flush`, and at the number that `write` returns.",
        idea: "A non-blocking write takes what the system has room for, and says how much that \
               was. Remove just those bytes from the output, keep the rest, and try again until \
               all is written or the write would block.",
        chapter: "multiconn.md",
    },
    Exercise {
        name: "end-means-close",
        stage: Stage::Multiconn,
        side: Side::Server,
        rows: &["E-05", "M-06"],
        symptom: "A client that finishes sending early gets only a part of its answer, or none of \
                  it; one that stays until it has everything is fine.",
        where_to_look: "Look at what `Client::turn` does when `read` returns 0, and at what may \
                        be in `output` at that moment.",
        idea: "The end of input says that the client sends no more; it may well be reading still. \
               Remember that the end has come, write what waits, and close the connection only \
               when nothing does.",
        chapter: "multiconn.md",
    },
    Exercise {
        name: "write-interest",
        stage: Stage::Multiconn,
        side: Side::Server,
        rows: &["M-05"],
        symptom: "A core is busy all day though hardly anybody sends anything; with nobody \
                  connected it is quiet.",
        where_to_look: "Count how often `poll` returns while one client is connected and silent, \
                        and look at the end of `Server::turn` for what makes it return.",
        idea: "An idle connection can always be written to, and each registration asks about the \
               present state. Ask for writability only while output waits, and for readability \
               otherwise.",
        chapter: "multiconn.md",
    },
    Exercise {
        name: "unbounded-output",
        stage: Stage::Multiconn,
        side: Side::Server,
        rows: &["M-04"],
        symptom: "The server's memory grows until the system kills it. It starts when somebody \
                  sends a lot and reads nothing.",
        where_to_look: "Look at `Client::turn`: what keeps `output` from growing when `flush` can \
                        write nothing?",
        idea: "Read only while little output waits. Then the system's buffers fill up, the \
               client's own writes come to a stop, and it is held back until it reads: that is \
               backpressure. The next writable event is the time to go on.",
        chapter: "multiconn.md",
    },
    Exercise {
        name: "edge-read-once",
        stage: Stage::Multiconn,
        side: Side::Server,
        rows: &["E-03", "M-01"],
        symptom: "Messages of more than a few thousand bytes get stuck half way, until the client \
                  sends something more.",
        where_to_look: "Look at what `Client::turn` says after a read that was successful, and at \
                        when the next event will come.",
        idea: "An edge-triggered event tells that something has arrived, and it tells so once. \
               Only \"would block\" means that nothing is left; until then the client needs \
               another turn, and the loop has to remember that by itself. You will need a third \
               kind of `Next`; the set `again` is there already.",
        chapter: "multiconn.md",
    },
    Exercise {
        name: "no-budget",
        stage: Stage::Multiconn,
        side: Side::Server,
        rows: &["M-11"],
        symptom: "When a few clients stream a lot, the others wait for seconds for the shortest \
                  of answers.",
        where_to_look: "Look at the loop in `Client::turn`: when does it end if the client sends \
                        as fast as the server reads?",
        idea: "Give each turn a budget, a number of reads. Whoever has used it up comes again \
               after the others: no event will tell of what is left, so remember who that is. \
               You will need a third kind of `Next`; the set `again` is there already.",
        chapter: "multiconn.md",
    },
    Exercise {
        name: "accept-once",
        stage: Stage::Multiconn,
        side: Side::Server,
        rows: &["M-03"],
        symptom: "On busy days some clients connect and are never answered, while the others are \
                  served as ever.",
        where_to_look: "Look at `Server::accept`, and think of two clients that connect while the \
                        server is busy with a third.",
        idea: "One event may stand for many newcomers, and the next one comes only when there are \
               still more. Accept in a loop, until `accept` would block.",
        chapter: "multiconn.md",
    },
    Exercise {
        name: "accept-fails",
        stage: Stage::Multiconn,
        side: Side::Server,
        rows: &["M-08"],
        symptom: "After a rush, some clients are never answered, though most of the others have \
                  left and there is room again.",
        where_to_look: "Look at the errors that `Server::accept` takes for \"nobody waits\". Which \
                        one comes when the process has too many open files?",
        idea: "When `accept` fails for want of descriptors, the newcomers stay in the backlog, and \
               no event will tell of them again. Remember that it failed, and try again after \
               each turn of the loop and twice a second, but never without a pause.",
        chapter: "multiconn.md",
    },
    Exercise {
        name: "boundaries-from-recv",
        stage: Stage::AppProtocol,
        side: Side::Server,
        rows: &["A-04"],
        symptom: "Now and then a client with a slow line is told that its header is no JSON, and \
                  the header is fine.",
        where_to_look: "Look at `read_request` in `message.rs`, at the way in which it gets the \
                        header.",
        idea: "A read returns what has arrived, be it half a header. The length in front of it \
               says how many bytes belong to it: read until there are so many. The file has a \
               function for that.",
        chapter: "app-protocol.md",
    },
    Exercise {
        name: "characters-for-bytes",
        stage: Stage::AppProtocol,
        side: Side::Server,
        rows: &["A-06"],
        symptom: "Answers with an emoji or an accent in them lack their last characters; all \
                  others are fine.",
        where_to_look: "Look at where the `content_length` of a text comes from, in `answers.rs`.",
        idea: "The length counts bytes on the wire. In UTF-8 an emoji has four of them and an \
               accented letter two, so the number of characters is too small. Count what is sent, \
               in the form in which it is sent.",
        chapter: "protocol.md",
    },
    Exercise {
        name: "little-endian-server",
        stage: Stage::AppProtocol,
        side: Side::Server,
        rows: &["A-06"],
        symptom: "No client understands the answers: they wait for a header of 26,000 bytes and \
                  more.",
        where_to_look: "Look at the first two bytes that `write_response` sends. Written in \
                        hexadecimal, which number do they show?",
        idea: "The length in front of a header is big-endian, the order of the network, on every \
               machine; the `byteorder` field speaks of binary content only. Write it in the \
               order in which it is read.",
        chapter: "protocol.md",
    },
    Exercise {
        name: "little-endian-client",
        stage: Stage::AppProtocol,
        side: Side::Client,
        rows: &["A-21"],
        symptom: "No server answers this client: each waits for more of its request, or says that \
                  the header is none.",
        where_to_look: "Look at the first two bytes that `message` makes. Written in hexadecimal, \
                        which number do they show?",
        idea: "The length in front of a header is big-endian, the order of the network, on every \
               machine; the `byteorder` field speaks of binary content only. Write it in the \
               order in which the response's length is read.",
        chapter: "protocol.md",
    },
    Exercise {
        name: "length-trusted",
        stage: Stage::AppProtocol,
        side: Side::Server,
        rows: &["A-09"],
        symptom: "A request of a hundred bytes is enough to make the server take gigabytes of \
                  memory, or lose the connection.",
        where_to_look: "Look at how `read_request` in `message.rs` makes room for the content, and \
                        at who has chosen the number.",
        idea: "A length is what a stranger says. Compare it with a limit of your own first, and \
               answer `too-large` above it, also if it is larger than any integer type. Below it, \
               let memory grow with what really arrives.",
        chapter: "app-protocol.md",
    },
    Exercise {
        name: "empty-content",
        stage: Stage::AppProtocol,
        side: Side::Server,
        rows: &["A-14"],
        symptom: "Some very short requests are never answered, unless the client sends another \
                  one behind them.",
        where_to_look: "Look at `read_content` in `message.rs`, and follow it with a length of 0.",
        idea: "A content of no bytes is complete before anything is read. Ask whether anything is \
               missing before each read, the first one included.",
        chapter: "protocol.md",
    },
    Exercise {
        name: "bytes-thrown-away",
        stage: Stage::AppProtocol,
        side: Side::Server,
        rows: &["A-10"],
        symptom: "Clients that send several requests at once get the first answer, and then \
                  nothing or nonsense.",
        where_to_look: "Look at `serve`, at what `input` may hold when the first request has been \
                        read, and at how long it lives.",
        idea: "A buffered reader takes more from the system than was asked for: the beginning of \
               the next request may be in it already. It belongs to the connection, not to one \
               request, and has to live as long.",
        chapter: "app-protocol.md",
    },
    Exercise {
        name: "close-unread",
        stage: Stage::AppProtocol,
        side: Side::Server,
        rows: &["A-11"],
        symptom: "Clients that send more than they were asked for see \"connection reset\" instead \
                  of their answer.",
        where_to_look: "Look at the end of `serve`: what does the system do when a socket is \
                        closed that has input which nobody has read?",
        idea: "It sends a reset, and that can overtake the answer. Shut down the writing side \
               first, then read and discard until the client closes, but for a second at most; \
               only then close.",
        chapter: "app-protocol.md",
    },
    Exercise {
        name: "leaked-descriptors",
        stage: Stage::Multiconn,
        side: Side::Server,
        rows: &["M-09"],
        symptom: "After some days newcomers aren't accepted any more: \"too many open files\", \
                  though few clients are connected.",
        where_to_look: "Look at the ways in which a connection ends in `Server::turn`, and at what \
                        each of them leaves in `clients`.",
        idea: "A socket is closed when its stream is dropped, and not before. Whatever the reason \
               for which a connection ends, take it out of the map.",
        chapter: "multiconn.md",
    },
];
