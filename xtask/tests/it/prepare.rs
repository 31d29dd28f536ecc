//! `prepare`: what it says of this machine.

use crate::finish;

#[test]
fn the_machine_is_told_without_building_anything() {
    let (code, stdout, stderr) = finish(&["prepare", "--check"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(stderr, "");
    for name in ["IPv6", "descriptors", "python3", "ptrace", "namespaces"] {
        assert!(stdout.contains(&format!("\n  {name} ")), "{stdout}");
    }
}
