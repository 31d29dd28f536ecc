//! HOST and PORT on a command line, and the addresses that they stand for.

use std::fmt::{self, Display};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs};

/// The loopback interface: nobody else on the network reaches it.
const DEFAULT_HOST: &str = "127.0.0.1";
/// The guide's port, in the range that needs no privileges (above 1023).
const DEFAULT_PORT: u16 = 65432;

/// Where a server listens.
#[derive(Debug, Clone, clap::Args)]
pub struct ServerEndpoint {
    /// Address or name; "" is every IPv4 interface
    #[arg(default_value = DEFAULT_HOST)]
    host: String,
    /// Port; 0 lets the system choose
    #[arg(default_value_t = DEFAULT_PORT)]
    port: u16,
}

/// Where a client connects.
#[derive(Debug, Clone, clap::Args)]
pub struct ClientEndpoint {
    /// Address or name of the server
    #[arg(default_value = DEFAULT_HOST)]
    host: String,
    /// Port of the server
    #[arg(default_value_t = DEFAULT_PORT, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
}

impl ServerEndpoint {
    /// Calls `listen` with each address of the host until one succeeds.
    ///
    /// A server goes on to the next address only if this one does not exist on
    /// this machine. An address in use is final: going on would start a server
    /// where nobody looks for it.
    ///
    /// # Errors
    ///
    /// [`EndpointError`] if the host has no address or none could be listened
    /// on.
    pub fn listen_with<L>(
        &self,
        listen: impl FnMut(SocketAddr) -> io::Result<L>,
    ) -> Result<L, EndpointError> {
        // As in the guide: the empty host is every IPv4 interface.
        let host = non_empty(&self.host, "0.0.0.0");
        listen_on_first(&resolve(host, self.port)?, listen)
    }
}

impl ClientEndpoint {
    /// The server at `port` of `host`, for a program whose arguments are
    /// others.
    pub fn new(host: String, port: u16) -> Self {
        Self { host, port }
    }

    /// Every address that the host has, in the order in which to try them.
    ///
    /// # Errors
    ///
    /// [`EndpointError::Resolve`] if there is none.
    pub fn addresses(&self) -> Result<Vec<SocketAddr>, EndpointError> {
        // A client cannot connect to "every interface"; its own machine is
        // meant.
        resolve(non_empty(&self.host, DEFAULT_HOST), self.port)
    }

    /// Calls `connect` with each address of the host until one succeeds.
    ///
    /// # Errors
    ///
    /// [`EndpointError`] if the host has no address or none could be reached.
    pub fn connect_with<C>(
        &self,
        mut connect: impl FnMut(SocketAddr) -> io::Result<C>,
    ) -> Result<C, EndpointError> {
        let mut failures = Vec::new();
        for address in self.addresses()? {
            match connect(address) {
                Ok(connection) => return Ok(connection),
                Err(error) => failures.push((address, error)),
            }
        }
        Err(EndpointError::Connect(failures))
    }
}

/// Why a program has nowhere to listen or nobody to talk to.
///
/// Displayed on one line: what was attempted, on what, why it failed, what to
/// try.
#[derive(Debug)]
pub enum EndpointError {
    /// The host is neither an address nor a name that has one.
    Resolve {
        /// As it was given.
        host: String,
        /// What the resolver said.
        reason: String,
    },
    /// No address of the host could be listened on: each with its reason.
    Listen(Vec<(SocketAddr, io::Error)>),
    /// No address of the host could be connected to: each with its reason.
    Connect(Vec<(SocketAddr, io::Error)>),
}

impl std::error::Error for EndpointError {}

impl Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resolve { host, reason } => {
                let hint = if host.contains(':') {
                    "write HOST and PORT as two words"
                } else {
                    "check the spelling, or give an IP address"
                };
                write!(f, "cannot resolve {host:?}: {reason}; {hint}")
            }
            Self::Listen(failures) => {
                write_failures(f, "listen on", failures)?;
                write_hint(f, failures, listen_hint)
            }
            Self::Connect(failures) => {
                write_failures(f, "connect to", failures)?;
                write_hint(f, failures, connect_hint)
            }
        }
    }
}

fn write_failures(
    f: &mut fmt::Formatter<'_>,
    attempt: &str,
    failures: &[(SocketAddr, io::Error)],
) -> fmt::Result {
    write!(f, "cannot {attempt} ")?;
    for (index, (address, error)) in failures.iter().enumerate() {
        let separator = if index == 0 { "" } else { ", nor " };
        write!(f, "{separator}{address}: {error}")?;
    }
    Ok(())
}

/// The last failure is the one that ended the search, so its hint is the useful
/// one.
fn write_hint(
    f: &mut fmt::Formatter<'_>,
    failures: &[(SocketAddr, io::Error)],
    hint: fn(io::ErrorKind) -> Option<&'static str>,
) -> fmt::Result {
    match failures.last().and_then(|(_, error)| hint(error.kind())) {
        Some(hint) => write!(f, "; {hint}"),
        None => Ok(()),
    }
}

fn listen_hint(kind: io::ErrorKind) -> Option<&'static str> {
    match kind {
        io::ErrorKind::AddrInUse => {
            Some("end the program that has it, or try another port")
        }
        io::ErrorKind::AddrNotAvailable => {
            Some("give an address that this machine has")
        }
        io::ErrorKind::PermissionDenied => Some("try a port above 1023"),
        _ => None,
    }
}

fn connect_hint(kind: io::ErrorKind) -> Option<&'static str> {
    match kind {
        io::ErrorKind::ConnectionRefused => {
            Some("is the server running, and on this port?")
        }
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
            Some("is the address right, and no firewall in between?")
        }
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable => {
            Some("is this machine on the network?")
        }
        _ => None,
    }
}

fn listen_on_first<L>(
    addresses: &[SocketAddr],
    mut listen: impl FnMut(SocketAddr) -> io::Result<L>,
) -> Result<L, EndpointError> {
    let mut failures = Vec::new();
    for &address in addresses {
        match listen(address) {
            Ok(listener) => return Ok(listener),
            Err(error) => {
                let is_final = !is_missing_here(&error);
                failures.push((address, error));
                if is_final {
                    break;
                }
            }
        }
    }
    Err(EndpointError::Listen(failures))
}

fn non_empty<'a>(host: &'a str, default: &'a str) -> &'a str {
    if host.is_empty() { default } else { host }
}

/// True for EADDRNOTAVAIL and EAFNOSUPPORT: the name has this address, but this
/// machine does not.
fn is_missing_here(error: &io::Error) -> bool {
    // std has no kind for EAFNOSUPPORT, so its numbers stand here: Linux, the
    // BSDs and macOS, Windows (WSAEAFNOSUPPORT).
    const EAFNOSUPPORT: [i32; 3] = [97, 47, 10047];
    error.kind() == io::ErrorKind::AddrNotAvailable
        || error
            .raw_os_error()
            .is_some_and(|code| EAFNOSUPPORT.contains(&code))
}

fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, EndpointError> {
    let failed = |reason: String| EndpointError::Resolve {
        host: host.to_owned(),
        reason,
    };
    // An IPv6 address is bracketed in URLs and in our own ready line.
    let bare = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(host);
    if looks_like_ipv4(bare) && bare.parse::<Ipv4Addr>().is_err() {
        return Err(failed("not an IPv4 address".to_owned()));
    }
    let addresses: Vec<SocketAddr> = (bare, port)
        .to_socket_addrs()
        .map_err(|error| failed(error.to_string()))?
        .collect();
    if addresses.is_empty() {
        return Err(failed("it has no address".to_owned()));
    }
    Ok(addresses)
}

/// No top-level domain is all digits (RFC 3696, 2), so asking a name server for
/// `300.1.1.1` could only cost the time until it answers.
fn looks_like_ipv4(host: &str) -> bool {
    let last_label = host.rsplit('.').next();
    !host.contains(':')
        && last_label.is_some_and(|label| {
            !label.is_empty() && label.bytes().all(|b| b.is_ascii_digit())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(host: &str) -> ServerEndpoint {
        ServerEndpoint {
            host: host.to_owned(),
            port: 7,
        }
    }

    #[track_caller]
    fn check_resolves(host: &str, expected: &str) {
        let addresses = resolve(host, 7).unwrap();
        assert_eq!(addresses, [expected.parse().unwrap()]);
    }

    #[track_caller]
    fn check_fails(host: &str, expected: &str) {
        let message = resolve(host, 7).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }

    #[test]
    fn addresses_are_taken_as_written() {
        check_resolves("192.0.2.1", "192.0.2.1:7");
        check_resolves("::1", "[::1]:7");
        check_resolves("[::1]", "[::1]:7");
        check_resolves("::ffff:192.0.2.1", "[::ffff:192.0.2.1]:7");
    }

    #[test]
    fn nonsense_is_named() {
        check_fails("300.1.1.1", "cannot resolve \"300.1.1.1\": not an IPv4");
        check_fails("1", "not an IPv4 address");
        check_fails("127.0.0.1:80", "HOST and PORT as two words");
        check_fails("no such host", "cannot resolve \"no such host\"");
    }

    /// Listens on two addresses, of which the first gives `error`; returns how
    /// many were tried, and the result.
    fn listen_after(
        error: io::Error,
    ) -> (usize, Result<SocketAddr, EndpointError>) {
        let addresses = ["[2001:db8::1]:7", "127.0.0.1:7"]
            .map(|text| text.parse().unwrap());
        let mut errors = vec![error];
        let mut n_tried = 0;
        let result = listen_on_first(&addresses, |address| {
            n_tried += 1;
            errors.pop().map_or(Ok(address), Err)
        });
        (n_tried, result)
    }

    #[test]
    fn an_address_that_is_missing_here_leads_to_the_next() {
        for error in [
            io::ErrorKind::AddrNotAvailable.into(),
            io::Error::from_raw_os_error(97),
        ] {
            let (_, result) = listen_after(error);
            assert_eq!(result.unwrap(), "127.0.0.1:7".parse().unwrap());
        }
    }

    #[test]
    fn an_address_in_use_is_final() {
        let (n_tried, result) = listen_after(io::ErrorKind::AddrInUse.into());
        assert_eq!(n_tried, 1);
        assert_eq!(
            result.unwrap_err().to_string(),
            "cannot listen on [2001:db8::1]:7: address in use; \
             end the program that has it, or try another port"
        );
    }

    #[test]
    fn the_empty_host_is_every_interface_to_a_server_and_loopback_to_a_client()
    {
        let listened = server("").listen_with(Ok).unwrap();
        assert_eq!(listened, "0.0.0.0:7".parse().unwrap());
        let client = ClientEndpoint {
            host: String::new(),
            port: 7,
        };
        assert_eq!(
            client.addresses().unwrap(),
            ["127.0.0.1:7".parse().unwrap()]
        );
    }

    #[test]
    fn every_failed_address_is_told() {
        let error = EndpointError::Connect(vec![
            ("[::1]:7".parse().unwrap(), io::ErrorKind::TimedOut.into()),
            (
                "127.0.0.1:7".parse().unwrap(),
                io::ErrorKind::ConnectionRefused.into(),
            ),
        ]);
        assert_eq!(
            error.to_string(),
            "cannot connect to [::1]:7: timed out, nor 127.0.0.1:7: connection refused; \
             is the server running, and on this port?"
        );
    }
}
