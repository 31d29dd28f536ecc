//! All of it: servers are measured through `/proc`.

mod codec;
mod command;
mod contender;
mod goals;
mod iperf;
mod load;
mod machine;
mod measure;
mod metric;
mod peers;
mod plot;
mod results;
mod rounds;
mod server;
mod syscalls;
mod workload;

pub(crate) use command::main;
