//! What the programs of each stage promise, as rows, and how a row is checked: from
//! outside, of any server or client in any language, by bytes that are made here. No
//! code is shared with what is judged.
//!
//! A [`Trial`] says which program is judged and how. A test of a server, in any language:
//!
//! ```no_run
//! use checker::{Side, Stage, Subject, Trial};
//!
//! let server = Subject::command(&["python3", "server.py", "{host}", "{port}"]);
//! Trial::new(Stage::Echo, Side::Server, server).assert_holds("E-01");
//! ```
//!
//! [`row_tests!`] makes a test of each row. [`Trial::check`] and [`Trial::check_all`] return what came of it instead. A test that is
//! killed can leave its server running: only a program can end its children in time.
//!
//! Nothing here changes what is the whole process's, such as its limits or how it
//! takes signals; [`adopt_orphans`] and [`end_all`] do, and are for a program that judges
//! and does nothing else.
#![forbid(unsafe_code)]

mod arena;
mod bytes;
mod check;
mod fixed_port;
mod foreign;
mod message;
mod outcome;
mod peer;
mod row;
mod row_tests;
mod rows;
mod span;
mod speech;
mod stage;
mod start;
mod subject;
mod system;
mod trial;
mod visit;

pub mod command_line;

pub use outcome::{Failure, Miss};
pub use row::{Level, Row};
pub use rows::{row, rows};
pub use span::span;
pub use stage::{Side, Stage};
pub use subject::{Subject, Template, running_server};
pub use system::{adopt_orphans, command_exists, end_all};
pub use trial::{STOPPED, Trial};
