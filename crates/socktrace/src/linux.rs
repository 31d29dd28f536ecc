//! Two programs, watched by ptrace.
#![allow(dead_code, unused_imports)]

mod decode;
