//! `socktrace`: see every socket call of any two programs.
#![forbid(unsafe_code)]

fn main() {}
