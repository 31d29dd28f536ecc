//! What `cargo xtask run` is told.

use std::time::Duration;

use clap::ValueEnum;

use crate::course::Step;

#[derive(Debug, clap::Args)]
#[command(
    next_line_help = true,
    after_help = "Examples:\n  cargo xtask run echo -- --message 'Hi there'\n  \
                        echo hello | cargo xtask run echo --as naive\n  \
                        cargo xtask run multiconn --as blocking\n  \
                        cargo xtask run multiconn -- 10\n  \
                        cargo xtask run app-protocol -- search ring"
)]
pub(crate) struct Args {
    /// The stage: echo, multiconn, app-protocol, or all of them
    #[arg(value_parser = parse_stage)]
    pub(crate) stage: StageName,
    /// Arguments for the client, after its HOST and PORT
    #[arg(last = true, value_name = "CLIENT ARGS")]
    pub(crate) client_arguments: Vec<String>,
    /// Smaller program, such as naive or threads; see `cargo xtask`
    #[arg(long = "as", value_name = "STEP", hide_possible_values = true)]
    pub(crate) step: Option<Step>,
    /// Address or name for the server to listen on
    #[arg(long, default_value = "127.0.0.1")]
    pub(crate) host: String,
    /// Port for the server; 0 lets the system choose
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Build with optimisations
    #[arg(long)]
    pub(crate) release: bool,
    /// Let the client tell more, too
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// End a client that runs longer; 0 lets it run for ever
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = parse_timeout)]
    pub(crate) timeout: Timeout,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StageName {
    Echo,
    Multiconn,
    AppProtocol,
    All,
}

fn parse_stage(name: &str) -> Result<StageName, String> {
    StageName::from_str(name, false).map_err(|_| match Step::from_str(name, false) {
        Ok(step) => {
            let stage = step.stage().name;
            format!("it is a step; try `cargo xtask run {stage} --as {name}`")
        }
        Err(_) => "expected echo, multiconn, app-protocol or all".to_owned(),
    })
}

/// `None` for none. (clap would take an `Option` for an optional argument.)
type Timeout = std::option::Option<Duration>;

fn parse_timeout(seconds: &str) -> Result<Timeout, &'static str> {
    let expected = "expected seconds, as in 2.5";
    let seconds = seconds.parse().map_err(|_| expected)?;
    let limit = Duration::try_from_secs_f64(seconds).map_err(|_| expected)?;
    Ok((!limit.is_zero()).then_some(limit))
}
