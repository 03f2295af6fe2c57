//! Runs the example and holds what it shows.

use std::process::Command;

#[test]
fn a_customer_and_an_agent_chat_in_one_process() {
    let output = Command::new(env!("CARGO_BIN_EXE_embed")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "Ada to Zoe: Hello Zoe, how can I help?\n");
}
