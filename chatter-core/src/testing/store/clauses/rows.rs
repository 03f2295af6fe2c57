//! Rows that are written again.

use std::collections::BTreeSet;

use super::super::owner::Owner;
use super::super::{Scribe, Storage};
use crate::{AgentId, CategoryId, ChatId, ChatState, PublicSeq, Receipts, Seq, Side};

pub(in super::super) async fn rows_replace(storage: &dyn Storage) {
    let mut owner = Owner::of(storage.open().await).await;
    let mut scribe = Scribe::new(4);
    let full = scribe.open_chat();
    let bystander = scribe.open_chat();
    for chat in [full, bystander] {
        scribe.assign(chat);
        scribe.message(chat, Side::Customer);
        scribe.message(chat, Side::Staff);
        scribe.set_subject(chat);
    }
    commit_and_compare(&mut owner, &mut scribe).await;

    // Each field that can be absent or empty becomes so, others change.
    scribe.change(full, |record| {
        record.subject = None;
        record.last_agent = None;
        record.last_message = None;
        record.agents = BTreeSet::new();
        record.customer_unread = Vec::new();
        record.staff_unread = Vec::new();
        record.state = ChatState::Waiting;
        record.episode = 2;
        record.staff_receipts = Receipts { delivered: Seq(2), read: Seq(1) };
        record.customer_receipts_for_staff = Receipts { delivered: Seq(3), read: Seq(2) };
        record.customer_receipts = Receipts { delivered: PublicSeq(2), read: PublicSeq(1) };
        record.staff_receipts_for_customer = Receipts { delivered: PublicSeq(3), read: PublicSeq(2) };
    });
    scribe.set_agent(AgentId(2), BTreeSet::new());
    scribe.rename_category(0);
    commit_and_compare(&mut owner, &mut scribe).await;

    // And back, with other values than the first ones.
    scribe.assign(full);
    scribe.set_subject(full);
    scribe.message(full, Side::Customer);
    scribe.set_agent(AgentId(2), [CategoryId(2)].into());
    scribe.set_agent(AgentId(9), [CategoryId(1)].into());
    scribe.rename_category(0);
    commit_and_compare(&mut owner, &mut scribe).await;

    // The newest row of a batch's chat counts when only one field changed.
    scribe.change(full, |record| record.staff_unread.truncate(0));
    scribe.change(bystander, |record| record.customer_unread.retain(|(_, number)| number.0 > 2));
    commit_and_compare(&mut owner, &mut scribe).await;
}

async fn commit_and_compare(owner: &mut Owner, scribe: &mut Scribe) {
    owner.commit(scribe.take()).await;
    let mut snapshot = owner.load().await.snapshot;
    for (chat, record) in &scribe.chats {
        let found = owner.store.chat(&owner.desk, *chat).await.expect("chat");
        assert_eq!(found.as_ref(), Some(record), "the row of a chat");
        let loaded = snapshot.chats.iter().find(|loaded| loaded.record.chat == *chat);
        assert_eq!(loaded.map(|loaded| &loaded.record), Some(record), "the loaded row of a chat");
    }
    snapshot.agents.sort_by_key(|agent| agent.agent);
    snapshot.categories.sort_by_key(|category| category.category);
    assert!(snapshot.agents.iter().eq(scribe.agents.values()), "the rows of agents: {:?}", snapshot.agents);
    let categories = &snapshot.categories;
    assert!(categories.iter().eq(scribe.categories.values()), "the rows of categories: {categories:?}");
    assert_eq!(owner.store.chat(&owner.desk, ChatId(1_000)).await.expect("chat"), None, "a chat that never was");
}
