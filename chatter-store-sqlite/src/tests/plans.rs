//! What a start and a page cost: SQLite's own plans, and its own steps.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chatter_core::{Audience, ChatId, ChatRecord, ChatState, Few, Page, PageEnd, PublicSeq, Seq, Store};
use rusqlite::config::DbConfig;
use rusqlite::types::Value;
use rusqlite::{Connection, StatementStatus};

use super::{Owner, Place};
use crate::{connect, load, pages, rows};

fn plan(conn: &Connection, sql: &str) -> Vec<String> {
    let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let arguments = vec![Value::Integer(1); statement.parameter_count()];
    let rows = statement.query_map(rusqlite::params_from_iter(arguments), |row| row.get::<_, String>("detail"));
    rows.unwrap().map(Result::unwrap).collect()
}

/// What is read while people wait.
const STATEMENTS: [&str; 15] = [
    rows::chat::OPEN,
    rows::chat::ONE,
    rows::chat::PARTICIPANTS,
    rows::chat::LAST_AGENT,
    rows::team_chat::ALL,
    rows::team_chat::MEMBERS,
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

#[test]
fn nothing_that_grows_with_history_is_scanned() {
    let place = Place::new();
    let _store = place.open();
    let conn = connect::reader(&place.path(), &crate::SqliteOptions::default()).unwrap();
    for sql in STATEMENTS {
        let plan = plan(&conn, sql);
        for step in &plan {
            // The index of open chats holds nothing else, and all conversations of agents are wanted. The client
            // ids of one chat are sorted, nothing else is.
            let fine = step.starts_with("SEARCH")
                || step.starts_with("SCALAR SUBQUERY")
                || step == "SCAN CONSTANT ROW"
                || step == "SCAN c USING INDEX chats_open"
                || (step == "SCAN t" && sql == rows::team_chat::ALL)
                || (step == "USE TEMP B-TREE FOR ORDER BY" && sql == load::NEWEST_CLIENT_IDS);
            assert!(fine, "{step}\nin {plan:?}\nof {sql}");
        }
    }
    // The check can fail.
    assert!(plan(&conn, "SELECT text FROM entries WHERE kind = 'note'")[0].starts_with("SCAN"));
}

#[test]
fn a_statement_is_planned_once() {
    let place = Place::new();
    let _store = place.open();
    let conn = connect::reader(&place.path(), &crate::SqliteOptions::default()).unwrap();
    let planned_again = |conn: &Connection, sql: &str| {
        let mut statement = conn.prepare(sql).unwrap();
        for value in 1..4 {
            let arguments = vec![Value::Integer(value); statement.parameter_count()];
            let mut rows = statement.query(rusqlite::params_from_iter(arguments)).unwrap();
            while rows.next().unwrap().is_some() {}
        }
        statement.get_status(StatementStatus::RePrepare)
    };
    for sql in STATEMENTS {
        assert_eq!(planned_again(&conn, sql), 0, "{sql}");
    }
    // The count sees what the setting prevents.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, false).unwrap();
    assert!(planned_again(&conn, load::NEWEST_CLIENT_IDS) > 0);
}

/// The instructions of a statement.
fn instructions(conn: &Connection, sql: &str) -> Vec<String> {
    let mut statement = conn.prepare(&format!("EXPLAIN {sql}")).unwrap();
    let arguments = vec![Value::Integer(1); statement.parameter_count()];
    let rows = statement.query_map(rusqlite::params_from_iter(arguments), |row| row.get::<_, String>("opcode"));
    rows.unwrap().map(Result::unwrap).collect()
}

#[test]
fn a_message_writes_no_index_of_chats() {
    let place = Place::new();
    let _store = place.open();
    let conn = connect::reader(&place.path(), &crate::SqliteOptions::default()).unwrap();
    assert_eq!(plan(&conn, rows::chat::CHANGE), ["SEARCH chats USING INTEGER PRIMARY KEY (rowid=?)"]);
    let writes = |sql: &str| instructions(&conn, sql).iter().filter(|opcode| opcode.starts_with("Idx")).count();
    assert_eq!(writes(rows::chat::CHANGE), 0);
    // The count sees what a statement does that sets a column of an index, to whatever value.
    assert!(writes("UPDATE chats SET status = status, customer = customer WHERE chat = ?1") > 2);
}

/// A reader that counts the steps of SQLite's machine.
fn counting(place: &Place) -> (Connection, Arc<AtomicU64>) {
    let mut conn = connect::reader(&place.path(), &crate::SqliteOptions::default()).unwrap();
    let counted = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&counted);
    conn.progress_handler(1, Some(move || counter.fetch_add(1, Ordering::Relaxed) == u64::MAX)).unwrap();
    (conn, counted)
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
    let (conn, counted) = counting(&place);
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

/// The steps to a customer's last agent, behind two chats that nobody took, on a desk with this many other chats.
async fn steps_to_an_agent(others: usize) -> u64 {
    let place = Place::new();
    let mut owner = Owner::of(place.open()).await;
    let chat = owner.chat_with(2);
    owner.commit().await;
    let record = owner.store.chat(&owner.desk, chat).await.unwrap().unwrap();
    for _ in 0..others {
        owner.chat_with(1);
    }
    let mut batch = chatter_core::Batch::clone(&owner.scribe.take());
    for number in 1..=2 {
        let (chat, state) = (ChatId(others as u64 + 1 + number), ChatState::Waiting);
        let (last_agent, last_message, agents) = (None, None, Few::new());
        batch.rows.chats.push(ChatRecord { chat, state, last_agent, last_message, agents, ..record.clone() });
    }
    owner.try_commit(&Arc::new(batch)).await.unwrap();
    let (conn, counted) = counting(&place);
    assert_eq!(rows::chat::last_agent(&conn, record.customer).unwrap(), record.last_agent);
    assert!(record.last_agent.is_some());
    counted.load(Ordering::Relaxed)
}

#[tokio::test]
async fn a_last_agent_costs_the_same_on_every_desk() {
    let (few, many) = (steps_to_an_agent(5).await, steps_to_an_agent(2_000).await);
    assert!(many <= few + few / 20, "{few} steps became {many}");
}

/// The steps of each kind of page of ten, from the middle of a chat with this many messages.
async fn steps_of_pages(messages: usize) -> Vec<u64> {
    let place = Place::new();
    let mut owner = Owner::of(place.open()).await;
    let chat = owner.chat_with(messages);
    owner.commit().await;
    let (conn, counted) = counting(&place);
    let (after, up_to) = (messages as u64 / 2, messages as u64 / 2 + 10);
    let staff = Audience::Staff { after: Seq(after), up_to: Seq(up_to) };
    let customer = Audience::Customer { after: PublicSeq(after), up_to: PublicSeq(up_to) };
    let mut steps = Vec::new();
    for audience in [staff, customer] {
        for end in [PageEnd::Oldest, PageEnd::Newest] {
            counted.store(0, Ordering::Relaxed);
            assert_eq!(pages::entries(&conn, chat, Page { audience, limit: 10, end }).unwrap().len(), 10);
            steps.push(counted.load(Ordering::Relaxed));
        }
    }
    steps
}

#[tokio::test]
async fn a_page_costs_the_same_wherever_it_is() {
    let short = steps_of_pages(30).await;
    let long = steps_of_pages(3_000).await;
    for (short, long) in short.iter().zip(&long) {
        assert!(*long <= short + short / 20, "{short} steps became {long}");
    }
}
