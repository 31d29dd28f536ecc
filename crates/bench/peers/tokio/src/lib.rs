//! What both servers on tokio have in common: a task for each connection.
#![forbid(unsafe_code)]

use std::{io, net};

use clap::Parser;
use common::ServerEndpoint;
use tokio::net::{TcpListener, TcpStream};
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
    /// Listens where it was told, and spawns what `serve` makes of each connection.
    ///
    /// # Errors
    ///
    /// If it can't listen there, or accepting fails.
    pub fn serve_with<F>(&self, serve: impl Fn(TcpStream) -> F) -> anyhow::Result<()>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.runtime()?.block_on(async {
            let listener = TcpListener::from_std(self.listen()?)?;
            loop {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                tokio::spawn(serve(stream));
            }
        })
    }

    fn runtime(&self) -> io::Result<Runtime> {
        let mut builder = match self.multi_thread {
            true => Builder::new_multi_thread(),
            false => Builder::new_current_thread(),
        };
        builder.enable_io().build()
    }

    /// The listener, for tokio to take over; its address is printed.
    fn listen(&self) -> anyhow::Result<net::TcpListener> {
        common::raise_descriptor_limit();
        let listener = self.endpoint.listen_with(common::listen)?;
        listener.set_nonblocking(true)?;
        common::print_ready_line(listener.local_addr()?)?;
        Ok(listener)
    }
}
