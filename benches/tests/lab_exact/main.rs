//! The lab against theory: simulated means lie within their error of exact ones.
//!
//! `cargo test` makes a quick selection. `CHATTER_LAB_FULL=1 cargo test --release -p chatter-benches --test lab_exact --
//! --nocapture` runs every case with seeds 1 to 20, long enough that the intervals are narrow, too, and then with seeds
//! 1001 to 1020; `CHATTER_LAB_ONLY=C` keeps to the cases whose names begin so.

#![expect(clippy::print_stdout, reason = "the long run shows what it found")]

mod cases;
mod coverage;
mod findings;
mod judge;
mod metric;
mod orders;
mod queues;
mod several;

use judge::Length;

#[test]
fn quick_selection() {
    for case in cases::all().iter().filter(|case| case.quick > 0) {
        judge::judge(case, 1, Length::Quick);
    }
}

#[test]
fn every_case_with_narrow_intervals() {
    if std::env::var_os("CHATTER_LAB_FULL").is_none() {
        return;
    }
    let only = std::env::var("CHATTER_LAB_ONLY").unwrap_or_default();
    for first_seed in [1, 1_001] {
        for case in cases::all().iter().filter(|case| case.name.starts_with(&only)) {
            judge::judge(case, first_seed, Length::Full);
        }
    }
}
