//! Orders of one queue.

use crate::cases::{Case, Cell, agents, category, cells};
use crate::metric::Metric::{self, Wait, WaitAt, WaitBetween};

const LOW: usize = 0;
const MEDIUM: usize = 1;
const HIGH: usize = 2;

/// Customers of each priority per unit of time.
type Rates<'a> = &'a [(&'a str, f64)];

const ONE: Rates<'static> = &[("high", 0.3), ("low", 0.5)];
const TEN: Rates<'static> = &[("high", 3.0), ("low", 6.0)];

fn case(name: &str, servers: u32, rates: Rates<'_>, policy: &'static str, cells: Vec<Cell>) -> Case {
    let list: Vec<_> = rates.iter().map(|(priority, rate)| format!("{priority} = {rate}")).collect();
    let lines = format!("work = {{ exponential = \"1m\" }}\npriorities = {{ {} }}", list.join(", "));
    let rate = rates.iter().map(|(_, rate)| rate).sum();
    Case {
        name: name.to_owned(),
        file: category("all", rate, &lines) + &agents("all", servers, ""),
        policy,
        quick: 0,
        full: if servers == 1 { 130_000 } else { 700_000 },
        cells,
    }
}

fn quick(case: Case, quick: u64) -> Case {
    Case { quick, ..case }
}

/// Cobham's non-preemptive strict priorities.
pub(crate) fn strict() -> Vec<Case> {
    let three = [("high", 0.2), ("medium", 0.3), ("low", 0.4)];
    let twenty = [("high", 6.0), ("low", 12.6)];
    let known = |known: &[(Metric, f64)]| cells(known);
    let one = known(&[(WaitAt(HIGH), 1.142_857), (WaitAt(LOW), 5.714_286), (Wait, 4.0)]);
    let all_three = known(&[(WaitAt(HIGH), 1.125), (WaitAt(MEDIUM), 2.25), (WaitAt(LOW), 18.0), (Wait, 9.0)]);
    let ten = known(&[(WaitAt(HIGH), 0.095_533), (WaitAt(LOW), 0.955_331), (Wait, 0.668_732)]);
    let of_twenty = known(&[(WaitAt(HIGH), 0.047_771), (WaitAt(LOW), 0.682_436), (Wait, 0.477_705)]);
    vec![
        quick(case("P-1", 1, ONE, "strict", one), 10_000),
        Case { full: 450_000, ..case("P-1-three", 1, &three, "strict", all_three) },
        quick(case("P-10", 10, TEN, "strict", ten), 8_000),
        Case { full: 1_000_000, ..case("P-20", 20, &twenty, "strict", of_twenty) },
    ]
}

/// Kleinrock's accumulating priority: credit that grows with the wait, at another slope for each class.
pub(crate) fn slopes() -> Vec<Case> {
    let rows = [
        ("S-1-2", 1, ONE, "slopes(1,1,2,2)", 4.705_882, 2.823_529, 8_000),
        ("S-1-4", 1, ONE, "slopes(1,1,4,4)", 5.161_290, 2.064_516, 0),
        ("S-10-2", 10, TEN, "slopes(1,1,2,2)", 0.786_743, 0.432_709, 0),
        ("S-10-4", 10, TEN, "slopes(1,1,4,4)", 0.862_879, 0.280_436, 0),
    ];
    rows.into_iter()
        .map(|(name, servers, rates, policy, low, high, short)| {
            quick(case(name, servers, rates, policy, cells(&[(WaitAt(LOW), low), (WaitAt(HIGH), high)])), short)
        })
        .collect()
}

/// Head starts have no closed form: these were simulated by another program, with half widths of 95 % over 20
/// replications. Whatever the order, the mean wait of all is that of FIFO.
pub(crate) fn head_starts() -> Vec<Case> {
    #[rustfmt::skip]
    let rows = [
        ("H-0.25", 10, TEN, "ageing(0s,0s,15s,15s)", [(0.7143, 0.0043), (0.5788, 0.0040), (0.1356, 0.0006)], 0.668_732, 0),
        ("H-0.5", 10, TEN, "ageing(0s,0s,30s,30s)", [(0.7518, 0.0044), (0.5038, 0.0039), (0.2480, 0.0008)], 0.668_732, 0),
        ("H-1", 10, TEN, "ageing(0s,0s,60s,60s)", [(0.8099, 0.0046), (0.3877, 0.0036), (0.4222, 0.0013)], 0.668_732, 0),
        ("H-4", 10, TEN, "ageing(0s,0s,240s,240s)", [(0.9362, 0.0056), (0.1352, 0.0018), (0.8010, 0.0041)], 0.668_732, 0),
        ("H-single", 1, ONE, "ageing(0s,0s,2m,2m)", [(4.4070, 0.0096), (3.3269, 0.0081), (1.0801, 0.0026)], 4.0, 8_000),
    ];
    let metrics = [WaitAt(LOW), WaitAt(HIGH), WaitBetween(LOW, HIGH)];
    rows.into_iter()
        .map(|(name, servers, rates, policy, known, all, short)| {
            let simulated = |(metric, (mean, half_width)): (Metric, (f64, f64))| Cell {
                error: half_width / 2.093,
                narrow: false,
                ..Cell::new(metric, mean)
            };
            let known = metrics.into_iter().zip(known).map(simulated).chain([Cell::new(Wait, all)]);
            let case = quick(case(name, servers, rates, policy, known.collect()), short);
            Case { full: if servers == 1 { 300_000 } else { 700_000 }, ..case }
        })
        .collect()
}

/// Conservation: whoever comes first or last, or at random, all wait as long together.
pub(crate) fn conserving() -> Vec<Case> {
    let made = |(name, policy)| {
        let all = cells(&[(Wait, 0.668_732)]);
        Case { full: 1_000_000, ..case(name, 10, TEN, policy, all) }
    };
    [("L-10", "last-come"), ("R-10", "random-order")].map(made).into()
}
