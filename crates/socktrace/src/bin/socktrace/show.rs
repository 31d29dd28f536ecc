//! Where the records of a run go: into a diagram, into a file, or both.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;

use anstream::AutoStream;
use anyhow::Context;
use clap::Parser;
use socktrace::draw::{Drawing, Options};
use socktrace::locale;
use socktrace::record::{Header, Record};
use socktrace::show::Show;
use socktrace::trace_file::Writer;

use crate::args::TraceArgs;
use crate::screen;

/// More lines for a call's bytes than anybody wants, where all are wanted.
const ALL_LINES: usize = usize::MAX;

/// A diagram, and a file.
pub(crate) struct Shown {
    options: Options,
    out: Option<Box<dyn Write>>,
    /// Until something was seen.
    header: Option<Header>,
    drawing: Option<Drawing>,
    file: Option<Writer<Box<dyn Write>>>,
    /// Whether a file that can't be written ends the run.
    tolerates: bool,
}

impl Shown {
    /// As the command line wants it: a diagram on standard output, unless the trace itself
    /// goes there.
    pub(crate) fn new(args: &TraceArgs) -> anyhow::Result<Self> {
        let is_piped = args.json.as_deref() == Some(Path::new("-"));
        let out = (!is_piped).then(|| stream(io::stdout()));
        Self::on(args, out, &io::stdout(), false)
    }

    /// As it comes without any flags.
    pub(crate) fn plain() -> anyhow::Result<Self> {
        let args = TraceArgs::parse_from(["trace"]);
        Self::new(&args)
    }

    /// For one program, whose standard output isn't ours: a diagram on standard error,
    /// unless there is a file. The program goes on if that can't be written.
    pub(crate) fn beside_a_program(args: &TraceArgs) -> anyhow::Result<Self> {
        let out = args.json.is_none().then(|| stream(io::stderr()));
        Self::on(args, out, &io::stderr(), true)
    }

    fn on(
        args: &TraceArgs,
        out: Option<Box<dyn Write>>,
        terminal: &impl IsTerminal,
        tolerates: bool,
    ) -> anyhow::Result<Self> {
        let options = Options {
            width: screen::width(terminal),
            byte_lines: if args.verbose { ALL_LINES } else { 1 },
            all: args.all,
            only: args.only.clone().unwrap_or_default(),
            ascii: !locale::has_unicode(),
        };
        Ok(Self {
            options,
            out,
            header: None,
            drawing: None,
            file: args.json.as_deref().map(create).transpose()?,
            tolerates,
        })
    }

    /// Ends the diagram, with what there is to say about the run as a whole.
    pub(crate) fn finish(mut self) -> anyhow::Result<()> {
        if let (Some(drawing), Some(out)) = (&mut self.drawing, &mut self.out) {
            drawing.finish(out)?;
        }
        Ok(())
    }

    fn draw(&mut self, record: &Record) -> anyhow::Result<()> {
        let Some(out) = &mut self.out else {
            return Ok(());
        };
        match record {
            // Drawn with what comes next: if nothing does, an error says why.
            Record::Trace(header) => self.header = Some(header.clone()),
            Record::End(_) if self.drawing.is_none() => {}
            _ => {
                if let Some(header) = self.header.take() {
                    self.drawing = Some(Drawing::new(&header, self.options.clone()));
                }
                if let Some(drawing) = &mut self.drawing {
                    drawing.record(record, out)?;
                }
            }
        }
        Ok(())
    }

    fn write(&mut self, record: &Record) -> anyhow::Result<()> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        match file.write(record) {
            Err(error) if self.tolerates => {
                self.file = None;
                // Nothing is left to do if standard error is closed too.
                let _ = writeln!(
                    io::stderr(),
                    "warning: cannot write the trace further: {error}; the program goes on"
                );
                Ok(())
            }
            result => result.context("cannot write the trace"),
        }
    }
}

impl Show for Shown {
    fn record(&mut self, record: &Record) -> anyhow::Result<()> {
        self.write(record)?;
        match self.draw(record) {
            // Whatever becomes of what is printed beside it, the program goes on.
            Err(_) if self.tolerates => {
                self.out = None;
                Ok(())
            }
            result => result,
        }
    }

    fn pause(&mut self) -> anyhow::Result<()> {
        match (&mut self.drawing, &mut self.out) {
            (Some(drawing), Some(out)) => match drawing.pause(out) {
                Err(_) if self.tolerates => {
                    self.out = None;
                    Ok(())
                }
                result => Ok(result?),
            },
            _ => Ok(()),
        }
    }
}

/// With colour on a terminal only, and never against NO_COLOR.
fn stream(
    out: impl anstream::stream::RawStream + anstream::stream::AsLockedWrite + 'static,
) -> Box<dyn Write> {
    Box::new(BufWriter::new(AutoStream::auto(out)))
}

fn create(path: &Path) -> anyhow::Result<Writer<Box<dyn Write>>> {
    if path == Path::new("-") {
        return Ok(Writer::new(Box::new(io::stdout())));
    }
    let file = File::create(path).with_context(|| format!("cannot create {}", path.display()))?;
    Ok(Writer::new(Box::new(file)))
}
