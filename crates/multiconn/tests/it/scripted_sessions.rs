//! Sessions of other kinds than echo on a scripted stream: one that speaks first and
//! last, answers at length, has a deadline, is told to stop.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use common::Timeout;
use mio::Interest;
use multiconn::connection::{Connection, ConnectionError, Context, READ_SIZE};
use multiconn::{Limits, Session};

use crate::fake_stream::{Driver, FakeStream, Step};
use crate::scripted::{context, echo};

/// Answers each message of four bytes with a thousand.
pub(crate) struct Verbose {
    partial: Vec<u8>,
    n_answered: usize,
    max_answered: usize,
    deadline: Option<Instant>,
}

impl Verbose {
    pub(crate) fn new(max_answered: usize) -> Self {
        Self {
            partial: Vec::new(),
            n_answered: 0,
            max_answered,
            deadline: None,
        }
    }
}

impl Verbose {
    pub(crate) fn n_answered(&self) -> usize {
        self.n_answered
    }
}

impl Session for Verbose {
    fn receive(
        &mut self,
        input: &[u8],
        output: &mut Vec<u8>,
        _now: Instant,
    ) -> usize {
        // At most one message, and what is incomplete is ours to keep.
        let n_taken = input.len().min(4 - self.partial.len());
        self.partial.extend_from_slice(&input[..n_taken]);
        if self.partial.len() == 4 {
            self.partial.clear();
            self.n_answered += 1;
            output.extend_from_slice(&[b'x'; 1000]);
        }
        n_taken
    }

    fn start(&mut self, output: &mut Vec<u8>, _now: Instant) {
        output.extend_from_slice(b"welcome");
    }

    fn end_of_input(&mut self, output: &mut Vec<u8>, _now: Instant) {
        output.extend_from_slice(b"farewell");
    }

    fn is_finished(&self) -> bool {
        self.n_answered == self.max_answered
    }

    fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    fn handle_timeout(&mut self, output: &mut Vec<u8>, _now: Instant) {
        self.deadline = None;
        self.n_answered = self.max_answered;
        output.extend_from_slice(b"too slow");
    }
}

#[test]
fn a_pipelining_peer_that_does_not_read_is_held_back() {
    let mut driver = Driver::new(Verbose::new(usize::MAX), context(10_000));
    driver.step(Step::Arrive(vec![b'?'; 4 * 1000])).unwrap();
    let n_answered = |driver: &mut Driver<Verbose>| {
        let Driver { connection, .. } = driver;
        connection.session().n_answered
    };
    // What waits never passes twice the mark and one answer.
    assert!(n_answered(&mut driver) <= 21);
    // As the answers are read, the rest is answered, without any input.
    for _ in 0..110 {
        driver.step(Step::Room(10_000)).unwrap();
    }
    assert_eq!(n_answered(&mut driver), 1000);
    assert_eq!(driver.stream().sent.len(), "welcome".len() + 1000 * 1000);
}

#[test]
fn messages_in_any_pieces_are_answered_alike() {
    for size in 1..=9 {
        let mut driver = Driver::new(Verbose::new(usize::MAX), context(1500));
        for piece in [b'?'; 4 * 5 + 3].chunks(size) {
            driver.step(Step::Arrive(piece.to_vec())).unwrap();
            driver.step(Step::Room(700)).unwrap();
        }
        driver.step(Step::Room(100_000)).unwrap();
        let n_sent = driver.stream().sent.len();
        assert_eq!(n_sent, "welcome".len() + 5 * 1000, "pieces of {size}");
    }
}

#[test]
fn a_session_speaks_first_and_last() {
    let mut driver = Driver::new(Verbose::new(usize::MAX), context(1000));
    driver.step(Step::Room(100)).unwrap();
    driver.step(Step::End).unwrap();
    assert_eq!(driver.stream().sent, b"welcomefarewell");
    assert!(driver.connection.is_closed());
}

#[test]
fn a_finished_session_lingers_until_the_peer_has_finished() {
    let mut driver = Driver::new(Verbose::new(1), context(1000));
    driver.step(Step::Room(5000)).unwrap();
    // One message, and the beginning of much more that nobody wants.
    driver.step(Step::Arrive(vec![b'?'; 1000])).unwrap();
    assert_eq!(driver.stream().shut_down_at.get(), Some(1007));
    assert!(!driver.connection.is_closed());
    driver.step(Step::Arrive(vec![b'?'; 1 << 20])).unwrap();
    assert_eq!(driver.stream().arrived.len(), 0, "discarded");
    driver.step(Step::End).unwrap();
    assert!(driver.connection.is_closed());
    assert_eq!(driver.stream().sent.len(), 1007);
}

#[test]
fn a_peer_that_never_finishes_is_left_after_a_second() {
    let mut driver = Driver::new(Verbose::new(1), context(1000));
    driver.step(Step::Room(5000)).unwrap();
    driver.step(Step::Arrive(vec![b'?'; 4])).unwrap();
    let deadline = driver.deadline().unwrap();
    assert_eq!(deadline, driver.context.now + Duration::from_secs(1));
    driver.pass(deadline - driver.context.now).unwrap();
    assert!(driver.connection.is_closed());
}

#[test]
fn a_sessions_deadline_is_met_and_its_answer_sent() {
    let mut session = Verbose::new(5);
    let context = context(1000);
    let deadline = context.now + Duration::from_secs(2);
    session.deadline = Some(deadline);
    let mut driver = Driver::new(session, context);
    driver.step(Step::Room(5000)).unwrap();
    let due = driver.deadline();
    assert_eq!(due, Some(deadline));
    // Too early: nothing happens.
    driver.pass(Duration::ZERO).unwrap();
    driver.pass(deadline - driver.context.now).unwrap();
    assert_eq!(driver.stream().sent, b"welcometoo slow");
    assert_eq!(driver.stream().shut_down_at.get(), Some(15));
}

#[test]
fn a_sessions_deadline_does_not_run_while_its_input_is_held_back() {
    let mut session = Verbose::new(usize::MAX);
    let context = context(1000);
    session.deadline = Some(context.now + Duration::from_secs(2));
    let mut driver = Driver::new(session, context);
    driver.step(Step::Arrive(vec![b'?'; 40])).unwrap();
    driver.context.now += Duration::from_secs(3);
    let due = driver.deadline().unwrap();
    assert!(due > driver.context.now, "only the idle timeout runs");
    driver.pass(Duration::ZERO).unwrap();
    assert!(!driver.connection.session().is_finished());
}

#[test]
fn progress_of_either_kind_puts_off_the_idle_timeout() {
    let limits = Limits {
        idle_timeout: Timeout::from_secs(60),
        ..Limits::default()
    };
    let mut driver = Driver::new(echo(), Context::new(limits));
    let minute = Duration::from_secs(60);
    for step in [Step::Arrive(vec![1; 10]), Step::Room(5)] {
        driver.context.now += minute / 2;
        driver.step(step).unwrap();
        let due = driver.deadline();
        assert_eq!(due, Some(driver.context.now + minute));
    }
    let result = driver.pass(minute);
    assert!(
        matches!(result, Err(ConnectionError::Idle(limit)) if limit == minute)
    );
}

#[test]
fn told_to_stop_it_serves_what_has_arrived_and_no_more() {
    let mut driver = Driver::new(echo(), context(1 << 20));
    driver.step(Step::Room(usize::MAX / 2)).unwrap();
    driver.stream().arrived = b"arrived ".to_vec();
    driver.connection.stop(driver.context.now);
    driver.settle().unwrap();
    // A full receive window let the rest in only now.
    driver.step(Step::Arrive(b"before".to_vec())).unwrap();
    assert_eq!(driver.stream().shut_down_at.get(), None);
    driver.pass(Duration::from_millis(100)).unwrap();
    driver.settle().unwrap();
    assert_eq!(driver.stream().sent, b"arrived before");
    assert_eq!(driver.stream().shut_down_at.get(), Some(14));
    driver.step(Step::Arrive(b"and after".to_vec())).unwrap();
    assert_eq!(driver.stream().sent, b"arrived before");
    driver.step(Step::End).unwrap();
    assert!(driver.connection.is_closed());
}

#[test]
fn told_to_stop_it_ends_even_if_the_peer_sends_without_pause() {
    let mut driver = Driver::new(echo(), context(1 << 20));
    driver.step(Step::Room(usize::MAX / 2)).unwrap();
    driver.stream().arrived = vec![1; 100 * READ_SIZE];
    driver.connection.stop(driver.context.now);
    driver.settle().unwrap();
    let n_answered = driver.stream().shut_down_at.get().unwrap();
    assert!((READ_SIZE..10 * READ_SIZE).contains(&n_answered));
}

#[test]
fn a_connection_begins_when_it_is_established() {
    let mut context = context(1000);
    let stream = FakeStream {
        is_unanswered: true,
        room: 100,
        ..FakeStream::default()
    };
    let mut connection =
        Connection::connecting(stream, Verbose::new(1), &context);
    connection.turn(&mut context).unwrap();
    assert_eq!(
        connection.interest(&context.limits),
        Some(Interest::WRITABLE)
    );
    // A writable event that came too early.
    connection.note_writable();
    connection.turn(&mut context).unwrap();
    assert_eq!(connection.stream_mut().sent, b"");
    connection.stream_mut().is_unanswered = false;
    connection.note_writable();
    connection.turn(&mut context).unwrap();
    assert_eq!(connection.stream_mut().sent, b"welcome");
    assert_ne!(
        connection.interest(&context.limits),
        Some(Interest::WRITABLE)
    );
}

#[test]
fn a_refused_connection_says_so() {
    let mut context = context(1000);
    let stream = FakeStream {
        error: Some(ErrorKind::ConnectionRefused),
        ..FakeStream::default()
    };
    let mut connection = Connection::connecting(stream, echo(), &context);
    connection.note_writable();
    let result = connection.turn(&mut context);
    assert!(matches!(result, Err(ConnectionError::Connect(_))));
}
