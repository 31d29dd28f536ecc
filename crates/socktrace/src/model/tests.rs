use super::*;
use crate::trace_file::Reader;

fn model(lines: &str) -> Model {
    let mut model = Model::new();
    for line in lines.lines().filter(|line| !line.is_empty()) {
        model.apply(&serde_json::from_str(line).unwrap());
    }
    model
}

fn echo() -> Model {
    let file = include_str!("../../tests/fixtures/echo.jsonl");
    let mut model = Model::new();
    for record in Reader::new(file.as_bytes()).unwrap() {
        model.apply(&record.unwrap());
    }
    model
}

#[test]
fn a_run_leaves_sockets_with_their_lives() {
    let model = echo();
    let listener = model.socket(1).unwrap();
    assert!(listener.is_listening);
    assert_eq!(listener.made, Some(1));
    assert_eq!(listener.local.as_deref(), Some("127.0.0.1:40001"));
    assert_eq!(listener.closed, Some(Closed::WithProgram));
    let connected = model.socket(2).unwrap();
    assert_eq!((connected.sent, connected.received), (13, 13));
    assert_eq!(connected.local.as_deref(), Some("127.0.0.1:50002"));
    assert_eq!(connected.peer.as_deref(), Some("127.0.0.1:40001"));
    assert_eq!(model.socket(3).unwrap().listener, Some(1));
    let ends = model
        .connections()
        .iter()
        .map(|one| (one.connected, one.accepted));
    assert_eq!(ends.collect::<Vec<_>>(), [(2, 3)]);
    assert!(model.program(Side::Client).is_gone());
    assert!(model.is_over());
    assert_eq!(model.waits().count(), 0);
}

#[test]
fn a_socket_that_is_used_again_was_not_closed() {
    let close = |step| {
        format!(
            r#"{{"record":"call","step":{step},"side":"server","process":1,"thread":1,"began":1,"ended":2,"name":"close","arguments":[],"result":{{"returned":0}},"socket":7}}"#
        )
    };
    let listen = close(2).replace("close", "listen");
    let closed = |lines: &str| model(lines).socket(7).unwrap().closed;
    assert_eq!(closed(&close(1)), Some(Closed::By(1)));
    assert_eq!(closed(&format!("{}\n{listen}", close(1))), None);
    let twice = format!("{}\n{}", close(1), close(3));
    assert_eq!(closed(&twice), Some(Closed::By(3)));
}

#[test]
fn numbers_of_any_size_are_taken() {
    let most = u64::MAX;
    let call = format!(
        r#"{{"record":"call","step":{most},"side":"client","process":0,"thread":0,"began":{most},"ended":0,"name":"sendto","arguments":[],"result":{{"returned":-5}},"socket":4294967295,"data":{{"way":"sent","length":{most},"room":0,"bytes":""}}}}"#
    );
    let model = model(&format!("{call}\n{call}"));
    assert_eq!(model.socket(u32::MAX).unwrap().sent, u64::MAX);
    assert_eq!(model.program(Side::Client).n_calls, 2);
}

#[test]
fn a_socket_may_be_joined_with_itself_and_twice() {
    let join = |connected, accepted| {
        format!(
            r#"{{"record":"connection","at":1,"connected":{connected},"accepted":{accepted},"from":"a","to":""}}"#
        )
    };
    let model = model(&format!("{}\n{}\n{}", join(1, 1), join(1, 2), join(1, 3)));
    let ends = model
        .connections()
        .iter()
        .map(|one| (one.connected, one.accepted));
    assert_eq!(ends.collect::<Vec<_>>(), [(1, 1), (1, 2), (1, 3)]);
}

#[test]
fn a_listener_has_the_port_that_it_accepts_at() {
    let model = model(include_str!("../../tests/fixtures/app.jsonl"));
    assert_eq!(
        model.socket(1).unwrap().local.as_deref(),
        Some("127.0.0.1:40002")
    );
}

#[test]
fn a_program_ends_as_its_first_process_does_and_is_gone_with_the_last() {
    let thread = |id| {
        format!(r#"{{"record":"thread","at":1,"side":"server","process":{id},"thread":{id}}}"#)
    };
    let exit = |id, status| {
        format!(
            r#"{{"record":"exit","at":2,"side":"server","process":{id},"thread":{id},"status":{status}}}"#
        )
    };
    let first = [thread(1), thread(2), exit(1, 0)].join("\n");
    assert!(!model(&first).program(Side::Server).is_gone());
    let both = model(&format!("{first}\n{}", exit(2, 3)));
    let program = both.program(Side::Server);
    assert!(program.is_gone());
    assert_eq!(program.exit.as_ref().unwrap().status, 0);
}
