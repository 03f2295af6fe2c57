//! Comparisons of hand-made runs.

use super::{Comparison, GroupKind, Names, PolicyRuns, Verdict};
use crate::lab::metrics::tests::{customer, served, small_run};
use crate::lab::metrics::{Options, Summary};
use crate::lab::record::RunRecord;

/// A run whose customers wait so long each, one of them in another category.
fn run(policy: &str, replication: u32, waits: &[u64]) -> RunRecord {
    let mut run = small_run(policy, replication);
    run.customers = waits
        .iter()
        .enumerate()
        .map(|(at, wait)| {
            let arrived = 100 + 10 * at as u64;
            customer(arrived, u16::from(at == 0), 1, served(arrived + wait, arrived + wait + 2, arrived + wait + 30, 0))
        })
        .collect();
    run
}

pub(crate) fn runs(policy: &str, waits: &[&[u64]]) -> PolicyRuns {
    let options = Options::default();
    let summary =
        |(at, waits): (usize, &&[u64])| Summary::of(&run(policy, u32::try_from(at).unwrap(), waits), &options);
    PolicyRuns { policy: policy.to_owned(), runs: waits.iter().enumerate().map(summary).collect() }
}

/// Three policies over five replications: the second is the first with 1 s more each time, the third is noise.
pub(crate) fn three() -> Comparison {
    let first = runs("fifo", &[&[10, 20], &[30, 40], &[20, 10], &[50, 60], &[40, 40]]);
    let second = runs("slower", &[&[11, 21], &[31, 41], &[21, 12], &[51, 61], &[41, 41]]);
    let third = runs("noisy", &[&[30, 40], &[10, 20], &[50, 60], &[20, 10], &[45, 35]]);
    let names = Names { categories: vec!["sales & more".to_owned(), "<support>".to_owned()], agents: Vec::new() };
    Comparison::new(&[first, second, third], &Options::default(), &names)
}

#[test]
fn pairs_find_what_the_spread_of_days_hides() {
    let comparison = three();
    let waits = comparison.metric("wait_mean").unwrap();
    // Means of the replications: 15 35 15 55 40.
    let first = waits.values[0].unwrap();
    assert_eq!(first.estimate, 32.0);
    // Half-width of a mean of five: 2.776445 × √(295 / 5), as all replications are of one size.
    assert!((first.half_width.unwrap() - 2.776_445_105 * (295.0_f64 / 5.0).sqrt()).abs() < 1e-6, "{first:?}");

    let slower = waits.differences[0].as_ref().unwrap();
    assert!((slower.difference - 1.1).abs() < 1e-9, "{slower:?}");
    assert_eq!((slower.verdict, slower.policy.as_str(), slower.to.as_str()), (Verdict::Higher, "slower", "fifo"));
    // Pairs 1 1 1.5 1 1: their variance is 0.05.
    assert!((slower.half_width - 2.776_445_105 * (0.05_f64 / 5.0).sqrt()).abs() < 1e-6, "{slower:?}");
    assert!(slower.variance_reduction.unwrap() > 1_000.0, "{slower:?}");
    assert!(slower.p < 0.001 && (slower.p_holm - 2.0 * slower.p).abs() < 1e-15, "{slower:?}");

    let noisy = waits.differences[1].as_ref().unwrap();
    assert_eq!(noisy.verdict, Verdict::NotDistinguishable);
    assert!(noisy.variance_reduction.unwrap() < 1.0, "these vary against each other: {noisy:?}");
    assert_eq!(comparison.metric("offered").unwrap().differences[0].as_ref().unwrap().verdict, Verdict::Equal);
}

#[test]
fn many_policies_need_more_to_differ() {
    let base: [&[u64]; 5] = [&[10], &[20], &[30], &[40], &[50]];
    // Alone it differs, with p between 0.01 and 0.05.
    let near: [&[u64]; 5] = [&[11], &[25], &[34], &[42], &[52]];
    let alone = Comparison::new(&[runs("a", &base), runs("b", &near)], &Options::default(), &Names::default());
    let verdict = |it: &Comparison, at: usize| it.metric("wait_mean").unwrap().differences[at].clone().unwrap();
    assert_eq!(verdict(&alone, 0).verdict, Verdict::Higher);
    let p = verdict(&alone, 0).p;
    assert!(p > 0.01 && p < 0.05, "{p}");
    let mut policies = vec![runs("a", &base), runs("b", &near)];
    policies.extend((0..5).map(|at| runs(&format!("same{at}"), &base)));
    let many = Comparison::new(&policies, &Options::default(), &Names::default());
    assert_eq!(verdict(&many, 0).verdict, Verdict::NotAfterHolm);
    assert!((verdict(&many, 0).p_holm - 6.0 * p).abs() < 1e-12);
    assert_eq!(verdict(&many, 1).verdict, Verdict::Equal);
}

#[test]
fn groups_have_names_and_one_replication_has_no_interval() {
    let comparison = three();
    let names: Vec<(GroupKind, &str)> = comparison.groups.iter().map(|it| (it.kind, it.name.as_str())).collect();
    let wanted = [(GroupKind::Category, "sales & more"), (GroupKind::Category, "<support>")];
    assert_eq!(names, wanted, "all have one priority");
    assert!(comparison.groups[0].metrics.iter().all(|row| row.id != "aht"), "agents have no category");

    let one = Comparison::new(&[runs("a", &[&[5]]), runs("b", &[&[7]])], &Options::default(), &Names::default());
    let row = one.metric("wait_mean").unwrap();
    assert_eq!((row.values[1].unwrap().estimate, row.values[1].unwrap().half_width), (7.0, None));
    assert_eq!(row.differences, [None]);
    assert_eq!(one.metric("abandoned_mean").unwrap().values, [None, None], "nobody abandoned");
}

#[test]
fn plots_have_a_line_for_each_policy() {
    let plots = three().plots;
    assert_eq!((plots.waits.len(), plots.day.len(), plots.queue.len(), plots.agents.len()), (3, 3, 3, 3));
    let curve = &plots.waits[0].points;
    assert!(curve[0] == (0.0, 1.0) && curve.is_sorted_by(|a, b| a.0 < b.0 && a.1 >= b.1), "{curve:?}");
    assert_eq!(plots.queue[0].mean, [0.0, 1.0, 3.0, 2.0, 1.0]);
    assert_eq!(plots.agents[0].occupancy, [Some(0.4), Some(0.85)]);
}

#[test]
#[should_panic(expected = "replications pair")]
fn what_does_not_pair_is_not_compared() {
    let _ = Comparison::new(&[runs("a", &[&[1], &[2]]), runs("b", &[&[1]])], &Options::default(), &Names::default());
}
