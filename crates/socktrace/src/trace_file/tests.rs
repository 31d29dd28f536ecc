use super::*;

const HEADER: &str =
    r#"{"record":"trace","version":1,"architecture":"x86_64","programs":[],"bytes_kept":16}"#;
const NOTE: &str = r#"{"record":"note","at":1,"text":"hello"}"#;
const END: &str = r#"{"record":"end","at":9,"calls":0}"#;

/// How many records are read, and what is said in the end.
#[track_caller]
fn check(file: impl AsRef<[u8]>, n_expected: usize, expected: &str) {
    let (mut n, mut said) = (0, String::new());
    match Reader::new(file.as_ref()) {
        Err(error) => said = error.to_string(),
        Ok(reader) => {
            for record in reader {
                match record {
                    Ok(_) => n += 1,
                    Err(error) => said = error.to_string(),
                }
            }
        }
    }
    assert_eq!((n, said.as_str()), (n_expected, expected));
}

#[test]
fn what_was_written_is_read() {
    let mut records = Vec::new();
    for line in [HEADER, NOTE, END] {
        records.push(serde_json::from_str::<Record>(line).unwrap());
    }
    let mut file = Vec::new();
    let mut writer = Writer::new(&mut file);
    for record in &records {
        writer.write(record).unwrap();
    }
    let reader = Reader::new(file.as_slice()).unwrap();
    assert_eq!(reader.header().bytes_kept, 16);
    let read: Result<Vec<Record>, _> = reader.collect();
    assert_eq!(read.unwrap(), records);
}

#[test]
fn a_file_from_windows_is_read() {
    check(
        format!("\u{feff}{HEADER}\r\n{NOTE}\r\n\r\n{END}\r\n"),
        3,
        "",
    );
    check(format!("{HEADER}\n{END}"), 2, "");
}

#[test]
fn what_is_no_trace_is_told_apart() {
    check("", 0, "not a trace: the file is empty");
    check("\n\n", 0, "not a trace: the file is empty");
    let other = "not a trace: the first line is no `trace` record";
    check("hello\n", 0, other);
    check([0x7f, b'E', b'L', b'F', 0, 0xff], 0, other);
    check(format!("{NOTE}\n"), 0, other);
    check("[1]\n", 0, other);
    check(vec![b'x'; 17 << 20], 0, other);
    let utf16 = "a trace is UTF-8, and this file is UTF-16; have it written by `--json FILE`";
    check(b"\xff\xfe{\0\"\0", 0, utf16);
}

#[test]
fn the_version_counts_before_the_rest() {
    let later = r#"{"record":"trace","version":7,"programs":"elsewhere"}"#;
    check(later, 0, "trace of version 7, this reads 1");
    let vague = r#"{"record":"trace","version":1}"#;
    check(vague, 0, "line 1: missing field `architecture`");
}

#[test]
fn what_is_unknown_is_skipped() {
    let kind = r#"{"record":"weather","at":"noon"}"#;
    let field = r#"{"record":"note","at":1,"text":"","mood":["good"]}"#;
    check(format!("{HEADER}\n{kind}\n{field}\n{END}\n"), 3, "");
}

#[test]
fn a_broken_line_is_named() {
    let broken = r#"{"record":"note","at":"noon"}"#;
    let reason = r#"line 3: invalid type: string "noon", expected u64 (column 29)"#;
    let file = format!("{HEADER}\n\n{broken}\n{END}\n");
    let said = Reader::new(file.as_bytes()).unwrap().nth(1).unwrap();
    let said = said.unwrap_err().to_string();
    assert!(said.starts_with("line 3: invalid type"), "{said} {reason}");
    let deep = format!("{HEADER}\n{}\n", "[".repeat(1 << 20));
    let error = Reader::new(deep.as_bytes()).unwrap().nth(1).unwrap();
    assert!(matches!(
        error,
        Err(TraceFileError::BrokenLine { line: 2, .. })
    ));
}

#[test]
fn a_trace_may_be_cut_anywhere() {
    let whole = format!("{HEADER}\n{NOTE}\n{END}\n");
    let is_complete = |n: usize| n + 1 >= whole.len();
    for n in HEADER.len()..=whole.len() {
        let records: Vec<_> = Reader::new(&whole.as_bytes()[..n]).unwrap().collect();
        let last = records.last().unwrap();
        match last {
            Ok(record) => assert!(is_complete(n) && matches!(record, Record::End(_))),
            Err(TraceFileError::CutShort { line }) => {
                assert_eq!(*line, records.len() as u64 - 1);
            }
            Err(error) => panic!("{n}: {error}"),
        }
    }
    let said = "the trace was cut short after line 2: its last record, `end`, is missing";
    check(format!("{HEADER}\n{NOTE}\n{{\"rec"), 2, said);
}

#[test]
fn a_line_without_end_is_not_taken_in() {
    let long = format!("{HEADER}\n{}", " ".repeat(17 << 20));
    check(long, 1, "line 2 is longer than 16777216 bytes");
}

#[test]
fn a_damaged_file_is_read_as_far_as_it_goes() {
    let whole = include_bytes!("../../tests/fixtures/hostile.jsonl");
    for at in (0..whole.len()).step_by(11) {
        for byte in [0, b'"', b'{', b'9', b'\n', 0xff] {
            let mut damaged = whole.to_vec();
            damaged[at] = byte;
            if let Ok(reader) = Reader::new(damaged.as_slice()) {
                let records: Vec<_> = reader.collect();
                let n_good = records.iter().take_while(|record| record.is_ok()).count();
                assert!(n_good + 1 >= records.len(), "nothing comes after an error");
            }
        }
    }
}
