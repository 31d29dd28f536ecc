//! What programs hand to the kernel: pointers to anywhere, and any length.

use socktrace::record::{Call, Record};

use crate::support::{Run, check_unharmed, compiled, run, script, socktrace, watch, watch_with};

#[test]
fn buffers_at_the_end_of_memory_and_beyond_are_read_as_far_as_they_go() {
    let Some(program) = compiled("page_end") else {
        return;
    };
    let run = check_unharmed(&[program]);
    let said = |name: &str, nth: usize| data(run.named(name)[nth]);
    assert_eq!(said("sendto", 0), (4, 4, b"last".to_vec()));
    assert_eq!(said("sendto", 1), (4, 4, b"xxxx".to_vec()));
    assert_eq!(said("recvfrom", 1), (4, 4, b"xxxx".to_vec()));
    assert_eq!(said("writev", 0), (5, 5, b"onexx".to_vec()));
    let failed = run.results("sendto");
    assert_eq!(failed[2..5], ["EFAULT", "EFAULT", "EFAULT"]);
    assert_eq!(run.results("recvmmsg"), ["EFAULT"]);
    assert_eq!(run.results("connect"), ["EFAULT"]);
}

/// Length, room and the bytes that were kept.
fn data(call: &Call) -> (u64, u64, Vec<u8>) {
    let data = call.data.as_ref().unwrap();
    (data.length, data.room, data.bytes.clone())
}

/// Sends 100,000 bytes to itself, under watch with these flags.
fn send_much(flags: &[&str]) -> Run {
    let [python, path] = script("sends_much.py");
    let run = watch_with(flags, &[&python, &path]).finish();
    assert_eq!(run.ended.stdout, "100000 sent, 100000 received\n");
    run
}

#[test]
fn of_many_bytes_the_first_are_kept_and_all_are_counted() {
    for (flags, kept) in [
        (&[][..], 4096),
        (&["--bytes", "16"], 16),
        (&["--bytes", "0"], 0),
        (&["--bytes", "18446744073709551615"], 100_000),
    ] {
        let run = send_much(flags);
        let sends = run.named("sendto");
        let (length, room, bytes) = data(sends[0]);
        assert_eq!((length, room, bytes.len()), (100_000, 100_000, kept));
        assert!(bytes.iter().all(|&byte| byte == b'x'));
        let received = run.named("recvfrom");
        let total: u64 = received.iter().map(|call| data(call).0).sum();
        assert_eq!(total, 100_000);
        assert!(received.iter().all(|call| data(call).2.len() <= kept));
        let Record::Trace(header) = &run.records[0] else {
            panic!("{:?}", run.records[0]);
        };
        assert_eq!(
            header.bytes_kept,
            flags.last().map_or(4096, |it| it.parse().unwrap())
        );
    }
}

#[test]
fn files_are_read_and_written_unseen() {
    let [python, path] = script("unseen.py");
    let run = check_unharmed(&[python, path]);
    assert_eq!(run.ended.stdout, "b'to a socket'\n");
    assert_eq!(run.results("write"), ["11"]);
    assert_eq!(run.results("read"), ["11"]);
}

#[test]
fn bytes_that_move_inside_the_kernel_are_counted_and_told_of() {
    let [python, path] = script("unseen.py");
    let run = check_unharmed(&[&*python, &path, "move"]);
    assert_eq!(run.results("sendfile"), ["1000"]);
    assert_eq!(run.results("splice"), ["14"]);
    let notes = run.notes();
    assert!(matches!(notes[..], [note] if note.contains("sendfile") && note.contains("capture")));
}

#[test]
fn a_ring_is_told_of() {
    let Some(program) = compiled("ring") else {
        return;
    };
    let run = check_unharmed(&[program]);
    let notes = run.notes();
    assert!(matches!(notes[..], [note] if note.contains("io_uring") && note.contains("capture")));
    assert_eq!(run.named("io_uring_setup").len(), 1);
}

/// Escapes, zeroes, marks that turn the writing round, and lines without an end.
#[test]
fn hostile_bytes_are_text_on_the_terminal_and_in_the_trace() {
    let [python, path] = script("hostile.py");
    let run_of_both = run(socktrace(&[
        "trace", "--", &python, &path, "server", "::", &python, &path, "client", "{host}", "{port}",
    ]));
    assert_eq!(run_of_both.status.code(), Some(0), "{}", run_of_both.stderr);
    let is_odd =
        |it: char| it.is_control() && it != '\n' || "\u{202e}\u{2066}\u{feff}".contains(it);
    let odd = run_of_both.stdout.chars().find(|it| is_odd(*it));
    assert_eq!(odd, None, "{}", run_of_both.stdout);
    let is_damaged = |line: &str| line.contains('€') && line.contains('\u{fffd}');
    assert!(!run_of_both.stdout.lines().any(is_damaged));
    assert!(
        run_of_both
            .stdout
            .lines()
            .all(|it| it.chars().count() <= 80)
    );

    let watched = check_unharmed(&[&python, &path, "alone"]);
    let sent = watched.named("sendto");
    assert!(data(sent[0]).2.starts_with(b"\x1b]0;title\x07\x00\xff\xfe"));
}

#[test]
fn a_line_of_ten_megabytes_passes_through() {
    let [python, path] = script("hostile.py");
    let run = watch(&[&python, &path, "long"]).finish();
    // Its output stays its own, and isn't part of the trace.
    assert_eq!(run.ended.stdout.len(), 10_000_001);
    assert!(!run.records.iter().any(|it| matches!(it, Record::Output(_))));
}
