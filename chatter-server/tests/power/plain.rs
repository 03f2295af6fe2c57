//! The shim under the plainest of programs: SQLite and nothing else. It shows that the shim is fair (at
//! FULL nothing acknowledged is lost) and that it bites (at NORMAL something is).

use std::path::Path;

use rusqlite::Connection;

use crate::acks::{Program, Task};
use crate::crash::integrity;

const PLAIN: Program = Program { what: "power, plain SQLite", name: "plain::program", rows };

fn rows(folder: &Path) -> Vec<u64> {
    let path = folder.join("plain.db");
    if !path.exists() {
        return Vec::new();
    }
    assert_eq!(integrity(&path).expect("the file can be read"), "ok");
    let file = Connection::open(path).expect("the file can be opened");
    let Ok(mut query) = file.prepare("SELECT n FROM plain ORDER BY n") else { return Vec::new() };
    let rows = query.query_map([], |row| row.get::<_, i64>(0)).expect("the table can be read");
    rows.map(|row| row.expect("the rows are numbers").unsigned_abs()).collect()
}

#[test]
fn at_full_nothing_acked_is_lost() {
    PLAIN.loses_nothing();
}

#[test]
fn at_normal_the_same_test_loses() {
    PLAIN.loses_at_normal();
}

/// Not a test of its own: the program, when one of the tests above starts it.
#[test]
fn program() {
    let Some(mut task) = Task::given() else { return };
    let mut file = Connection::open(task.folder.join("plain.db")).expect("the file can be opened");
    let durability = &task.durability;
    let pragmas =
        format!("PRAGMA journal_mode = WAL; PRAGMA synchronous = {durability}; PRAGMA wal_autocheckpoint = 40");
    file.execute_batch(&pragmas).expect("the pragmas are valid");
    file.execute_batch("CREATE TABLE IF NOT EXISTS plain (n INTEGER PRIMARY KEY, filler BLOB)").expect("valid");
    loop {
        let last: i64 = file.query_row("SELECT coalesce(max(n), 0) FROM plain", [], |row| row.get(0)).expect("valid");
        let commit = file.transaction().expect("nobody else writes");
        let next = last + last % 4 + 1;
        for n in last + 1..=next {
            commit.execute("INSERT INTO plain VALUES (?, zeroblob(?))", (n, n * 131 % 3_000)).expect("valid");
        }
        commit.commit().expect("the disk works until it does not");
        task.ack(next.unsigned_abs());
    }
}
