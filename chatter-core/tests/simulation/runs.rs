//! The tests: many seeds, one seed, the same seed twice.

use crate::world::{Report, run};

/// Seeds that once failed, one a line.
const KEPT: &str = include_str!("seeds.txt");

fn kept() -> impl Iterator<Item = u64> {
    let seed = |line: &str| line.split('#').next().unwrap_or_default().trim().parse().ok();
    KEPT.lines().filter_map(seed)
}

fn from_env(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Runs a seed that must keep every promise.
#[track_caller]
fn check(seed: u64) -> Report {
    let report = run(seed, None);
    if let Some(broken) = &report.broken {
        panic!(
            "{}\nseed {seed} after {:?} and {} steps: {broken}\nrepeat with: CHATTER_SIM_SEED={seed} cargo test -p \
             chatter-core --test simulation one_seed -- --nocapture",
            report.trace, report.time, report.lines
        );
    }
    report
}

#[test]
fn one_seed() {
    let report = check(from_env("CHATTER_SIM_SEED").unwrap_or(1));
    let again = run(from_env("CHATTER_SIM_SEED").unwrap_or(1), None);
    assert_eq!(report.hash, again.hash, "the same seed is the same run");
}

#[test]
fn many_seeds() {
    let full = std::env::var_os("CHATTER_FULL").is_some();
    let count = from_env("CHATTER_SIM_SEEDS").unwrap_or(if full { 400 } else { 100 });
    let mut total = (0, 0, 0, 0);
    for seed in kept().chain(1..=count) {
        let Report { lives, messages, lines, .. } = check(seed);
        total = (total.0 + lives, total.1 + messages.0, total.2 + messages.1, total.3 + lines);
    }
    eprintln!("{total:?}");
}
