use crate::story::run;

#[test]
fn one_is_another_number_in_the_other_order() {
    let story = run(&["endianness"]);
    assert_eq!(story.came("memory", "to_be_bytes()"), ["01 02 03 04"]);
    assert_eq!(story.came("memory", "to_le_bytes()"), ["04 03 02 01"]);
    let written = story.came("memory", "write_u32::<BigEndian>()");
    assert_eq!(written, ["01 02 03 04"]);
    let native = match cfg!(target_endian = "big") {
        true => "01 02 03 04",
        false => "04 03 02 01",
    };
    assert_eq!(story.came("memory", "to_ne_bytes()"), [native]);
    let came = story.came("server", "recv(4)");
    assert_eq!(came, ["00 00 00 01", "00 48 00 69"]);
    // A number, and a text.
    assert_eq!(*story.found("read as big-endian")[0], 1);
    assert_eq!(*story.found("read as big-endian")[1], "Hi");
    assert_eq!(*story.found("read as little-endian")[0], 16_777_216);
    assert_eq!(*story.found("read as little-endian")[1], "\u{4800}\u{6900}");
}

#[test]
fn who_names_the_order_is_understood_in_both() {
    let story = run(&["endianness"]);
    let big = story.came("server", "\"big\", recv(8)");
    assert_eq!(big, ["00 00 00 01 00 00 00 02"]);
    let little = story.came("server", "\"little\", recv(8)");
    assert_eq!(little, ["01 00 00 00 02 00 00 00"]);
    let sums = story.found("sum");
    assert!(sums.iter().all(|sum| **sum == 3), "{sums:?}");
}

#[test]
fn a_length_in_the_wrong_order_makes_the_receiver_wait() {
    let story = run(&["endianness"]);
    assert_eq!(*story.found("length, read as big-endian")[0], 6656);
    assert_eq!(story.came("server", "recv(6656)"), ["26"]);
    assert_eq!(story.came("server", "recv(6630)"), ["EAGAIN"]);
    let calls = story.of("call");
    let took = calls.last().unwrap()["took"].as_f64().unwrap();
    assert!(took >= 0.29, "{took}");
}
