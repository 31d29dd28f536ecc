//! Two programs, watched by ptrace.

mod decode;
