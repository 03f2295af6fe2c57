//! Opening what is as it should be.

use chatter_core::{DeskId, Store};
use rusqlite::Connection;

use super::{Owner, Place};
use crate::files::beside;

#[tokio::test]
async fn a_new_database_is_whole_before_it_has_its_name() {
    let place = Place::new();
    // What a crash while making one leaves behind.
    for suffix in [".new", ".new-wal", ".new-journal"] {
        std::fs::write(beside(&place.path(), suffix), b"half of a database").unwrap();
    }
    let owner = Owner::of(place.open()).await;
    assert_eq!(owner.load().await.revision.0, 0);
    for suffix in [".new", ".new-wal", ".new-shm", ".new-journal"] {
        assert!(!beside(&place.path(), suffix).exists(), "{suffix}");
    }
}

#[tokio::test]
async fn opening_again_changes_nothing() {
    let place = Place::new();
    let mut owner = Owner::of(place.open()).await;
    owner.scribe.carry_on(200);
    owner.commit().await;
    let before = (owner.load().await, owner.acquired.history);
    drop(owner);
    for _ in 0..3 {
        let store = place.open();
        // The desk is known before anyone acquires it.
        assert_eq!(store.load(&DeskId::default()).await.unwrap(), before.0);
        assert!(store.load(&DeskId::new("another").unwrap()).await.is_err());
        assert_eq!(store.acquire(&DeskId::default()).await.unwrap().history, before.1);
    }
    let conn = Connection::open(place.path()).unwrap();
    let applied: i64 = conn.query_row("SELECT count(*) FROM refinery_schema_history", [], |row| row.get(0)).unwrap();
    assert_eq!(applied, crate::schema::VERSION);
}

#[test]
fn histories_differ_between_files() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (one, other) = (Place::new(), Place::new());
    let histories = runtime.block_on(async {
        (Owner::of(one.open()).await.acquired.history, Owner::of(other.open()).await.acquired.history)
    });
    assert_ne!(histories.0, histories.1);
}

#[tokio::test]
async fn a_damaged_page_is_found_by_the_quick_check() {
    let place = Place::new();
    let mut owner = Owner::of(place.open()).await;
    owner.chat_with(500);
    owner.commit().await;
    drop(owner);
    let sound = crate::SqliteOptions { quick_check: true, ..crate::SqliteOptions::default() };
    place.open_with(sound.clone()).close();

    let mut bytes = std::fs::read(place.path()).unwrap();
    let middle = bytes.len() / 4_096 / 2 * 4_096;
    bytes[middle..middle + 64].fill(0xff);
    std::fs::write(place.path(), &bytes).unwrap();
    let refused = place.refused_with(sound);
    assert!(matches!(refused, crate::OpenRule::Damaged { .. }), "{refused}");
    assert_eq!(std::fs::read(place.path()).unwrap(), bytes);
}
