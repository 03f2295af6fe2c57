//! The SQLite file, read without the server.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, OpenFlags, Row};

use crate::history::journal::{Audience, Entry, Line, Transcript, Who};

/// What SQLite itself finds wrong with a file.
pub(crate) fn integrity(path: &Path) -> rusqlite::Result<String> {
    open(path)?.query_row("PRAGMA integrity_check", [], |row| row.get(0))
}

/// What one commit writes together, as queries that count what stands without its other half.
const HALVES: [(&str, &str); 6] = [
    (
        "messages without their client id",
        "SELECT count(*) FROM entries e WHERE e.kind <> 'system' AND NOT EXISTS
         (SELECT 1 FROM client_ids c WHERE c.chat = e.chat AND c.seq = e.seq AND c.public_seq IS e.public_seq)",
    ),
    (
        "client ids without their message",
        "SELECT count(*) FROM client_ids c WHERE NOT EXISTS
         (SELECT 1 FROM entries e WHERE e.chat = c.chat AND e.seq = c.seq AND e.author IS c.author)",
    ),
    (
        "chats whose number of the newest entry is another",
        "SELECT count(*) FROM chats c
         WHERE c.last_seq <> (SELECT coalesce(max(e.seq), 0) FROM entries e WHERE e.chat = c.chat)",
    ),
    (
        "chats whose number of client ids is another",
        "SELECT count(*) FROM chats c
         WHERE c.client_ids <> (SELECT count(*) FROM client_ids i WHERE i.chat = c.chat)",
    ),
    ("holes among the events", "SELECT coalesce(max(no), 0) - count(*) FROM events"),
    (
        "entries and events that tell of them, by number",
        "SELECT (SELECT count(*) FROM entries) - (SELECT count(*) FROM events WHERE body ->> 'event' = 'entry_added')",
    ),
];

/// What of the server's file stands without what was committed with it.
pub(crate) fn halves(path: &Path) -> rusqlite::Result<Vec<String>> {
    let file = open(path)?;
    let mut halves = Vec::new();
    for (what, query) in HALVES {
        let count: i64 = file.query_row(query, [], |row| row.get(0))?;
        if count != 0 {
            halves.push(format!("{count} {what}"));
        }
    }
    Ok(halves)
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
