//! Whom a returning customer had.

use std::collections::BTreeMap;

use super::super::owner::Owner;
use super::super::{Scribe, Storage};
use crate::{AgentId, ChatId, CustomerId, Side};

/// The first differ from each other in the lower half only, the last in the upper.
const CUSTOMERS: [CustomerId; 4] = [CustomerId(1), CustomerId(2), CustomerId(3), CustomerId(1 << 64 | 1)];
const NOBODY: CustomerId = CustomerId(u128::MAX);

pub(in super::super) async fn last_agents_are_found(storage: &dyn Storage) {
    let mut owner = Owner::of(storage.open().await).await;
    assert_eq!(last_agent(&owner, NOBODY).await, None, "an empty desk");
    let mut scribe = Scribe::new(19);
    let mut last = BTreeMap::new();
    let [one, two, three, four] = CUSTOMERS;

    // One and two have had chats with different agents; three was never served; four had the same number in half.
    for (customer, agent) in [(one, 1), (two, 2), (one, 3), (four, 2), (two, 1)] {
        let chat = held_by(&mut scribe, customer, AgentId(agent));
        last.insert(customer, AgentId(agent));
        scribe.message(chat, Side::Customer);
        commit_and_compare(&mut owner, &mut scribe, &last).await;
        // Closed ones count.
        scribe.resolve(chat);
        scribe.close(chat);
        commit_and_compare(&mut owner, &mut scribe, &last).await;
    }
    let alone = scribe.open_chat_of(three);
    commit_and_compare(&mut owner, &mut scribe, &last).await;

    // Newer chats that nobody has had do not hide the one before.
    let newest = [one, two, one].map(|customer| scribe.open_chat_of(customer));
    commit_and_compare(&mut owner, &mut scribe, &last).await;

    // An older chat changes hands after newer ones were opened; then a newer one gets an agent, and another.
    let older = held_by(&mut scribe, four, AgentId(1));
    scribe.open_chat_of(four);
    for agent in [AgentId(3), AgentId(2)] {
        give(&mut scribe, older, agent);
        last.insert(four, agent);
        commit_and_compare(&mut owner, &mut scribe, &last).await;
    }
    give(&mut scribe, newest[0], AgentId(2));
    last.insert(one, AgentId(2));
    commit_and_compare(&mut owner, &mut scribe, &last).await;
    give(&mut scribe, newest[2], AgentId(1));
    last.insert(one, AgentId(1));
    commit_and_compare(&mut owner, &mut scribe, &last).await;
    // Now an older chat says nothing any more.
    give(&mut scribe, newest[0], AgentId(3));
    commit_and_compare(&mut owner, &mut scribe, &last).await;
    // What was said can be unsaid.
    scribe.change(alone, |record| record.last_agent = Some(AgentId(9)));
    last.insert(three, AgentId(9));
    commit_and_compare(&mut owner, &mut scribe, &last).await;
    scribe.change(alone, |record| record.last_agent = None);
    last.remove(&three);
    commit_and_compare(&mut owner, &mut scribe, &last).await;
}

fn held_by(scribe: &mut Scribe, customer: CustomerId, agent: AgentId) -> ChatId {
    let chat = scribe.open_chat_of(customer);
    give(scribe, chat, agent);
    chat
}

/// The chat is with this agent, whoever the scribe would have chosen.
fn give(scribe: &mut Scribe, chat: ChatId, agent: AgentId) {
    scribe.change(chat, |record| {
        record.state = crate::ChatState::Active { agent };
        record.last_agent = Some(agent);
    });
}

async fn commit_and_compare(owner: &mut Owner, scribe: &mut Scribe, last: &BTreeMap<CustomerId, AgentId>) {
    owner.commit(scribe.take()).await;
    compare(owner, last).await;
}

async fn compare(owner: &Owner, last: &BTreeMap<CustomerId, AgentId>) {
    for customer in CUSTOMERS {
        let found = last_agent(owner, customer).await;
        assert_eq!(found, last.get(&customer).copied(), "whom customer {} last had", customer.0);
    }
    assert_eq!(last_agent(owner, NOBODY).await, None, "a customer who was never here");
}

async fn last_agent(owner: &Owner, customer: CustomerId) -> Option<AgentId> {
    owner.store.last_agent(&owner.desk, customer).await.expect("last_agent")
}
