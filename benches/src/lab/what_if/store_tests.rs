//! Which files are read: those of each version of the schema, as the servers of that version left them.

use std::path::Path;

use chatter_core::{CategorySettings, Routing};
use chatter_store_sqlite::{SqliteOptions, SqliteStore};
use rusqlite::Connection;

use super::store::VERSION;
use super::{Outcome, Recorded, WhatIfError, WhatIfRule, usual_grace};

/// What made the schema of each version out of the one before.
const MIGRATIONS: [&str; 3] = [
    include_str!("../../../../chatter-store-sqlite/migrations/V1__desk.sql"),
    include_str!("../../../../chatter-store-sqlite/migrations/V2__whole_desk.sql"),
    include_str!("../../../../chatter-store-sqlite/migrations/V3__unread_runs.sql"),
];

/// What a server of each version has written since: chat 12 is served; chat 13, whose messages nobody has read, is offered
/// first; chat 14 is left.
const ROWS: [&str; 3] = [
    r#"
INSERT INTO desk (id, name, history, fence, revision) VALUES (1, 'main', x'0102030405060708090a0b0c0d0e0f10', 4, 31);
INSERT INTO categories (category, name) VALUES (1, 'General');
INSERT INTO agents (agent, name, max_chats, categories, state, last_assigned_at, active) VALUES
    (7, 'Ada', 2, '[1]', 'online', 1700000030000000, 1);
INSERT INTO chats (chat, kind, customer, customer_name, category, subject, priority, status, agent, last_agent,
    episode, arrived_at, created_at, updated_at, ended_at, ended_by, end_reason, last_seq, last_public_seq,
    customer_delivered, customer_read, customer_delivered_seq, customer_read_seq, staff_delivered, staff_read,
    staff_delivered_public, staff_read_public, customer_unread, staff_unread, last_message_seq, client_ids) VALUES
    (12, 'support', x'0000000000000000000000000000002a', 'Zoe', 1, 'Help', 'high', 'resolved', NULL, 7, 1,
        1700000020000000, 1700000020000000, 1700000090000000, 1700000090000000, 'staff', 'agent_ended', 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, '[]', '[]', NULL, 0);
INSERT INTO events (no, at, version, body) VALUES
    (1, 1700000000000000, 1, '{"event":"category_set","category":1}'),
    (2, 1700000000000000, 1, '{"event":"agent_set","agent":7,"max_chats":2,"categories":[1]}'),
    (3, 1700000010000000, 1, '{"event":"agent_state_changed","agent":7,"state":"online","cause":"declared"}'),
    (4, 1700000020000000, 1, '{"event":"chat_opened","chat":12,"customer":"0000000000000000000000000000002a","category":1,"priority":"high"}'),
    (5, 1700000030000000, 1, '{"event":"chat_assigned","chat":12,"agent":7,"choice":{"policy":"priority-ageing","trigger":"chat_ready","key":-900000000,"waited":10000000,"rank":{"part":0,"whole":2},"passed_over":{"full":0,"away":0,"last_call":0,"disconnected":0}}}'),
    (6, 1700000090000000, 1, '{"event":"chat_resolved","chat":12,"by":"staff","reason":"agent_ended"}');
"#,
    r#"
UPDATE categories SET settings = '{"routing":"offer"}';
INSERT INTO chats (chat, customer, customer_name, category, subject, priority, status, agent, last_agent, episode,
    arrived_at, created_at, updated_at, last_seq, last_public_seq, customer_delivered, customer_read,
    customer_delivered_seq, customer_read_seq, staff_delivered, staff_read, staff_delivered_public, staff_read_public,
    customer_unread, staff_unread, last_message_seq, client_ids) VALUES
    (13, x'0000000000000000000000000000002b', 'Yan', 1, NULL, 'low', 'in_progress', 7, 7, 1, 1700000120000000,
        1700000120000000, 1700000125000000, 3, 2, 0, 0, 0, 0, 0, 0, 0, 0, '[]', '[[1,1],[3,2]]', 3, 0);
INSERT INTO events (no, at, version, body) VALUES
    (7, 1700000110000000, 1, '{"event":"category_set","category":1,"settings":{"routing":"offer"}}'),
    (8, 1700000120000000, 1, '{"event":"chat_opened","chat":13,"customer":"0000000000000000000000000000002b","category":1,"priority":"low"}'),
    (9, 1700000121000000, 1, '{"event":"chat_offered","chat":13,"agent":7,"choice":{"policy":"priority-ageing","trigger":"chat_ready","key":0,"waited":1000000,"rank":{"part":0,"whole":2},"passed_over":{"full":0,"away":0,"last_call":0,"disconnected":0,"resting":0,"cooling":0}}}'),
    (10, 1700000125000000, 1, '{"event":"chat_assigned","chat":13,"agent":7,"choice":{"policy":"priority-ageing","trigger":"accepted","key":0,"waited":5000000,"rank":{"part":0,"whole":2},"passed_over":{"full":0,"away":0,"last_call":0,"disconnected":0,"resting":0,"cooling":0}}}');
"#,
    r#"
UPDATE chats SET last_seq = 4, last_public_seq = 3, last_message_seq = 4, staff_unread = '[[1,1,1,1],[3,2,2,1]]'
    WHERE chat = 13;
INSERT INTO events (no, at, version, body) VALUES
    (11, 1700000150000000, 1, '{"event":"chat_opened","chat":14,"customer":"0000000000000000000000000000002c","category":1,"priority":"low"}'),
    (12, 1700000157000000, 1, '{"event":"chat_resolved","chat":14,"by":"customer","reason":"left_queue"}');
"#,
];

fn read(path: &Path) -> Result<Recorded, WhatIfError> {
    super::read(path, usual_grace())
}

/// What each episode was, in seconds: how long it waited, and for those served, how long they had an agent.
fn told(recorded: &Recorded) -> Vec<(u64, Option<Option<u64>>)> {
    let episode = |it: &super::Episode| match it.outcome {
        Outcome::Served { assigned, ended, .. } => Some(ended.map(|ended| (ended - assigned) / 1_000_000)),
        Outcome::Left { .. } => None,
        Outcome::TooLong { .. } | Outcome::Cut { .. } => panic!("{it:?}"),
    };
    recorded.episodes.iter().map(|it| (it.waited / 1_000_000, episode(it))).collect()
}

#[test]
fn a_file_of_each_version_is_read() {
    assert_eq!(MIGRATIONS.len() as i64, VERSION, "a version for each");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("desk.db");
    let all = [(10, Some(Some(60))), (5, Some(None)), (7, None)];
    for (at, (migration, rows)) in MIGRATIONS.into_iter().zip(ROWS).enumerate() {
        let conn = Connection::open(&path).unwrap();
        conn.execute_batch(migration).unwrap();
        conn.execute_batch(rows).unwrap();
        let version: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        conn.close().unwrap();
        assert_eq!(version, at as i64 + 1);

        let recorded = read(&path).unwrap();
        assert_eq!(told(&recorded), all[..=at], "version {version}");
        assert_eq!(recorded.policy(), Some("priority-ageing"));
        let [ada] = &recorded.agents[..] else { panic!("{:?}", recorded.agents) };
        assert_eq!((ada.name.as_str(), ada.max_chats, ada.offers), ("Ada", 2, u32::from(at > 0)));
        let [general] = &recorded.categories[..] else { panic!("{:?}", recorded.categories) };
        let routing = if at == 0 { CategorySettings::default().routing } else { Routing::Offer };
        assert_eq!((general.name.as_str(), general.settings.routing), ("General", routing), "version {version}");
    }
}

#[test]
fn what_is_no_store_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let missing = read(&directory.path().join("none.db")).unwrap_err();
    assert!(matches!(missing.rule, WhatIfRule::Sqlite(_)) && missing.to_string().contains("none.db"), "{missing}");
    assert!(!directory.path().join("none.db").exists(), "reading makes no file");

    let other = directory.path().join("other.db");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    assert!(matches!(read(&other).unwrap_err().rule, WhatIfRule::NotChatter(0)));

    let empty = directory.path().join("empty.db");
    SqliteStore::open(&empty, SqliteOptions::default()).unwrap().close();
    assert!(matches!(read(&empty).unwrap_err().rule, WhatIfRule::Nobody));
    let conn = Connection::open(&empty).unwrap();
    let written: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(written, VERSION, "the lab knows what the store writes");

    // Of a version that is not known nothing is looked at but its number.
    let next = VERSION + 1;
    conn.pragma_update(None, "user_version", next).unwrap();
    let newer = read(&empty).unwrap_err();
    assert!(matches!(newer.rule, WhatIfRule::Newer { found, known: VERSION } if found == next), "{newer}");
    let told = format!("the store has version {next}, the lab reads versions 1 to {VERSION}");
    assert!(newer.to_string().ends_with(&told), "{newer}");
}
