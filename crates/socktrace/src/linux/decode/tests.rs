//! Each kind of call, from numbers and memory to what is told of it.

mod bytes;
mod readiness;
mod sockets;

use super::fake::{Fake, ints, ipv4, ipv6, unix, words};
use super::*;

const KEEP: usize = 8;
/// Where a test puts what it passes; and a place where nothing is.
const AT: u64 = 0x1000;
const BUFFER: u64 = 0x2000;
const ADDRESS: u64 = 0x3000;
const LENGTH: u64 = 0x4000;
const VECTOR: u64 = 0x5000;
const NOWHERE: u64 = 0xdead_0000;
const FAILED: i64 = -1;

fn call(name: &str) -> Syscall {
    let spec = CALLS.iter().find(|spec| spec.name == name);
    Syscall(spec.unwrap())
}

fn begun(name: &str, args: &[u64], memory: &Fake) -> Given {
    begin(call(name), six(args), memory, KEEP)
}

fn ended(name: &str, args: &[u64], before: &Fake, result: i64, after: &Fake) -> Gave {
    let given = begun(name, args, before);
    end(call(name), six(args), &given, result, after, KEEP)
}

/// The registers behind the arguments hold anything.
fn six(args: &[u64]) -> [u64; 6] {
    let mut six = [NOWHERE; 6];
    six[..args.len()].copy_from_slice(args);
    six
}

fn told(arguments: &[Argument]) -> String {
    let arguments = arguments.iter();
    let told = arguments.map(|argument| format!("{}={}", argument.name, argument.value));
    told.collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn check(name: &str, args: &[u64], memory: &Fake, expected: &str) {
    assert_eq!(told(&begun(name, args, memory).arguments), expected);
}

#[track_caller]
fn check_gave(name: &str, args: &[u64], memory: &Fake, result: i64, expected: &str) {
    let gave = ended(name, args, memory, result, memory);
    assert_eq!(told(&gave.arguments), expected);
}

fn none() -> Fake {
    Fake::default()
}

fn n(number: i32) -> u64 {
    u64::from(number.cast_unsigned())
}

fn message(name: (u64, u64), n_pieces: u64, control: (u64, u64), flags: i32) -> Vec<u8> {
    let mut bytes = words(&[name.0, name.1, VECTOR, n_pieces, control.0, control.1]);
    bytes.extend(ints(&[flags, 0]));
    bytes
}

fn data(way: Way, length: u64, room: u64, bytes: &[u8]) -> Data {
    let bytes = bytes.to_vec();
    Data {
        way,
        length,
        room,
        bytes,
    }
}

#[test]
fn calls_have_numbers_and_names() {
    let number = u64::try_from(libc::SYS_accept4).unwrap();
    assert_eq!(Syscall::of(number).unwrap().name(), "accept4");
    assert!(Syscall::of(u64::MAX).is_none());
    assert!(Syscall::of(u64::try_from(libc::SYS_openat).unwrap()).is_none());
    assert_eq!(Syscall::all().count(), CALLS.len());
    assert!(call("read").is_for_any_file());
    assert!(!call("recvfrom").is_for_any_file());
    assert!(!call("epoll_ctl").is_for_any_file());
    let descriptors = |name, args: &[u64]| call(name).descriptors(&six(args)).collect::<Vec<_>>();
    assert_eq!(descriptors("read", &[3, BUFFER, 5]), [3]);
    assert_eq!(descriptors("dup3", &[3, 4, 0]), [3, 4]);
    assert_eq!(descriptors("splice", &[3, 0, 4, 0, 5, 0]), [3, 4]);
    assert!(descriptors("ppoll", &[AT, 1, 0]).is_empty());
}

#[test]
fn rings_are_named() {
    check("io_uring_setup", &[64, AT], &none(), "entries=64");
    check(
        "io_uring_enter",
        &[5, 1, 1, 1],
        &none(),
        "fd=5 to_submit=1 min_complete=1 flags=0x1",
    );
    check(
        "io_uring_register",
        &[5, 2, AT, 1],
        &none(),
        "fd=5 opcode=2 nr_args=1",
    );
}

/// Whatever a program passes, nothing panics, and nobody reads much.
#[test]
fn odd_arguments_and_odd_memory_do_no_harm() {
    let odd = [
        0,
        1,
        3,
        AT,
        AT + 60,
        NOWHERE,
        u64::MAX - 7,
        u64::MAX,
        1 << 31,
        1 << 63,
    ];
    let addresses = words(&[AT, u64::MAX, AT + 8, 1 << 63, AT, u64::MAX, 24, 0]);
    let memories = [
        none(),
        none().with(AT, &[0xff; 64]),
        none().with(AT, &addresses),
    ];
    for memory in &memories {
        for spec in CALLS {
            for (index, first) in odd.iter().enumerate() {
                for second in odd {
                    let third = odd[(index + 3) % odd.len()];
                    let args = [*first, second, third, second, *first, third];
                    let given = begin(Syscall(spec), args, memory, KEEP);
                    for result in [FAILED, i64::MIN, 0, 1, 70, i64::MAX] {
                        let gave = end(Syscall(spec), args, &given, result, memory, KEEP);
                        assert!(gave.data.is_none_or(|data| data.bytes.len() <= KEEP));
                    }
                }
            }
        }
    }
}
