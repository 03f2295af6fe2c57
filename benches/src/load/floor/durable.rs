//! The database of the durable floor: every message a row with two indexes, all that came during one commit in the
//! next (group commit), told after it. No logic: nothing is read, checked or decided.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, mpsc as blocking};
use std::time::Duration;

use rusqlite::{Connection, params};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::relay::Chat;
use crate::load::LoadError;

/// The most rows of one commit, as many as Chatter decides ahead of one.
const BATCH_MAX: usize = 4_096;
/// How often the log is moved into the database, beside the commits.
const CHECKPOINT_INTERVAL: Duration = Duration::from_millis(250);

const SCHEMA: &str = "
    CREATE TABLE messages (
        id   INTEGER PRIMARY KEY,
        chat INTEGER NOT NULL,
        seq  INTEGER NOT NULL,
        side INTEGER NOT NULL,
        key  TEXT    NOT NULL,
        body TEXT    NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX messages_by_seq ON messages (chat, seq);
    CREATE UNIQUE INDEX messages_by_key ON messages (chat, side, key);";

/// One message on its way through the database.
struct Row {
    chat: Arc<Chat>,
    side: usize,
    json: Utf8Bytes,
}

/// The way to the thread that writes.
pub(super) struct Ledger {
    rows: blocking::Sender<Row>,
}

impl Ledger {
    pub(super) fn open(path: &Path) -> Result<Self, LoadError> {
        let conn = connect(path)?;
        conn.execute_batch(SCHEMA)?;
        let checkpoints = connect(path)?;
        let (rows, queue) = blocking::channel();
        let (stored, told) = unbounded_channel();
        let run = move || {
            // Without its database a floor has no sense; its connections then hear nothing more.
            if let Err(error) = write(&conn, &queue, &stored) {
                drop(std::io::Write::write_all(&mut std::io::stderr(), format!("{error}\n").as_bytes()));
            }
        };
        std::thread::Builder::new()
            .name("floor-write".into())
            .spawn(run)
            .map_err(LoadError::io("starting a thread"))?;
        let checkpoint = move || {
            loop {
                std::thread::sleep(CHECKPOINT_INTERVAL);
                // Busy is fine: the next one comes.
                drop(checkpoints.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())));
            }
        };
        std::thread::Builder::new()
            .name("floor-checkpoint".into())
            .spawn(checkpoint)
            .map_err(LoadError::io("starting a thread"))?;
        tokio::spawn(tell(told));
        Ok(Self { rows })
    }

    pub(super) fn store(&self, chat: Arc<Chat>, side: usize, json: Utf8Bytes) {
        // Only a thread that failed takes nothing, and has said why.
        let _ = self.rows.send(Row { chat, side, json });
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let conn = Connection::open(path)?;
    conn.busy_timeout(Duration::from_secs(5))?;
    conn.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    conn.pragma_update(None, "synchronous", "full")?;
    // Moved beside the commits, as in Chatter: within them it would make the floor slower.
    conn.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
    // The same cache, for the same reasons.
    conn.pragma_update(None, "cache_size", -8 * 1_024)?;
    conn.pragma_update(None, "cache_spill", 0)?;
    Ok(conn)
}

fn write(
    conn: &Connection,
    queue: &blocking::Receiver<Row>,
    stored: &UnboundedSender<Vec<Row>>,
) -> rusqlite::Result<()> {
    let mut numbers: HashMap<u64, i64> = HashMap::new();
    while let Ok(first) = queue.recv() {
        let rows: Vec<Row> = std::iter::once(first).chain(queue.try_iter().take(BATCH_MAX - 1)).collect();
        conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        for row in &rows {
            let seq = numbers.entry(row.chat.number).or_insert(0);
            *seq += 1;
            conn.prepare_cached("INSERT INTO messages (chat, seq, side, key, body) VALUES (?1, ?2, ?3, ?4, ?5)")?
                .execute(params![
                    row.chat.number.cast_signed(),
                    *seq,
                    row.side as i64,
                    key(&row.json),
                    row.json.as_str()
                ])?;
        }
        conn.prepare_cached("COMMIT")?.execute([])?;
        if stored.send(rows).is_err() {
            break;
        }
    }
    Ok(())
}

/// Acknowledges and hands on what is stored: one wake-up for a whole commit.
async fn tell(mut stored: UnboundedReceiver<Vec<Row>>) {
    while let Some(rows) = stored.recv().await {
        for Row { chat, side, json } in rows {
            let number = chat.number;
            let ack = format!(r#"{{"type":"accepted","chat":{number},"client_msg_id":"{}"}}"#, key(&json));
            chat.send(side, ack.into());
            chat.send(1 - side, json);
        }
    }
}

/// The client's id of a message.
fn key(json: &str) -> &str {
    let rest = json.split_once(r#""client_msg_id":""#).map_or("", |(_, rest)| rest);
    rest.split('"').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::message::Messages;

    #[test]
    fn the_key_is_the_clients_id() {
        assert_eq!(key(&Messages::new(1, 200).json(42, 7)), "m42");
        assert_eq!(key("{}"), "");
    }

    #[test]
    fn the_floor_keeps_the_promise_it_is_compared_by() {
        let folder = tempfile::tempdir().expect("a folder");
        let conn = connect(&folder.path().join("floor.db")).expect("a database");
        let number = |name| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).expect("a number");
        assert_eq!((number("synchronous"), number("wal_autocheckpoint")), (2, 0));
        let mode: String = conn.pragma_query_value(None, "journal_mode", |row| row.get(0)).expect("a word");
        assert_eq!(mode, "wal");
    }
}
