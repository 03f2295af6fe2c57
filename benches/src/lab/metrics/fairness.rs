//! How evenly something is shared, and who was overtaken.

use std::collections::BTreeMap;

use crate::lab::record::{CustomerRow, Fate, Micros};
use crate::lab::stats;

/// Jain's index of shares; absent without anything to share.
#[must_use]
pub fn jain(shares: &[f64]) -> Option<f64> {
    shares.iter().any(|share| *share > 0.0).then(|| stats::jain(shares))
}

/// Gini's coefficient of shares; absent without anything to share.
#[must_use]
pub fn gini(shares: &[f64]) -> Option<f64> {
    shares.iter().any(|share| *share > 0.0).then(|| stats::gini(shares))
}

/// For each customer in the order in which they came: true when they were given to an agent while somebody who came
/// before them, with the same category and priority, still waited.
#[must_use]
pub fn skips(customers: &[CustomerRow]) -> Vec<bool> {
    // By class: the latest end of a wait among those who came before the newest arrival time, that time, and the
    // latest end among those who came at it, who are not before each other.
    let mut classes: BTreeMap<(u16, u8), (Micros, Micros, Micros)> = BTreeMap::new();
    let mut skips = Vec::with_capacity(customers.len());
    for customer in customers {
        let (assigned, left) = match customer.fate {
            Fate::Served { assigned, .. } | Fate::AbandonedSilently { assigned, .. } => (Some(assigned), assigned),
            Fate::Abandoned { at } => (None, at),
            Fate::Unfinished => (None, Micros::MAX),
            Fate::Rejected => {
                skips.push(false);
                continue;
            }
        };
        let (before, newest, at_newest) = classes.entry((customer.category, customer.priority)).or_default();
        if customer.arrived > *newest {
            *before = (*before).max(*at_newest);
            (*newest, *at_newest) = (customer.arrived, 0);
        }
        skips.push(assigned.is_some_and(|assigned| *before > assigned));
        *at_newest = (*at_newest).max(left);
    }
    skips
}

#[cfg(test)]
mod tests {
    use super::{gini, jain, skips};
    use crate::lab::record::{CustomerRow, Fate};

    fn close(found: Option<f64>, wanted: f64) {
        let found = found.unwrap();
        assert!((found - wanted).abs() < 1e-12, "{found} instead of {wanted}");
    }

    #[test]
    fn shares_by_hand() {
        close(jain(&[3.0, 3.0, 3.0]), 1.0);
        close(jain(&[4.0, 0.0, 0.0, 0.0]), 0.25);
        close(jain(&[1.0, 2.0, 3.0]), 36.0 / 42.0);
        close(gini(&[2.0, 2.0]), 0.0);
        close(gini(&[0.0, 0.0, 0.0, 8.0]), 0.75);
        close(gini(&[3.0, 1.0, 2.0]), 2.0 / 9.0);
        assert_eq!((jain(&[]), jain(&[0.0]), gini(&[]), gini(&[0.0, 0.0])), (None, None, None, None));
    }

    fn row(arrived: u64, class: (u16, u8), fate: Fate) -> CustomerRow {
        CustomerRow { arrived, category: class.0, priority: class.1, fate }
    }

    const fn served(assigned: u64) -> Fate {
        Fate::Served { assigned, first_reply: assigned, ended: assigned + 1, agent: 0, handled: 1, work: 1 }
    }

    #[test]
    fn overtaking_is_seen_within_a_class_alone() {
        let silent = Fate::AbandonedSilently { at: 60, assigned: 90, ended: 95, agent: 0, handled: 5 };
        let rows = [
            row(1, (0, 0), served(50)),
            row(2, (0, 0), served(40)),                 // while the first still waited
            row(3, (1, 0), served(4)),                  // another category
            row(4, (0, 1), served(5)),                  // another priority
            row(5, (0, 0), Fate::Abandoned { at: 45 }), // leaves the queue unserved
            row(6, (0, 0), served(50)),                 // at the same moment as the first
            row(7, (0, 0), silent),                     // waits, as the desk sees it, until it is assigned
            row(8, (0, 0), served(70)),                 // before the silent one
            row(8, (0, 0), served(65)),                 // and this, but not before the one of the same moment
            row(9, (2, 0), Fate::Unfinished),
            row(10, (2, 0), Fate::Rejected),
            row(11, (2, 0), served(12)), // the unfinished one waits still
        ];
        let found: Vec<usize> = skips(&rows).iter().enumerate().filter(|(_, skip)| **skip).map(|(at, _)| at).collect();
        assert_eq!(found, [1, 7, 8, 11]);
    }

    /// The single pass says what a look at every pair says.
    #[test]
    fn it_equals_the_definition_on_many_queues() {
        let mut state = 7_u64;
        let mut roll = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for _ in 0..200 {
            let mut arrived = 0;
            let rows: Vec<CustomerRow> = (0..40)
                .map(|_| {
                    arrived += roll(3);
                    let end = arrived + roll(12);
                    let fate = match roll(5) {
                        0 => Fate::Abandoned { at: end },
                        1 => Fate::Unfinished,
                        2 => Fate::AbandonedSilently {
                            at: end,
                            assigned: end + roll(5),
                            ended: end + 9,
                            agent: 0,
                            handled: 1,
                        },
                        _ => served(end),
                    };
                    row(arrived, (u16::try_from(roll(2)).unwrap(), 0), fate)
                })
                .collect();
            let leaves = |it: &CustomerRow| match it.fate {
                Fate::Served { assigned, .. } | Fate::AbandonedSilently { assigned, .. } => (Some(assigned), assigned),
                Fate::Abandoned { at } => (None, at),
                Fate::Unfinished | Fate::Rejected => (None, u64::MAX),
            };
            let by_pairs: Vec<bool> = rows
                .iter()
                .map(|late| {
                    let Some(assigned) = leaves(late).0 else { return false };
                    rows.iter().any(|early| {
                        early.category == late.category && early.arrived < late.arrived && leaves(early).1 > assigned
                    })
                })
                .collect();
            assert_eq!(skips(&rows), by_pairs, "{rows:?}");
        }
    }
}
