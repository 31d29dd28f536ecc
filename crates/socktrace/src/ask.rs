//! Predict, then run: a question before a notable call, with the answers that exist for
//! any call of its kind.
//!
//! No answer is written down anywhere. What the kernel does is the answer, and it is told
//! from the record of the call alone.

mod score;

pub use score::Score;

use crate::kind::Kind;
use crate::play::Held;
use crate::record::{Call, Outcome, Record, Side};

/// What will this call do?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Whose call it is.
    pub side: Side,
    /// The thread that makes it.
    pub thread: u32,
    /// The call's name.
    pub name: String,
    /// All that a call of this kind can do.
    pub answers: &'static [Answer],
}

impl Question {
    /// The question about a call that is held; none if it isn't worth one, as with those
    /// that hardly ever do anything but succeed.
    #[must_use]
    pub fn about(held: &Held) -> Option<Self> {
        Some(Self {
            side: held.side,
            thread: held.thread,
            name: held.name.clone(),
            answers: answers(held.kind)?,
        })
    }

    /// The answer with this number, from 1.
    #[must_use]
    pub fn answer(&self, number: usize) -> Option<Answer> {
        self.answers.get(number.checked_sub(1)?).copied()
    }

    /// What the call did, if `record` says so: it is the first about the call's thread
    /// after it was let go.
    #[must_use]
    pub fn outcome(&self, record: &Record) -> Option<Answer> {
        match record {
            Record::Wait(wait) if wait.thread == self.thread => Some(Answer::Waits),
            Record::Call(call) if call.thread == self.thread => outcome(call),
            _ => None,
        }
    }
}

/// What a call can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It doesn't come back yet.
    Waits,
    /// `accept` hands over a connection.
    Connection,
    /// `connect` is done.
    Connected,
    /// `connect` goes on after the call has come back.
    InProgress,
    /// A send takes all that is offered.
    TakesAll,
    /// A send takes less than that.
    TakesPart,
    /// A receive has bytes.
    Bytes,
    /// A receive has none, and never will.
    EndOfInput,
    /// Something is ready.
    Ready,
    /// Nothing is, and the call comes back all the same.
    NothingReady,
    /// There is nothing to take, or no room to put anything, and it doesn't wait for that.
    NothingYet,
    /// There is an error.
    Fails,
}

impl Answer {
    /// In words that continue "it ...".
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Waits => "waits",
            Self::Connection => "returns at once, with a new descriptor",
            Self::Connected => "returns 0 at once, connected",
            Self::InProgress => "fails with EINPROGRESS at once, and connects later",
            Self::TakesAll => "takes all the bytes at once",
            Self::TakesPart => "takes a part of the bytes at once",
            Self::Bytes => "returns bytes at once",
            Self::EndOfInput => "returns 0 at once",
            Self::Ready => "returns at once, something is ready",
            Self::NothingReady => "returns 0 at once, nothing is ready",
            Self::NothingYet => "fails with EAGAIN at once: nothing yet",
            Self::Fails => "fails with another error",
        }
    }
}

fn answers(kind: Kind) -> Option<&'static [Answer]> {
    use Answer::{
        Bytes, Connected, Connection, EndOfInput, Fails, InProgress, NothingReady, NothingYet,
        Ready, TakesAll, TakesPart, Waits,
    };
    match kind {
        Kind::Accept => Some(&[Waits, Connection, NothingYet, Fails]),
        Kind::Connect => Some(&[Waits, Connected, InProgress, Fails]),
        Kind::Send => Some(&[Waits, TakesAll, TakesPart, NothingYet, Fails]),
        Kind::Receive | Kind::Peek => Some(&[Waits, Bytes, EndOfInput, NothingYet, Fails]),
        Kind::Readiness => Some(&[Waits, Ready, NothingReady, Fails]),
        _ => None,
    }
}

fn outcome(call: &Call) -> Option<Answer> {
    if call.waited {
        return Some(Answer::Waits);
    }
    let kind = call.kind();
    match &call.result {
        Outcome::Unfinished(_) => None,
        Outcome::Failed(errno) if kind == Kind::Connect && errno.name == "EINPROGRESS" => {
            Some(Answer::InProgress)
        }
        Outcome::Failed(errno) if errno.name == "EAGAIN" && kind != Kind::Readiness => {
            Some(Answer::NothingYet)
        }
        Outcome::Failed(_) => Some(Answer::Fails),
        Outcome::Returned(value) => returned(kind, *value, call),
    }
}

fn returned(kind: Kind, value: i64, call: &Call) -> Option<Answer> {
    match kind {
        Kind::Accept => Some(Answer::Connection),
        Kind::Connect => Some(Answer::Connected),
        Kind::Send => {
            let data = call.data.as_ref();
            let is_short = data.is_some_and(|data| data.length < data.room);
            Some(if is_short {
                Answer::TakesPart
            } else {
                Answer::TakesAll
            })
        }
        Kind::Receive | Kind::Peek if value == 0 => Some(Answer::EndOfInput),
        Kind::Receive | Kind::Peek => Some(Answer::Bytes),
        Kind::Readiness if value == 0 => Some(Answer::NothingReady),
        Kind::Readiness => Some(Answer::Ready),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::kind_of;

    /// The question about the call that `record` is of.
    fn question(name: &str) -> Option<Question> {
        Question::about(&Held {
            side: Side::Server,
            thread: 7,
            name: name.to_owned(),
            kind: kind_of(name, &[]),
            arguments: vec![],
            socket: None,
            data: None,
        })
    }

    fn call(name: &str, rest: &str) -> Record {
        let json = format!(
            r#"{{"record":"call","step":1,"side":"server","process":7,"thread":7,"began":0,
            "ended":1,"name":"{name}","arguments":[],{rest}}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    #[track_caller]
    fn check(name: &str, rest: &str, expected: Option<Answer>) {
        let question = question(name).unwrap();
        assert_eq!(
            question.outcome(&call(name, rest)),
            expected,
            "{name} {rest}"
        );
        if let Some(answer) = expected {
            assert!(
                question.answers.contains(&answer),
                "one can choose what is right"
            );
        }
    }

    fn failed(name: &str) -> String {
        format!(r#""result":{{"failed":{{"name":"{name}","number":1}}}}"#)
    }

    fn sent(length: u64, room: u64) -> String {
        format!(
            r#""result":{{"returned":{length}}},"data":{{"way":"sent","length":{length},
            "room":{room},"bytes":""}}"#
        )
    }

    #[test]
    fn the_record_alone_says_what_the_call_did() {
        let returned = |value: i64| format!(r#""result":{{"returned":{value}}}"#);
        check("accept4", &returned(4), Some(Answer::Connection));
        check("accept4", &failed("EAGAIN"), Some(Answer::NothingYet));
        check("accept4", &failed("EMFILE"), Some(Answer::Fails));
        check("read", &failed("EAGAIN"), Some(Answer::NothingYet));
        check("connect", &returned(0), Some(Answer::Connected));
        check("connect", &failed("EINPROGRESS"), Some(Answer::InProgress));
        check("connect", &failed("ECONNREFUSED"), Some(Answer::Fails));
        check("sendto", &sent(5, 5), Some(Answer::TakesAll));
        check("write", &sent(4, 5), Some(Answer::TakesPart));
        check("write", &sent(0, 0), Some(Answer::TakesAll));
        check("sendmsg", &failed("EPIPE"), Some(Answer::Fails));
        check("recvfrom", &returned(1), Some(Answer::Bytes));
        check("read", &returned(0), Some(Answer::EndOfInput));
        check("read", &failed("EINPROGRESS"), Some(Answer::Fails));
        check("epoll_wait", &returned(2), Some(Answer::Ready));
        check("poll", &returned(0), Some(Answer::NothingReady));
        check("poll", r#""result":{"unfinished":"killed"}"#, None);
    }

    #[test]
    fn a_call_that_waited_waited_whatever_came_of_it() {
        check(
            "read",
            r#""waited":true,"result":{"returned":0}"#,
            Some(Answer::Waits),
        );
        let wait = r#"{"record":"wait","at":1,"side":"server","thread":7,"step":1,
            "name":"read","arguments":[]}"#;
        let wait = serde_json::from_str(wait).unwrap();
        let mut question = question("read").unwrap();
        assert_eq!(question.outcome(&wait), Some(Answer::Waits));
        question.thread = 8;
        assert_eq!(question.outcome(&wait), None, "another thread's");
    }

    #[test]
    fn what_hardly_ever_fails_is_not_asked_about() {
        for name in [
            "socket",
            "bind",
            "listen",
            "close",
            "epoll_ctl",
            "getsockname",
            "what",
        ] {
            assert_eq!(question(name), None, "{name}");
        }
    }

    #[test]
    fn answers_are_chosen_by_their_numbers() {
        let question = question("accept").unwrap();
        let chosen: Vec<_> = (0..6).map(|number| question.answer(number)).collect();
        assert_eq!(
            chosen,
            [
                None,
                Some(Answer::Waits),
                Some(Answer::Connection),
                Some(Answer::NothingYet),
                Some(Answer::Fails),
                None
            ]
        );
    }
}
