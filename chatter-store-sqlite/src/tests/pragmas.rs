//! The settings, as SQLite says they are.

use std::time::Duration;

use rusqlite::Connection;
use rusqlite::types::Value;

use super::{Owner, Place};
use crate::connect::{self, read_back};
use crate::failure::Failure;
use crate::{Durability, OpenRule, SqliteOptions};

fn number(conn: &Connection, name: &str) -> i64 {
    conn.pragma_query_value(None, name, |row| row.get(0)).unwrap()
}

fn assert_settings(conn: &Connection, synchronous: i64, query_only: i64) {
    let mode: String = conn.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
    let found: Vec<i64> = [
        "synchronous",
        "query_only",
        "foreign_keys",
        "busy_timeout",
        "application_id",
        "wal_autocheckpoint",
        "mmap_size",
        "fullfsync",
        "checkpoint_fullfsync",
        "secure_delete",
    ]
    .into_iter()
    .map(|name| number(conn, name))
    .collect();
    assert_eq!(found, [synchronous, query_only, 1, 1_234, 0x4368_5472, 0, 0, 1, 1, 1 - query_only]);
    assert_eq!(number(conn, "cache_spill") == 0, query_only == 0, "a writer's batch stays in memory");
}

fn options(durability: Durability) -> SqliteOptions {
    SqliteOptions { durability, busy_timeout: Duration::from_millis(1_234), ..SqliteOptions::default() }
}

#[tokio::test]
async fn writer_and_every_reader_have_the_settings() {
    for (durability, synchronous) in [(Durability::Full, 2), (Durability::Normal, 1)] {
        let place = Place::new();
        let owner = Owner::of(place.open_with(options(durability))).await;
        owner.on_writer(move |conn| assert_settings(conn, synchronous, 0)).await;

        // All four at once, so that each connection of the pool is seen.
        let all_in = std::sync::Arc::new(std::sync::Barrier::new(4));
        let reads = (0..4).map(|_| {
            let (store, all_in) = (owner.store.clone(), std::sync::Arc::clone(&all_in));
            tokio::spawn(async move {
                let look = move |conn: &Connection| {
                    all_in.wait();
                    assert_settings(conn, synchronous, 1);
                    // By its setting and by its flags.
                    assert!(conn.execute("DELETE FROM desk", []).is_err());
                    assert!(conn.is_readonly("main")?);
                    Ok::<(), Failure>(())
                };
                store.inner.readers.read(look).await.unwrap();
            })
        });
        for read in reads.collect::<Vec<_>>() {
            read.await.unwrap();
        }
    }
}

#[test]
fn a_setting_that_did_not_take_is_refused_by_name() {
    let place = Place::new();
    place.open().close();
    let conn = connect::writer(&place.path(), &SqliteOptions::default()).unwrap();
    for name in ["synchronous", "foreign_keys", "application_id", "busy_timeout", "wal_autocheckpoint"] {
        let found = number(&conn, name);
        assert!(read_back(&conn, name, &Value::Integer(found)).is_ok());
        let refused = read_back(&conn, name, &Value::Integer(found + 1)).unwrap_err();
        assert!(matches!(refused, OpenRule::Pragma { name: named, .. } if named == name), "{refused}");
        assert!(refused.to_string().contains(name), "{refused}");
    }
}

#[test]
fn the_library_is_new_enough() {
    connect::check_library().unwrap();
    assert!(rusqlite::version_number() >= 3_051_003);
}
