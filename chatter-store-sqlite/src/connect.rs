//! How connections are opened: settings are set, then read back, and one that did not take is refused
//! by name. SQLite ignores what it does not know without a word.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};

use crate::open_error::OpenRule;
use crate::options::SqliteOptions;
use crate::schema::APPLICATION_ID;

/// The first version without the bug that could reset the log while another connection moves it.
const SQLITE_MIN: i32 = 3_051_003;

/// Memory for pages, in KiB, used as needed. A larger cache of the writer costs more than it saves: when a commit has split
/// a page among others, SQLite looks at every cached page once more before it ends (balancing lends pages a number beyond
/// the end of the file, and `pager_end_transaction` then takes what lies there out of the cache). With 32 MiB that was a
/// twelfth of this thread's processor time under load. What is not cached here, the operating system has.
const WRITER_CACHE_KIB: i64 = 8 * 1_024;
const READER_CACHE_KIB: i64 = 4 * 1_024;

/// More statements than a connection ever prepares.
const STATEMENTS_MAX: usize = 64;

/// Refuses a library that is too old.
pub(crate) fn check_library() -> Result<(), OpenRule> {
    if rusqlite::version_number() < SQLITE_MIN {
        return Err(OpenRule::OldSqlite { found: rusqlite::version() });
    }
    Ok(())
}

/// A connection that writes. The file must exist.
pub(crate) fn writer(path: &Path, options: &SqliteOptions) -> Result<Connection, OpenRule> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // SQLite falls back to reading where it may not write.
    if conn.is_readonly("main")? {
        return Err(OpenRule::ReadOnly);
    }
    settle(&conn, options, Access::Write)?;
    Ok(conn)
}

/// A connection that cannot write, by its flags and by its setting.
pub(crate) fn reader(path: &Path, options: &SqliteOptions) -> Result<Connection, OpenRule> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    settle(&conn, options, Access::Read)?;
    Ok(conn)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Read,
    Write,
}

fn settle(conn: &Connection, options: &SqliteOptions, access: Access) -> Result<(), OpenRule> {
    conn.pragma_update_and_check(None, "busy_timeout", options.busy_timeout_ms(), |_| Ok(()))?;
    if access == Access::Write {
        // Kept in the file, so a reader only finds it.
        conn.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    }
    let wanted = wanted(options, access);
    for (name, value) in &wanted {
        if !matches!(*name, "journal_mode" | "application_id" | "busy_timeout") {
            // Some of them answer with their value.
            conn.pragma(None, name, value, |_| Ok(()))?;
        }
    }
    for (name, value) in wanted {
        read_back(conn, name, &value)?;
    }
    // Without it SQLite looks at the values bound to a `LIMIT` or a range when it plans, and therefore plans
    // such a statement again each time it is run, which costs more than running it.
    if !conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)? {
        return Err(OpenRule::Pragma { name: "enable_qpsg", wanted: plain(&1.into()), found: plain(&0.into()) });
    }
    conn.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(())
}

fn wanted(options: &SqliteOptions, access: Access) -> Vec<(&'static str, Value)> {
    let cache_kib = match access {
        Access::Write => WRITER_CACHE_KIB,
        Access::Read => READER_CACHE_KIB,
    };
    let mut wanted = vec![
        ("journal_mode", Value::Text("wal".into())),
        ("application_id", APPLICATION_ID.into()),
        ("busy_timeout", i64::from(options.busy_timeout_ms()).into()),
        ("synchronous", options.durability.synchronous().into()),
        ("foreign_keys", 1.into()),
        // On macOS fsync alone does not reach the disk; elsewhere these two do nothing.
        ("fullfsync", 1.into()),
        ("checkpoint_fullfsync", 1.into()),
        // A mapped file turns a disk error into a signal and lets a stray write reach the database.
        ("mmap_size", 0.into()),
        // The log is moved by `checkpoint.rs`, never inside a commit.
        ("wal_autocheckpoint", 0.into()),
        // Negative: in KiB instead of pages.
        ("cache_size", (-cache_kib).into()),
        ("cell_size_check", 1.into()),
        ("trusted_schema", 0.into()),
        ("query_only", i64::from(access == Access::Read).into()),
    ];
    if access == Access::Write {
        // A batch that is larger than the cache stays in memory until it is committed, instead of being written to the
        // log twice.
        wanted.push(("cache_spill", 0.into()));
        // Zeros over what was deleted or edited away; see the crate's documentation.
        wanted.push(("secure_delete", 1.into()));
    }
    wanted
}

/// Reads the whole file and refuses a damaged one.
pub(crate) fn quick_check(conn: &Connection) -> Result<(), OpenRule> {
    let found: String = conn.pragma_query_value(None, "quick_check", |row| row.get(0))?;
    if found == "ok" { Ok(()) } else { Err(OpenRule::Damaged { found }) }
}

/// Refuses a setting that is not what it should be.
pub(crate) fn read_back(conn: &Connection, name: &'static str, wanted: &Value) -> Result<(), OpenRule> {
    let found: Value = conn.pragma_query_value(None, name, |row| row.get(0))?;
    if found == *wanted { Ok(()) } else { Err(OpenRule::Pragma { name, wanted: plain(wanted), found: plain(&found) }) }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Blob(bytes) => format!("{} bytes", bytes.len()),
    }
}
