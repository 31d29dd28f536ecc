//! Two hosts on one machine, without root: is that possible here?
//!
//! A namespace by itself proves little: where a security policy takes the rights
//! away that come with it, the first step works and the second fails. So all is done
//! that an experiment with two hosts does: a user and a network namespace, its
//! loopback, a second network namespace, a cable between both, addresses, and a
//! connection. All of it goes away with the processes that are in it.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::time::Duration;
use std::{env, process};

use anyhow::{Context, ensure};
use nix::sched::{CloneFlags, setns, unshare};

use crate::process::output;

/// The hidden command that is started inside the namespaces.
pub(crate) const COMMAND: &str = "probe-namespaces";

/// A cable of no length; whoever waits longer waits for ever.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Ends of the cable. The addresses are of no network outside (RFC 5737).
const NEAR: (&str, Ipv4Addr) = ("near", Ipv4Addr::new(192, 0, 2, 1));
const FAR: (&str, Ipv4Addr) = ("far", Ipv4Addr::new(192, 0, 2, 2));

const MESSAGE: &[u8] = b"from one host to another";

/// What may stand in the way, and what to do about it as root.
const SETTINGS: [(&str, &str, &str); 4] = [
    ("kernel.apparmor_restrict_unprivileged_userns", "1", "0"),
    ("kernel.unprivileged_userns_clone", "0", "1"),
    ("user.max_user_namespaces", "0", "10000"),
    ("user.max_net_namespaces", "0", "10000"),
];

/// Tries it, and says which step fails, and why.
pub(crate) fn probe() -> anyhow::Result<String> {
    let executable = env::current_exe().context("cannot find the path of xtask itself")?;
    let executable = executable.to_string_lossy();
    let user = ["--user", "--map-root-user"];
    let steps = [
        ("make a user namespace", [&user[..], &["true"]].concat()),
        (
            "make a network namespace",
            [&user[..], &["--net", "true"]].concat(),
        ),
        (
            "connect two hosts",
            [&user[..], &["--net", &executable, COMMAND]].concat(),
        ),
    ];
    for (what, arguments) in steps {
        output("unshare", &arguments).with_context(|| format!("cannot {what}{}", hint()))?;
    }
    Ok("two hosts were made, and connected".to_owned())
}

/// The settings of this system that forbid it, as far as they are known.
fn hint() -> String {
    let in_the_way = SETTINGS.iter().filter(|(name, bad, _)| {
        let path = format!("/proc/sys/{}", name.replace('.', "/"));
        fs::read_to_string(path).is_ok_and(|value| value.trim() == *bad)
    });
    in_the_way
        .map(|(name, bad, good)| format!(" ({name} is {bad}; as root: sysctl {name}={good})"))
        .collect()
}

/// Inside `unshare --user --map-root-user --net`: makes a second host and a cable to
/// it, and connects.
pub(crate) fn connect_two_hosts() -> anyhow::Result<()> {
    // Root outside could do all of it as well, to the real network.
    let ids = fs::read_to_string("/proc/self/uid_map").context("cannot read uid_map")?;
    ensure!(
        ids.split_whitespace().nth(2) == Some("1"),
        "`{COMMAND}` works inside a namespace only; try `cargo xtask prepare --check`"
    );

    ip("set the loopback up", "link set lo up")?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("cannot listen")?;
    exchange(&listener).context("no way through the loopback")?;

    // This process goes from one host to the other, as often as it has to.
    let near_host = this_host()?;
    let (near, far) = (NEAR.0, FAR.0);
    ip(
        "make a veth pair",
        &format!("link add {near} type veth peer name {far}"),
    )?;
    unshare(CloneFlags::CLONE_NEWNET).context("cannot make a second network namespace")?;
    let far_host = this_host()?;

    go_to(&near_host)?;
    let path = format!("/proc/{}/fd/{}", process::id(), far_host.as_raw_fd());
    ip(
        "give away one end of it",
        &format!("link set {far} netns {path}"),
    )?;
    plug_in(NEAR)?;
    go_to(&far_host)?;
    plug_in(FAR)?;
    let listener = TcpListener::bind((FAR.1, 0)).context("cannot listen at a veth pair")?;

    go_to(&near_host)?;
    exchange(&listener).context("no way through a veth pair")
}

fn this_host() -> anyhow::Result<File> {
    let path = "/proc/thread-self/ns/net";
    File::open(path).with_context(|| format!("cannot open {path}"))
}

fn go_to(host: &File) -> anyhow::Result<()> {
    setns(host, CloneFlags::CLONE_NEWNET).context("cannot go to a network namespace")
}

fn plug_in((end, address): (&str, Ipv4Addr)) -> anyhow::Result<()> {
    ip(
        "give an address",
        &format!("address add {address}/24 dev {end}"),
    )?;
    ip("set one end of it up", &format!("link set {end} up"))
}

fn ip(what: &str, arguments: &str) -> anyhow::Result<()> {
    let words: Vec<&str> = arguments.split(' ').collect();
    output("ip", &words).with_context(|| format!("cannot {what}"))?;
    Ok(())
}

/// Connects to the listener, from wherever this process is, and sends something there
/// and back.
fn exchange(listener: &TcpListener) -> anyhow::Result<()> {
    let mut client = TcpStream::connect_timeout(&listener.local_addr()?, TIMEOUT)?;
    // Whoever is connected waits to be accepted.
    let (mut server, _) = listener.accept()?;
    let mut came = [0; MESSAGE.len()];
    for there in [true, false] {
        let (from, to) = match there {
            true => (&mut client, &mut server),
            false => (&mut server, &mut client),
        };
        to.set_read_timeout(Some(TIMEOUT))?;
        from.write_all(MESSAGE)?;
        to.read_exact(&mut came)?;
        ensure!(came == MESSAGE, "it isn't what was sent");
    }
    Ok(())
}
