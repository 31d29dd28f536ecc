//! Hosts with a wire between them, on one machine.
//!
//! A host is a network namespace. A socket belongs to the network in which it
//! was made, so a host makes the sockets, and any thread may then use them.

use std::fs::File;
use std::net::Ipv4Addr;
use std::os::fd::AsRawFd;
use std::process;

use anyhow::Context;
use nix::sched::{CloneFlags, setns, unshare};

use super::namespace::{ip, ip_says};
use crate::wait;

/// A host of its own: it goes away with this value, or with the process.
#[derive(Debug)]
pub(crate) struct Host {
    network: File,
    /// From where a thread goes there, and where it comes back to.
    home: File,
}

/// The network that the calling thread is in.
fn here() -> anyhow::Result<File> {
    let path = "/proc/thread-self/ns/net";
    File::open(path).with_context(|| format!("cannot open {path}"))
}

fn go(network: &File) {
    setns(network, CloneFlags::CLONE_NEWNET).expect("we made this network");
}

impl Host {
    /// A host with nothing but a loopback. The process has to be in a
    /// [namespace of its own](super::namespace::enter).
    ///
    /// # Errors
    ///
    /// If the system doesn't allow it.
    pub(crate) fn new() -> anyhow::Result<Self> {
        let home = here()?;
        unshare(CloneFlags::CLONE_NEWNET)
            .context("cannot make a network namespace")?;
        let made = ip("link set lo up")
            .context("cannot set the loopback up")
            .and_then(|()| here());
        go(&home);
        made.map(|network| Self { network, home })
    }

    /// Does something on this host: what it makes of sockets, and what it starts
    /// of programs, is in this host's network. Of all threads, only this one
    /// goes there, and comes back.
    pub(crate) fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        go(&self.network);
        let result = work();
        go(&self.home);
        result
    }

    /// Runs `ip` on this host.
    ///
    /// # Errors
    ///
    /// As [`ip`].
    pub(crate) fn ip(&self, words: &str) -> anyhow::Result<()> {
        self.run(|| ip(words))
    }

    /// Where another host's `ip` finds this one.
    fn path(&self) -> String {
        format!("/proc/{}/fd/{}", process::id(), self.network.as_raw_fd())
    }
}

/// A wire between two hosts: a pair of virtual Ethernet devices (veth(4)), each
/// named `wire`.
///
/// # Errors
///
/// If the system doesn't allow it.
pub(crate) fn connect(
    (near, near_address): (&Host, Ipv4Addr),
    (far, far_address): (&Host, Ipv4Addr),
) -> anyhow::Result<()> {
    near.ip("link add wire type veth peer name far")
        .context("cannot make a veth pair")?;
    near.ip(&format!("link set far netns {} name wire", far.path()))
        .context("cannot give away one end of it")?;
    for (host, address) in [(near, near_address), (far, far_address)] {
        host.ip(&format!("address add {address}/24 dev wire"))
            .context("cannot give an address")?;
        host.ip("link set wire up")
            .context("cannot set one end of it up")?;
    }
    wait_until_up(near)?;
    wait_until_up(far)
}

/// A wire takes a moment to be ready at both ends. What is sent before is lost,
/// and TCP tries again only a second later.
fn wait_until_up(host: &Host) -> anyhow::Result<()> {
    wait::until(|| {
        let link = host.run(|| ip_says("link show wire"))?;
        Ok(link.contains("state UP").then_some(()))
    })?
    .context("the wire stays down")
}
