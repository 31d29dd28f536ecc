//! A server ends behind the balancer: killed, and in order.

use std::time::Instant;

use super::N_REQUESTS;
use super::clients::{Clients, N_CLIENTS};
use super::haproxy::Haproxy;
use super::servers::Server;
use crate::lab::Lab;

pub(super) fn killed(
    lab: &mut Lab,
    clients: &Clients,
    one: &mut Server,
    haproxy: &Haproxy,
) -> anyhow::Result<()> {
    lab.about(
        "Server one stands still, as if it were busy, until a request of each \
         client waits at it. Then it is killed.",
    );
    // ANCHOR: killed
    lab.call("lab", "kill(one, SIGSTOP)", || one.freeze())?;
    let row = haproxy.wait_until("one", |row| row.n_now >= N_CLIENTS)?;
    lab.found("requests that wait at one", row.n_now);
    let asked = lab.ask(
        "Which requests will fail?",
        &["none", "those that wait at it", "also some of the next"],
    );
    lab.call("lab", "kill(one, SIGKILL)", || one.kill())?;
    let moment = Instant::now();
    haproxy.wait_until("one", |row| row.status == "DOWN")?;
    lab.found("time until haproxy says DOWN", moment.elapsed());
    let later = clients.after(moment, N_REQUESTS)?;
    // ANCHOR_END: killed
    let all = clients.all();
    let failed = all.iter().filter(|it| !it.is_answered);
    let n_earlier = failed.filter(|it| it.began <= moment).count();
    let n_later = later.iter().filter(|it| !it.is_answered).count();
    lab.found("requests that began before and failed", n_earlier);
    lab.found("requests that began after it", later.len());
    lab.found("of those failed", n_later);
    lab.answer(
        asked,
        match (n_earlier, n_later) {
            (0, 0) => Some(0),
            (_, 0) => Some(1),
            _ => Some(2),
        },
    );
    lab.claim(
        n_earlier > 0 && n_later == 0,
        "What was under way at the killed server is lost. Whoever comes later \
         doesn't notice: a server that refuses is passed over.",
    );
    Ok(())
}

pub(super) fn taken_back(
    lab: &mut Lab,
    haproxy: &Haproxy,
) -> anyhow::Result<Server> {
    lab.about("It is started again.");
    let before = haproxy.row("one")?;
    let one = Server::start("one")?;
    let start = Instant::now();
    haproxy.wait_until("one", |row| row.status == "UP")?;
    lab.found("time until haproxy says UP", start.elapsed());
    let row = haproxy.wait_until("one", |row| row.n_ever > before.n_ever)?;
    lab.claim(
        row.status == "UP" && row.n_ever > before.n_ever,
        "Checks that succeed take it back, and it gets requests again.",
    );
    Ok(one)
}

pub(super) fn stopped(
    lab: &mut Lab,
    clients: &Clients,
    two: &mut Server,
    haproxy: &Haproxy,
) -> anyhow::Result<()> {
    lab.about(
        "Now in order, with server two. Again each client waits at it. The \
         balancer is told first, to give it no more; then the server.",
    );
    let start = Instant::now();
    let n_before = n_failed(clients);
    // ANCHOR: stopped
    lab.call("lab", "kill(two, SIGSTOP)", || two.freeze())?;
    haproxy.wait_until("two", |row| row.n_now >= N_CLIENTS)?;
    lab.call("haproxy", "set server app/two state drain", || {
        haproxy.tell("set server app/two state drain").map(drop)
    })?;
    let row = haproxy.wait_until("two", |row| row.status == "DRAIN")?;
    lab.found("haproxy says of two", row.status);
    lab.found("requests that wait at two", row.n_now);
    // Meanwhile the others serve; and what waits has arrived for certain.
    let mut n_answered = 0_usize;
    for _ in 0..10 {
        n_answered += usize::from(clients.request()?);
    }
    lab.found("others that were answered meanwhile", n_answered);
    lab.call("lab", "kill(two, SIGTERM)", || two.terminate())?;
    lab.call("lab", "kill(two, SIGCONT)", || two.go_on())?;
    let status = two.wait()?;
    // ANCHOR_END: stopped
    lab.found("server two ended with", status.to_string());
    let n = clients.after(start, N_REQUESTS)?.len();
    let n_failed = n_failed(clients) - n_before;
    lab.found("requests since it stood still", n);
    lab.found("failed", n_failed);
    lab.claim(
        status.success() && n_answered == 10,
        match n_failed {
            0 => "It answered what had arrived, and ended. No request failed.",
            _ => "It ended in order; what hadn't arrived at it yet is lost.",
        },
    );
    Ok(())
}

fn n_failed(clients: &Clients) -> usize {
    let all = clients.all();
    all.iter().filter(|it| !it.is_answered).count()
}
