//! `--only`: which calls to show.

mod calls;

use std::str::FromStr;

use thiserror::Error;

use crate::record::{Side, SocketId};

/// Which calls to show. Words of the same sort are alternatives, and different sorts
/// narrow each other: `server,accept,recv` is what the server accepts and receives.
/// Without any words, everything is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Only {
    sides: Vec<Side>,
    names: Vec<&'static str>,
    sockets: Vec<SocketId>,
}

/// A word that says nothing about calls.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{word} is none of: server, client, a call (accept, recv, epoll, bind, ...), \
     a socket (s2)"
)]
pub struct OnlyError {
    /// The word, made safe to print.
    word: String,
}

impl FromStr for Only {
    type Err = OnlyError;

    fn from_str(words: &str) -> Result<Self, OnlyError> {
        let mut only = Self::default();
        for word in words.split(',').map(str::trim) {
            let lower = word.to_ascii_lowercase();
            match lower.as_str() {
                "server" => only.sides.push(Side::Server),
                "client" => only.sides.push(Side::Client),
                lower => match (socket(lower), calls::named(lower)) {
                    (Some(socket), _) => only.sockets.push(socket),
                    (None, Some(names)) => only.names.extend(names),
                    (None, None) => {
                        let word = common::Printable::excerpt(word.as_bytes()).to_string();
                        return Err(OnlyError { word });
                    }
                },
            }
        }
        Ok(only)
    }
}

/// `s2`, as the drawing names it, or `#2`.
fn socket(word: &str) -> Option<SocketId> {
    let number = word.strip_prefix(['s', '#'])?;
    // A sign would be a number to the parser.
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| number.parse().ok()).flatten()
}

impl Only {
    /// A call is to be shown: whose it is, its name, and the socket that it concerns.
    pub fn shows_call(&self, side: Side, name: &str, socket: Option<SocketId>) -> bool {
        let has_socket = || socket.is_some_and(|socket| self.sockets.contains(&socket));
        (self.sides.is_empty() || self.sides.contains(&side))
            && (self.names.is_empty() || self.names.contains(&name))
            && (self.sockets.is_empty() || has_socket())
    }

    /// Something that is no call is to be shown: an output, a signal, an exit. Whoever
    /// asks for certain calls or sockets wants nothing between them.
    pub fn shows_event(&self, side: Side) -> bool {
        let asks_for_calls = !self.names.is_empty() || !self.sockets.is_empty();
        !asks_for_calls && (self.sides.is_empty() || self.sides.contains(&side))
    }

    /// A socket is to be listed, whatever was called with it.
    pub fn shows_socket(&self, side: Side, socket: SocketId) -> bool {
        (self.sides.is_empty() || self.sides.contains(&side))
            && (self.sockets.is_empty() || self.sockets.contains(&socket))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Side::{Client, Server};

    fn only(words: &str) -> Only {
        words.parse().unwrap()
    }

    #[test]
    fn without_words_all_is_shown() {
        assert!(Only::default().shows_call(Server, "anything", None));
        assert!(Only::default().shows_event(Client));
    }

    #[test]
    fn words_of_the_same_sort_are_alternatives() {
        let both = only("bind, LISTEN");
        assert!(both.shows_call(Server, "bind", None));
        assert!(both.shows_call(Client, "listen", Some(1)));
        assert!(!both.shows_call(Server, "listener", None));
        assert!(!both.shows_event(Server));
        let both = only("s2,#13");
        assert!(both.shows_call(Server, "close", Some(2)));
        assert!(both.shows_call(Server, "close", Some(13)));
        assert!(!both.shows_call(Server, "close", Some(1)));
        assert!(!both.shows_call(Server, "epoll_wait", None));
    }

    #[test]
    fn different_sorts_narrow_each_other() {
        let accepts = only("server,accept");
        assert!(accepts.shows_call(Server, "accept4", Some(1)));
        assert!(!accepts.shows_call(Client, "accept4", Some(1)));
        assert!(!accepts.shows_call(Server, "bind", Some(1)));
        let side = only("client");
        assert!(side.shows_event(Client) && !side.shows_event(Server));
    }

    #[test]
    fn a_family_has_all_its_names() {
        for (word, name) in [
            ("recv", "recvfrom"),
            ("recv", "recvmmsg"),
            ("send", "sendto"),
            ("accept", "accept"),
            ("poll", "ppoll"),
            ("epoll", "epoll_pwait"),
            ("select", "pselect6"),
            ("read", "readv"),
        ] {
            assert!(only(word).shows_call(Server, name, None), "{word} {name}");
        }
        assert!(!only("recvfrom").shows_call(Server, "recvmsg", None));
        assert!(!only("read").shows_call(Server, "recvfrom", None));
        assert!(!only("poll").shows_call(Server, "epoll_wait", None));
    }

    #[test]
    fn a_word_that_says_nothing_is_refused() {
        for words in [
            "",
            "server,",
            "recieve",
            "s",
            "#",
            "s+2",
            "s99999999999",
            "\x1b[31m",
        ] {
            let error = words.parse::<Only>().unwrap_err().to_string();
            assert!(error.contains("is none of: server, client"), "{error}");
            assert!(!error.contains('\x1b'));
        }
        let error = "recieve".parse::<Only>().unwrap_err().to_string();
        assert!(error.starts_with("\"recieve\" is none of"), "{error}");
    }
}
