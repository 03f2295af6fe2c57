//! Rows that are written again.

use std::collections::BTreeSet;

use super::super::owner::Owner;
use super::super::{Scribe, Storage};
use crate::{
    AgentId, CategoryId, CategorySettings, ChatId, ChatRecord, ChatState, EndReason, Few, PublicSeq, Receipts, Seq,
    Side, TeamMember, Time,
};

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
        scribe.change(chat, fill);
    }
    let settings = scribe.settings();
    scribe.set_category(CategoryId(1), settings);
    let team = scribe.open_team_chat();
    let quiet = scribe.open_team_chat();
    for _ in 0..3 {
        scribe.team_message(team);
    }
    scribe.change_team_chat(team, |record| {
        record.members = [1, 2, 3].map(|agent| (AgentId(agent), member(agent))).into();
    });
    commit_and_compare(&mut owner, &mut scribe).await;

    // Each field that can be absent or empty becomes so, others change.
    scribe.change(full, empty);
    scribe.set_agent(AgentId(2), BTreeSet::new());
    scribe.set_category(CategoryId(1), CategorySettings::default());
    scribe.change_team_chat(team, |record| {
        record.last_message = None;
        record.members = [(AgentId(2), TeamMember::default()), (AgentId(3), member(7))].into();
    });
    commit_and_compare(&mut owner, &mut scribe).await;

    // And back, with other values than the first ones.
    scribe.assign(full);
    scribe.set_subject(full);
    scribe.message(full, Side::Customer);
    scribe.set_agent(AgentId(2), [CategoryId(2)].into());
    scribe.set_agent(AgentId(9), [CategoryId(1)].into());
    let settings = scribe.settings();
    scribe.set_category(CategoryId(1), settings);
    scribe.change(full, fill);
    scribe.team_message(team);
    scribe.change_team_chat(team, |record| drop(record.members.insert(AgentId(4), member(4))));
    scribe.team_message(quiet);
    commit_and_compare(&mut owner, &mut scribe).await;

    // The newest row of a batch's chat counts when only one field changed.
    scribe.change(full, |record| record.staff_unread.truncate(0));
    scribe.change(bystander, |record| record.customer_unread.retain(|(_, number)| number.0 > 2));
    scribe.change_team_chat(team, |record| record.members.values_mut().for_each(|member| member.unread.clear()));
    commit_and_compare(&mut owner, &mut scribe).await;

    // Each place where a chat can be, from each other one.
    for state in states() {
        for next in states() {
            scribe.change(full, |record| record.state = state.clone());
            commit_and_compare(&mut owner, &mut scribe).await;
            scribe.change(full, |record| record.state = next);
            commit_and_compare(&mut owner, &mut scribe).await;
        }
    }
}

/// Something in every field that can be absent or empty.
fn fill(record: &mut ChatRecord) {
    record.joined = [AgentId(2), AgentId(3)].into();
    record.transfer_to = Some(AgentId(3));
    record.parked = true;
    record.replied = true;
    record.overflow = u8::MAX;
    record.merged_into = Some(ChatId(77));
    record.merged_from = [ChatId(75), ChatId(76)].into();
}

/// Each field that can be absent or empty is, and others differ from before.
fn empty(record: &mut ChatRecord) {
    record.subject = None;
    record.last_agent = None;
    record.last_message = None;
    record.agents = Few::new();
    record.joined = Few::new();
    record.transfer_to = None;
    record.parked = false;
    record.replied = false;
    record.overflow = 0;
    record.merged_into = None;
    record.merged_from = Few::new();
    record.customer_unread = Vec::new();
    record.staff_unread = Vec::new();
    record.state = ChatState::Waiting;
    record.episode = 2;
    record.staff_receipts = Receipts { delivered: Seq(2), read: Seq(1) };
    record.customer_receipts_for_staff = Receipts { delivered: Seq(3), read: Seq(2) };
    record.customer_receipts = Receipts { delivered: PublicSeq(2), read: PublicSeq(1) };
    record.staff_receipts_for_customer = Receipts { delivered: PublicSeq(3), read: PublicSeq(2) };
}

/// Where a chat can be that is not closed.
fn states() -> [ChatState; 4] {
    let resolved = ChatState::Resolved { at: Time(1_760_000_000_000_001), by: Side::System, reason: EndReason::Merged };
    [ChatState::Waiting, ChatState::Offered { agent: AgentId(2) }, ChatState::Active { agent: AgentId(1) }, resolved]
}

fn member(number: u64) -> TeamMember {
    let receipts = Receipts { delivered: Seq(number + 1), read: Seq(number) };
    TeamMember { receipts, unread: vec![Seq(number + 1), Seq(number + 2)] }
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
    // Whether it is loaded at all is another clause's matter.
    for loaded in &snapshot.team_chats {
        let record = scribe.team_chats.get(&loaded.record.chat);
        assert_eq!(Some(&loaded.record), record, "the row of a conversation of agents");
    }
    snapshot.agents.sort_by_key(|agent| agent.agent);
    snapshot.categories.sort_by_key(|category| category.category);
    assert!(snapshot.agents.iter().eq(scribe.agents.values()), "the rows of agents: {:?}", snapshot.agents);
    let categories = &snapshot.categories;
    assert!(categories.iter().eq(scribe.categories.values()), "the rows of categories: {categories:?}");
    assert_eq!(owner.store.chat(&owner.desk, ChatId(1_000)).await.expect("chat"), None, "a chat that never was");
}
