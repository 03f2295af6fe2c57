//! Who may write, and at which revision.

use super::super::observe::Observation;
use super::super::owner::Owner;
use super::super::{Scribe, Storage};
use crate::{Fence, Revision, StoreErrorKind};

pub(in super::super) async fn stale_revision_is_refused(storage: &dyn Storage) {
    let mut owner = Owner::of(storage.open().await).await;
    let mut scribe = Scribe::new(5);
    for _ in 0..3 {
        scribe.carry_on(10);
        owner.commit(scribe.take()).await;
    }
    let Revision(current) = owner.revision;
    scribe.carry_on(10);
    let batch = scribe.take();
    let before = Observation::of(&owner.store, &owner.desk, &scribe).await;
    for wrong in [current - 1, current + 1, 0] {
        let late = owner.store.commit(&owner.desk, owner.acquired.fence, Revision(wrong), batch.clone()).await;
        let kind = late.map_err(|error| error.kind());
        assert_eq!(kind, Err(StoreErrorKind::Stale), "revision {wrong} when {current} is current");
        let after = Observation::of(&owner.store, &owner.desk, &scribe).await;
        assert_eq!(after, before, "a commit at a stale revision changed something");
    }
    owner.commit(batch).await;
}

pub(in super::super) async fn stale_fence_is_refused(storage: &dyn Storage) {
    let mut owner = Owner::of(storage.open().await).await;
    let mut scribe = Scribe::new(6);
    scribe.carry_on(20);
    owner.commit(scribe.take()).await;
    let earlier = owner.acquired.fence;
    owner.acquired = owner.store.acquire(&owner.desk).await.expect("the owner acquires again");

    let Fence(newest) = owner.acquired.fence;
    scribe.carry_on(10);
    let batch = scribe.take();
    let before = Observation::of(&owner.store, &owner.desk, &scribe).await;
    let wrong = [earlier, Fence(newest.saturating_sub(1)), Fence(newest + 1)];
    for wrong in wrong.into_iter().filter(|wrong| wrong.0 != newest) {
        let late = owner.store.commit(&owner.desk, wrong, owner.revision, batch.clone()).await;
        let kind = late.map_err(|error| error.kind());
        assert_eq!(kind, Err(StoreErrorKind::Stale), "fence {wrong} when {newest} is the newest");
        let after = Observation::of(&owner.store, &owner.desk, &scribe).await;
        assert_eq!(after, before, "a commit with a stale fence changed something");
    }
    owner.commit(batch).await;
}

pub(in super::super) async fn acquire_raises_the_fence(storage: &dyn Storage) {
    let mut owner = Owner::of(storage.open().await).await;
    let mut fences = vec![owner.acquired.fence];
    let mut scribe = Scribe::new(7);
    for _ in 0..3 {
        owner.acquired = owner.store.acquire(&owner.desk).await.expect("acquire");
        fences.push(owner.acquired.fence);
        scribe.carry_on(5);
        owner.commit(scribe.take()).await;
    }
    for _ in 0..2 {
        let Owner { store, .. } = owner;
        owner = Owner::of(storage.reopen(store).await).await;
        fences.push(owner.acquired.fence);
    }
    assert!(fences.is_sorted_by(|earlier, later| earlier < later), "each higher than any before: {fences:?}");
}

pub(in super::super) async fn history_is_kept(storage: &dyn Storage) {
    let mut owner = Owner::of(storage.open().await).await;
    let history = owner.acquired.history;
    let mut scribe = Scribe::new(7);
    for _ in 0..3 {
        scribe.carry_on(10);
        owner.commit(scribe.take()).await;
        owner.acquired = owner.store.acquire(&owner.desk).await.expect("acquire");
        assert_eq!(owner.acquired.history, history, "after acquiring again");
    }
    for _ in 0..2 {
        let Owner { store, .. } = owner;
        owner = Owner::of(storage.reopen(store).await).await;
        assert_eq!(owner.acquired.history, history, "after opening again");
    }
}
