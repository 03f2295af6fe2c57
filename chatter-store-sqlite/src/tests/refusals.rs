//! What is not opened, and is left as it was.

use std::fs;
use std::io;

use chatter_core::{StoreError, StoreErrorKind};
use rusqlite::Connection;

use super::Place;
use crate::files::beside;
use crate::schema::VERSION;
use crate::{OpenRule, SqliteStore};

/// A database of Chatter that was closed properly.
fn closed() -> Place {
    let place = Place::new();
    place.open().close();
    place
}

/// Refuses, and leaves every byte.
fn assert_left_alone(place: &Place, rule: fn(&OpenRule) -> bool) {
    let before = fs::read(place.path()).ok();
    let refused = place.refused();
    assert!(rule(&refused), "{refused:?}");
    assert_eq!(fs::read(place.path()).ok(), before);
}

#[test]
fn a_missing_directory() {
    let place = Place::new();
    let error = SqliteStore::open(place.0.path().join("none/chatter.db"), crate::SqliteOptions::default()).unwrap_err();
    assert!(matches!(error.rule, OpenRule::NoDirectory), "{error}");
    assert!(!place.0.path().join("none").exists());
}

#[test]
fn a_directory_in_its_place() {
    let place = Place::new();
    fs::create_dir(place.path()).unwrap();
    assert!(matches!(place.refused(), OpenRule::NotAFile));
}

#[test]
fn an_empty_file() {
    let place = Place::new();
    fs::write(place.path(), b"").unwrap();
    assert_left_alone(&place, |rule| matches!(rule, OpenRule::Empty));
}

#[test]
fn a_database_cut_to_nothing_beside_its_log() {
    let place = closed();
    fs::write(place.path(), b"").unwrap();
    fs::write(beside(&place.path(), "-wal"), b"log").unwrap();
    assert_left_alone(&place, |rule| matches!(rule, OpenRule::Empty));
}

#[test]
fn a_log_without_its_database() {
    for suffix in ["-wal", "-journal"] {
        let place = Place::new();
        fs::write(beside(&place.path(), suffix), b"log").unwrap();
        assert_left_alone(&place, |rule| matches!(rule, OpenRule::Missing { .. }));
        assert!(!place.path().exists());
        assert_eq!(fs::read(beside(&place.path(), suffix)).unwrap(), b"log");
    }
}

#[test]
fn something_else_than_a_database() {
    for content in [b"short".to_vec(), b"This is a letter, not a database. ".repeat(500)] {
        let place = Place::new();
        fs::write(place.path(), content).unwrap();
        assert_left_alone(&place, |rule| matches!(rule, OpenRule::NotADatabase));
    }
}

#[test]
fn a_database_of_another_program() {
    let place = Place::new();
    Connection::open(place.path()).unwrap().execute_batch("CREATE TABLE desk (id)").unwrap();
    assert_left_alone(&place, |rule| matches!(rule, OpenRule::Foreign { found: 0, .. }));
}

#[test]
fn a_newer_schema() {
    let place = closed();
    let conn = Connection::open(place.path()).unwrap();
    conn.pragma_update(None, "user_version", VERSION + 1).unwrap();
    drop(conn);
    assert_left_alone(
        &place,
        |rule| matches!(rule, OpenRule::Newer { found, known: VERSION } if *found == VERSION + 1),
    );
    let told = format!("its schema has version {}, this program knows versions up to {VERSION}", VERSION + 1);
    assert_eq!(place.refused().to_string(), told);
    let kind = StoreError::from(place.refused().at(&place.path())).kind();
    assert_eq!(kind, StoreErrorKind::Unsupported);
}

#[test]
fn a_migration_that_was_applied_in_another_form() {
    let place = closed();
    let conn = Connection::open(place.path()).unwrap();
    conn.execute("UPDATE refinery_schema_history SET checksum = '1'", []).unwrap();
    drop(conn);
    assert_left_alone(&place, |rule| matches!(rule, OpenRule::Migration(_)));
}

#[test]
fn a_database_that_was_cut_short() {
    let place = closed();
    let bytes = fs::read(place.path()).unwrap();
    fs::write(place.path(), &bytes[..bytes.len() - 4_096]).unwrap();
    assert_left_alone(&place, |rule| matches!(rule, OpenRule::Truncated { .. }));
}

#[test]
fn a_second_engine_in_this_process() {
    let place = Place::new();
    let store = place.open();
    let pid = std::process::id();
    let held = place.refused();
    assert!(matches!(held, OpenRule::Held { pid: found } if found.is_none_or(|found| found == pid)), "{held}");
    assert_eq!(StoreError::from(held.at(&place.path())).kind(), StoreErrorKind::Held);

    // Under another name it is the same file.
    let detour = place.0.path().join(".").join("chatter.db");
    let held = SqliteStore::open(detour, crate::SqliteOptions::default()).unwrap_err();
    assert!(matches!(held.rule, OpenRule::Held { .. }), "{held}");

    // Clones share the hold; the last one gives it up.
    let clone = store.clone();
    drop(store);
    assert!(matches!(place.refused(), OpenRule::Held { .. }));
    drop(clone);
    place.open().close();
}

#[cfg(unix)]
#[test]
fn a_second_engine_by_a_link() {
    let place = Place::new();
    let _store = place.open();
    let link = place.0.path().join("link.db");
    std::os::unix::fs::symlink(place.path(), &link).unwrap();
    let held = SqliteStore::open(&link, crate::SqliteOptions::default()).unwrap_err();
    assert!(matches!(held.rule, OpenRule::Held { .. }), "{held}");
}

#[test]
fn a_read_only_file_system_has_its_own_rule() {
    let rule = OpenRule::from(io::Error::from(io::ErrorKind::ReadOnlyFilesystem));
    assert!(matches!(rule, OpenRule::ReadOnly));
    let other = OpenRule::from(io::Error::from(io::ErrorKind::PermissionDenied));
    assert!(matches!(other, OpenRule::Io(_)));
}
