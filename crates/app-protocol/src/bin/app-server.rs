//! The server of stage 3: answers requests of the application protocol.
#![forbid(unsafe_code)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, ensure};
use app_protocol::actions::{Values, built_in_values};
use app_protocol::decoder::DEFAULT_MAX_CONTENT;
use app_protocol::session::{
    AppSession, DEFAULT_HEADER_TIMEOUT, DEFAULT_KEEP_ALIVE_MAX,
    DEFAULT_MIN_RATE, Service,
};
use clap::Parser;
use common::{ServerEndpoint, Timeout, Verbosity};
use multiconn::limits::MAX_MEMORY;
use multiconn::{Limits, Server};

/// Answers requests: search, sum, and the first bytes of anything else.
#[derive(Parser)]
#[command(
    version,
    next_line_help = true,
    after_help = "Example: app-server 127.0.0.1 65432 --max-content 1000000 -v"
)]
struct Args {
    #[command(flatten)]
    endpoint: ServerEndpoint,
    /// JSON object with more values to find: {"value": "answer"}
    #[arg(long, value_name = "FILE")]
    values: Option<PathBuf>,
    /// Refuse requests with more content
    #[arg(long, value_name = "BYTES", default_value_t = DEFAULT_MAX_CONTENT)]
    max_content: u64,
    /// Longest time for a header to arrive; 0 for any
    #[arg(long, value_name = "SECONDS")]
    #[arg(default_value_t = Timeout::from_secs(DEFAULT_HEADER_TIMEOUT.as_secs()))]
    header_timeout: Timeout,
    /// Then, so many bytes of content a second; 0 for any
    #[arg(long, value_name = "BYTES", default_value_t = DEFAULT_MIN_RATE)]
    min_rate: u32,
    /// Memory for unfinished requests of all clients
    #[arg(long, value_name = "BYTES", default_value_t = MAX_MEMORY)]
    max_memory: u64,
    /// Requests that one connection may make
    #[arg(long, value_name = "COUNT", default_value_t = DEFAULT_KEEP_ALIVE_MAX)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    keep_alive_max: u32,
    #[command(flatten)]
    limits: Limits,
    #[command(flatten)]
    verbosity: Verbosity,
}

fn main() -> ExitCode {
    let args = Args::parse();
    args.verbosity.start_logging(log::LevelFilter::Warn);
    common::exit_code(run(&args))
}

fn run(args: &Args) -> anyhow::Result<()> {
    let (max_content, max_memory) = (args.max_content, args.max_memory);
    ensure!(
        max_content <= max_memory,
        "a request of --max-content {max_content} would never fit into \
         --max-memory {max_memory}; raise that, or lower the former"
    );
    common::raise_descriptor_limit();
    let mut values = built_in_values();
    if let Some(path) = &args.values {
        values.extend(load_values(path)?);
    }
    let service = Arc::new(Service {
        values,
        max_content,
        header_timeout: args.header_timeout.limit(),
        min_rate: args.min_rate,
        keep_alive_max: args.keep_alive_max,
    });
    let listener = args.endpoint.listen_with(common::listen)?;
    let address = listener.local_addr()?;
    let new_session = move |peer| AppSession::new(Arc::clone(&service), peer);
    let limits = Limits {
        max_memory,
        ..args.limits.clone()
    };
    let server = Server::new(listener, limits, new_session)
        .context("cannot start the event loop")?;
    let stopper = server.stopper();
    common::on_stop_request(move || stopper.stop())
        .context("cannot listen for Ctrl-C")?;
    common::print_ready_line(address)?;
    server.run().context("cannot wait for events")
}

fn load_values(path: &Path) -> anyhow::Result<Values> {
    let path_name = path.display();
    let json =
        fs::read(path).with_context(|| format!("cannot read {path_name}"))?;
    serde_json::from_slice(&json).with_context(|| {
        format!("{path_name}: expected a JSON object with strings as values")
    })
}
