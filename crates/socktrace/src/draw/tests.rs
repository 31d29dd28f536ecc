use super::*;
use crate::trace_file::Reader;

/// The drawing of a trace, without its colours.
fn drawn(trace: &str, options: Options) -> String {
    let mut reader = Reader::new(trace.as_bytes()).unwrap();
    let mut drawing = Drawing::new(&reader.header().clone(), options);
    let mut out = Vec::new();
    for record in &mut reader {
        drawing.record(&record.unwrap(), &mut out).unwrap();
    }
    drawing.finish(&mut out).unwrap();
    anstream::adapter::strip_bytes(&out)
        .into_vec()
        .try_into()
        .unwrap()
}

#[test]
fn show() {
    let trace = include_str!("../../tests/fixtures/echo.jsonl");
    println!("{}", drawn(trace, Options::default()));
    println!(
        "{}",
        drawn(
            trace,
            Options {
                ascii: true,
                width: 60,
                ..Options::default()
            }
        )
    );
}
