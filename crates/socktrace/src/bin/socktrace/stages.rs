//! The course's own pairs, as commands: their programs stand beside this one.

use std::env;
use std::ffi::OsString;
use std::path::Path;

use anyhow::{Context, ensure};
use clap::ValueEnum;

/// A stage of the course.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Stage {
    /// One connection
    Echo,
    /// Many connections on one thread
    Multiconn,
    /// Messages instead of bytes
    AppProtocol,
}

impl Stage {
    /// The server's command and the client's. Those that are `held` have no deadlines: a
    /// person who reads takes longer than any network.
    pub(crate) fn programs(
        self,
        host: &str,
        held: bool,
    ) -> anyhow::Result<(Vec<OsString>, Vec<OsString>)> {
        let (server, client, more) = match self {
            Self::Echo => ("echo-server", "echo-client", &[][..]),
            Self::Multiconn => ("multiconn-server", "multiconn-client", &["2"][..]),
            Self::AppProtocol => ("app-server", "app-client", &["search", "morpheus"][..]),
        };
        let server_deadlines = match self {
            Self::Echo => &[][..],
            Self::Multiconn => &["--idle-timeout", "--drain-timeout"],
            Self::AppProtocol => &["--header-timeout", "--idle-timeout", "--drain-timeout"],
        };
        let mut server = vec![beside(server)?, host.into(), "0".into()];
        let mut client = vec![beside(client)?, "{host}".into(), "{port}".into()];
        client.extend(more.iter().map(OsString::from));
        if held {
            let none = |deadline: &&str| [OsString::from(deadline), "0".into()];
            server.extend(server_deadlines.iter().flat_map(none));
            client.extend(none(&"--timeout"));
        }
        Ok((server, client))
    }
}

/// A program that stands beside this one, as it would be typed here.
fn beside(name: &str) -> anyhow::Result<OsString> {
    let myself = env::current_exe().context("cannot find the path of this program")?;
    let program = myself.with_file_name(format!("{name}{}", env::consts::EXE_SUFFIX));
    ensure!(
        program.is_file(),
        "no {name} beside {}; `cargo xtask trace` builds it",
        myself.display()
    );
    let here = env::current_dir().unwrap_or_default();
    let short = program.strip_prefix(&here).unwrap_or(&program);
    // A name alone would be looked for in the PATH.
    if short.components().count() == 1 {
        return Ok(Path::new(".").join(short).into());
    }
    Ok(short.into())
}
