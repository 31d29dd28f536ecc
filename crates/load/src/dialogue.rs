//! What the load generator says, and which answers are right.

/// One client's side of a conversation, message by message. It may go on over
/// several connections, one after another.
pub trait Dialogue {
    /// Appends the next request to `output`.
    fn request(&mut self, output: &mut Vec<u8>);

    /// Takes input from the front, to the end of one answer at most. An incomplete
    /// answer is the dialogue's to keep.
    ///
    /// # Errors
    ///
    /// [`Wrong`], if that is no right answer. The connection is then given up.
    fn receive(&mut self, input: &[u8]) -> Result<Received, Wrong>;

    /// Whether a request may be sent while another one waits for its answer.
    fn may_pipeline(&self) -> bool {
        true
    }

    /// A new connection takes the place of the last one. Requests that were not
    /// answered there will be asked for again.
    fn restart(&mut self);
}

/// What a dialogue has made of its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// It took all of it, and waits for the rest of an answer.
    Part,
    /// An answer is whole.
    Answer {
        /// How many bytes of the input belong to it.
        n_taken: usize,
        /// The connection takes further requests.
        goes_on: bool,
    },
}

/// An answer that is not the right one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// A few words to count it under.
    pub kind: &'static str,
    /// What was expected, and what came.
    pub detail: String,
}
