//! The client of stage 3: one action, and the answer to it.
#![forbid(unsafe_code)]

use std::fmt;
use std::process::ExitCode;

use anyhow::{Context, bail};
use app_protocol::anatomy::Anatomy;
use app_protocol::client::{self, ClientError};
use app_protocol::decoder::{Decoder, Message};
use app_protocol::request::{Answer, Request};
use app_protocol::request_flags::RequestFlags;
use clap::Parser;
use common::{ClientEndpoint, Timeout, Verbosity};

/// Asks a server of the application protocol, and prints its answer.
///
/// "search" finds a value, "sum" adds numbers; all else is sent as bytes.
#[derive(Parser)]
#[command(
    version,
    next_line_help = true,
    after_help = "Examples:\n  app-client 127.0.0.1 65432 search morpheus\n  \
                  app-client 127.0.0.1 65432 sum 1,2,3 --byteorder big -v\n  \
                  app-client 127.0.0.1 65432 binary --file picture.png"
)]
struct Args {
    /// Address or name of the server
    host: String,
    /// Port of the server
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
    /// "search", "sum", or anything else
    action: String,
    /// What to search; numbers as in 1,2,3; or any text
    #[arg(required_unless_present = "file", allow_negative_numbers = true)]
    value: Option<String>,
    /// Send the action as JSON, whatever it is
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    request: RequestFlags,
    /// Send the request so many times
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
    /// Longest silence to bear; 0 for any
    #[arg(long, value_name = "SECONDS", default_value_t = Timeout::from_secs(10))]
    timeout: Timeout,
    #[command(flatten)]
    verbosity: Verbosity,
}

fn main() -> ExitCode {
    let args = Args::parse();
    args.verbosity.start_logging(log::LevelFilter::Warn);
    common::exit_code(run(&args))
}

fn run(args: &Args) -> anyhow::Result<()> {
    let wire = args
        .request
        .encode(&request(args)?)
        .context("cannot make the request")?;
    let addresses =
        ClientEndpoint::new(args.host.clone(), args.port).addresses()?;
    log::info!("sending {} bytes:{}", wire.len(), Taken(&wire));

    let mut outcome = Ok(());
    client::run(
        &addresses,
        &wire,
        args.repeat,
        args.request.max_content,
        args.timeout,
        |wire, message| {
            log::info!(
                "received {} bytes:{}",
                wire.len(),
                Anatomy { wire, message }
            );
            if let Err(error) = show(message) {
                outcome = Err(error); // The last one is as good as any.
            }
        },
    )
    .map_err(|error| match error {
        ClientError::Unreachable(_) | ClientError::Loop(_) => {
            anyhow::Error::from(error)
        }
        error => anyhow::Error::from(error)
            .context(format!("no answer from {}", addresses[0])),
    })?;
    outcome
}

fn request(args: &Args) -> anyhow::Result<Request> {
    let value = match &args.value {
        Some(value) => value.clone().into_bytes(),
        None => args.request.value()?.context("expected VALUE or --file")?,
    };
    let encoding = args.request.encoding;
    Ok(match args.json {
        true => Request::json(&args.action, value, encoding)?,
        false => Request::of_action(&args.action, value, encoding)?,
    })
}

/// Prints the answer; an error if it says that there is none.
fn show(message: &Message<'_>) -> anyhow::Result<()> {
    let answer = Answer::parse(message).context("a malformed response")?;
    match answer {
        Answer::Refused(_) => bail!("the server answered: {answer}"),
        _ => Ok(common::write_stdout(format!("{answer}\n").as_bytes())?),
    }
}

/// Our own request, taken apart.
struct Taken<'a>(&'a [u8]);

impl fmt::Display for Taken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(wire) = *self;
        match Decoder::new(u64::MAX).decode(&mut &*wire) {
            Ok(Some(message)) => Anatomy {
                wire,
                message: &message,
            }
            .fmt(f),
            _ => write!(f, " not a message"),
        }
    }
}
