//! Programs of another architecture than the tracer's.

use crate::support::{check_unharmed, compiled, compiled_with, unwatched, watch_with};

/// Says whether the kernel runs this at all.
fn runs(program: &str) -> bool {
    let runs = unwatched(&["sh", "-c", "exec \"$0\"", program])
        .status
        .code()
        == Some(9);
    if !runs {
        eprintln!("skipped: this kernel runs no 32-bit programs");
    }
    runs
}

#[cfg(target_arch = "x86_64")]
#[test]
fn a_32_bit_program_runs_unharmed_and_is_named() {
    // No library, since hardly any system has one of 32 bits.
    let flags = [
        "-m32",
        "-static",
        "-nostdlib",
        "-ffreestanding",
        "-fno-stack-protector",
        "-fno-pie",
        "-no-pie",
        "-DNO_LIBC",
    ];
    let Some(program) = compiled_with("int80", "int80-32", &flags) else {
        return;
    };
    if !runs(&program) {
        return;
    }
    let run = check_unharmed(&[&program]);
    assert_eq!(run.ended.stdout, "a socket\n");
    let notes = run.notes();
    assert!(matches!(notes[..], [note] if note.contains(&program) && note.contains("32-bit")));
    let without = watch_with(&["--no-filter"], &[&program]).finish();
    assert_eq!(without.ended, run.ended);
}

#[cfg(target_arch = "x86_64")]
#[test]
fn calls_by_the_gate_of_32_bit_programs_pass_unharmed() {
    let Some(program) = compiled("int80") else {
        return;
    };
    if !runs(&program) {
        return;
    }
    let run = check_unharmed(&[&program]);
    // What has that number among the others is another call, and isn't told by mistake.
    let names: Vec<&str> = run.calls().map(|call| call.name.as_str()).collect();
    assert_eq!(names, ["socketpair"]);
    let without = watch_with(&["--no-filter"], &[&program]).finish();
    assert_eq!(without.ended, run.ended);
    let names: Vec<&str> = without.calls().map(|call| call.name.as_str()).collect();
    assert_eq!(names, ["socketpair"]);
}
