//! What a start and a page cost: SQLite's own plans, and its own steps.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::Connection;

use super::{Owner, Place};
use crate::{connect, load, pages, rows};

fn plan(conn: &Connection, sql: &str) -> Vec<String> {
    let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let arguments = vec![rusqlite::types::Value::Integer(1); statement.parameter_count()];
    let rows = statement.query_map(rusqlite::params_from_iter(arguments), |row| row.get::<_, String>("detail"));
    rows.unwrap().map(Result::unwrap).collect()
}

#[test]
fn nothing_that_grows_with_history_is_scanned() {
    let place = Place::new();
    let _store = place.open();
    let conn = connect::reader(&place.path(), &crate::SqliteOptions::default()).unwrap();
    let statements = [
        rows::chat::OPEN,
        rows::chat::ONE,
        rows::chat::PARTICIPANTS,
        rows::event::AFTER,
        rows::event::LAST,
        load::NEWEST_CLIENT_IDS,
        load::LAST_CHAT,
        pages::STAFF_OLDEST,
        pages::STAFF_NEWEST,
        pages::CUSTOMER_OLDEST,
        pages::CUSTOMER_NEWEST,
        pages::CLIENT_ID,
    ];
    for sql in statements {
        let plan = plan(&conn, sql);
        for step in &plan {
            // The index of open chats holds nothing else. The client ids of one chat are sorted, nothing else is.
            let fine = step.starts_with("SEARCH")
                || step.starts_with("SCALAR SUBQUERY")
                || step == "SCAN c USING INDEX chats_open"
                || (step == "USE TEMP B-TREE FOR ORDER BY" && sql == load::NEWEST_CLIENT_IDS);
            assert!(fine, "{step}\nin {plan:?}\nof {sql}");
        }
    }
    // The check can fail.
    assert!(plan(&conn, "SELECT text FROM entries WHERE kind = 'note'")[0].starts_with("SCAN"));
}

/// A desk with this many closed chats and the same open ones.
async fn steps_of_a_start(closed: usize) -> (u64, u64, usize) {
    let place = Place::new();
    let mut owner = Owner::of(place.open()).await;
    for _ in 0..closed {
        let chat = owner.chat_with(6);
        owner.scribe.resolve(chat);
        owner.scribe.close(chat);
    }
    owner.commit().await;
    for _ in 0..20 {
        owner.chat_with(8);
    }
    owner.commit().await;
    let mut conn = connect::reader(&place.path(), &crate::SqliteOptions::default()).unwrap();
    let counted = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&counted);
    conn.progress_handler(1, Some(move || counter.fetch_add(1, Ordering::Relaxed) == u64::MAX)).unwrap();
    let loaded = load::load(&conn).unwrap();
    let start = counted.swap(0, Ordering::Relaxed);
    conn.query_row("SELECT count(text) FROM entries", [], |row| row.get::<_, i64>(0)).unwrap();
    (start, counted.load(Ordering::Relaxed), loaded.snapshot.chats.len())
}

#[tokio::test]
async fn a_start_costs_the_same_whatever_was_closed() {
    let (few, scan_of_few, open_of_few) = steps_of_a_start(5).await;
    let (many, scan_of_many, open_of_many) = steps_of_a_start(500).await;
    assert_eq!((open_of_few, open_of_many), (20, 20));
    // The steps of SQLite's machine, not time. A deeper tree may cost a few.
    assert!(many <= few + few / 20, "{few} steps became {many}");
    // The count sees what grows.
    assert!(scan_of_many > 10 * scan_of_few, "{scan_of_few} steps became {scan_of_many}");
}
