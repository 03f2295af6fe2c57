//! A double of the server, in one file and with no care for anything but one question: does it commit
//! before it acknowledges? It shows that the kill test can fail, and that it fails for that reason alone.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use futures_util::{SinkExt as _, StreamExt as _};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_tungstenite::tungstenite::Message;

use crate::crash::CHATS_PER_AGENT;
use crate::crash::server::agent_name;

/// Says that this process is the double, and of which kind: `honest`, or `liar`.
pub(crate) const KIND: &str = "CHATTER_DOUBLE";

/// A liar commits once for so many acknowledgements.
const LIES: u64 = 20;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS customers (customer INTEGER PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS chats (chat INTEGER PRIMARY KEY, customer INTEGER, agent TEXT);
    CREATE TABLE IF NOT EXISTS entries (chat INTEGER, seq INTEGER, public_seq INTEGER, author_kind TEXT,
        author_name TEXT, client_id TEXT, text TEXT, line TEXT, PRIMARY KEY (chat, seq));
    CREATE INDEX IF NOT EXISTS by_client_id ON entries (chat, author_name, client_id);";

/// Not a test of its own: the double, when the test starts this executable again.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn program() {
    let Ok(kind) = std::env::var(KIND) else { return };
    let var = |name| std::env::var(name).expect("the test sets it");
    let file = Connection::open(var("CHATTER_STORE")).expect("the file can be opened");
    let pragmas = format!("PRAGMA journal_mode = WAL; PRAGMA synchronous = {}", var("CHATTER_DURABILITY"));
    file.execute_batch(&pragmas).expect("valid");
    file.execute_batch(SCHEMA).expect("valid");
    file.execute_batch("BEGIN").expect("valid");
    let each = if kind == "liar" { LIES } else { 1 };
    let desk = Arc::new(Mutex::new(Desk { file, each, acks: 0, last: 0, sessions: BTreeMap::new() }));
    let listener = TcpListener::bind(var("CHATTER_LISTEN")).await.expect("the port is free again");
    loop {
        let (stream, _) = listener.accept().await.expect("there are descriptors");
        tokio::spawn(connection(Arc::clone(&desk), stream));
    }
}

async fn connection(desk: Arc<Mutex<Desk>>, stream: TcpStream) {
    let Ok(socket) = tokio_tungstenite::accept_async(stream).await else { return };
    let (mut sink, mut source) = socket.split();
    let (out, mut frames) = unbounded_channel::<Value>();
    let id = desk.lock().expect("sound").enter(out);
    tokio::spawn(async move {
        while let Some(frame) = frames.recv().await {
            if sink.send(Message::text(frame.to_string())).await.is_err() {
                return;
            }
        }
    });
    while let Some(Ok(Message::Text(text))) = source.next().await {
        let frame = serde_json::from_str(&text).expect("our own clients write JSON");
        desk.lock().expect("sound").take(id, &frame).expect("the statements are valid");
    }
    desk.lock().expect("sound").sessions.remove(&id);
}

struct Session {
    out: UnboundedSender<Value>,
    who: String,
    staff: bool,
    chats: Vec<u64>,
}

struct Desk {
    file: Connection,
    each: u64,
    acks: u64,
    last: u64,
    sessions: BTreeMap<u64, Session>,
}

impl Desk {
    fn enter(&mut self, out: UnboundedSender<Value>) -> u64 {
        self.last += 1;
        let session = Session { out, who: String::new(), staff: false, chats: Vec::new() };
        self.sessions.insert(self.last, session);
        self.last
    }

    fn commit(&mut self) -> rusqlite::Result<()> {
        self.acks += 1;
        if self.acks.is_multiple_of(self.each) { self.file.execute_batch("COMMIT; BEGIN") } else { Ok(()) }
    }

    fn tell(&self, id: u64, frame: Value) {
        // A session that has gone needs no frame.
        let _gone = self.sessions.get(&id).map(|session| session.out.send(frame));
    }

    fn take(&mut self, id: u64, frame: &Value) -> rusqlite::Result<()> {
        match frame["type"].as_str().unwrap_or_default() {
            "hello" => self.hello(id, frame),
            "join_queue" => self.join(id),
            "subscribe" => self.page(id, frame, frame["after"].as_u64().unwrap_or_default(), true),
            "read_history" => self.page(id, frame, frame["before"].as_u64().unwrap_or(1).saturating_sub(201), false),
            "send_message" | "send_note" => self.message(id, frame),
            _ => Ok(()),
        }
    }

    fn hello(&mut self, id: u64, hello: &Value) -> rusqlite::Result<()> {
        let staff = hello["role"] == "agent";
        let who = match hello["token"].as_str().or_else(|| hello["username"].as_str()) {
            Some(who) => who.to_owned(),
            None => {
                self.file.execute("INSERT INTO customers VALUES (NULL)", [])?;
                self.file.last_insert_rowid().to_string()
            }
        };
        self.commit()?;
        let chats = self.chats(if staff { "agent" } else { "customer" }, &who)?;
        let chats: Vec<_> = chats.into_iter().map(|(chat, _)| view(chat)).collect();
        self.tell(
            id,
            json!({
                "type": "ready", "history": "h", "visitor_token": who,
                "agent": {"agent": 1, "state": "online"}, "chats": chats,
            }),
        );
        let session = self.sessions.get_mut(&id).expect("it is this session's frame");
        (session.who, session.staff) = (who, staff);
        Ok(())
    }

    fn chats(&self, by: &str, who: &str) -> rusqlite::Result<Vec<(u64, String)>> {
        let mut query = self.file.prepare_cached(&format!("SELECT chat, agent FROM chats WHERE {by} = ?"))?;
        query.query_map([who], |row| Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get(1)?)))?.collect()
    }

    fn join(&mut self, id: u64) -> rusqlite::Result<()> {
        let customer = self.sessions[&id].who.clone();
        if self.chats("customer", &customer)?.is_empty() {
            let chat: i64 =
                self.file.query_row("SELECT coalesce(max(chat), 0) + 1 FROM chats", [], |row| row.get(0))?;
            let agent = agent_name((chat.unsigned_abs() - 1) / CHATS_PER_AGENT + 1);
            self.file.execute("INSERT INTO chats VALUES (?, ?, ?)", params![chat, customer, agent])?;
            self.commit()?;
        }
        let (chat, agent) = self.chats("customer", &customer)?.remove(0);
        self.tell(id, json!({"type": "queued", "chat": view(chat)}));
        for (other, _) in self.sessions.iter().filter(|(_, session)| session.who == agent) {
            self.tell(*other, json!({"type": "chat", "chat": view(chat)}));
        }
        Ok(())
    }

    fn page(&mut self, id: u64, frame: &Value, after: u64, live: bool) -> rusqlite::Result<()> {
        let (chat, staff) = (frame["chat"].as_u64().unwrap_or_default(), self.sessions[&id].staff);
        let number = if staff { "seq" } else { "public_seq" };
        let before = frame["before"].as_u64().map_or(i64::MAX, u64::cast_signed);
        let mut query = self.file.prepare_cached(&format!(
            "SELECT seq, public_seq, author_kind, author_name, text FROM entries
             WHERE chat = ? AND {number} > ? AND {number} < ? ORDER BY seq"
        ))?;
        let entries = query.query_map(params![chat.cast_signed(), after.cast_signed(), before], |row| {
            Ok(entry(
                row.get(0)?,
                row.get(1)?,
                &row.get::<_, String>(2)?,
                &row.get::<_, String>(3)?,
                &row.get::<_, String>(4)?,
            ))
        })?;
        let entries: Vec<Value> = entries.collect::<rusqlite::Result<_>>()?;
        drop(query);
        let mut page = json!({"type": "page", "chat": chat, "ref": frame["ref"]});
        if live {
            page["recovery"] = json!({"recovered": !frame["after"].is_null()});
            page["up_to"] = entries.last().map_or_else(|| json!(after), |last| last[number].clone());
            self.sessions.get_mut(&id).expect("it is this session's frame").chats.push(chat);
        }
        page["entries"] = json!(entries);
        self.tell(id, page);
        Ok(())
    }

    fn message(&mut self, id: u64, frame: &Value) -> rusqlite::Result<()> {
        let session = &self.sessions[&id];
        let chat = frame["chat"].as_u64().unwrap_or_default().cast_signed();
        let (kind, name) =
            if session.staff { ("agent", session.who.clone()) } else { ("customer", "customer".to_owned()) };
        let (client_id, text) = (frame["client_msg_id"].as_str(), frame["text"].as_str().unwrap_or_default());
        let first = "SELECT seq, public_seq FROM entries WHERE chat = ? AND author_name = ? AND client_id = ?";
        let numbers = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?));
        let first = self.file.query_row(first, params![chat, name, client_id], numbers).optional()?;
        let accepted = |(seq, public_seq): (i64, Option<i64>), duplicate: bool| {
            let mut frame = json!({"type": "accepted", "chat": chat, "client_msg_id": client_id, "seq": seq});
            frame["public_seq"] = json!(public_seq);
            frame["duplicate"] = json!(duplicate);
            frame
        };
        if let Some(first) = first {
            self.tell(id, accepted(first, true));
            return Ok(());
        }
        let last = "SELECT coalesce(max(seq), 0), coalesce(max(public_seq), 0) FROM entries WHERE chat = ?";
        let (seq, public) =
            self.file.query_row(last, [chat], |row| Ok((row.get::<_, i64>(0)? + 1, row.get::<_, i64>(1)? + 1)))?;
        let public = (frame["type"] == "send_message").then_some(public);
        let row = params![chat, seq, public, kind, name, client_id, text];
        self.file.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, NULL)", row)?;
        self.commit()?;
        self.tell(id, accepted((seq, public), false));
        let frame = json!({"type": "entry", "chat": chat, "entry": entry(seq, public, kind, &name, text)});
        let reads =
            |session: &Session| session.chats.contains(&chat.unsigned_abs()) && (session.staff || public.is_some());
        for (other, _) in self.sessions.iter().filter(|(other, session)| **other != id && reads(session)) {
            self.tell(*other, frame.clone());
        }
        Ok(())
    }
}

fn view(chat: u64) -> Value {
    json!({"chat": chat, "status": "in_progress", "agent": 1})
}

fn entry(seq: i64, public: Option<i64>, kind: &str, name: &str, text: &str) -> Value {
    json!({"seq": seq, "public_seq": public, "author": {"kind": kind, "name": name}, "body": {"text": text}})
}
