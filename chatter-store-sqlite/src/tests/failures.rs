//! Failures: what each means, and that the store goes on or stops as it says.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use chatter_core::{EventNo, Store, StoreErrorKind};
use rusqlite::{Connection, TransactionBehavior, ffi};

use super::{Owner, Place};
use crate::failure::{Failure, Health, Stage};
use crate::pen::Pen;
use crate::wal::Gauge;
use crate::{SqliteOptions, connect, desk};

fn kind(code: i32, stage: Stage) -> StoreErrorKind {
    Failure::Sqlite(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)).kind(stage)
}

#[test]
fn each_code_has_its_kind() {
    use StoreErrorKind::{Conflict, Fatal, Retryable, UnknownOutcome};
    // The code, its kind before COMMIT, and in it.
    let table = [
        (ffi::SQLITE_FULL, Retryable, Retryable),
        (ffi::SQLITE_BUSY, Retryable, Retryable),
        (ffi::SQLITE_BUSY_TIMEOUT, Retryable, Retryable),
        (ffi::SQLITE_LOCKED, Retryable, Retryable),
        (ffi::SQLITE_READONLY, Retryable, Retryable),
        (ffi::SQLITE_READONLY_DBMOVED, Fatal, Fatal),
        (ffi::SQLITE_NOMEM, Retryable, UnknownOutcome),
        (ffi::SQLITE_IOERR_NOMEM, Retryable, UnknownOutcome),
        (ffi::SQLITE_IOERR_SHMSIZE, Retryable, UnknownOutcome),
        (ffi::SQLITE_IOERR_SHMMAP, Retryable, UnknownOutcome),
        (ffi::SQLITE_INTERRUPT, Retryable, UnknownOutcome),
        (ffi::SQLITE_IOERR_FSYNC, Fatal, Fatal),
        (ffi::SQLITE_IOERR_WRITE, Fatal, Fatal),
        (ffi::SQLITE_IOERR_READ, Fatal, Fatal),
        (ffi::SQLITE_IOERR_SHORT_READ, Fatal, Fatal),
        (ffi::SQLITE_CORRUPT, Fatal, Fatal),
        (ffi::SQLITE_NOTADB, Fatal, Fatal),
        (ffi::SQLITE_SCHEMA, Fatal, Fatal),
        (ffi::SQLITE_CONSTRAINT_UNIQUE, Conflict, Conflict),
        (ffi::SQLITE_CONSTRAINT_PRIMARYKEY, Conflict, Conflict),
    ];
    for (code, before, commit) in table {
        assert_eq!((kind(code, Stage::Before), kind(code, Stage::Commit)), (before, commit), "code {code}");
    }
}

#[tokio::test]
async fn a_full_disk_is_retryable_and_passes() {
    let place = Place::new();
    let mut owner = Owner::of(place.open()).await;
    let chat = owner.chat_with(10);
    owner.commit().await;
    let before = owner.load().await;
    let limit = |pages: &'static str| {
        move |conn: &Connection| {
            conn.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |row| row.get::<_, i64>(0)).unwrap()
        }
    };
    // The limit cannot go below the present size: no page more.
    owner.on_writer(limit("1")).await;

    for _ in 0..400 {
        owner.scribe.message(chat, chatter_core::Side::Customer);
    }
    let batch = owner.scribe.take();
    for _ in 0..3 {
        assert_eq!(owner.try_commit(&batch).await, Err(StoreErrorKind::Retryable));
        // Reads go on, of the state before.
        assert_eq!(owner.load().await, before);
    }

    owner.on_writer(limit("1000000")).await;
    owner.try_commit(&batch).await.unwrap();
    let record = owner.store.chat(&owner.desk, chat).await.unwrap().unwrap();
    assert_eq!(record.client_ids, 410);
}

#[tokio::test]
async fn a_lock_held_by_another_program_is_retryable_and_passes() {
    let place = Place::new();
    let options = SqliteOptions { busy_timeout: Duration::from_millis(20), ..SqliteOptions::default() };
    let mut owner = Owner::of(place.open_with(options)).await;
    let mut other = Connection::open(place.path()).unwrap();
    let held = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();

    owner.scribe.carry_on(20);
    let batch = owner.scribe.take();
    assert_eq!(owner.try_commit(&batch).await, Err(StoreErrorKind::Retryable));
    owner.load().await;
    held.rollback().unwrap();
    owner.try_commit(&batch).await.unwrap();
}

#[tokio::test]
async fn a_refused_batch_leaves_a_connection_that_works() {
    let place = Place::new();
    let mut owner = Owner::of(place.open()).await;
    owner.chat_with(3);
    owner.commit().await;
    let before = owner.load().await;

    owner.chat_with(3);
    let batch = owner.scribe.take();
    let mut twice = chatter_core::Batch::clone(&batch);
    twice.entries.push(twice.entries[0].clone());
    let refused = owner.try_commit(&Arc::new(twice)).await;
    assert_eq!(refused, Err(StoreErrorKind::Conflict));
    assert_eq!(owner.load().await, before);
    owner.try_commit(&batch).await.unwrap();
}

#[tokio::test]
async fn after_a_failure_for_good_nothing_is_tried_again() {
    let place = Place::new();
    let mut owner = Owner::of(place.open()).await;
    let fsync = || Failure::Sqlite(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_IOERR_FSYNC), None));
    let failed = owner.store.inner.writer.write(move |_| Err::<(), Failure>(fsync())).await;
    assert_eq!(failed.unwrap_err().kind(), StoreErrorKind::Fatal);

    let batch = owner.scribe.take();
    assert_eq!(owner.try_commit(&batch).await, Err(StoreErrorKind::Fatal));
    let error = owner.store.load(&owner.desk).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Fatal);
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("disk I/O error"));
    // Not even the log is moved when it ends.
    let before = place.wal_len();
    assert!(before > 0);
    let (store, desk) = (owner.store.clone(), owner.desk.clone());
    drop(owner);
    drop(store);
    // What was durable is there for the next process.
    assert_eq!(place.open().load(&desk).await.unwrap().revision.0, 0);
}

/// Interrupts COMMIT when SQLite asks for the n-th time whether to go on. Says whether it was answered with
/// success, and whether it stands.
fn interrupted_commit(n: u32) -> (bool, bool) {
    let place = Place::new();
    place.open().close();
    let (gauge, health) = (Arc::new(Gauge::default()), Arc::new(Health::default()));
    let options = SqliteOptions::default();
    let mut conn = connect::writer(&place.path(), &options).unwrap();
    let questions = Arc::new(AtomicU32::new(u32::MAX));
    let asked = Arc::clone(&questions);
    conn.progress_handler(1, Some(move || asked.fetch_sub(1, Ordering::Relaxed) == 0)).unwrap();
    let mut pen = Pen::new(place.path(), options, conn, gauge, health).unwrap();

    let outcome = pen.transaction(|conn| {
        desk::set_cursor(conn, "outbox", EventNo(5))?;
        questions.store(n, Ordering::Relaxed);
        Ok(())
    });
    if let Err(error) = &outcome {
        assert_eq!(error.kind(), StoreErrorKind::UnknownOutcome);
    }
    // After an open outcome this is another connection: it asks nothing, whatever the count.
    questions.store(if outcome.is_ok() { u32::MAX } else { 0 }, Ordering::Relaxed);
    let found = pen.transaction(|conn| desk::cursor(conn, "outbox")).unwrap();
    (outcome.is_ok(), found == EventNo(5))
}

#[test]
fn an_open_outcome_is_settled_on_a_new_connection() {
    let outcomes: Vec<(bool, bool)> = (0..8).map(interrupted_commit).collect();
    for (answered, stands) in &outcomes {
        assert!(*stands || !answered, "answered, but not there: {outcomes:?}");
    }
    assert!(outcomes.contains(&(false, false)), "{outcomes:?}");
    assert!(outcomes.contains(&(true, true)), "{outcomes:?}");
    assert!(outcomes.contains(&(false, true)), "{outcomes:?}");
}
