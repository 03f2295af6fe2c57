//! Runs the example and holds what it shows.

use std::process::Command;

#[test]
fn a_policy_from_outside_decides_otherwise() {
    let output = Command::new(env!("CARGO_BIN_EXE_custom_policy")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<_> = told.lines().collect();
    let expected = [
        "longest-wait: Zoe by Ada, Max by Ada, Ida by Ada, Kim by Bob, Lea by Bob",
        "newest-first: Ida by Ada, Max by Ada, Zoe by Ada, Kim by Bob, Lea by Ada",
    ];
    assert_eq!(lines, expected);
}
