use serde_json::Value;

use crate::story::{require_networks, run};

#[test]
fn a_host_is_reached_by_whom_it_listens_for() {
    if !require_networks() {
        return;
    }
    let story = run(&["two-hosts"]);
    // The echo, the server on the loopback, the server on every interface, and
    // the three connections that are cut.
    let from_near = story.came("near", "connect(192.0.2.2:65432)");
    let reached: Vec<bool> = from_near
        .iter()
        .map(|came| came.starts_with("connected from 192.0.2.1:"))
        .collect();
    assert_eq!(reached, [true, false, true, true, true, true]);
    assert_eq!(from_near[1], "ECONNREFUSED");
    story.check("near", "connect(127.0.0.1:65432)", &["ECONNREFUSED"]);
    assert_eq!(story.came("far", "connect(127.0.0.1:65432)").len(), 2);

    story.check("near", "plain: send", &["3", "3"]);
    story.check("near", "timed: send", &["3", "3"]);
    story.check("near", "kept: send", &["3", "3"]);
    // Either is what Linux may say.
    for (who, call) in [("near", "timed: recv"), ("far", "kept: recv")] {
        let came = story.came(who, call).pop().unwrap();
        assert!(["ETIMEDOUT", "EHOSTUNREACH"].contains(&&*came), "{came}");
    }
    story.check("near", "kept: recv", &["ECONNRESET"]);
    story.check("far", "plain: recv", &["3", "3"]);

    for end in ["plain, near", "plain, far", "kept, near"] {
        let state = story.found(end)[0].as_str().unwrap();
        assert!(state.starts_with("ESTABLISHED"), "{end}: {state}");
    }
    let since = story.found("since the cut");
    let since: Vec<f64> = since.into_iter().filter_map(Value::as_f64).collect();
    // The timeouts are a second; the kernel's clock has ticks.
    assert!(since.iter().all(|time| *time > 0.9), "{since:?}");
}
