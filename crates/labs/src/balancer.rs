//! Several servers behind a balancer: one of them may go, and the service
//! stays.

mod clients;
mod ending;
mod haproxy;
mod proxy_line;
mod servers;

use std::thread;
use std::time::Instant;

use self::clients::Clients;
use self::haproxy::{Haproxy, Row};
use self::servers::Server;
use crate::lab::Lab;

pub(crate) fn run(lab: &mut Lab) -> anyhow::Result<()> {
    network(lab)?;
    let clients = Clients::new()?;
    lab.about(
        "Three servers of stage 3, and haproxy before them. Clients make \
         requests to it, one search each, several at a time.",
    );
    let mut servers = Server::start_all()?;
    let haproxy = Haproxy::start()?;
    thread::scope(|scope| {
        clients.start(scope);
        let told = under_load(lab, &clients, &mut servers, &haproxy);
        clients.end();
        told
    })?;
    proxy_line::shown(lab)
}

/// A network of its own, in which all ports are free.
#[cfg(target_os = "linux")]
fn network(lab: &mut Lab) -> anyhow::Result<()> {
    let Err(error) = crate::linux::namespace::enter() else {
        return Ok(());
    };
    // The loopback of all will do, unless we are halfway into our own.
    if crate::tcp::pair().is_err() {
        return Err(error);
    }
    let why = format!("{error:#}; ports 65430 to 65441 are this machine's");
    lab.not_shown("a network of its own", why);
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn network(_: &mut Lab) -> anyhow::Result<()> {
    Ok(())
}

fn under_load(
    lab: &mut Lab,
    clients: &Clients,
    [one, two, _]: &mut [Server; 3],
    haproxy: &Haproxy,
) -> anyhow::Result<()> {
    spread(lab, clients, haproxy)?;
    ending::killed(lab, clients, one, haproxy)?;
    *one = ending::taken_back(lab, haproxy)?;
    ending::stopped(lab, clients, two, haproxy)
}

/// Enough that each server gets some.
const N_REQUESTS: usize = 30;

fn spread(
    lab: &mut Lab,
    clients: &Clients,
    haproxy: &Haproxy,
) -> anyhow::Result<()> {
    let start = Instant::now();
    let requests = clients.after(start, N_REQUESTS)?;
    let n_failed = requests.iter().filter(|it| !it.is_answered).count();
    lab.found("requests", requests.len());
    lab.found("failed", n_failed);
    let mut has_each_some = true;
    for name in ["one", "two", "three"] {
        let Row { status, n_ever, .. } = haproxy.row(name)?;
        lab.found(format!("haproxy says of {name}"), status);
        lab.found("connections to it so far", n_ever);
        has_each_some &= n_ever > 0;
    }
    lab.claim(
        n_failed == 0 && has_each_some,
        "Clients know one address. Behind it, each server has its share.",
    );
    Ok(())
}
