//! What a commit makes visible, and when.

use std::cell::Cell;
use std::sync::Arc;

use super::super::observe::{ALL, Observation, STAFF};
use super::super::owner::Owner;
use super::super::{Scribe, Storage};
use crate::{Batch, ChatId, DedupeRow, EventNo, LoadedChat, Side};

pub(in super::super) async fn commit_is_atomic(storage: &dyn Storage) {
    let mut owner = Owner::of(storage.open().await).await;
    refused_whole(&mut owner).await;
    drop(owner);
}

/// A batch that is refused for its last row leaves nothing behind.
async fn refused_whole(owner: &mut Owner) {
    let mut scribe = Scribe::new(1);
    let chat = scribe.open_chat();
    scribe.message(chat, Side::Customer);
    let first = scribe.entries(chat)[0].seq;
    let team = scribe.open_team_chat();
    scribe.team_message(team);
    scribe.carry_on(60);
    owner.commit(scribe.take()).await;

    let mut refused = scribe.clone();
    let opened = refused.open_chat();
    refused.message(opened, Side::Customer);
    refused.message(chat, Side::Customer);
    refused.edit_entry(chat, first);
    refused.team_message(team);
    refused.open_team_chat();
    refused.carry_on(40);
    refused.add_client_id(DedupeRow::clone(&scribe.client_ids(chat)[0]));
    let before = Observation::of(&owner.store, &owner.desk, &refused).await;
    // Whether it is refused is another clause's matter.
    if owner.try_commit(refused.take()).await.is_err() {
        let after = Observation::of(&owner.store, &owner.desk, &refused).await;
        assert_eq!(after, before, "a refused batch left something behind");
        seen_whole(owner, scribe).await;
    }
}

/// Whoever reads while batches are written sees each of them whole or not at all.
async fn seen_whole(owner: &mut Owner, mut scribe: Scribe) {
    let chat = scribe.open_chat();
    owner.commit(scribe.take()).await;
    let start = Start { chat, revision: owner.revision.0, events: scribe.last_event().0 };
    let batches: Vec<Arc<Batch>> = (0..40)
        .map(|_| {
            scribe.message(chat, Side::Customer);
            scribe.take()
        })
        .collect();
    let reader = Owner {
        store: Arc::clone(&owner.store),
        desk: owner.desk.clone(),
        acquired: owner.acquired,
        revision: owner.revision,
    };
    let done = Cell::new(false);
    let writing = async {
        for batch in batches {
            owner.commit(batch).await;
            tokio::task::yield_now().await;
        }
        done.set(true);
    };
    let reading = async {
        while !done.get() {
            look(&reader, start, &scribe).await;
            tokio::task::yield_now().await;
        }
        look(&reader, start, &scribe).await
    };
    let ((), seen) = tokio::join!(writing, reading);
    assert_eq!(seen, 40, "all batches are seen in the end");
}

/// Where the batches begin of which each adds one event, one entry, one client id and changes one row.
#[derive(Clone, Copy)]
struct Start {
    chat: ChatId,
    revision: u64,
    events: u64,
}

/// Reads with every method and compares; gives the number of batches seen by the last.
async fn look(reader: &Owner, start: Start, scribe: &Scribe) -> u64 {
    let Start { chat, revision, events } = start;
    let loaded = reader.load().await;
    let seen = loaded.revision.0 - revision;
    let found = loaded.snapshot.chats.iter().find(|loaded| loaded.record.chat == chat);
    let LoadedChat { record, dedupe } = found.expect("the chat is open");
    assert_eq!(loaded.snapshot.last_event.0 - events, seen, "load: events and revision");
    assert_eq!((record.last_seq.0, record.client_ids), (seen, seen), "load: row and revision");
    assert_eq!(u64::try_from(dedupe.len()), Ok(seen), "load: client ids and revision");

    let store = &reader.store;
    let row = store.chat(&reader.desk, chat).await.expect("chat").expect("the chat is there");
    let at_least = |what: &str, now: u64, before: u64| assert!(now >= before, "{what}: {now} after {before} was seen");
    at_least("chat", row.last_seq.0, seen);
    let ids = scribe.client_ids(chat);
    if let Some(newest) = usize::try_from(row.client_ids).ok().and_then(|used| ids.get(used.checked_sub(1)?)) {
        let found = store.dedupe(&reader.desk, chat, newest.author, &newest.client_msg_id).await.expect("dedupe");
        assert!(found.is_some(), "dedupe: nothing of a batch whose row was seen");
    }
    let facts = store.events_after(&reader.desk, EventNo(0), ALL).await.expect("events_after");
    let facts = u64::try_from(facts.len()).unwrap_or(u64::MAX) - events;
    at_least("events_after", facts, row.last_seq.0);
    let entries = store.entries(&reader.desk, chat, STAFF).await.expect("entries");
    let entries = u64::try_from(entries.len()).unwrap_or(u64::MAX);
    at_least("entries", entries, facts);
    at_least("load", reader.load().await.revision.0 - revision, entries);
    entries
}

pub(in super::super) async fn commit_is_durable(storage: &dyn Storage) {
    let mut owner = Owner::of(storage.open().await).await;
    let mut scribe = Scribe::new(2);
    for _ in 0..30 {
        scribe.carry_on(7);
        owner.commit(scribe.take()).await;
    }
    let chat = scribe.open_chat();
    scribe.message(chat, Side::Customer);
    owner.commit(scribe.take()).await;

    let before = Observation::of(&owner.store, &owner.desk, &scribe).await;
    let Owner { store, .. } = owner;
    let owner = Owner::of(storage.reopen(store).await).await;
    let after = Observation::of(&owner.store, &owner.desk, &scribe).await;
    assert_eq!(after, before, "what was acknowledged is not there after opening again");
}

pub(in super::super) async fn commit_counts_revisions(storage: &dyn Storage) {
    let mut owner = Owner::of(storage.open().await).await;
    let mut scribe = Scribe::new(3);
    let mut batches = vec![scribe.take()];
    for _ in 0..3 {
        scribe.carry_on(5);
        batches.push(scribe.take());
        batches.push(Arc::new(Batch::default()));
        batches.push(Arc::new(Batch::default()));
    }
    for batch in batches {
        let expected = owner.revision.next();
        assert_eq!(owner.try_commit(Arc::clone(&batch)).await, Ok(expected), "of {batch:?}");
        owner.revision = expected;
        assert_eq!(owner.load().await.revision, expected, "the revision loaded after {batch:?}");
    }
}
