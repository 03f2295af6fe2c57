//! The SQLite file, read without the server.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, OpenFlags, Row};

use crate::history::journal::{Audience, Entry, Line, Transcript, Who};

/// What SQLite itself finds wrong with a file.
pub(crate) fn integrity(path: &Path) -> rusqlite::Result<String> {
    open(path)?.query_row("PRAGMA integrity_check", [], |row| row.get(0))
}

/// Every transcript in the file of a server that has stopped.
pub(crate) fn transcripts(path: &Path) -> rusqlite::Result<Vec<Transcript>> {
    let file = open(path)?;
    let mut query = file.prepare(
        "SELECT chat, seq, public_seq, author_kind, author_name, coalesce(text, line ->> 'code', line) \
         FROM entries ORDER BY chat, seq",
    )?;
    let mut chats: BTreeMap<u64, Vec<Entry>> = BTreeMap::new();
    for row in query.query_map([], read)? {
        let (chat, entry) = row?;
        chats.entry(chat).or_default().push(entry);
    }
    let transcript = |(chat, entries)| Transcript { chat, audience: Audience::Staff, source: "file", entries };
    Ok(chats.into_iter().map(transcript).collect())
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    // Reading a log that was left behind needs the right to write.
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
}

fn read(row: &Row<'_>) -> rusqlite::Result<(u64, Entry)> {
    let number = |number: i64| u64::try_from(number).unwrap_or_default();
    let who = match row.get::<_, String>(3)?.as_str() {
        "customer" => Who::Customer,
        "agent" => Who::Agent(row.get::<_, Option<String>>(4)?.unwrap_or_default()),
        _ => Who::System,
    };
    let entry = Entry {
        number: number(row.get(1)?),
        public: row.get::<_, Option<i64>>(2)?.map(number),
        line: Line { who, text: row.get(5)? },
    };
    Ok((number(row.get(0)?), entry))
}
