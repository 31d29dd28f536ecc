//! What both servers on tokio have in common: their runtime.
#![forbid(unsafe_code)]

use std::net::TcpListener;

use clap::Parser;
use common::ServerEndpoint;
use tokio::runtime::{Builder, Runtime};

/// The command line of a server on tokio.
#[derive(Debug, Parser)]
#[command(
    about = "A server on tokio, to measure others against",
    after_help = "Example: 127.0.0.1 65432 --multi-thread"
)]
pub struct Args {
    #[command(flatten)]
    endpoint: ServerEndpoint,
    /// Run on a thread for each core, as tokio does by default
    #[arg(long)]
    multi_thread: bool,
    /// Bytes that one read may bring: tokio's own example has 1024
    #[arg(long, value_name = "BYTES", default_value_t = 1024)]
    pub buffer: usize,
}

impl Args {
    /// The runtime that was asked for.
    ///
    /// # Errors
    ///
    /// If the system has no descriptors or threads for it.
    pub fn runtime(&self) -> anyhow::Result<Runtime> {
        let mut builder = match self.multi_thread {
            true => Builder::new_multi_thread(),
            false => Builder::new_current_thread(),
        };
        Ok(builder.enable_io().build()?)
    }

    /// The listener, for tokio to take over; its address is printed.
    ///
    /// # Errors
    ///
    /// If it can't listen there.
    pub fn listen(&self) -> anyhow::Result<TcpListener> {
        common::raise_descriptor_limit();
        let listener = self.endpoint.listen_with(common::listen)?;
        listener.set_nonblocking(true)?;
        common::print_ready_line(listener.local_addr()?)?;
        Ok(listener)
    }
}
