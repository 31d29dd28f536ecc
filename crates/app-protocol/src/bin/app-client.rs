//! The client of stage 3: one action, and the answer to it.
#![forbid(unsafe_code)]

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fmt, fs};

use anyhow::{Context, bail};
use app_protocol::anatomy::Anatomy;
use app_protocol::client::{self, ClientError};
use app_protocol::decoder::{DEFAULT_MAX_CONTENT, Decoder, Message};
use app_protocol::encoding::TextEncoding;
use app_protocol::header::ByteOrder;
use app_protocol::load::AppDialogue;
use app_protocol::request::{Answer, Request};
use clap::Parser;
use common::{ClientEndpoint, Timeout, Verbosity};
use multiconn::load::{LOAD_HEADING, LoadFlags, put_load};

/// Asks a server of the application protocol, and prints its answer.
///
/// "search" finds a value, "sum" adds numbers; all else is sent as bytes.
///
/// With any of the flags for load it asks as often as it can, and measures.
#[derive(Parser)]
#[command(
    version,
    next_line_help = true,
    after_help = "Examples:\n  app-client 127.0.0.1 65432 search morpheus\n  \
                  app-client 127.0.0.1 65432 sum 1,2,3 --byteorder big -v\n  \
                  app-client 127.0.0.1 65432 binary --file picture.png\n  \
                  app-client 127.0.0.1 65432 search ring --keep-alive --duration 5"
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
    #[arg(required_unless_present_any = ["file", "size"], allow_negative_numbers = true)]
    #[arg(conflicts_with = "size")]
    value: Option<String>,
    /// Take the value from a file; "-" is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["value", "size"])]
    file: Option<PathBuf>,
    /// Send the action as JSON, whatever it is; under load, report as JSON
    #[arg(long)]
    json: bool,
    /// Encoding of JSON, by a name that Python knows
    #[arg(long, value_name = "NAME", default_value = "utf-8", value_parser = parse_encoding)]
    encoding: TextEncoding,
    /// Byte order to name in the header, little or big; else this machine's
    #[arg(long, value_name = "ORDER", value_parser = parse_byte_order)]
    byteorder: Option<ByteOrder>,
    /// Ask to keep the connection for more requests
    #[arg(long)]
    keep_alive: bool,
    /// Send the request so many times
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
    /// Refuse responses with more content
    #[arg(long, value_name = "BYTES", default_value_t = DEFAULT_MAX_CONTENT)]
    max_content: u64,
    /// Longest silence to bear; 0 for any
    #[arg(long, value_name = "SECONDS", default_value_t = Timeout::from_secs(10))]
    timeout: Timeout,
    #[command(flatten)]
    verbosity: Verbosity,
    /// Ask on so many connections at once
    #[arg(long, value_name = "COUNT", default_value_t = 1, help_heading = LOAD_HEADING)]
    #[arg(requires = "load", value_parser = clap::value_parser!(u32).range(1..))]
    connections: u32,
    #[command(flatten)]
    load: LoadFlags,
}

fn parse_encoding(name: &str) -> Result<TextEncoding, String> {
    TextEncoding::from_name(name).ok_or_else(|| {
        let names = TextEncoding::ALL.map(TextEncoding::name).join(", ");
        format!("expected one of {names}")
    })
}

fn parse_byte_order(name: &str) -> Result<ByteOrder, &'static str> {
    match name {
        "little" => Ok(ByteOrder::Little),
        "big" => Ok(ByteOrder::Big),
        _ => Err("expected little or big"),
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    args.verbosity.start_logging(log::LevelFilter::Warn);
    common::exit_code(run(&args))
}

fn run(args: &Args) -> anyhow::Result<()> {
    let mut wire = Vec::new();
    let byte_order = args.byteorder.unwrap_or(ByteOrder::NATIVE);
    request(args)?
        .encode(byte_order, args.keep_alive, &mut wire)
        .context("cannot make the request")?;
    let addresses = ClientEndpoint::new(args.host.clone(), args.port).addresses()?;
    if args.load.is_wanted() {
        let plan = args.load.plan(args.connections as usize, args.timeout);
        let dialogue = |_| AppDialogue::new(&wire, args.max_content);
        return put_load(&addresses, &plan, dialogue, args.json);
    }
    log::info!("sending {} bytes:{}", wire.len(), Taken(&wire));

    let mut outcome = Ok(());
    client::run(
        &addresses,
        &wire,
        args.repeat,
        args.max_content,
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
        ClientError::Unreachable(_) | ClientError::Loop(_) => anyhow::Error::from(error),
        error => anyhow::Error::from(error).context(format!("no answer from {}", addresses[0])),
    })?;
    outcome
}

fn request(args: &Args) -> anyhow::Result<Request> {
    let value = match (&args.value, &args.file) {
        (Some(value), _) => value.clone().into_bytes(),
        (None, Some(path)) => read(path)?,
        (None, None) => match args.load.size() {
            Some(size) => vec![b'x'; size],
            None => bail!("expected VALUE, --file or --size"),
        },
    };
    let text = |bytes| String::from_utf8(bytes).context("expected text in UTF-8 as the value");
    let action = args.action.clone();
    // Under load, the flag is about the report.
    let is_json = args.json && !args.load.is_wanted();
    Ok(match action.as_str() {
        "sum" if !is_json => Request::Sum(parse_numbers(&text(value)?)?),
        _ if is_json || action == "search" => Request::Json {
            action,
            value: text(value)?,
            encoding: args.encoding,
        },
        _ => Request::Binary([action.as_bytes(), &value].concat()),
    })
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        io::stdin()
            .read_to_end(&mut bytes)
            .context("cannot read standard input")?;
    } else {
        bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    }
    Ok(bytes)
}

fn parse_numbers(text: &str) -> anyhow::Result<Vec<u32>> {
    let parse = |word: &str| {
        let word = word.trim();
        word.parse().with_context(|| {
            let max = u32::MAX;
            format!("expected numbers from 0 to {max} with commas between, got {word:?}")
        })
    };
    text.split(',').map(parse).collect()
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
