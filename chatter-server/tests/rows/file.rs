//! The SQLite file, read beside the running server.

use std::path::Path;
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Row};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::common::DEADLINE;

/// A connection that can only read.
#[derive(Debug)]
pub(crate) struct File(Connection);

impl File {
    pub(crate) fn open(path: &Path) -> Self {
        Self(Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap())
    }

    /// What a query finds: a list of rows, each a list of cells. Bytes are shown in hexadecimal.
    pub(crate) fn rows(&self, query: &str) -> Value {
        let mut statement = self.0.prepare(query).unwrap();
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| Ok(cells(row, columns))).unwrap();
        rows.map(Result::unwrap).collect()
    }

    /// The one cell that a query finds.
    pub(crate) fn cell(&self, query: &str) -> Value {
        let rows = self.rows(query);
        assert_eq!(rows.as_array().map(Vec::len), Some(1), "{query}: {rows}");
        rows[0][0].clone()
    }

    /// Waits until a query finds this, for what nobody is told over a socket.
    pub(crate) async fn until(&self, query: &str, expected: Value) {
        let found = async {
            while self.rows(query) != expected {
                sleep(Duration::from_millis(10)).await;
            }
        };
        if timeout(DEADLINE, found).await.is_err() {
            panic!("{query}: {} instead of {expected}", self.rows(query));
        }
    }

    /// The bodies of the events of a kind, in their order.
    pub(crate) fn events(&self, kind: &str) -> Vec<Value> {
        let query = format!("SELECT body FROM events WHERE body ->> 'event' = '{kind}' ORDER BY no");
        let rows = self.rows(&query);
        let body = |row: &Value| serde_json::from_str(row[0].as_str().unwrap()).unwrap();
        rows.as_array().unwrap().iter().map(body).collect()
    }

    /// When the events of a kind happened, in microseconds.
    pub(crate) fn moments(&self, kind: &str) -> Vec<u64> {
        let rows = self.rows(&format!("SELECT at FROM events WHERE body ->> 'event' = '{kind}' ORDER BY no"));
        rows.as_array().unwrap().iter().map(|row| row[0].as_u64().unwrap()).collect()
    }

    /// A transcript in short: numbers of both sides, author, and the words or the code of the line.
    pub(crate) fn transcript(&self, chat: u64) -> Value {
        self.rows(&format!(
            "SELECT seq, public_seq, coalesce(author_name, author_kind), coalesce(text, line ->> 'code')
             FROM entries WHERE chat = {chat} ORDER BY seq"
        ))
    }
}

fn cells(row: &Row<'_>, columns: usize) -> Value {
    let cell = |at| match row.get_ref(at).unwrap() {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => json!(number),
        ValueRef::Real(number) => json!(number),
        ValueRef::Text(text) => json!(std::str::from_utf8(text).unwrap()),
        ValueRef::Blob(bytes) => json!(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()),
    };
    (0..columns).map(cell).collect()
}
