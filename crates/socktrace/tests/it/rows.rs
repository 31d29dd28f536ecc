//! What the servers of the course promise, they hold under watch: one over IPv4, the other
//! over IPv6, since each call takes many times as long.
//!
//! The judge looks at the tree of processes: what the watcher itself uses of memory and
//! processor counts in, and still holds.

use std::fs::{self, File};
use std::io::BufReader;

use checker::{Side, Stage, Subject, Trial};
use socktrace::kind::Kind;
use socktrace::record::Record;
use socktrace::trace_file::{Reader, TraceFileError};
use tempfile::TempDir;
use test_support::require_descriptors;

use crate::run::{SOCKTRACE, beside, kind};

/// A row of the server `program`; and the record is there, up to the end that the judge
/// makes.
#[track_caller]
fn check(stage: Stage, program: &str, host: &str, row: &str) {
    if row == "M-03" && !require_descriptors(1_000) {
        return;
    }
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("{port}.jsonl");
    let watched = ["trace", "--one", "--json", file.to_str().unwrap(), "--"];
    let program = beside(program);
    let server = [program.to_str().unwrap(), "{host}", "{port}"];
    let server = Subject::command(&[&[SOCKTRACE], &watched[..], &server].concat());
    Trial::new(stage, Side::Server, server).assert_holds_on(&[host], row);
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert!(!files.is_empty());
    for file in files {
        check_record(File::open(file.unwrap().path()).unwrap());
    }
}

/// It is read without an error, but for its missing end, and tells of clients.
#[track_caller]
fn check_record(file: File) {
    let mut accepts = 0;
    for record in Reader::new(BufReader::new(file)).unwrap() {
        match record {
            Ok(Record::Call(call)) if kind(&call) == Kind::Accept => accepts += 1,
            Ok(_) | Err(TraceFileError::CutShort { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert!(accepts > 0);
}

/// A test of each row.
macro_rules! rows {
    ($module:ident, $stage:expr, $program:expr, $host:expr; $($test:ident $row:expr;)*) => {
        mod $module {
            use super::*;

            $(
                #[test]
                fn $test() {
                    check($stage, $program, $host, $row);
                }
            )*
        }
    };
}

rows! {
    echo_server, Stage::Echo, "echo-server", "127.0.0.1";
    e_01 "E-01";
    e_02 "E-02";
    e_03 "E-03";
    e_04 "E-04";
    e_05 "E-05";
    e_06 "E-06";
    e_07 "E-07";
}

rows! {
    multiconn_server, Stage::Multiconn, "multiconn-server", "::1";
    e_01 "E-01";
    e_02 "E-02";
    e_03 "E-03";
    e_04 "E-04";
    e_05 "E-05";
    e_06 "E-06";
    e_07 "E-07";
    m_01 "M-01";
    m_02 "M-02";
    m_03 "M-03";
    m_04 "M-04";
    m_05 "M-05";
    m_06 "M-06";
    m_07 "M-07";
}
