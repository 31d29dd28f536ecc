//! The connection, driven by a scripted stream through every order of partial I/O.

use std::io::ErrorKind;

use multiconn::connection::{ConnectionError, Context, READ_SIZE};
use multiconn::{Echo, Limits};
use proptest::prelude::*;

use crate::fake_stream::{Driver, Step};

pub(crate) fn context(high_water_mark: u32) -> Context {
    Context::new(Limits {
        high_water_mark,
        ..Limits::default()
    })
}

pub(crate) fn echo() -> Echo {
    Echo::new("127.0.0.1:1".parse().unwrap())
}

/// Runs `steps` on an echo, then gives it all the room it needs, and checks that
/// everything came back, then the end.
#[track_caller]
fn check_echo(steps: &[Step], high_water_mark: u32, max_write: usize) {
    let mut driver = Driver::new(echo(), context(high_water_mark));
    driver.stream().max_write = max_write;
    let mut expected = Vec::new();
    let mut has_ended = false;
    for step in steps {
        match step {
            Step::Arrive(_) | Step::End if has_ended => continue,
            Step::Arrive(bytes) => expected.extend_from_slice(bytes),
            Step::End => has_ended = true,
            Step::Room(_) => {}
        }
        driver.step(step.clone()).unwrap();
    }
    if !has_ended {
        driver.step(Step::End).unwrap();
    }
    driver.step(Step::Room(usize::MAX / 2)).unwrap();
    assert!(driver.connection.is_closed(), "it waits for something");
    let stream = driver.stream();
    assert!(stream.sent == expected, "other bytes came back");
    assert_eq!(stream.shut_down_at.get(), Some(expected.len()));
}

#[test]
fn every_split_and_every_partial_write_gives_the_same_echo() {
    let message = b"abcdef";
    for cuts in 0..1 << (message.len() - 1) {
        let pieces = message.chunk_by(|a, _| cuts & (1 << (a - b'a')) == 0);
        let arrivals = pieces.map(|piece| Step::Arrive(piece.to_vec()));
        for room in 0..=message.len() {
            for max_write in 0..=message.len() {
                // The room comes after each of the arrivals.
                let steps: Vec<Step> = arrivals
                    .clone()
                    .flat_map(|arrival| [arrival, Step::Room(room)])
                    .collect();
                check_echo(&steps, 3, max_write);
            }
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1..3 * READ_SIZE).prop_map(|length| Step::Arrive(vec![7; length])),
        4 => prop::collection::vec(any::<u8>(), 1..100).prop_map(Step::Arrive),
        8 => (0..2 * READ_SIZE).prop_map(Step::Room),
        1 => Just(Step::End),
    ]
}

proptest! {
    #[test]
    fn whatever_goes_in_comes_out(
        steps in prop::collection::vec(step(), 0..30),
        high_water_mark in 1..200_000_u32,
        max_write in 0..100_000_usize,
    ) {
        check_echo(&steps, high_water_mark, max_write);
    }
}

#[test]
fn a_peer_that_does_not_read_is_not_read_from() {
    let mut driver = Driver::new(echo(), context(1000));
    for _ in 0..100 {
        driver.step(Step::Arrive(vec![1; READ_SIZE])).unwrap();
    }
    assert_eq!(driver.stream().n_read, READ_SIZE);
    assert!(!driver.wants_to_read());
    // Below the mark, it is read from again, without any event for reading.
    driver.step(Step::Room(READ_SIZE - 999)).unwrap();
    assert_eq!(driver.stream().n_read, 2 * READ_SIZE);
}

#[test]
fn one_turn_reads_no_more_than_its_budget() {
    let mut driver = Driver::new(echo(), context(1000));
    driver.stream().room = usize::MAX;
    driver.stream().arrived = vec![1; 10 * READ_SIZE];
    driver.connection.note_readable(false);
    driver.turn().unwrap();
    assert_eq!(driver.stream().n_read, 2 * READ_SIZE);
    assert!(driver.connection.can_read(&driver.context.limits));
}

#[test]
fn an_interest_to_write_is_stated_only_while_output_waits() {
    let mut driver = Driver::new(echo(), context(1000));
    assert!(!driver.wants_to_write());
    driver.step(Step::Arrive(b"abc".to_vec())).unwrap();
    assert!(driver.wants_to_write() && driver.wants_to_read());
    driver.step(Step::Room(3)).unwrap();
    assert!(!driver.wants_to_write() && driver.wants_to_read());
}

#[test]
fn an_error_of_the_stream_is_the_connections_end() {
    for kind in [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe] {
        let mut driver = Driver::new(echo(), context(1000));
        driver.stream().error = Some(kind);
        let result = driver.step(Step::Arrive(b"abc".to_vec()));
        assert!(
            matches!(result, Err(ConnectionError::Broken(error)) if error.kind() == kind)
        );
    }
}

#[test]
fn urgent_data_does_not_hide_what_comes_behind_it() {
    let mut driver = Driver::new(echo(), context(1000));
    driver.stream().room = 100;
    driver.stream().mark = Some(3);
    driver.step(Step::Arrive(b"abcdef".to_vec())).unwrap();
    assert_eq!(driver.stream().sent, b"abcdef");
}
