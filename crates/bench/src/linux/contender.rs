//! Peers made ready: built, installed, or named as missing.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail, ensure};
use checker::command_line::CommandLine;

use super::machine::first_line;
use super::peers::{Peer, Program};
use super::workload::{Speech, Workload};

/// A server that can be started, or the reason why it can't.
#[derive(Debug)]
pub(crate) struct Contender {
    pub(crate) name: String,
    pub(crate) what: String,
    /// What it is made with.
    pub(crate) version: String,
    /// `None` for whatever it is put to.
    speech: Option<Speech>,
    pub(crate) launch: Result<Launch, String>,
}

/// How a server is started.
#[derive(Debug, Clone)]
pub(crate) enum Launch {
    /// With HOST and PORT before its arguments; it prints a ready line.
    Program {
        program: PathBuf,
        /// For an interpreter: what it runs.
        script: Option<PathBuf>,
        arguments: Vec<String>,
    },
    /// By its words, `{host}` and `{port}` replaced in each.
    Command(CommandLine),
}

/// A server of somebody else, as it was named.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    /// As it was typed.
    pub(crate) text: String,
    pub(crate) command: CommandLine,
}

impl Contender {
    pub(crate) fn takes_part(&self, workload: &Workload) -> bool {
        self.speech.is_none_or(|speech| speech == workload.speech)
    }

    /// The server of somebody else, the `number`th of them.
    pub(crate) fn of_command(number: usize, named: &Named) -> Self {
        let name = format!("server {number}");
        Self {
            // A command has no version that we could ask for, and no short name.
            version: format!("{name}: {}", named.text),
            what: named.text.clone(),
            name,
            speech: None,
            launch: Ok(Launch::Command(named.command.clone())),
        }
    }
}

/// Builds what has to be built, makes the environment that Python needs, and says of
/// each peer how it is started, or why it can't be.
pub(crate) fn prepare(peers: &[&Peer]) -> Vec<Contender> {
    let mut wanted: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for peer in peers {
        if let Program::Binary(package, name) = peer.program {
            wanted.entry(package).or_default().insert(name);
        }
    }
    let broken: BTreeSet<&str> = wanted
        .into_iter()
        .filter(|(package, names)| build(package, names.iter().copied()).is_err())
        .map(|(package, _)| package)
        .collect();
    let needs_uvloop = |peer: &&Peer| matches!(peer.program, Program::Uvloop(_));
    let uvloop = match peers.iter().any(needs_uvloop) {
        true => python_with_uvloop().map_err(|error| format!("{error:#}")),
        false => Err("not asked for".to_owned()),
    };
    let make_ready = |peer: &&Peer| {
        let program = match peer.program {
            Program::Binary(package, _) if broken.contains(package) => Err(format!(
                "cargo can't build {package}; its messages stand above"
            )),
            Program::Binary(_, name) => Ok(built(name)),
            Program::Python(_) => match first_line("python3", &["--version"]) {
                Some(_) => Ok("python3".into()),
                None => Err("python3 is not installed".to_owned()),
            },
            Program::Uvloop(_) => uvloop.clone(),
        };
        contender(peer, program)
    };
    peers.iter().map(make_ready).collect()
}

fn contender(peer: &Peer, program: Result<PathBuf, String>) -> Contender {
    let script = match peer.program {
        Program::Python(script) | Program::Uvloop(script) => Some(root().join(script)),
        _ => None,
    };
    Contender {
        name: peer.name.to_owned(),
        what: peer.what.to_owned(),
        version: program
            .as_ref()
            .map_or(String::new(), |program| version(peer, program)),
        speech: Some(peer.speech),
        launch: program.map(|program| Launch::Program {
            program,
            script,
            arguments: peer.arguments.iter().map(|&word| word.to_owned()).collect(),
        }),
    }
}

/// Builds the load generator.
pub(crate) fn build_load() -> anyhow::Result<()> {
    build("load", ["load"])
}

/// The root of the workspace: as `cargo xtask` says, or, started by hand, the next
/// one here or above. It is found at run time, since a course may be moved, or copied
/// together with its programs.
pub(crate) fn root() -> PathBuf {
    let is_root = |folder: &&Path| folder.join("crates/bench/Cargo.toml").is_file();
    env::var_os("COURSE_ROOT").map_or_else(
        || {
            let here = env::current_dir().unwrap_or_default();
            let root = here.ancestors().find(is_root).map(Path::to_owned);
            // Where there is none, cargo says what is missing.
            root.unwrap_or(here)
        },
        PathBuf::from,
    )
}

/// The folder of programs built as this one was: this one is in it.
pub(crate) fn program_folder() -> anyhow::Result<PathBuf> {
    let executable = env::current_exe().context("cannot find the path of this program")?;
    let folder = executable
        .parent()
        .context("this program is in no folder")?;
    Ok(folder.to_owned())
}

/// Runs cargo at the root of the workspace. Its messages are the progress.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .args(arguments)
        .current_dir(root())
        .stdin(Stdio::null());
    // A relative folder would be taken from the root, and not from where it was meant.
    let is_elsewhere = env::var_os("CARGO_TARGET_DIR").is_some();
    if is_elsewhere && let Some(target) = program_folder().ok().as_deref().and_then(Path::parent) {
        command.env("CARGO_TARGET_DIR", target);
    }
    command
}

fn build<'a>(package: &str, names: impl IntoIterator<Item = &'a str>) -> anyhow::Result<()> {
    let mut command = cargo(&["build", "--package", package]);
    for name in names {
        command.args(["--bin", name]);
    }
    // Figures are worth something with optimisations only, but tests are quicker without.
    if program_folder()?.ends_with("release") {
        command.arg("--release");
    }
    let status = command.status()?;
    ensure!(status.success(), "cargo failed");
    Ok(())
}

/// The python of a virtual environment with uvloop in it, made if it is not there yet.
fn python_with_uvloop() -> anyhow::Result<PathBuf> {
    let folder = output_folder()?.join("venv");
    let python = folder.join("bin/python");
    let wanted = root().join("crates/bench/peers/python/requirements.txt");
    let installed = folder.join("installed.txt");
    let wanted_text = fs::read(&wanted).context("cannot read requirements.txt")?;
    if fs::read(&installed).is_ok_and(|text| text == wanted_text) {
        return Ok(python);
    }
    run(Command::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(&folder))?;
    run(Command::new(&python)
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--retries=1",
            "--timeout=10",
        ])
        .arg("--requirement")
        .arg(&wanted))?;
    fs::write(&installed, wanted_text)?;
    Ok(python)
}

/// Where this program leaves what it makes.
pub(crate) fn output_folder() -> anyhow::Result<PathBuf> {
    let programs = program_folder()?;
    let folder = programs.parent().context("no target folder")?.join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

/// Runs a command to its end; its complaint becomes the error.
fn run(command: &mut Command) -> anyhow::Result<()> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {}", command.get_program().display()))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        let complaint = complaint.lines().last().unwrap_or("it says nothing");
        bail!("{} failed: {complaint}", command.get_program().display());
    }
    Ok(())
}

fn built(name: &str) -> PathBuf {
    program_folder().unwrap_or_default().join(name)
}

/// What a server is made with, where that has a version of its own.
fn version(peer: &Peer, program: &Path) -> String {
    let of_crate = |name: &str| {
        let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap_or_default();
        let entry = format!("name = \"{name}\"\nversion = \"");
        let rest = lock.split_once(&entry).map_or("", |(_, rest)| rest);
        format!("{name} {}", rest.split('"').next().unwrap_or_default())
    };
    let of_python = |code: &str| {
        let python = program.display().to_string();
        first_line(&python, &["-c", code]).unwrap_or_default()
    };
    match peer.program {
        Program::Binary("tokio-peers", _) => of_crate("tokio"),
        Program::Binary(_, "bare-uring") => of_crate("io-uring"),
        // On the standard library alone.
        Program::Binary(_, "threads" | "nonblocking") => String::new(),
        Program::Binary("multiconn" | "app-protocol", _) => of_crate("mio"),
        Program::Python(_) => {
            of_python("import platform; print('Python', platform.python_version())")
        }
        Program::Uvloop(_) => of_python("import uvloop; print('uvloop', uvloop.__version__)"),
        _ => String::new(),
    }
}
