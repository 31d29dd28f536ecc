//! `load`: puts a load on any server, and measures its answers.
#![forbid(unsafe_code)]

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use app_protocol::request::Request;
use app_protocol::request_flags::RequestFlags;
use clap::{ArgGroup, Parser, Subcommand};
use common::{ClientEndpoint, Verbosity};
use load::{AppDialogue, EchoDialogue, LoadFlags, Pattern, put_load};

/// What a server is asked for unless somebody says otherwise.
const DEFAULT_ACTION: &str = "search";
/// The one that goes with it.
const DEFAULT_VALUE: &str = "morpheus";

/// Sends as much as a server can answer, and measures how long each answer takes.
#[derive(Parser)]
#[command(
    version,
    after_help = "Each answer is compared with what it should be; an error makes the exit\n\
                  status 1. Ctrl-C ends the sending, and what was measured so far is told;\n\
                  a second one does not wait for the answers under way.\n\n\
                  Examples:\n  load echo 127.0.0.1 65432 --connections 50 --duration 5\n  \
                  load app-protocol 127.0.0.1 65432 search ring --keep-alive --json"
)]
struct Args {
    #[command(subcommand)]
    protocol: Protocol,
}

#[derive(Subcommand)]
enum Protocol {
    /// Load a server that sends back whatever comes
    Echo(EchoArgs),
    /// Load a server of stage 3's messages
    AppProtocol(AppArgs),
}

/// Loads a server that sends back whatever comes.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  load echo 127.0.0.1 65432 --connections 50 --duration 5\n  \
                  load echo 127.0.0.1 65432 --connections 50 --rate 20000 --depth 16\n  \
                  load echo 127.0.0.1 65432 --push --size 1024 --json"
)]
struct EchoArgs {
    #[command(flatten)]
    endpoint: ClientEndpoint,
    #[command(flatten)]
    load: LoadFlags,
    #[command(flatten)]
    output: OutputFlags,
}

/// Loads a server of stage 3's messages.
///
/// "search" finds a value, "sum" adds numbers; all else is sent as bytes.
#[derive(clap::Args)]
#[command(
    next_line_help = true,
    group = ArgGroup::new("content").args(["value", "file", "size"]),
    after_help = "Examples:\n  load app-protocol 127.0.0.1 65432 --connections 16\n  \
                  load app-protocol 127.0.0.1 65432 search ring --keep-alive --depth 16\n  \
                  load app-protocol 127.0.0.1 65432 binary --size 100000 --json"
)]
struct AppArgs {
    #[command(flatten)]
    endpoint: ClientEndpoint,
    /// "search", "sum", or anything else [default: search morpheus]
    #[arg(requires = "content")]
    action: Option<String>,
    /// What to search; numbers as in 1,2,3; or any text
    #[arg(allow_negative_numbers = true)]
    value: Option<String>,
    #[command(flatten)]
    request: RequestFlags,
    #[command(flatten)]
    load: LoadFlags,
    #[command(flatten)]
    output: OutputFlags,
}

/// How much to tell, and how.
#[derive(clap::Args)]
#[command(next_help_heading = "Output")]
struct OutputFlags {
    /// Print what was measured as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    verbosity: Verbosity,
}

fn main() -> ExitCode {
    common::exit_code(match Args::parse().protocol {
        Protocol::Echo(args) => echo(&args),
        Protocol::AppProtocol(args) => app_protocol(&args),
    })
}

fn echo(args: &EchoArgs) -> anyhow::Result<()> {
    args.output.start_logging();
    let addresses = args.endpoint.addresses()?;
    let plan = args.load.plan();
    let pattern = Arc::new(Pattern::default());
    let dialogue = |number| EchoDialogue::new(Arc::clone(&pattern), number, plan.size);
    put_load(&addresses, &plan, dialogue, args.output.json)
}

fn app_protocol(args: &AppArgs) -> anyhow::Result<()> {
    args.output.start_logging();
    let action = args.action.as_deref().unwrap_or(DEFAULT_ACTION);
    let request = Request::of_action(action, value(args)?, args.request.encoding)?;
    let wire = args
        .request
        .encode(&request)
        .context("cannot make the request")?;
    let addresses = args.endpoint.addresses()?;
    let dialogue = |_| AppDialogue::new(&wire, args.request.max_content);
    put_load(&addresses, &args.load.plan(), dialogue, args.output.json)
}

fn value(args: &AppArgs) -> anyhow::Result<Vec<u8>> {
    if let Some(value) = &args.value {
        return Ok(value.clone().into_bytes());
    }
    if let Some(size) = args.load.size() {
        return Ok(vec![b'x'; size]);
    }
    let file = args.request.value()?;
    Ok(file.unwrap_or_else(|| DEFAULT_VALUE.into()))
}

impl OutputFlags {
    fn start_logging(&self) {
        self.verbosity.start_logging(log::LevelFilter::Warn);
    }
}
