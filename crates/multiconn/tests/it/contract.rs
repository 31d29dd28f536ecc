//! The contract between a session and its loop: what is taken, and what is not, when
//! its deadline runs, and when its message has to wait for room.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use multiconn::Session;
use multiconn::connection::{Connection, Context, READ_SIZE};

use crate::fake_stream::{Driver, FakeStream, Step};
use crate::scripted::context;
use crate::scripted_sessions::Verbose;

const SECOND: Duration = Duration::from_secs(1);

/// Takes nothing before its deadline, and everything from then on.
struct Patient {
    deadline: Option<Instant>,
    taken: Vec<u8>,
}

impl Patient {
    fn until(deadline: Instant) -> Self {
        Self {
            deadline: Some(deadline),
            taken: Vec::new(),
        }
    }
}

impl Session for Patient {
    fn receive(
        &mut self,
        input: &[u8],
        _output: &mut Vec<u8>,
        _now: Instant,
    ) -> usize {
        if self.deadline.is_some() {
            return 0;
        }
        self.taken.extend_from_slice(input);
        input.len()
    }

    fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    fn handle_timeout(&mut self, _output: &mut Vec<u8>, _now: Instant) {
        self.deadline = None;
    }
}

fn patient() -> Driver<Patient> {
    let context = context(1000);
    let deadline = context.now + 2 * SECOND;
    Driver::new(Patient::until(deadline), context)
}

#[test]
fn what_a_session_declines_is_offered_again_at_its_deadline() {
    let mut driver = patient();
    driver.step(Step::Arrive(b"abc".to_vec())).unwrap();
    let due = driver.context.now + 2 * SECOND;
    assert_eq!(driver.deadline(), Some(due));
    driver.pass(2 * SECOND).unwrap();
    assert_eq!(driver.connection.session().taken, b"abc");
    // And what comes then is read again.
    driver.step(Step::Arrive(b"def".to_vec())).unwrap();
    assert_eq!(driver.connection.session().taken, b"abcdef");
}

#[test]
fn told_to_stop_it_waits_for_the_deadline_of_a_session_that_declines() {
    let mut driver = patient();
    driver.connection.stop(driver.context.now);
    driver.step(Step::Arrive(b"abc".to_vec())).unwrap();
    driver.pass(SECOND).unwrap();
    assert!(driver.deadline().unwrap() > driver.context.now, "it spins");
    driver.pass(SECOND).unwrap();
    assert_eq!(driver.connection.session().taken, b"abc");
    driver.pass(SECOND).unwrap();
    assert!(driver.stream().shut_down_at.get().is_some());
}

#[test]
fn told_to_stop_it_does_not_spin_while_answers_wait_to_be_read() {
    let mut driver = Driver::new(Verbose::new(usize::MAX), context(1000));
    driver.connection.stop(driver.context.now);
    driver.step(Step::Arrive(vec![b'?'; 4 * 100])).unwrap();
    driver.pass(SECOND).unwrap();
    assert!(driver.deadline().unwrap() > driver.context.now, "it spins");
    // All that had arrived is answered all the same.
    driver.step(Step::Room(usize::MAX / 2)).unwrap();
    driver.pass(SECOND).unwrap();
    assert_eq!(driver.connection.session().n_answered(), 100);
    assert!(driver.stream().shut_down_at.get().is_some());
}

/// Takes messages of four bytes, and declines what comes after the last of them.
#[derive(Default)]
struct Fours {
    messages: Vec<Vec<u8>>,
    max: usize,
}

impl Session for Fours {
    fn receive(
        &mut self,
        input: &[u8],
        output: &mut Vec<u8>,
        _now: Instant,
    ) -> usize {
        if input.len() < 4 || self.messages.len() == self.max {
            return 0;
        }
        self.messages.push(input[..4].to_vec());
        output.extend_from_slice(&[b'x'; 1000]);
        4
    }
}

/// A connection whose stream has `arrived`, and takes nothing any more.
fn broken(
    open: impl Fn(FakeStream, Fours, &mut Context) -> Connection<Fours, FakeStream>,
    max: usize,
    arrived: &[u8],
) -> Vec<Vec<u8>> {
    let mut context = context(1 << 20);
    let session = Fours {
        max,
        ..Fours::default()
    };
    let mut connection = open(FakeStream::default(), session, &mut context);
    connection.note_writable();
    connection.turn(&mut context).unwrap();
    connection.stream_mut().arrived = b"1111".to_vec();
    connection.note_readable(false);
    connection.turn(&mut context).unwrap();
    // Now an answer waits, the rest arrives, and the peer is gone.
    connection.stream_mut().arrived = arrived.to_vec();
    connection.stream_mut().write_error = Some(ErrorKind::BrokenPipe);
    connection.note_readable(false);
    connection.note_writable();
    assert!(connection.turn(&mut context).is_err());
    connection.into_session().messages
}

#[test]
fn a_server_runs_no_request_of_a_client_that_is_gone() {
    let messages = broken(Connection::accepted, 9, b"2222");
    assert_eq!(messages, [b"1111"]);
}

#[test]
fn a_client_hears_the_last_words_of_its_server() {
    let messages =
        broken(|t, s, c| Connection::connecting(t, s, c), 9, b"22223333");
    assert_eq!(messages, [b"1111", b"2222", b"3333"]);
}

#[test]
fn last_words_are_heard_in_order_or_not_at_all() {
    // The session declines the third message, so nothing behind it counts.
    let long = [b"22223333".repeat(READ_SIZE / 8), b"4444".to_vec()].concat();
    let messages = broken(|t, s, c| Connection::connecting(t, s, c), 2, &long);
    assert_eq!(messages, [b"1111", b"2222"]);
}

/// Wants room for what its first byte says, in KiB, and then that many.
#[derive(Default)]
struct Hungry {
    n_wanted: usize,
    n_received: usize,
    begun: Option<Instant>,
    put_off: Duration,
    is_too_late: bool,
}

impl Session for Hungry {
    fn receive(
        &mut self,
        input: &[u8],
        output: &mut Vec<u8>,
        now: Instant,
    ) -> usize {
        if self.n_wanted == 0 {
            self.n_wanted = usize::from(input[0]) * 1024;
            self.begun = Some(now);
            return 1;
        }
        let n_taken = input.len().min(self.n_wanted - self.n_received);
        self.n_received += n_taken;
        if self.n_received == self.n_wanted {
            output.extend_from_slice(b"done");
            (self.n_wanted, self.n_received) = (0, 0);
            self.begun = None;
        }
        n_taken
    }

    fn room_needed(&self) -> usize {
        self.n_wanted
    }

    /// A second for each message, as long as it isn't held back.
    fn deadline(&self) -> Option<Instant> {
        Some(self.begun? + self.put_off + SECOND)
    }

    fn handle_timeout(&mut self, _output: &mut Vec<u8>, _now: Instant) {
        self.is_too_late = true;
        self.begun = None;
    }

    fn put_off(&mut self, by: Duration) {
        self.put_off += by;
    }
}

/// A message that wants `n_kib`, one byte of which arrives with its length.
fn hungry(n_kib: u8) -> Driver<Hungry> {
    let mut driver = Driver::new(Hungry::default(), context(1000));
    driver.stream().room = 1000;
    driver.step(Step::Arrive(vec![n_kib, b'x'])).unwrap();
    driver
}

#[test]
fn a_small_message_needs_no_leave() {
    let mut driver = hungry(64);
    assert_eq!(driver.connection.room_wanted(&driver.context.limits), 0);
    driver
        .step(Step::Arrive(vec![b'x'; 64 * 1024 - 1]))
        .unwrap();
    assert_eq!(driver.stream().sent, b"done");
}

#[test]
fn a_large_message_is_not_read_before_there_is_room_for_it() {
    let mut driver = hungry(200);
    assert_eq!(
        driver.connection.room_wanted(&driver.context.limits),
        200 * 1024
    );
    let n_read = driver.stream().n_read;
    driver
        .step(Step::Arrive(vec![b'x'; 200 * 1024 - 1]))
        .unwrap();
    assert_eq!(driver.stream().n_read, n_read);
    assert!(!driver.wants_to_read());

    driver.connection.grant_room(driver.context.now);
    driver.turn().unwrap();
    driver.settle().unwrap();
    assert_eq!(driver.stream().sent, b"done");
    // What it no longer needs goes back.
    assert_eq!(driver.connection.room(), 0);
}

#[test]
fn while_it_waits_for_room_no_deadline_runs() {
    let mut driver = hungry(200);
    assert_eq!(driver.deadline(), None);
    driver.pass(1000 * SECOND).unwrap();
    driver.connection.grant_room(driver.context.now);
    driver.turn().unwrap();
    assert_eq!(driver.connection.session().put_off, 1000 * SECOND);
    // From now on its time runs again.
    assert_eq!(driver.deadline(), Some(driver.context.now + SECOND));
}

#[test]
fn no_deadline_runs_before_the_session_knows_how_long_it_was_held_back() {
    let context = context(1000);
    let mut driver = Driver::new(Hungry::default(), context);
    driver.stream().room = 1000;
    driver.step(Step::Arrive(vec![200, b'x'])).unwrap();
    driver.pass(1000 * SECOND).unwrap();
    driver.connection.grant_room(driver.context.now);
    // A timer that was set before comes first, and then the turn.
    driver.pass(Duration::ZERO).unwrap();
    assert!(!driver.connection.session().is_too_late);
}

#[test]
fn an_answer_keeps_the_room_of_its_message_until_it_is_on_its_way() {
    let mut driver = Driver::new(Hungry::default(), context(1));
    driver.step(Step::Arrive(vec![200, b'x'])).unwrap();
    driver.connection.grant_room(driver.context.now);
    driver.turn().unwrap();
    driver
        .step(Step::Arrive(vec![b'x'; 200 * 1024 - 1]))
        .unwrap();
    assert!(!driver.wants_to_read(), "its answer waits");
    assert_eq!(driver.connection.room(), 200 * 1024);
    driver.step(Step::Room(100)).unwrap();
    assert_eq!(driver.connection.room(), 0);
}

#[test]
fn a_stop_drops_a_message_that_waits_for_room() {
    let mut driver = hungry(200);
    driver.connection.stop(driver.context.now);
    driver.turn().unwrap();
    assert_eq!(driver.stream().shut_down_at.get(), Some(0));
}

#[test]
fn a_session_that_was_held_back_is_told_for_how_long() {
    let mut driver = Driver::new(Hungry::default(), context(1));
    driver.step(Step::Arrive(vec![1])).unwrap();
    driver.step(Step::Arrive(vec![b'x'; 1024])).unwrap();
    assert!(!driver.wants_to_read(), "its answer waits");
    driver.pass(5 * SECOND).unwrap();
    driver.step(Step::Room(100)).unwrap();
    assert_eq!(driver.connection.session().put_off, 5 * SECOND);
}
