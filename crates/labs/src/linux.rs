//! What the experiments need of Linux: networks of their own, and programs that
//! don't outlive them.

pub(crate) mod host;
pub(crate) mod namespace;
pub(crate) mod probe;
pub(crate) mod table;
pub(crate) mod udp_drops;
