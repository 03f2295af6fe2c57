//! Files of earlier versions.

use chatter_core::{
    AgentId, AgentState, Audience, Author, AuthorKey, Body, CategorySettings, ChatId, ChatState, ClientMsgId,
    CustomerId, DeskId, EndReason, EventNo, Fact, Fence, Page, PageEnd, PublicSeq, Seq, Side, Store, SystemLine, Time,
};
use rusqlite::Connection;

use super::{Owner, Place};

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// What a server of version 1 has written: a chat that waits, one whose agent has written, one whose agent has not
/// although an earlier one had, one that is resolved and one that is closed.
const ROWS: &str = r#"
INSERT INTO desk (id, name, history, fence, revision) VALUES (1, '{desk}', x'0102030405060708090a0b0c0d0e0f10', 4, 31);
INSERT INTO categories (category, name) VALUES (1, 'General'), (2, 'Billing');
INSERT INTO agents (agent, name, max_chats, categories, state, last_assigned_at, active) VALUES
    (1, 'Ada', 3, '[1,2]', 'online', 1700000000000500, 1), (2, 'Bob', 2, '[1]', 'away', 0, 0);
INSERT INTO chats (chat, kind, customer, customer_name, category, subject, priority, status, agent, last_agent,
    episode, arrived_at, created_at, updated_at, ended_at, ended_by, end_reason, last_seq, last_public_seq,
    customer_delivered, customer_read, customer_delivered_seq, customer_read_seq, staff_delivered, staff_read,
    staff_delivered_public, staff_read_public, customer_unread, staff_unread, last_message_seq, client_ids) VALUES
    (1, 'support', x'0000000000000000000000000000002a', 'Zoe', 1, 'Help', 'high', 'open', NULL, NULL, 1, 10, 10, 20,
        NULL, NULL, NULL, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, '[]', '[[1,1]]', 1, 1),
    (2, 'support', x'0000000000000000000000000000002b', 'Yan', 2, NULL, 'medium', 'in_progress', 1, 1, 1, 11, 11, 21,
        NULL, NULL, NULL, 2, 2, 2, 1, 2, 1, 2, 2, 2, 2, '[[2,2]]', '[]', 2, 1),
    (3, 'support', x'0000000000000000000000000000002c', 'Xia', 1, NULL, 'low', 'in_progress', 1, 1, 1, 12, 12, 22,
        NULL, NULL, NULL, 4, 3, 0, 0, 0, 0, 0, 0, 0, 0, '[]', '[]', 2, 0),
    (4, 'support', x'0000000000000000000000000000002a', 'Zoe', 2, NULL, 'urgent', 'resolved', NULL, 2, 2, 13, 13, 23,
        1700000000000900, 'staff', 'agent_ended', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '[]', '[]', NULL, 0),
    (5, 'support', x'0000000000000000000000000000002b', 'Yan', 2, NULL, 'medium', 'closed', NULL, 2, 1, 14, 14, 24,
        1700000000000901, 'customer', 'customer_ended', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '[]', '[]', NULL, 0);
INSERT INTO chat_agents (chat, agent) VALUES (2, 1), (3, 1), (3, 2), (4, 2), (5, 2);
INSERT INTO entries (chat, seq, public_seq, at, author_kind, author, author_name, to_name, kind, text, line) VALUES
    (1, 1, 1, 20, 'customer', x'0000000000000000000000000000002a', 'Zoe', NULL, 'message', 'Is anybody there?', NULL),
    (2, 1, 1, 21, 'system', NULL, NULL, 'Yan', 'system', NULL, '{"code":"agent_joined","agent":1,"name":"Ada"}'),
    (2, 2, 2, 21, 'agent', 1, 'Ada', 'Yan', 'message', 'Hello Yan', NULL),
    (3, 1, 1, 22, 'system', NULL, NULL, 'Xia', 'system', NULL, '{"code":"agent_joined","agent":1,"name":"Ada"}'),
    (3, 2, 2, 22, 'agent', 1, 'Ada', 'Xia', 'message', 'Hello Xia', NULL),
    (3, 3, 3, 22, 'system', NULL, NULL, 'Xia', 'system', NULL, '{"code":"agent_joined","agent":1,"name":"Ada"}'),
    (3, 4, NULL, 22, 'agent', 1, 'Ada', 'Xia', 'note', 'again', NULL);
INSERT INTO client_ids (chat, author_kind, author, client_msg_id, used, body_hash, seq, public_seq, at) VALUES
    (1, 'customer', x'0000000000000000000000000000002a', 'z-1', 1048576, -5, 1, 1, 20),
    (2, 'agent', 1, 'a-1', 2097152, 7, 2, 2, 21);
INSERT INTO events (no, at, version, body) VALUES
    (1, 1, 1, '{"event":"category_set","category":1}'),
    (2, 1700000000000901, 1, '{"event":"entry_added","chat":1,"seq":1,"public_seq":1,"kind":"message","author":{"customer":"0000000000000000000000000000002a"}}');
INSERT INTO cursors (reader, at) VALUES ('outbox', 2);
"#;

/// What a server of version 2 has written since: several messages that nobody has read, a note among them, and a
/// conversation of agents.
const ROWS_OF_VERSION_2: &str = r#"
INSERT INTO entries (chat, seq, public_seq, at, author_kind, author, author_name, to_name, kind, text, line) VALUES
    (1, 2, 2, 30, 'customer', x'0000000000000000000000000000002a', 'Zoe', NULL, 'message', 'Hello?', NULL),
    (1, 3, NULL, 31, 'agent', 1, 'Ada', 'Zoe', 'note', 'Nobody is', NULL),
    (1, 4, 3, 32, 'customer', x'0000000000000000000000000000002a', 'Zoe', NULL, 'message', 'Well then', NULL),
    (2, 3, 3, 33, 'agent', 1, 'Ada', 'Yan', 'message', 'How can I help?', NULL),
    (6, 1, 1, 34, 'agent', 2, 'Bob', NULL, 'message', 'Lunch?', NULL),
    (6, 2, 2, 35, 'agent', 2, 'Bob', NULL, 'message', 'At one?', NULL);
UPDATE chats SET last_seq = 4, last_public_seq = 3, last_message_seq = 4, staff_unread = '[[1,1],[2,2],[4,3]]'
    WHERE chat = 1;
UPDATE chats SET last_seq = 3, last_public_seq = 3, last_message_seq = 3, customer_unread = '[[2,2],[3,3]]'
    WHERE chat = 2;
INSERT INTO team_chats (chat, created_at, updated_at, last_seq, last_message_seq, client_ids) VALUES
    (6, 34, 35, 2, 2, 0);
INSERT INTO team_members (chat, agent, delivered, read, unread) VALUES (6, 1, 2, 0, '[1,2]'), (6, 2, 2, 2, '[]');
"#;

/// A file as version 1 leaves it.
fn of_version_1() -> Place {
    let place = Place::new();
    raise(&place, 1, &ROWS.replace("{desk}", DeskId::default().as_str()));
    place
}

/// That file, as version 2 leaves it.
fn of_version_2() -> Place {
    let place = of_version_1();
    raise(&place, 2, ROWS_OF_VERSION_2);
    place
}

/// Brings a file to this version and writes rows into it, as the servers of that version did.
fn raise(place: &Place, version: u8, rows: &str) {
    let mut conn = Connection::open(place.path()).unwrap();
    let target = refinery::Target::Version(version.into());
    embedded::migrations::runner().set_target(target).set_grouped(true).run(&mut conn).unwrap();
    conn.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(())).unwrap();
    conn.execute_batch(rows).unwrap();
    conn.close().unwrap();
    assert_eq!(version_of(place), i64::from(version));
}

fn version_of(place: &Place) -> i64 {
    let conn = Connection::open(place.path()).unwrap();
    conn.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn a_desk_of_version_1_goes_on() {
    let place = of_version_1();
    let store = place.open();
    let loaded = store.load(&DeskId::default()).await.unwrap();
    assert_eq!(loaded.revision.0, 31);
    let snapshot = loaded.snapshot;
    assert_eq!((snapshot.last_chat, snapshot.last_event, snapshot.team_chats.len()), (ChatId(5), EventNo(2), 0));
    let plain = CategorySettings::default();
    assert!(snapshot.categories.len() == 2 && snapshot.categories.iter().all(|category| category.settings == plain));
    let [ada, bob] = &snapshot.agents[..] else { panic!("{:?}", snapshot.agents) };
    assert_eq!(
        (ada.last_assigned_at, ada.last_released_at, ada.state),
        (Time(1_700_000_000_000_500), Time(0), AgentState::Online)
    );
    assert!(ada.active && !bob.active);

    let resolved =
        ChatState::Resolved { at: Time(1_700_000_000_000_900), by: Side::Staff, reason: EndReason::AgentEnded };
    let held = ChatState::Active { agent: AgentId(1) };
    let expected = [(1, ChatState::Waiting, false), (2, held.clone(), true), (3, held, false), (4, resolved, false)];
    assert_eq!(snapshot.chats.len(), expected.len());
    for (loaded, (chat, state, replied)) in snapshot.chats.iter().zip(expected) {
        let record = &loaded.record;
        assert_eq!((record.chat, &record.state, record.replied), (ChatId(chat), &state, replied));
        assert!(record.joined.is_empty() && record.merged_from.is_empty());
        assert_eq!((record.transfer_to, record.merged_into), (None, None));
        assert_eq!((record.parked, record.overflow), (false, 0));
    }
    let last = snapshot.chats[0].record.last_message.as_ref().unwrap();
    assert_eq!(last.text.as_ref().map(chatter_core::Text::as_str), Some("Is anybody there?"));
    assert_eq!(snapshot.chats[0].dedupe[0].body_hash, (-5_i64).cast_unsigned());
}

#[tokio::test]
async fn the_history_of_version_1_is_there() {
    let place = of_version_1();
    let store = place.open();
    let desk = DeskId::default();
    let audience = Audience::Staff { after: Seq(0), up_to: Seq(9) };
    let page = Page { audience, limit: 9, end: PageEnd::Oldest };
    let entries = store.entries(&desk, ChatId(3), page).await.unwrap();
    assert_eq!(entries.len(), 4);
    assert!(entries.iter().all(|entry| entry.edited_at.is_none()));
    assert!(matches!(&entries[2].body, Body::System { line: SystemLine::AgentJoined { agent: AgentId(1), .. } }));
    assert!(matches!(&entries[3].body, Body::Note { text } if text.as_str() == "again"));
    assert!(matches!(&entries[3].author, Author::Agent { agent: AgentId(1), .. }));

    let closed = store.chat(&desk, ChatId(5)).await.unwrap().unwrap();
    assert!(matches!(closed.state, ChatState::Closed { reason: EndReason::CustomerEnded, .. }));
    let (author, id) = (AuthorKey::Agent(AgentId(1)), ClientMsgId::new("a-1").unwrap());
    assert!(store.dedupe(&desk, ChatId(2), author, &id).await.unwrap().is_some());
    // Chat 1 waits without anybody, chat 4 is that customer's too.
    assert_eq!(store.last_agent(&desk, CustomerId(42)).await.unwrap(), Some(AgentId(2)));
    assert_eq!(store.last_agent(&desk, CustomerId(43)).await.unwrap(), Some(AgentId(2)));
    assert_eq!(store.last_agent(&desk, CustomerId(44)).await.unwrap(), Some(AgentId(1)));
    let events = store.events_after(&desk, EventNo(0), 9).await.unwrap();
    assert!(matches!(&events[0].fact, Fact::CategorySet { settings, .. } if **settings == CategorySettings::default()));
    assert_eq!(events.len(), 2);
    assert_eq!(store.cursor(&desk, "outbox").await.unwrap(), EventNo(2));
}

#[tokio::test]
async fn a_file_of_version_1_is_written_and_opened_again() {
    let place = of_version_1();
    let mut owner = Owner::of(place.open()).await;
    assert_eq!(owner.acquired.fence, Fence(5));
    // A row of version 1 is changed by one of today.
    let mut record = owner.store.chat(&owner.desk, ChatId(1)).await.unwrap().unwrap();
    record.state = ChatState::Offered { agent: AgentId(1) };
    record.overflow = 3;
    let rows = chatter_core::Rows { chats: vec![record.clone()], ..chatter_core::Rows::default() };
    owner.try_commit(&std::sync::Arc::new(chatter_core::Batch { rows, ..Default::default() })).await.unwrap();
    let before = owner.load().await;
    owner.store.close();
    let store = place.open();
    assert_eq!(store.load(&owner.desk).await.unwrap(), before);
    assert_eq!(store.chat(&owner.desk, ChatId(1)).await.unwrap(), Some(record));
}

#[tokio::test]
async fn unread_numbers_of_version_2_are_counted_and_become_runs() {
    let place = of_version_2();
    let mut owner = Owner::of(place.open()).await;
    let pairs = |numbers: &[(u64, u64)]| -> Vec<_> {
        numbers.iter().map(|(seq, public_seq)| (Seq(*seq), PublicSeq(*public_seq))).collect()
    };
    let loaded = owner.load().await.snapshot;
    let chats: Vec<_> = loaded.chats.into_iter().map(|chat| chat.record).collect();
    let unread: Vec<_> = chats.iter().map(|it| (it.customer_unread.clone(), it.staff_unread.clone())).collect();
    let none = || pairs(&[]);
    let (waiting, held) = (pairs(&[(1, 1), (2, 2), (4, 3)]), pairs(&[(2, 2), (3, 3)]));
    assert_eq!(unread, [(none(), waiting), (held, none()), (none(), none()), (none(), none())]);
    let members = loaded.team_chats[0].record.members.values();
    assert_eq!(members.map(|member| member.unread.len()).collect::<Vec<_>>(), [2, 0]);

    // Those that change are written as today.
    let mut records = chats[..2].to_vec();
    records[0].staff_unread.extend(pairs(&[(5, 4), (6, 5)]));
    records[1].customer_unread.clear();
    let rows = chatter_core::Rows { chats: records.clone(), ..chatter_core::Rows::default() };
    owner.try_commit(&std::sync::Arc::new(chatter_core::Batch { rows, ..Default::default() })).await.unwrap();
    owner.store.close();
    let conn = Connection::open(place.path()).unwrap();
    let text = |sql| conn.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
    assert_eq!(text("SELECT staff_unread FROM chats WHERE chat = 1"), "[[1,1,2,1],[4,3,3,1]]");
    assert_eq!(text("SELECT customer_unread FROM chats WHERE chat = 2"), "[]");
    drop(conn);
    assert_eq!(version_of(&place), 3, "a server that knows pairs only refuses it by its version");
    let store = place.open();
    for record in records {
        assert_eq!(store.chat(&owner.desk, record.chat).await.unwrap(), Some(record));
    }
}
