//! The events and their readers.

use super::super::observe::ALL;
use super::super::owner::Owner;
use super::super::{Scribe, Storage};
use crate::EventNo;

pub(in super::super) async fn events_are_dense(storage: &dyn Storage) {
    let mut owner = Owner::of(storage.open().await).await;
    assert_eq!(owner.store.events_after(&owner.desk, EventNo(0), 10).await.expect("events_after"), []);
    let mut scribe = Scribe::new(15);
    for _ in 0..25 {
        scribe.carry_on(6);
        owner.commit(scribe.take()).await;
    }
    let all = scribe.events();
    assert!(all.len() > 100, "enough to tell numbers from words");
    let last = all.len();
    for after in [0, 1, 2, 9, 10, 11, 99, last - 1, last, last + 5] {
        for limit in [0, 1, 2, 10, 64, ALL] {
            let from = after.min(last);
            let expected = &all[from..from.saturating_add(limit).min(last)];
            let after = EventNo(u64::try_from(after).unwrap_or(u64::MAX));
            let events = owner.store.events_after(&owner.desk, after, limit).await.expect("events_after");
            assert_eq!(events, expected, "at most {limit} after {after}");
        }
    }
}

pub(in super::super) async fn cursors_are_kept(storage: &dyn Storage) {
    let mut owner = Owner::of(storage.open().await).await;
    // No loads from here on: what a load may touch is another clause's matter.
    let mut expected = [("outbox", 0), ("metrics", 0), ("Outbox", 0), ("it's 100%", 0)];
    for (turn, who) in [(3, 0), (5, 1), (9, 0), (9, 3), (4, 0), (1, 2), (0, 1)] {
        expected[who].1 = turn;
        let (reader, at) = expected[who];
        owner.store.set_cursor(&owner.desk, reader, EventNo(at)).await.expect("set_cursor");
        compare(&owner, &expected).await;
    }
    let Owner { store, .. } = owner;
    owner.store = storage.reopen(store).await;
    owner.acquired = owner.store.acquire(&owner.desk).await.expect("acquire");
    compare(&owner, &expected).await;
}

async fn compare(owner: &Owner, expected: &[(&str, u64)]) {
    for (reader, at) in expected {
        let cursor = owner.store.cursor(&owner.desk, reader).await.expect("cursor");
        assert_eq!(cursor, EventNo(*at), "the cursor of {reader:?}");
    }
}
