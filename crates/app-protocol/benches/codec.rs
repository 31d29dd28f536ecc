//! How fast the codec is, by itself: `cargo bench -p app-protocol`.
//!
//! Each figure is the median of eleven rounds. With `-- --json`, each is a line of JSON.
#![forbid(unsafe_code)]

use std::env;
use std::hint::black_box;
use std::time::{Duration, Instant};

use app_protocol::{Decoder, Description, encode};

const N_ROUNDS: usize = 11;
const ROUND: Duration = Duration::from_millis(200);
/// What one read of the event loop brings.
const READ_SIZE: usize = 64 * 1024;

fn main() {
    for size in [50, 1024, 64 * 1024, 1024 * 1024] {
        let content = vec![b'x'; size];
        let mut wire = Vec::new();
        append(&content, &mut wire);
        report("encode", size, || {
            wire.clear();
            append(black_box(&content), &mut wire);
        });
        report("decode", size, || {
            let mut decoder = Decoder::default();
            for mut piece in black_box(&wire).chunks(READ_SIZE) {
                black_box(decoder.decode(&mut piece).expect("a message"));
            }
        });
    }
}

fn append(content: &[u8], wire: &mut Vec<u8>) {
    let description = Description::binary("binary/bench", true);
    encode(description, content, wire).expect("a short header");
}

fn report(what: &str, size: usize, mut once: impl FnMut()) {
    let mut seconds: Vec<f64> =
        (0..N_ROUNDS).map(|_| round(&mut once)).collect();
    seconds.sort_by(f64::total_cmp);
    let median = seconds[N_ROUNDS / 2];
    let gigabytes = size as f64 / median / 1e9;
    let nanoseconds = median * 1e9;
    if env::args().any(|argument| argument == "--json") {
        let line = serde_json::json!({
            "call": what,
            "bytes": size,
            "nanoseconds": nanoseconds,
            "gigabytes_per_second": gigabytes,
        });
        println!("{line}");
    } else {
        println!(
            "{what} {size:>8} bytes of content: {nanoseconds:>9.0} ns, {gigabytes:>6.2} GB/s"
        );
    }
}

/// Seconds for each call, over one round.
fn round(once: &mut impl FnMut()) -> f64 {
    let begin = Instant::now();
    let mut n_calls = 0_u32;
    while begin.elapsed() < ROUND {
        for _ in 0..16 {
            once();
        }
        n_calls += 16;
    }
    begin.elapsed().as_secs_f64() / f64::from(n_calls)
}
