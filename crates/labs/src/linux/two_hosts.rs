//! Two hosts, near and far, and a wire between them.

use std::net::Ipv4Addr;

use super::host::{Host, connect};
use super::namespace;

/// Addresses for examples, which nobody has (RFC 5737).
pub(crate) const NEAR: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
pub(crate) const FAR: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);

/// For servers on them. Nobody else is there, and no system chooses it for the
/// client's end of a connection.
pub(crate) const PORT: u16 = 65432;

#[derive(Debug)]
pub(crate) struct TwoHosts {
    pub(crate) near: Host,
    pub(crate) far: Host,
}

impl TwoHosts {
    /// Takes this process into a network of its own, and makes them there.
    ///
    /// # Errors
    ///
    /// As [`namespace::enter`], or if the system doesn't allow a part of it.
    pub(crate) fn enter() -> anyhow::Result<Self> {
        namespace::enter()?;
        Self::new()
    }

    /// Makes them, where this process is in a network of its own already.
    ///
    /// # Errors
    ///
    /// If the system doesn't allow it.
    pub(crate) fn new() -> anyhow::Result<Self> {
        let (near, far) = (Host::new()?, Host::new()?);
        connect((&near, NEAR), (&far, FAR))?;
        Ok(Self { near, far })
    }
}
