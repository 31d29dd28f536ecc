//! A trace as a file: JSON lines, written while the run goes on, and read with nothing
//! taken on trust, since such files come from strangers.

use std::io::{self, BufRead, Read, Write};

use serde::Deserialize;
use thiserror::Error;

use crate::record::{Header, Record, VERSION};

/// The longest line that is read, in bytes. A call has at most a few thousand bytes with
/// two digits each; a file without any line end must not fill the memory.
const MAX_LINE: u64 = 16 << 20;

/// All records of [`VERSION`], as a line names them. Others are of a later day, and skipped.
const KINDS: [&str; 12] = [
    "trace",
    "thread",
    "exec",
    "socket",
    "connection",
    "wait",
    "call",
    "output",
    "signal",
    "exit",
    "note",
    "end",
];

/// Writes a trace as it comes to be.
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
    line: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// A trace that goes to `out`. The first record has to be [`Record::Trace`].
    pub fn new(out: W) -> Self {
        let line = Vec::new();
        Self { out, line }
    }

    /// Writes a line, whole and at once, so that whoever reads the file meanwhile, or
    /// after a crash, has all that was seen.
    ///
    /// # Errors
    ///
    /// If `out` doesn't take it.
    pub fn write(&mut self, record: &Record) -> io::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, record)?;
        self.line.push(b'\n');
        self.out.write_all(&self.line)?;
        self.out.flush()
    }
}

/// Why a trace can't be read, or not further.
#[derive(Debug, Error)]
pub enum TraceFileError {
    /// There is nothing in the file.
    #[error("not a trace: the file is empty")]
    Empty,
    /// The first line is something else.
    #[error("not a trace: the first line is no `trace` record")]
    NotATrace,
    /// The file has gone through a shell that writes two bytes for each character.
    #[error("a trace is UTF-8, and this file is UTF-16; have it written by `--json FILE`")]
    Utf16,
    /// Written by a later program.
    #[error("trace of version {found}, this reads {VERSION}")]
    OtherVersion {
        /// Its version.
        found: u64,
    },
    /// A line that isn't what it says.
    #[error("line {line}: {reason}")]
    BrokenLine {
        /// Its number; the first is 1.
        line: u64,
        /// What was expected.
        reason: String,
    },
    /// A line that is too long for a record.
    #[error("line {line} is longer than {MAX_LINE} bytes")]
    LongLine {
        /// Its number.
        line: u64,
    },
    /// The run, or the copying of the file, ended early. What came before is good.
    #[error("the trace was cut short after line {line}: its last record, `end`, is missing")]
    CutShort {
        /// The last line that is whole.
        line: u64,
    },
    /// The system can't read the file.
    #[error("cannot read the trace: {0}")]
    Io(#[from] io::Error),
}

/// Reads a trace: all its records in order, the header included. After an error, and
/// after [`Record::End`], there are none.
#[derive(Debug)]
pub struct Reader<R> {
    lines: Lines<R>,
    header: Header,
    /// The header, until it is handed over like any other record.
    first: Option<Record>,
    is_over: bool,
}

impl<R: BufRead> Reader<R> {
    /// Reads the first line.
    ///
    /// # Errors
    ///
    /// If this is no trace, or one of another version.
    pub fn new(input: R) -> Result<Self, TraceFileError> {
        let mut lines = Lines::new(input);
        let header = match lines.next() {
            Ok(Some(line)) => header(&line.bytes)?,
            Ok(None) => return Err(TraceFileError::Empty),
            // A disk image has no line ends.
            Err(TraceFileError::LongLine { .. }) => return Err(TraceFileError::NotATrace),
            Err(error) => return Err(error),
        };
        Ok(Self {
            lines,
            first: Some(Record::Trace(header.clone())),
            header,
            is_over: false,
        })
    }

    /// What the first line says.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The next record; none of an unknown kind.
    fn read(&mut self) -> Result<Record, TraceFileError> {
        loop {
            let Some(line) = self.lines.next()? else {
                return Err(self.cut_short());
            };
            match serde_json::from_slice(&line.bytes) {
                Ok(record) => return Ok(record),
                Err(error) => match serde_json::from_slice::<Tag>(&line.bytes) {
                    Ok(tag) if !KINDS.contains(&tag.record.as_str()) => {}
                    Err(_) if !line.is_whole => {
                        self.lines.n_read -= 1;
                        return Err(self.cut_short());
                    }
                    _ => return Err(broken(self.lines.n_read, &error)),
                },
            }
        }
    }

    fn cut_short(&self) -> TraceFileError {
        let line = self.lines.n_read;
        TraceFileError::CutShort { line }
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Record, TraceFileError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(header) = self.first.take() {
            return Some(Ok(header));
        }
        if self.is_over {
            return None;
        }
        let record = self.read();
        self.is_over = matches!(record, Err(_) | Ok(Record::End(_)));
        Some(record)
    }
}

/// Of a line, what says which record it is.
#[derive(Deserialize)]
struct Tag {
    record: String,
}

/// Of the first line, what says whether the rest can be understood.
#[derive(Deserialize)]
struct First {
    record: String,
    version: u64,
}

fn header(line: &[u8]) -> Result<Header, TraceFileError> {
    if line.starts_with(b"\xff\xfe") || line.starts_with(b"\xfe\xff") {
        return Err(TraceFileError::Utf16);
    }
    let first = serde_json::from_slice::<First>(line);
    let first = first.map_err(|_| TraceFileError::NotATrace)?;
    if first.record != "trace" {
        return Err(TraceFileError::NotATrace);
    }
    if first.version != u64::from(VERSION) {
        let found = first.version;
        return Err(TraceFileError::OtherVersion { found });
    }
    match serde_json::from_slice(line) {
        Ok(Record::Trace(header)) => Ok(header),
        Ok(_) => Err(TraceFileError::NotATrace),
        Err(error) => Err(broken(1, &error)),
    }
}

fn broken(line: u64, error: &serde_json::Error) -> TraceFileError {
    // The parser counts lines as well, and has seen one only.
    let reason = error.to_string();
    let reason = match reason.split_once(" at line 1 column ") {
        Some((what, column)) => format!("{what} (column {column})"),
        None => reason,
    };
    // Names of fields are quoted in it, and are as strange as the rest of the file.
    let reason = common::Printable::excerpt(reason.as_bytes());
    let reason = reason.without_quotes().to_string();
    TraceFileError::BrokenLine { line, reason }
}

/// The lines of a file, each within [`MAX_LINE`].
#[derive(Debug)]
struct Lines<R> {
    input: R,
    /// How many were read, blank ones too, as an editor counts them.
    n_read: u64,
}

struct Line {
    bytes: Vec<u8>,
    /// It has its line end.
    is_whole: bool,
}

impl<R: BufRead> Lines<R> {
    fn new(input: R) -> Self {
        Self { input, n_read: 0 }
    }

    /// The next one that isn't blank, without what an editor on Windows adds.
    fn next(&mut self) -> Result<Option<Line>, TraceFileError> {
        loop {
            let mut bytes = Vec::new();
            let mut input = (&mut self.input).take(MAX_LINE + 1);
            if input.read_until(b'\n', &mut bytes)? == 0 {
                return Ok(None);
            }
            self.n_read += 1;
            let is_whole = bytes.last() == Some(&b'\n');
            if !is_whole && bytes.len() as u64 > MAX_LINE {
                return Err(TraceFileError::LongLine { line: self.n_read });
            }
            if self.n_read == 1 && bytes.starts_with(b"\xef\xbb\xbf") {
                bytes.drain(..3);
            }
            if !bytes.trim_ascii().is_empty() {
                return Ok(Some(Line { bytes, is_whole }));
            }
        }
    }
}

#[cfg(test)]
mod tests;
