//! What an experiment told, as JSON lines.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use test_support::{DEADLINE, Program, require, require_tool};

pub(crate) const LAB: &str = env!("CARGO_BIN_EXE_lab");

/// All that an experiment told.
#[derive(Debug)]
pub(crate) struct Story {
    events: Vec<Value>,
}

/// Runs an experiment, of which every claim must hold.
#[track_caller]
pub(crate) fn run(arguments: &[&str]) -> Story {
    let mut command = Command::new(LAB);
    command.args(arguments).arg("--json");
    run_command(command)
}

/// The same, started in another way.
#[track_caller]
pub(crate) fn run_command(command: Command) -> Story {
    let mut program = Program::start(command).unwrap();
    let (status, stdout, stderr) = program.finish(DEADLINE).unwrap();
    let stdout = String::from_utf8(stdout).unwrap();
    assert_eq!(status.code(), Some(0), "{stdout}\n{stderr}");
    assert_eq!(stderr, "");
    let events = stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let story = Story {
        events: events.collect(),
    };
    let claims = story.of("claim");
    assert!(!claims.is_empty(), "it shows nothing: {story:#?}");
    assert!(
        claims.iter().all(|claim| claim["holds"] == true),
        "{claims:#?}"
    );
    story
}

impl Story {
    /// All events, in order.
    pub(crate) fn all(&self) -> &[Value] {
        &self.events
    }

    /// All events of a kind: `about`, `call`, `found`, `claim`, `not_shown`.
    pub(crate) fn of(&self, kind: &str) -> Vec<&Value> {
        let events = self.events.iter();
        events.filter(|event| event["event"] == kind).collect()
    }

    /// What came of the calls of `who` that begin with `call`, in order: the
    /// number returned, or else the words; or the error's name.
    pub(crate) fn came(&self, who: &str, call: &str) -> Vec<String> {
        let calls = self.calls(call).into_iter();
        calls
            .filter(|event| event["who"] == who)
            .map(came)
            .collect()
    }

    /// That all that came of these calls is this.
    #[track_caller]
    pub(crate) fn check(&self, who: &str, call: &str, expected: &[&str]) {
        assert_eq!(self.came(who, call), expected, "{who}: {call}");
    }

    /// How long each call that begins so took, in seconds.
    pub(crate) fn took(&self, call: &str) -> Vec<f64> {
        let calls = self.calls(call).into_iter();
        calls.map(|event| event["took"].as_f64().unwrap()).collect()
    }

    /// The calls that begin so, whoever made them.
    fn calls(&self, call: &str) -> Vec<&Value> {
        let calls = self.of("call").into_iter();
        calls
            .filter(|event| event["call"].as_str().unwrap().starts_with(call))
            .collect()
    }

    /// What was found under a name, once or again.
    pub(crate) fn found(&self, name: &str) -> Vec<&Value> {
        let found = self.of("found").into_iter();
        let found = found.filter(|event| event["name"] == name);
        found.map(|event| &event["value"]).collect()
    }

    /// What was counted under a name, once or again.
    pub(crate) fn counts(&self, name: &str) -> Vec<u64> {
        let found = self.found(name).into_iter();
        found.map(|value| value.as_u64().unwrap()).collect()
    }

    /// The parts that this machine doesn't allow.
    pub(crate) fn not_shown(&self) -> Vec<String> {
        let parts = self.of("not_shown").into_iter();
        parts
            .map(|part| part["what"].as_str().unwrap().to_owned())
            .collect()
    }
}

fn came(call: &Value) -> String {
    let returned = &call["returned"];
    let failed = &call["failed"];
    let told = [
        &returned["value"],
        &returned["text"],
        &failed["name"],
        &failed["kind"],
    ];
    let told = told.into_iter().find(|value| !value.is_null());
    match told.unwrap() {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// Says whether networks of one's own can be made here, as many experiments do.
pub(crate) fn require_networks() -> bool {
    let result = Command::new(LAB).arg("probe-namespaces").output().unwrap();
    let complaint = String::from_utf8_lossy(&result.stderr);
    require(result.status.success(), complaint.trim())
}

/// Says whether what an experiment needs beside networks is there.
pub(crate) fn require_programs(name: &str) -> bool {
    // `cargo test --workspace` builds it; for the tests of one package, it is only
    // there if it was built before.
    let server = Path::new(LAB).with_file_name("app-server");
    let hint = "no app-server; `cargo build -p app-protocol` builds it";
    name != "balancer"
        || (require_tool("haproxy") && require(server.is_file(), hint))
}
