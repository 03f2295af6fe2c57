use std::collections::BTreeSet;
use std::ops::Bound;

use proptest::prelude::*;

use super::RankTree;
use crate::steps;

/// Small nodes, so that a few hundred keys make a tree of many levels.
type Small = RankTree<i64, 4, 8>;
type Odd = RankTree<i64, 9, 11>;

#[derive(Clone, Debug)]
enum Op {
    Insert(i64),
    Append(i64),
    Remove(i64),
    RemoveFirst,
    RemoveAtRank(usize),
    RemoveRange(i64, i64),
}

fn op() -> impl Strategy<Value = Op> {
    let key = -300..300_i64;
    prop_oneof![
        8 => key.clone().prop_map(Op::Insert),
        6 => (1..4_i64).prop_map(Op::Append),
        4 => key.clone().prop_map(Op::Remove),
        3 => Just(Op::RemoveFirst),
        3 => (0..400_usize).prop_map(Op::RemoveAtRank),
        1 => (key, 0..120_i64).prop_map(|(from, length)| Op::RemoveRange(from, from + length)),
    ]
}

fn run<const LEAF: usize, const FAN: usize>(ops: &[Op]) -> Result<(), TestCaseError> {
    let mut tree = RankTree::<i64, LEAF, FAN>::new();
    let mut model = BTreeSet::new();
    for op in ops {
        match *op {
            Op::Insert(key) => prop_assert_eq!(tree.insert(key), model.insert(key)),
            Op::Append(gap) => {
                let key = model.last().map_or(0, |last| last + gap);
                prop_assert_eq!(tree.insert(key), model.insert(key));
            }
            Op::Remove(key) => prop_assert_eq!(tree.remove(&key), model.remove(&key)),
            Op::RemoveFirst => {
                let first = model.pop_first();
                prop_assert_eq!(tree.first(), first);
                prop_assert_eq!(first.is_some_and(|key| tree.remove(&key)), first.is_some());
            }
            Op::RemoveAtRank(rank) => {
                let key = model.iter().nth(rank).copied();
                prop_assert_eq!(tree.get(rank), key);
                if let Some(key) = key {
                    prop_assert!(tree.remove(&key) && model.remove(&key));
                }
            }
            Op::RemoveRange(from, to) => {
                for key in from..to {
                    prop_assert_eq!(tree.remove(&key), model.remove(&key));
                }
            }
        }
        prop_assert_eq!(tree.check(), Ok(()));
        prop_assert_eq!(tree.len(), model.len());
    }
    same_answers(&tree, &model)
}

fn same_answers<const LEAF: usize, const FAN: usize>(
    tree: &RankTree<i64, LEAF, FAN>,
    model: &BTreeSet<i64>,
) -> Result<(), TestCaseError> {
    prop_assert!(tree.iter().eq(model.iter().copied()));
    prop_assert_eq!(tree.is_empty(), model.is_empty());
    prop_assert_eq!(tree.first(), model.first().copied());
    prop_assert_eq!(tree.after(None), model.first().copied());
    let highest = model.last().copied().unwrap_or(0).max(300);
    for key in -302..highest + 2 {
        prop_assert_eq!(tree.rank(&key), model.range(..key).count());
        let above = model.range((Bound::Excluded(key), Bound::Unbounded)).next().copied();
        prop_assert_eq!(tree.after(Some(&key)), above);
    }
    for (rank, key) in model.iter().enumerate() {
        prop_assert_eq!(tree.get(rank), Some(*key));
    }
    prop_assert_eq!(tree.get(model.len()), None);
    let rebuilt: RankTree<i64, LEAF, FAN> = model.iter().rev().copied().collect();
    prop_assert_eq!(&rebuilt, tree);
    prop_assert_eq!(rebuilt.check(), Ok(()));
    Ok(())
}

proptest! {
    #[test]
    fn answers_as_a_btree_set_does(ops in prop::collection::vec(op(), 0..600)) {
        run::<4, 8>(&ops)?;
        run::<9, 11>(&ops)?;
        run::<128, 64>(&ops)?;
    }
}

/// A queue: arrivals append, the head leaves, some leave from anywhere. The tree must not decay.
#[test]
fn stays_sound_as_a_queue() {
    let mut tree = Odd::new();
    for key in 0..20_000 {
        assert!(tree.insert(key));
        if key % 3 != 0 {
            let first = tree.first().unwrap();
            assert!(tree.remove(&first));
        }
        if key % 7 == 0 {
            let middle = tree.get(tree.len() / 2).unwrap();
            assert!(tree.remove(&middle));
        }
        if key % 100 == 0 {
            assert_eq!(tree.check(), Ok(()));
        }
    }
    while let Some(first) = tree.first() {
        assert!(tree.remove(&first));
    }
    assert_eq!(tree.check(), Ok(()));
    assert!(tree.is_empty());
}

#[test]
fn check_finds_a_wrong_count_and_a_wrong_order() {
    let sound: Small = (0..100).collect();
    let mut short = sound.clone();
    short.len -= 1;
    assert!(short.check().is_err());
    let mut swapped = sound;
    let super::Node::Inner(root) = &mut swapped.root else { panic!("a hundred keys fit no leaf of four") };
    root.lows.swap(0, 1);
    assert!(swapped.check().is_err());
}

#[test]
fn shows_and_compares_by_content() {
    let up: Small = (0..50).collect();
    let down: Small = (0..50).rev().collect();
    assert_eq!(up, down);
    let mut less = down.clone();
    less.remove(&7);
    assert_ne!(less, down);
    assert_eq!(format!("{:?}", (1..4).collect::<Small>()), "{1, 2, 3}");
}

/// The most steps that one operation takes on a set of `size` keys, which came shuffled or in order.
fn most_steps(size: u64, shuffled: bool) -> [u64; 3] {
    let mut tree = RankTree::<(i64, u64)>::new();
    // An odd multiplier visits every residue once, in an order far from ascending.
    let spread = |n: u64| if shuffled { n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 1 } else { n };
    let key = |n: u64| (i64::try_from(spread(n)).expect("shifted, or small"), n);
    for n in 0..size {
        assert!(tree.insert(key(n)));
    }
    assert_eq!(tree.check(), Ok(()));
    let mut most = [0; 3];
    let mut measure = |which: usize, operation: &mut dyn FnMut()| {
        steps::reset();
        operation();
        most[which] = most[which].max(steps::read());
    };
    for n in 0..1_000 {
        let known = key(n * (size / 1_000));
        measure(0, &mut || assert!(tree.insert(key(size + n))));
        measure(1, &mut || assert!(tree.remove(&known)));
        measure(2, &mut || assert!(tree.rank(&known) <= tree.len()));
    }
    most
}

#[test]
fn a_million_keys_cost_at_most_three_times_a_thousand() {
    for shuffled in [false, true] {
        let small = most_steps(1_000, shuffled);
        let large = most_steps(1_000_000, shuffled);
        for (few, many) in small.into_iter().zip(large) {
            assert!(few > 0 && many <= 3 * few, "shuffled {shuffled}: {many} steps against {few}");
        }
    }
}

#[test]
fn a_node_is_searched_exactly_whatever_its_width() {
    for width in 0..130 {
        let keys: Vec<_> = (0..width).map(|key| 2 * key).collect();
        for key in -1..=2 * width {
            let (below, up_to) = (|other: &i64| *other < key, |other: &i64| *other <= key);
            assert_eq!(super::node::point(&keys, below), keys.partition_point(below), "below {key} of {width}");
            assert_eq!(super::node::point(&keys, up_to), keys.partition_point(up_to), "up to {key} of {width}");
        }
    }
}
