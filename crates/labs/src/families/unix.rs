//! Sockets of the Unix family: they reach no further than this machine, and
//! their address is a path.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use socket2::{Domain, SockAddr, Socket, Type};

use super::echo::{echo, listen, tell_structure};
use crate::lab::Lab;
use crate::tcp::{close, failed_with};

pub(super) fn over_a_path(lab: &mut Lab, path: &Path) -> anyhow::Result<()> {
    lab.about(
        "The same echo over a Unix domain socket. Its address is a path.",
    );
    let address = SockAddr::unix(path)?;
    tell_structure(lab, &address);
    let came = echo(lab, &path.display().to_string(), &address)?;
    lab.claim(
        came == b"Hello.",
        "The message came back. The calls were the same as before; only the \
         address differs.",
    );
    fs::remove_file(path)?;
    Ok(())
}

pub(super) fn stale(lab: &mut Lab, path: &Path) -> anyhow::Result<()> {
    lab.about("A server with a path is closed. The next one wants the path.");
    // ANCHOR: stale
    let name = path.display().to_string();
    let address = SockAddr::unix(path)?;
    let first = listen(lab, &name, &address)?;
    lab.call("server", "close()", || close(first))?;
    let is_left = fs::symlink_metadata(path).is_ok();
    let asked = lab.ask(
        "The server is gone. What will bind to its path do?",
        &["it works, as with a port", "EADDRINUSE"],
    );
    let again = listen(lab, &name, &address);
    lab.answer(
        asked,
        match &again {
            Ok(_) => Some(0),
            Err(_) => is_in_use(&again).then_some(1),
        },
    );
    let client = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    let call = format!("connect({name})");
    let refused = lab.call("client", call, || client.connect(&address));
    // ANCHOR_END: stale
    let call = format!("unlink({name})");
    lab.call("server", call, || fs::remove_file(path))?;
    let after = listen(lab, &name, &address);
    lab.claim(
        is_left
            && is_in_use(&again)
            && failed_with(&refused, ErrorKind::ConnectionRefused)
            && after.is_ok(),
        "The file stays behind when the socket is closed: nobody listens, and \
         yet the address is in use, until the file is unlinked.",
    );
    fs::remove_file(path)?;
    Ok(())
}

fn is_in_use<T>(result: &io::Result<T>) -> bool {
    failed_with(result, ErrorKind::AddrInUse)
}

#[cfg(target_os = "linux")]
pub(super) fn peer(lab: &mut Lab, path: &Path) -> anyhow::Result<()> {
    use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};

    lab.about("The client has no name. Who is it? The server asks the kernel.");
    let address = SockAddr::unix(path)?;
    let listener = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    listener.bind(&address)?;
    listener.listen(1)?;
    let client = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    client.connect(&address)?;
    let (server, _) = listener.accept()?;
    // ANCHOR: peer
    let peer = lab.call("server", "getsockopt(SO_PEERCRED)", || {
        let found = getsockopt(&server, PeerCredentials)?;
        Ok(format!("process {}, user {}", found.pid(), found.uid()))
    })?;
    // ANCHOR_END: peer
    lab.claim(
        peer.starts_with(&format!("process {},", std::process::id())),
        "The kernel vouches for the process and the user: here it is this \
         program itself.",
    );
    fs::remove_file(path)?;
    Ok(())
}

#[cfg(target_os = "linux")]
pub(super) fn abstract_name(lab: &mut Lab) -> anyhow::Result<()> {
    lab.about(
        "Linux has names without files: a zero byte comes first. Such a name \
         goes away with its socket.",
    );
    // ANCHOR: abstract
    let name = format!("\0lab-{}", std::process::id());
    let address = SockAddr::unix(&name)?;
    let shown = name.replace('\0', "@");
    let first = listen(lab, &shown, &address)?;
    let second = listen(lab, &shown, &address);
    lab.call("server", "close()", || close(first))?;
    let again = listen(lab, &shown, &address);
    // ANCHOR_END: abstract
    lab.claim(
        is_in_use(&second) && again.is_ok(),
        "While it was open the name was in use. Closed, it was free at once, \
         and there was nothing to unlink.",
    );
    Ok(())
}
