//! The seccomp filter: the kernel itself lets every other call pass at full speed, and
//! stops the program only at those that are watched.

use libc::sock_filter;

/// Where the number and the architecture stand in what a filter sees (`struct
/// seccomp_data`, seccomp(2)).
const NUMBER_OFFSET: u32 = 0;
const ARCHITECTURE_OFFSET: u32 = 4;

/// The architecture that this program was built for; a program of another has other
/// numbers (`AUDIT_ARCH_...`, `linux/audit.h`).
#[cfg(target_arch = "x86_64")]
pub(crate) const ARCHITECTURE: u32 = 0xc000_003e;
#[cfg(target_arch = "aarch64")]
pub(crate) const ARCHITECTURE: u32 = 0xc000_00b7;

/// A program for the kernel: calls of `numbers` stop for the tracer, all else passes, and
/// so do all calls of another architecture, whose numbers mean something else.
pub(crate) fn filter(numbers: &[u32]) -> Vec<sock_filter> {
    let mut program = vec![
        load(ARCHITECTURE_OFFSET),
        jump_if_equal(ARCHITECTURE, 1, 0),
        answer(libc::SECCOMP_RET_ALLOW),
        load(NUMBER_OFFSET),
    ];
    // Each answers for itself: jumps reach 255 instructions, and no list outgrows that.
    for &number in numbers {
        program.push(jump_if_equal(number, 0, 1));
        program.push(answer(libc::SECCOMP_RET_TRACE));
    }
    program.push(answer(libc::SECCOMP_RET_ALLOW));
    program
}

fn load(offset: u32) -> sock_filter {
    instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, offset)
}

fn jump_if_equal(value: u32, if_equal: u8, if_not: u8) -> sock_filter {
    let code = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
    instruction(code, if_equal, if_not, value)
}

fn answer(answer: u32) -> sock_filter {
    instruction(libc::BPF_RET | libc::BPF_K, 0, 0, answer)
}

fn instruction(code: u32, if_true: u8, if_false: u8, operand: u32) -> sock_filter {
    sock_filter {
        code: u16::try_from(code).expect("codes are small"),
        jt: if_true,
        jf: if_false,
        k: operand,
    }
}
