//! What this machine allows, found out by trying it.

use std::net::TcpListener;

use anyhow::{Context, ensure};

use crate::process::output;
use crate::program::Program;
use crate::screen::print;
use crate::tool::{LAB, SOCKTRACE};

/// Something that a machine may or may not allow, found out by trying it.
struct Check {
    name: &'static str,
    /// What it is good for.
    purpose: &'static str,
    /// What was found, or why it doesn't work and what to try.
    probe: fn() -> anyhow::Result<String>,
}

const CHECKS: [Check; 9] = [
    Check {
        name: "IPv6",
        purpose: "servers on ::1",
        probe: listen_on_ipv6,
    },
    Check {
        name: "descriptors",
        purpose: "a connection each; the tests open 10,000",
        probe: descriptor_limit,
    },
    Check {
        name: "python3",
        purpose: "peers in the guide's own language",
        probe: || version("python3"),
    },
    Check {
        name: "ptrace",
        purpose: "`step` and `trace`: watching socket calls",
        probe: trace_a_child,
    },
    Check {
        name: "strace",
        purpose: "counting system calls in `bench`",
        probe: || version("strace"),
    },
    Check {
        name: "iperf3",
        purpose: "the machine's limit in `bench`",
        probe: || version("iperf3"),
    },
    Check {
        name: "namespaces",
        purpose: "`lab`: networks of its own, without root",
        probe: two_hosts,
    },
    Check {
        name: "haproxy",
        purpose: "`lab balancer`: several servers behind one address",
        probe: || first_line("haproxy", "-v"),
    },
    Check {
        name: "tshark",
        purpose: "reading captured packets",
        probe: || version("tshark"),
    },
];

/// Tries all of it, and prints what works.
pub(crate) fn tell() {
    print("On this machine:\n\n");
    for check in CHECKS {
        let (verdict, finding) = match (check.probe)() {
            Ok(finding) => ("works", finding),
            Err(error) => ("no", format!("{error:#}")),
        };
        print(&format!(
            "  {:<13}{verdict:<7}{}\n{:22}{finding}\n",
            check.name, check.purpose, ""
        ));
    }
}

fn listen_on_ipv6() -> anyhow::Result<String> {
    let listener = TcpListener::bind("[::1]:0").context("cannot listen on ::1")?;
    Ok(format!("listened on {}", listener.local_addr()?))
}

/// For ten thousand connections, and what else the tests have open.
#[cfg(unix)]
const NEEDED_DESCRIPTORS: u64 = 10_500;

#[cfg(unix)]
fn descriptor_limit() -> anyhow::Result<String> {
    let limits = output("sh", &["-c", "ulimit -Sn; ulimit -Hn"])?;
    let (soft, hard) = limits.split_once('\n').context("ulimit said nothing")?;
    ensure!(
        hard.parse()
            .is_ok_and(|hard: u64| hard >= NEEDED_DESCRIPTORS)
            || hard == "unlimited",
        "at most {hard} open files; as root, raise the hard limit (ulimit -Hn)"
    );
    Ok(format!(
        "{soft} open files; the programs raise it to {hard}"
    ))
}

#[cfg(not(unix))]
fn descriptor_limit() -> anyhow::Result<String> {
    Ok("no limit but memory".to_owned())
}

fn trace_a_child() -> anyhow::Result<String> {
    ask_tool(SOCKTRACE, "probe")?;
    Ok("a program was watched, with a seccomp filter".to_owned())
}

fn two_hosts() -> anyhow::Result<String> {
    ask_tool(LAB, "probe-namespaces")?;
    Ok("two hosts were made, and connected".to_owned())
}

/// Asks the tool that is to do it: nothing else does exactly what it does.
#[cfg(target_os = "linux")]
fn ask_tool(tool: Program, command: &str) -> anyhow::Result<()> {
    use std::process::Command;

    let path = tool.path(false)?;
    ensure!(
        path.is_file(),
        "not tried yet: `cargo xtask prepare` builds it"
    );
    let result = Command::new(&path)
        .arg(command)
        .output()
        .with_context(|| format!("cannot start {}", path.display()))?;
    let complaint = String::from_utf8_lossy(&result.stderr);
    let complaint = complaint.trim().trim_start_matches("error: ");
    ensure!(result.status.success(), "{complaint}");
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn ask_tool(_: Program, _: &str) -> anyhow::Result<()> {
    anyhow::bail!("it works otherwise here; use Linux")
}

fn version(program: &str) -> anyhow::Result<String> {
    first_line(program, "--version")
}

fn first_line(program: &str, flag: &str) -> anyhow::Result<String> {
    let text = output(program, &[flag]).with_context(|| format!("install {program} to have it"))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
