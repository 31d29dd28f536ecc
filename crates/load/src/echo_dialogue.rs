//! Bytes that are to come back as they were.

use std::sync::Arc;

use crate::dialogue::{Dialogue, Received, Wrong};

/// How many bytes go by before a pattern repeats itself: a prime, so that no size of
/// message, read or buffer brings the same bytes to the same place again, and small
/// enough to stay in the fastest cache.
const PERIOD: usize = 4093;
/// How far apart the places are at which connections begin.
const STRIDE: usize = 977;

/// Bytes in which every loss, repetition or exchange shows.
#[derive(Debug)]
pub struct Pattern(Box<[u8]>);

impl Default for Pattern {
    fn default() -> Self {
        // Marsaglia's xorshift: any generator will do that is always the same.
        let mut state = 0x9e37_79b9_u32;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state.to_le_bytes()[0]
        };
        Self((0..PERIOD).map(|_| next()).collect())
    }
}

impl Pattern {
    /// The `n` bytes from `position` on, in the pieces that they lie in.
    fn pieces(&self, mut position: usize, mut n: usize) -> impl Iterator<Item = &[u8]> {
        std::iter::from_fn(move || {
            let piece = &self.0[position..(position + n).min(PERIOD)];
            n -= piece.len();
            position = (position + piece.len()) % PERIOD;
            (!piece.is_empty()).then_some(piece)
        })
    }
}

/// Sends messages of one size, and expects each back as it was.
#[derive(Debug)]
pub struct EchoDialogue {
    pattern: Arc<Pattern>,
    /// Bytes in each message.
    size: usize,
    /// Where in the pattern the next message begins.
    sent: usize,
    /// Where in the pattern the next byte is expected.
    received: usize,
    /// How many bytes are missing from the answer that is arriving.
    /// Invariant: from 1 to `size`.
    n_missing: usize,
}

impl EchoDialogue {
    /// The dialogue of connection `number`, with messages of `size` bytes, at least
    /// one. Numbers next to each other, up to 4093 of them, have other bytes, so that an
    /// answer to another one shows.
    pub fn new(pattern: Arc<Pattern>, number: usize, size: usize) -> Self {
        let begin = (number % PERIOD) * STRIDE % PERIOD;
        Self {
            pattern,
            size,
            sent: begin,
            received: begin,
            n_missing: size,
        }
    }
}

impl Dialogue for EchoDialogue {
    fn request(&mut self, output: &mut Vec<u8>) {
        for piece in self.pattern.pieces(self.sent, self.size) {
            output.extend_from_slice(piece);
        }
        self.sent = (self.sent + self.size) % PERIOD;
    }

    fn receive(&mut self, input: &[u8]) -> Result<Received, Wrong> {
        let n_taken = self.n_missing.min(input.len());
        let mut rest = &input[..n_taken];
        for piece in self.pattern.pieces(self.received, n_taken) {
            if !rest.starts_with(piece) {
                return Err(Wrong {
                    kind: "wrong bytes",
                    detail: "other bytes came back than were sent; is that an echo server?".into(),
                });
            }
            rest = &rest[piece.len()..];
        }
        self.received = (self.received + n_taken) % PERIOD;
        self.n_missing -= n_taken;
        if self.n_missing > 0 {
            return Ok(Received::Part);
        }
        self.n_missing = self.size;
        Ok(Received::Answer {
            n_taken,
            goes_on: true,
        })
    }

    fn restart(&mut self) {
        self.sent = self.received;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialogue(number: usize, size: usize) -> EchoDialogue {
        EchoDialogue::new(Arc::default(), number, size)
    }

    fn sent(dialogue: &mut EchoDialogue, n_messages: usize) -> Vec<u8> {
        let mut output = Vec::new();
        for _ in 0..n_messages {
            dialogue.request(&mut output);
        }
        output
    }

    #[test]
    fn an_echo_in_any_pieces_is_right() {
        for n in [1, 7, 999, 1000, 1001, 4093, 10_000] {
            let mut dialogue = dialogue(3, 1000);
            let wire = sent(&mut dialogue, 10);
            let mut n_answers = 0;
            for mut piece in wire.chunks(n) {
                while !piece.is_empty() {
                    match dialogue.receive(piece).unwrap() {
                        Received::Part => piece = &[],
                        Received::Answer { n_taken, goes_on } => {
                            assert!(goes_on);
                            n_answers += 1;
                            piece = &piece[n_taken..];
                        }
                    }
                }
            }
            assert_eq!(n_answers, 10, "in pieces of {n}");
        }
    }

    #[test]
    fn a_lost_a_repeated_or_a_strange_byte_is_wrong() {
        let wire = sent(&mut dialogue(3, 100), 1);
        for at in 0..99 {
            let mut lost = wire.clone();
            lost.remove(at);
            let mut repeated = wire.clone();
            repeated.insert(at, wire[at]);
            let mut changed = wire.clone();
            changed[at] ^= 1;
            for damaged in [lost, repeated, changed] {
                let mut dialogue = dialogue(3, 100);
                sent(&mut dialogue, 2);
                let mut input = [damaged.as_slice(), &[0; 100]].concat();
                let wrong = loop {
                    match dialogue.receive(&input) {
                        Ok(Received::Part) => panic!("byte {at} was not missed"),
                        Ok(Received::Answer { n_taken, .. }) => drop(input.drain(..n_taken)),
                        Err(wrong) => break wrong,
                    }
                };
                assert_eq!(wrong.kind, "wrong bytes");
            }
        }
    }

    #[test]
    fn an_answer_to_another_connection_is_wrong() {
        let wire = sent(&mut dialogue(4, 16), 1);
        assert!(dialogue(3, 16).receive(&wire).is_err());
    }
}
