//! One request of stage 3 again and again.

use app_protocol::Decoder;
use app_protocol::request::Answer;

use crate::dialogue::{Dialogue, Received, Wrong};

/// Sends one request again and again, and expects the same answer each time.
#[derive(Debug)]
pub struct AppDialogue<'a> {
    request: &'a [u8],
    decoder: Decoder,
    /// The bytes of the answer that is arriving.
    wire: Vec<u8>,
    /// The bytes of the last answer, which was right, and what it said of the
    /// connection. Most answers are the same again, and then needn't be taken apart.
    known: Vec<u8>,
    /// The first answer, which all others must equal.
    content: Option<Vec<u8>>,
    /// The last answer said that the connection goes on.
    is_granted: bool,
}

impl<'a> AppDialogue<'a> {
    /// A dialogue that sends `request`, a whole message, and refuses answers with more
    /// than `max_content` bytes of content.
    pub fn new(request: &'a [u8], max_content: u64) -> Self {
        Self {
            request,
            decoder: Decoder::new(max_content),
            wire: Vec::new(),
            known: Vec::new(),
            content: None,
            is_granted: false,
        }
    }

    /// Takes an answer apart, and remembers it if it is right.
    fn decode(&mut self, input: &[u8]) -> Result<Received, Wrong> {
        let mut rest = input;
        let decoded = self.decoder.decode(&mut rest);
        let n_taken = input.len() - rest.len();
        self.wire.extend_from_slice(&input[..n_taken]);
        let message = match decoded {
            Ok(None) => return Ok(Received::Part),
            Ok(Some(message)) => message,
            Err(error) => return Err(wrong("malformed answer", error.to_string())),
        };
        if self.wire == self.request {
            let detail = "the request itself came back; is that an app-protocol server?";
            return Err(wrong("malformed answer", detail.to_owned()));
        }
        match Answer::parse(&message) {
            Err(error) => return Err(wrong("malformed answer", error.to_string())),
            Ok(answer @ Answer::Refused(_)) => {
                let detail = format!("the server answered: {answer}");
                return Err(wrong("error answer", detail));
            }
            Ok(_) => {}
        }
        let content = self.content.get_or_insert_with(|| message.content.to_vec());
        if content != message.content {
            let detail = "another answer to the same request than before".to_owned();
            return Err(wrong("wrong bytes", detail));
        }
        self.is_granted = message.header.keep_alive;
        self.known.clear();
        self.known.append(&mut self.wire);
        Ok(Received::Answer {
            n_taken,
            goes_on: self.is_granted,
        })
    }
}

impl Dialogue for AppDialogue<'_> {
    fn request(&mut self, output: &mut Vec<u8>) {
        output.extend_from_slice(self.request);
    }

    fn receive(&mut self, input: &[u8]) -> Result<Received, Wrong> {
        let is_known = self.wire.is_empty() && !self.known.is_empty();
        if is_known && input.starts_with(&self.known) {
            return Ok(Received::Answer {
                n_taken: self.known.len(),
                goes_on: self.is_granted,
            });
        }
        self.decode(input)
    }

    /// Only a server that has granted a further request may be sent one before it has
    /// answered the last.
    fn may_pipeline(&self) -> bool {
        self.is_granted
    }

    fn restart(&mut self) {
        let max_content = self.decoder.max_content();
        self.decoder = Decoder::new(max_content);
        self.wire.clear();
        self.known.clear();
        self.is_granted = false;
    }
}

fn wrong(kind: &'static str, detail: String) -> Wrong {
    Wrong { kind, detail }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app_protocol::{Description, encode};

    const REQUEST: &[u8] = b"not looked at";

    fn answer(content: &[u8], keep_alive: bool) -> Vec<u8> {
        let mut wire = Vec::new();
        let description = Description::binary("binary/test", keep_alive);
        encode(description, content, &mut wire).unwrap();
        wire
    }

    fn whole(n_taken: usize, goes_on: bool) -> Result<Received, Wrong> {
        Ok(Received::Answer { n_taken, goes_on })
    }

    #[test]
    fn each_answer_is_told_from_the_next_however_it_is_split() {
        let wire = answer(b"the same", true);
        let twice = wire.repeat(2);
        for at in 1..wire.len() {
            let mut dialogue = AppDialogue::new(REQUEST, 100);
            assert!(!dialogue.may_pipeline());
            assert_eq!(dialogue.receive(&wire[..at]), Ok(Received::Part));
            let rest = wire.len() - at;
            assert_eq!(dialogue.receive(&twice[at..]), whole(rest, true));
            assert!(dialogue.may_pipeline());
            assert_eq!(dialogue.receive(&twice), whole(wire.len(), true));
            assert_eq!(dialogue.receive(&wire[..at]), Ok(Received::Part));
            assert_eq!(dialogue.receive(&wire[at..]), whole(rest, true));
        }
    }

    #[test]
    fn the_last_answer_on_a_connection_is_known_by_its_header() {
        let mut dialogue = AppDialogue::new(REQUEST, 100);
        let (first, last) = (answer(b"x", true), answer(b"x", false));
        assert_eq!(dialogue.receive(&first), whole(first.len(), true));
        assert_eq!(dialogue.receive(&last), whole(last.len(), false));
        dialogue.restart();
        assert!(!dialogue.may_pipeline());
        assert_eq!(dialogue.receive(&first), whole(first.len(), true));
    }

    #[test]
    fn a_mirror_is_no_server() {
        let request = answer(b"x", false);
        let mut dialogue = AppDialogue::new(&request, 100);
        let wrong = dialogue.receive(&request).unwrap_err();
        assert_eq!(wrong.kind, "malformed answer");
    }

    #[test]
    fn another_answer_than_before_is_wrong() {
        let mut dialogue = AppDialogue::new(REQUEST, 100);
        dialogue.receive(&answer(b"x", true)).unwrap();
        let wrong = dialogue.receive(&answer(b"y", true)).unwrap_err();
        assert_eq!(wrong.kind, "wrong bytes");
    }

    #[test]
    fn an_answer_that_is_too_large_or_none_is_malformed() {
        for input in [answer(&[0; 101], true), vec![0, 2, b'{', b'}']] {
            let wrong = AppDialogue::new(REQUEST, 100).receive(&input).unwrap_err();
            assert_eq!(wrong.kind, "malformed answer");
        }
    }
}
