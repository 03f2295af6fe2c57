use super::super::ErlangA;
use super::super::testing::{agree, prints};
use super::*;

const CASE: NModel =
    NModel { arrival_a: 1.2, arrival_b: 0.8, servers_1: 1, servers_2: 1, patience: 1.0, waiting_max: 30 };

/// P(wait A), P(wait B), W of A, W of B, occupancies of the pools.
const TABLE: [(Rule, [f64; 6]); 5] = [
    (Rule::LongestWait, [0.510_641, 0.741_078, 0.224_469, 0.444_164, 0.634_227, 0.741_078]),
    (Rule::BFirst, [0.513_930, 0.740_372, 0.238_488, 0.419_025, 0.638_223, 0.740_372]),
    (Rule::AFirst, [0.504_956, 0.742_177, 0.204_330, 0.481_479, 0.627_443, 0.742_177]),
    (Rule::LongestQueue, [0.510_093, 0.741_246, 0.220_349, 0.451_030, 0.633_512, 0.741_246]),
    (Rule::QueueRatio(2.0 / 3.0), [0.512_908, 0.740_594, 0.229_994, 0.433_044, 0.636_978, 0.740_594]),
];

fn values(result: &NModelResult) -> [f64; 6] {
    let [wait_a, wait_b] = result.wait_probability;
    let ([mean_a, mean_b], [busy_1, busy_2]) = (result.mean_wait, result.occupancy);
    [wait_a, wait_b, mean_a, mean_b, busy_1, busy_2]
}

#[test]
fn the_table() {
    for (rule, printed) in TABLE {
        let waiting_max = if rule == Rule::LongestWait { 13 } else { 30 };
        let result = NModel { waiting_max, ..CASE }.solve(rule).unwrap();
        for (value, printed) in values(&result).into_iter().zip(printed) {
            prints(&format!("{rule:?}"), value, printed);
        }
        assert_eq!(result.abandoned, result.mean_wait, "with a patience rate of 1");
    }
}

/// What comes leaves, served or not, under every rule and for unequal pools.
#[test]
fn flow_is_conserved() {
    let case = NModel { arrival_a: 2.0, arrival_b: 1.5, servers_1: 2, servers_2: 3, patience: 0.7, waiting_max: 30 };
    for (rule, _) in TABLE {
        let waiting_max = if rule == Rule::LongestWait { 10 } else { 30 };
        let result = NModel { waiting_max, ..case }.solve(rule).unwrap();
        let served = 2.0 * result.occupancy[0] + 3.0 * result.occupancy[1];
        let gone = 2.0 * result.abandoned[0] + 1.5 * result.abandoned[1];
        // The ordered chain is cut early here and turns a few away.
        let precision = if rule == Rule::LongestWait { 1e-4 } else { 1e-9 };
        agree(&format!("{rule:?}"), served + gone, 3.5, precision);
    }
}

/// Without pool 1's help (A hardly comes) class B has a plain queue of its own; and with hardly any B, A has both
/// pools.
#[test]
fn the_ends_are_plain_queues() {
    let alone = NModel { arrival_a: 1e-9, servers_2: 3, arrival_b: 2.5, ..CASE }.solve(Rule::AFirst).unwrap();
    let plain = ErlangA::new(3, 2.5, 1.0, 1.0).unwrap();
    agree("B", alone.mean_wait[1], plain.mean_wait, 1e-6);
    let both = NModel { arrival_b: 1e-9, servers_2: 3, arrival_a: 3.5, ..CASE }.solve(Rule::BFirst).unwrap();
    agree("A", both.mean_wait[0], ErlangA::new(4, 3.5, 1.0, 1.0).unwrap().mean_wait, 1e-6);
}

#[test]
fn places_in_the_order() {
    // A, B, B, A from the first on.
    let line = Line::Ordered { length: 4, classes: 0b0110 };
    assert_eq!(line.count(), [2, 2]);
    assert_eq!(line.taken(1), Some(Line::Ordered { length: 3, classes: 0b010 }));
    assert_eq!(line.joined(1, 5), Some(Line::Ordered { length: 5, classes: 0b10110 }));
    assert_eq!(line.joined(1, 4), None);
    assert_eq!(line.left().len(), 4);
    assert!(NModel { waiting_max: 30, ..CASE }.solve(Rule::LongestWait).is_err());
    assert!(NModel { servers_1: 0, ..CASE }.solve(Rule::AFirst).is_err());
}
