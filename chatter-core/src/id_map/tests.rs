use std::collections::BTreeMap;

use proptest::prelude::*;

use super::IdMap;
use crate::ChatId;

#[derive(Clone, Debug)]
enum Op {
    Next,
    Insert(u64, u8),
    Remove(u64),
    RemoveFirst,
    Change(u64, u8),
    RemoveRange(u64, u64),
    Clear,
}

/// Dense ids over several pages and blocks, and now and then one from anywhere.
fn id() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 0..200_u64, 4 => 4_000..4_300_u64, 1 => any::<u64>(), 1 => Just(u64::MAX)]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => Just(Op::Next),
        8 => (id(), any::<u8>()).prop_map(|(id, value)| Op::Insert(id, value)),
        6 => id().prop_map(Op::Remove),
        4 => Just(Op::RemoveFirst),
        3 => (id(), any::<u8>()).prop_map(|(id, value)| Op::Change(id, value)),
        2 => (id(), 1..200_u64).prop_map(|(from, length)| Op::RemoveRange(from, from.saturating_add(length))),
        1 => Just(Op::Clear),
    ]
}

fn step(op: &Op, map: &mut IdMap<ChatId, u8>, model: &mut BTreeMap<ChatId, u8>) -> Result<(), TestCaseError> {
    match *op {
        Op::Next => {
            let id = model.keys().next_back().map_or(ChatId(1), |last| ChatId(last.0.wrapping_add(1)));
            prop_assert_eq!(map.insert(id, 0), model.insert(id, 0));
        }
        Op::Insert(id, value) => prop_assert_eq!(map.insert(ChatId(id), value), model.insert(ChatId(id), value)),
        Op::Remove(id) => prop_assert_eq!(map.remove(&ChatId(id)), model.remove(&ChatId(id))),
        Op::RemoveFirst => {
            let first = model.keys().next().copied();
            prop_assert_eq!(first, map.keys().next());
            if let Some(first) = first {
                prop_assert_eq!(map.remove(&first), model.remove(&first));
            }
        }
        Op::Change(id, value) => {
            let (ours, theirs) = (map.get_mut(&ChatId(id)), model.get_mut(&ChatId(id)));
            prop_assert_eq!(&ours, &theirs);
            for it in ours.into_iter().chain(theirs) {
                *it = value;
            }
        }
        Op::RemoveRange(from, to) => {
            for id in from..to {
                prop_assert_eq!(map.remove(&ChatId(id)), model.remove(&ChatId(id)));
            }
        }
        Op::Clear => {
            map.clear();
            model.clear();
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn it_is_an_ordered_map(ops in prop::collection::vec(op(), 1..300)) {
        let mut map = IdMap::new();
        let mut model = BTreeMap::new();
        for op in &ops {
            step(op, &mut map, &mut model)?;
            prop_assert_eq!(map.len(), model.len());
            prop_assert_eq!(map.is_empty(), model.is_empty());
        }
        prop_assert!(map.iter().eq(model.iter().map(|(id, value)| (*id, value))));
        prop_assert!(map.values().eq(model.values()));
        prop_assert!(map.values_mut().eq(model.values_mut()));
        for id in model.keys() {
            prop_assert!(map.contains_key(id));
            prop_assert_eq!(map[id], model[id]);
            let next = ChatId(id.0.wrapping_add(1));
            prop_assert_eq!(map.get(&next), model.get(&next));
        }
        prop_assert_eq!(format!("{map:?}"), format!("{model:?}"));
    }

    /// Equal by content, whatever way led there.
    #[test]
    fn history_leaves_no_trace(ops in prop::collection::vec(op(), 1..200)) {
        let mut map = IdMap::new();
        let mut model = BTreeMap::new();
        for op in &ops {
            step(op, &mut map, &mut model)?;
        }
        let mut fresh = IdMap::new();
        for (id, value) in model.iter().rev() {
            fresh.insert(*id, *value);
        }
        prop_assert!(map == fresh && map.clone() == fresh);
        fresh.insert(ChatId(7), 1);
        map.insert(ChatId(7), 2);
        prop_assert!(map != fresh);
    }
}

/// What a desk needs in memory does not depend on how many chats there ever were.
#[test]
fn pages_of_ids_that_are_gone_are_given_back() {
    let mut map = IdMap::new();
    for number in 0..100_000 {
        map.insert(ChatId(number), ());
        if number >= 10 {
            map.remove(&ChatId(number - 10));
        }
        let blocks = || map.earlier.values().chain(map.last.iter().map(|(_, block)| block));
        let (blocks, pages) = (blocks().count(), blocks().map(|block| block.used).sum::<usize>());
        assert!(blocks <= 2 && pages <= 2, "{blocks} blocks, {pages} pages for ten ids");
    }
}
