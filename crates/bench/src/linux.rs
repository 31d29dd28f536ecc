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
mod settings;
mod syscalls;
mod wait;
mod workload;

pub(crate) use command::main;
