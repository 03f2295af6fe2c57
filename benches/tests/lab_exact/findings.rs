//! What the literature found, found again.

use chatter_benches::lab::scenario::Scenario;
use chatter_benches::lab::sim::count;

use crate::metric::Metric;

const SEEDS: u64 = 12;

/// The value of a metric for each seed.
fn values(scenario: &Scenario, policy: &str, metric: Metric) -> Vec<f64> {
    let run = |seed| count(scenario, policy, seed, 0).unwrap_or_else(|error| panic!("{error}"));
    (1..=SEEDS).map(|seed| metric.of(&run(seed))).collect()
}

fn preset(name: &str) -> Scenario {
    Scenario::preset(name).unwrap_or_else(|error| panic!("{error}")).with_customers(3_000)
}

/// The mean of differences over the same customers, and its standard error.
fn paired(one: &[f64], other: &[f64]) -> (f64, f64) {
    let differences: Vec<f64> = one.iter().zip(other).map(|(one, other)| one - other).collect();
    let count = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / count;
    let squares: f64 = differences.iter().map(|it| (it - mean).powi(2)).sum();
    (mean, (squares / (count - 1.0) / count).sqrt())
}

/// Where a further chat adds less and less, spreading chats serves more than filling agents up: of the exact chains with
/// four agents of three chats 2.4198 % against 2.9318 % leave.
#[test]
fn least_loaded_beats_fill_first_where_chats_slow_each_other() {
    let scenario = preset("chat-lps");
    let [least, fill] = ["least-loaded", "fill-first"].map(|policy| values(&scenario, policy, Metric::Left));
    let (difference, error) = paired(&fill, &least);
    assert!(difference > 3.5 * error, "{difference} ± {error}");
    assert!((difference - 0.005_12).abs() < 3.5 * error, "{difference} ± {error}");
    // The pairs tell more than two independent samples would.
    let spread = |values: &[f64]| paired(values, &vec![0.0; values.len()]).1;
    assert!(error < spread(&least).hypot(spread(&fill)), "common customers narrow the difference");
}

/// Two skills in a ring are nearly as good as all (Jordan and Graves 1995; Wallace and Whitt 2005): of what full
/// flexibility saves over dedicated agents, the ring saves more than four fifths.
#[test]
fn a_chain_of_two_skills_is_nearly_full_flexibility() {
    let waits = ["skills-dedicated", "skills-chain", "skills-full"].map(|name| {
        let waits = values(&preset(name), "longest-wait", Metric::Wait);
        waits.iter().sum::<f64>() / waits.len() as f64
    });
    let [dedicated, chain, full] = waits;
    let saved = (dedicated - chain) / (dedicated - full);
    assert!((0.8..=1.0).contains(&saved), "{waits:?}: {saved}");
}
