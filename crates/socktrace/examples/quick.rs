use std::ffi::OsString;
use socktrace::linux::*;
use socktrace::show::Show;
struct P;
impl Show for P {
    fn record(&mut self, r: &socktrace::record::Record) -> anyhow::Result<()> {
        println!("{}", serde_json::to_string(r)?);
        Ok(())
    }
}
fn main() {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    if args[0] == "start-watched" {
        start_watched(args[1].as_ref(), args[2].as_ref(), args[3] == "filter", &args[5..]);
        std::process::exit(9);
    }
    let has_filter = std::env::var_os("NOFILTER").is_none();
    if args[0] == "one" {
        let plan = OnePlan { command: args[1..].to_vec(), has_filter, bytes: 4096, states: false };
        let e = trace_one(&plan, &mut P);
        eprintln!("{e:?}");
        return;
    }
    let cut = args.iter().position(|w| w == "::").unwrap();
    let plan = Plan { server: args[..cut].to_vec(), client: args[cut+1..].to_vec(), timeout: Some(std::time::Duration::from_secs(20)), has_filter, bytes: 4096 };
    let e = trace_pair(plan, &mut P);
    eprintln!("{e:?}");
}
