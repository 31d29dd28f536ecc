//! What each stage needs and no lesson is about: where to listen or connect,
//! the ready line, the one-line error, Ctrl-C, `-v`.
//!
//! A lesson calls `bind`, `accept` and `connect` itself; this crate only hands
//! it the addresses to call them with.
#![forbid(unsafe_code)]

mod descriptors;
mod endpoint;
mod output;
mod printable;
mod server_args;
mod socket;
mod stop;
mod timeout;
mod verbosity;

pub use descriptors::{connection_limit, raise_descriptor_limit};
pub use endpoint::{ClientEndpoint, EndpointError, ServerEndpoint};
pub use output::{Stdout, exit_code, print_ready_line, write_stdout};
pub use printable::Printable;
pub use server_args::ServerArgs;
pub use socket::{LISTEN_BACKLOG, listen, set_no_delay, set_timeouts};
pub use stop::on_stop_request;
pub use timeout::Timeout;
pub use verbosity::Verbosity;
