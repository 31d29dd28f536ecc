//! What the experiments need of Linux: networks of their own, and programs that
//! don't outlive them.

pub(crate) mod host;
pub(crate) mod mounts;
pub(crate) mod namespace;
pub(crate) mod output;
pub(crate) mod probe;
pub(crate) mod table;
pub(crate) mod tool;
pub(crate) mod two_hosts;
pub(crate) mod udp_drops;
