//! What a desk goes on from.

use super::super::owner::Owner;
use super::super::{Scribe, Storage};
use crate::{ChatId, EventNo, LoadedChat, Side, Snapshot};

pub(in super::super) async fn load_changes_nothing(storage: &dyn Storage) {
    const READER: &str = "outbox";
    let mut owner = Owner::of(storage.open().await).await;
    let mut scribe = Scribe::new(8);
    for turn in 0..12 {
        let chat = scribe.open_chat();
        scribe.message(chat, Side::Customer);
        if turn % 3 > 0 {
            scribe.assign(chat);
            scribe.note(chat);
            scribe.message(chat, Side::Staff);
        }
        if turn % 3 > 1 {
            scribe.resolve(chat);
        }
        if turn % 4 == 3 {
            let team = scribe.open_team_chat();
            scribe.team_message(team);
        }
        owner.commit(scribe.take()).await;
        owner.store.set_cursor(&owner.desk, READER, EventNo(turn + 1)).await.expect("set_cursor");

        let first = owner.load().await;
        assert_eq!(first.revision, owner.revision, "the revision of the newest commit");
        assert_eq!(without_client_ids(first.snapshot.clone()), scribe.snapshot(), "the state after the newest commit");
        assert_eq!(owner.load().await, first, "the second of two loads in a row");
        let cursor = owner.store.cursor(&owner.desk, READER).await.expect("cursor");
        assert_eq!(cursor, EventNo(turn + 1), "a cursor after loading");
    }
}

/// In the order of the model and without what other clauses are about.
fn without_client_ids(mut snapshot: Snapshot) -> Snapshot {
    snapshot.categories.sort_by_key(|category| category.category);
    snapshot.agents.sort_by_key(|agent| agent.agent);
    snapshot.chats.iter_mut().for_each(|chat| chat.dedupe.clear());
    snapshot.team_chats.iter_mut().for_each(|chat| chat.dedupe.clear());
    snapshot
}

pub(in super::super) async fn load_leaves_out_closed(storage: &dyn Storage) {
    let mut owner = Owner::of(storage.open().await).await;
    let mut scribe = Scribe::new(9);
    let chats: Vec<ChatId> = (0..12).map(|_| scribe.open_chat()).collect();
    for chat in &chats {
        scribe.message(*chat, Side::Customer);
    }
    // Closed in the batch that opens them, in a later one, in one of their own, and the newest of all chats.
    let closed = [chats[0], chats[1], chats[5], chats[11]];
    for chats in [&closed[..1], &closed[1..3], &closed[3..]] {
        for chat in chats {
            scribe.resolve(*chat);
            scribe.close(*chat);
        }
        owner.commit(scribe.take()).await;
    }
    scribe.assign(chats[2]);
    scribe.resolve(chats[3]);
    owner.commit(scribe.take()).await;

    let snapshot = owner.load().await.snapshot;
    let loaded: Vec<ChatId> = snapshot.chats.iter().map(|loaded| loaded.record.chat).collect();
    let open: Vec<ChatId> = chats.iter().copied().filter(|chat| !closed.contains(chat)).collect();
    assert_eq!(loaded, open, "the chats that are not closed, by number");
    assert_eq!(snapshot.last_chat, chats[11], "the newest chat counts although it is closed");
    for chat in closed {
        let found = owner.store.chat(&owner.desk, chat).await.expect("chat");
        assert_eq!(found.as_ref(), scribe.chats.get(&chat), "a closed chat");
    }
}

pub(in super::super) async fn load_limits_dedupe(storage: &dyn Storage) {
    let mut owner = Owner::of(storage.open().await).await;
    let mut scribe = Scribe::new(10);
    let most = LoadedChat::DEDUPE_MAX;
    let counts = [most + 44, 10, most, most + 1, 0];
    let chats = counts.map(|count| (scribe.open_chat(), count));
    let team = scribe.open_team_chat();
    // All of them at once and by both sides, so that ids of one chat do not lie next to each other.
    for turn in 0..most + 44 {
        for (chat, _) in chats.iter().filter(|(_, count)| turn < *count) {
            scribe.message(*chat, if turn % 3 == 0 { Side::Staff } else { Side::Customer });
        }
        scribe.team_message(team);
        if turn % 25 == 0 {
            owner.commit(scribe.take()).await;
        }
    }
    owner.commit(scribe.take()).await;

    let snapshot = owner.load().await.snapshot;
    for (chat, count) in chats {
        let loaded = snapshot.chats.iter().find(|loaded| loaded.record.chat == chat).expect("the chat is open");
        let used = scribe.client_ids(chat);
        assert_eq!(used.len(), count);
        let newest = &used[count.saturating_sub(most)..];
        assert!(loaded.dedupe == newest, "the newest {most} of {count} client ids, oldest first");
    }
    // Whether it is loaded at all is another clause's matter.
    for loaded in snapshot.team_chats {
        let used = scribe.client_ids(team);
        assert!(loaded.dedupe == used[used.len() - most..], "the newest {most} client ids of a conversation of agents");
    }
}
