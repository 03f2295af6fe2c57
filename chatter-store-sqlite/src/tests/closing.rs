//! Closing, and what is left then.

use chatter_core::{EventNo, Store, StoreErrorKind};

use super::{Owner, Place};
use crate::files::beside;

#[tokio::test]
async fn closing_empties_the_log_and_lets_go() {
    let place = Place::new();
    let mut owner = Owner::of(place.open()).await;
    owner.scribe.carry_on(300);
    owner.commit().await;
    let before = owner.load().await;
    assert!(place.wal_len() > 0);

    owner.store.close();
    owner.store.close();
    for suffix in ["-wal", "-shm"] {
        assert!(!beside(&place.path(), suffix).exists(), "{suffix}");
    }
    let again = Owner::of(place.open()).await;
    assert_eq!(again.load().await, before);
}

#[tokio::test]
async fn a_closed_store_answers_every_call_with_that() {
    let place = Place::new();
    let mut owner = Owner::of(place.open()).await;
    owner.store.close();
    let batch = owner.scribe.take();
    assert_eq!(owner.try_commit(&batch).await, Err(StoreErrorKind::Fatal));
    let Owner { store, desk, .. } = &owner;
    let error = store.load(desk).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Fatal);
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "the store is closed");
    assert!(store.set_cursor(desk, "outbox", EventNo(1)).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_that_wait_are_done_before_the_end() {
    let place = Place::new();
    let owner = Owner::of(place.open()).await;
    let (store, desk) = (owner.store.clone(), owner.desk.clone());
    let writes: Vec<_> = (1..=200)
        .map(|at| {
            let (store, desk) = (store.clone(), desk.clone());
            tokio::spawn(async move { store.set_cursor(&desk, &format!("reader {at}"), EventNo(at)).await.is_ok() })
        })
        .collect();
    let closing = tokio::task::spawn_blocking(move || owner.store.close());
    let mut done = Vec::new();
    for (at, write) in (1..).zip(writes) {
        if write.await.unwrap() {
            done.push(at);
        }
    }
    closing.await.unwrap();
    drop(store);

    // What was answered stands; what was refused may be missing.
    let store = place.open();
    for at in done {
        assert_eq!(store.cursor(&desk, &format!("reader {at}")).await.unwrap(), EventNo(at));
    }
}
