//! The calls are the same for all families. What differs is the address: how it
//! is written, what it names, and what becomes of it.

mod dual_stack;
mod echo;
#[cfg(target_os = "linux")]
mod scope;
mod text;
#[cfg(unix)]
mod unix;

use std::net::TcpListener;

use crate::lab::Lab;
use crate::tcp;

pub(crate) fn run(lab: &mut Lab) -> anyhow::Result<()> {
    // At once: later there may be threads.
    let own_network = match enter_own_network() {
        // We are halfway into it, and there is no way back.
        Err(error) if tcp::pair().is_err() => return Err(error),
        own_network => own_network,
    };
    let ipv6 = TcpListener::bind("[::1]:0");

    text::written(lab)?;
    text::ambiguous(lab)?;
    echo::over_ip(lab, ipv6.is_ok())?;
    over_unix(lab, own_network.is_ok())?;
    match ipv6 {
        Ok(_) => {
            dual_stack::mapped(lab)?;
            dual_stack::same_port(lab)?;
        }
        Err(error) => lab.not_shown(
            "IPv6",
            format!(
                "there is no ::1 here ({error}); IPv6 may be switched off \
                 (net.ipv6.conf.all.disable_ipv6)"
            ),
        ),
    }
    link_local(lab, own_network)
}

#[cfg(target_os = "linux")]
fn enter_own_network() -> anyhow::Result<()> {
    crate::linux::namespace::enter()
}

#[cfg(not(target_os = "linux"))]
fn enter_own_network() -> anyhow::Result<()> {
    anyhow::bail!("networks of one's own are made on Linux only")
}

#[cfg(target_os = "linux")]
fn over_unix(lab: &mut Lab, is_alone: bool) -> anyhow::Result<()> {
    // Only this process sees what lies in there, and it goes away with it.
    const FOLDER: &str = "/tmp";

    let covered = match is_alone {
        true => crate::linux::mounts::cover(FOLDER),
        false => Err(anyhow::anyhow!(
            "the file would stay behind if this program were killed; with user \
             namespaces it can't"
        )),
    };
    match covered {
        Ok(()) => {
            let path = std::path::Path::new(FOLDER).join("echo.sock");
            unix::over_a_path(lab, &path)?;
            unix::peer(lab, &path)?;
            unix::stale(lab, &path)?;
        }
        Err(error) => {
            lab.not_shown("A socket with a path", format!("{error:#}"));
        }
    }
    unix::abstract_name(lab)
}

#[cfg(all(unix, not(target_os = "linux")))]
fn over_unix(lab: &mut Lab, _: bool) -> anyhow::Result<()> {
    use nix::sys::signal::SigSet;

    // A signal must not leave the folder behind.
    SigSet::all().thread_block()?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("echo.sock");
    unix::over_a_path(lab, &path)?;
    unix::stale(lab, &path)?;
    folder.close()?;
    SigSet::all().thread_unblock()?;
    Ok(())
}

#[cfg(not(unix))]
fn over_unix(lab: &mut Lab, _: bool) -> anyhow::Result<()> {
    lab.not_shown("A socket with a path", "std has it on Unix only");
    Ok(())
}

#[cfg(target_os = "linux")]
fn link_local(
    lab: &mut Lab,
    own_network: anyhow::Result<()>,
) -> anyhow::Result<()> {
    match own_network.and_then(|()| scope::Hosts::new()) {
        Ok(hosts) => scope::link_local(lab, &hosts),
        Err(error) => {
            lab.not_shown("An address of one link", format!("{error:#}"));
            Ok(())
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn link_local(
    lab: &mut Lab,
    own_network: anyhow::Result<()>,
) -> anyhow::Result<()> {
    if let Err(error) = own_network {
        lab.not_shown("An address of one link", format!("{error:#}"));
    }
    Ok(())
}
