//! Goal P8: 10,000 customers wait, 1,000 agents come online one after another; how long each takes from having room
//! to having been given all they can take, in the desk alone.

use std::time::{Duration, Instant};

use chatter_benches::rush;

#[expect(clippy::print_stdout, reason = "the figures are what the bench is for")]
fn main() {
    // Cargo gives `--bench` when it is to measure; as a test, one pass must do.
    let (waiting, agents) =
        if std::env::args().any(|argument| argument == "--bench") { (10_000, 1_000) } else { (100, 10) };
    let mut took = rush(waiting, agents, Instant::now);
    took.sort_unstable();
    let at = |share: usize| took[(took.len() * share / 100).min(took.len() - 1)];
    let all: Duration = took.iter().sum();
    println!("{waiting} waiting, {agents} agents come online: all assigned in {all:?}");
    println!("from room to assignment: median {:?}, p99 {:?}, most {:?}", at(50), at(99), at(100));
}
