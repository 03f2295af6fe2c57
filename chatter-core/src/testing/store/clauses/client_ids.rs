//! What makes sending again harmless.

use super::super::owner::Owner;
use super::super::{Scribe, Storage};
use crate::{AgentId, AuthorKey, ChatId, ClientMsgId, DedupeRow, LoadedChat, Seq, Side, StoreErrorKind};

pub(in super::super) async fn client_ids_are_unique(storage: &dyn Storage) {
    let mut owner = Owner::of(storage.open().await).await;
    let mut scribe = Scribe::new(13);
    let [busy, closed, other] = [(); 3].map(|()| scribe.open_chat());
    for chat in [busy, closed, other] {
        scribe.message(chat, Side::Customer);
    }
    let oldest = row(&scribe, busy);
    let in_closed = row(&scribe, closed);
    let team = scribe.open_team_chat();
    scribe.team_message(team);
    let in_team = row(&scribe, team);
    for _ in 0..=LoadedChat::DEDUPE_MAX {
        scribe.message(busy, Side::Customer);
    }
    scribe.resolve(closed);
    scribe.close(closed);
    owner.commit(scribe.take()).await;

    // An old id of a busy chat, one of a closed chat, one of a conversation of agents, and one used twice in the
    // same batch.
    let fresh = DedupeRow { client_msg_id: id("fresh"), ..oldest.clone() };
    for (case, rows) in [
        ("old", vec![oldest.clone()]),
        ("closed", vec![in_closed.clone()]),
        ("team", vec![in_team.clone()]),
        ("twice", vec![fresh.clone(), fresh.clone()]),
    ] {
        let mut repeated = scribe.clone();
        for row in rows {
            repeated.add_client_id(DedupeRow { body_hash: !row.body_hash, seq: Seq(9_000), ..row });
        }
        let outcome = owner.try_commit(repeated.take()).await;
        assert_eq!(outcome, Err(StoreErrorKind::Conflict), "a client id used before: {case}");
    }
    for first in [oldest.clone(), in_closed, in_team] {
        // Whether it is found is another clause's matter.
        let found = find(&owner, &first).await;
        assert!(found.is_none_or(|found| found == first), "the first result stands");
    }

    // The same id by another author and in another chat is another id.
    scribe.add_client_id(DedupeRow { author: AuthorKey::Agent(AgentId(1)), ..oldest.clone() });
    scribe.add_client_id(DedupeRow { author: AuthorKey::Agent(AgentId(2)), ..oldest.clone() });
    scribe.add_client_id(DedupeRow { chat: other, ..oldest.clone() });
    // Ids are compared as they are.
    scribe.add_client_id(DedupeRow { client_msg_id: id("case"), ..oldest.clone() });
    scribe.add_client_id(DedupeRow { client_msg_id: id("CASE"), ..oldest });
    owner.commit(scribe.take()).await;
}

pub(in super::super) async fn client_ids_are_kept(storage: &dyn Storage) {
    let mut owner = Owner::of(storage.open().await).await;
    let mut scribe = Scribe::new(14);
    let [busy, closed] = [(); 2].map(|()| scribe.open_chat());
    let team = scribe.open_team_chat();
    for turn in 0..LoadedChat::DEDUPE_MAX + 20 {
        scribe.message(busy, if turn % 5 == 0 { Side::Staff } else { Side::Customer });
        if turn % 50 == 0 {
            scribe.message(closed, Side::Customer);
            scribe.note(closed);
            scribe.team_message(team);
            owner.commit(scribe.take()).await;
        }
    }
    scribe.resolve(closed);
    scribe.close(closed);
    owner.commit(scribe.take()).await;

    for chat in [busy, closed, team] {
        for row in scribe.client_ids(chat) {
            assert_eq!(find(&owner, row).await.as_ref(), Some(&**row), "a client id that was used");
        }
    }
    let known = row(&scribe, busy);
    let unknown = [
        DedupeRow { chat: closed, ..known.clone() },
        DedupeRow { chat: ChatId(1_000), ..known.clone() },
        DedupeRow { author: AuthorKey::Agent(AgentId(77)), ..known.clone() },
        DedupeRow { client_msg_id: id("never-used"), ..known },
    ];
    for row in unknown {
        assert_eq!(find(&owner, &row).await, None, "a client id that was never used");
    }
}

fn row(scribe: &Scribe, chat: ChatId) -> DedupeRow {
    DedupeRow::clone(&scribe.client_ids(chat)[0])
}

fn id(id: &str) -> ClientMsgId {
    ClientMsgId::new(id).expect("visible ASCII")
}

async fn find(owner: &Owner, row: &DedupeRow) -> Option<DedupeRow> {
    owner.store.dedupe(&owner.desk, row.chat, row.author, &row.client_msg_id).await.expect("dedupe")
}
