//! The lab against theory: simulated means lie within their error of exact ones.
//!
//! `cargo test` makes a quick selection. `CHATTER_LAB_FULL=1 cargo test --release -p chatter-benches --test lab_exact --
//! --nocapture` runs every case with seeds 1 to 20, long enough that the intervals are narrow, too, and then with seeds
//! 1001 to 1020; `CHATTER_LAB_ONLY=C6,PK-*` keeps to the cases of these names and beginnings of names,
//! `CHATTER_LAB_SEEDS=1001` to the twenty seeds that begin with this one.

#![expect(clippy::print_stdout, reason = "the long run shows what it found")]

mod cases;
mod controls;
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
    let all = cases::all();
    let chosen = all.iter().filter(|case| case.quick > 0);
    let wrong: Vec<_> = chosen.flat_map(|case| judge::judge(case, 1, Length::Quick)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_case_with_narrow_intervals() {
    if std::env::var_os("CHATTER_LAB_FULL").is_none() {
        return;
    }
    let only = std::env::var("CHATTER_LAB_ONLY").unwrap_or_default();
    let seeds = match std::env::var("CHATTER_LAB_SEEDS") {
        Ok(first) => vec![first.trim().parse().expect("CHATTER_LAB_SEEDS is a number")],
        Err(_) => vec![1, 1_001],
    };
    let mut wrong = Vec::new();
    for first_seed in seeds {
        for case in cases::all().iter().filter(|case| is_among(&only, &case.name)) {
            wrong.extend(judge::judge(case, first_seed, Length::Full));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A list of names, or of beginnings with a `*` after them; an empty one has all.
fn is_among(list: &str, name: &str) -> bool {
    let fits = |item: &str| match item.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == item,
    };
    list.is_empty() || list.split(',').any(fits)
}
