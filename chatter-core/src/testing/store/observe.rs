//! Everything that a store shows of a desk.

use std::sync::Arc;

use super::Scribe;
use crate::{
    AgentId, Audience, AuthorKey, ChatId, ChatRecord, ClientMsgId, CustomerId, DedupeRow, DeskId, Entry, Event,
    EventNo, Loaded, Page, PageEnd, PublicSeq, Seq, Store,
};

/// More than any clause writes.
pub(super) const ALL: usize = 100_000;
/// Every entry there is, for staff.
pub(super) const STAFF: Page =
    Page { audience: Audience::Staff { after: Seq(0), up_to: LAST_SEQ }, limit: ALL, end: PageEnd::Oldest };
/// Every entry there is, for the customer.
pub(super) const CUSTOMER: Page =
    Page { audience: Audience::Customer { after: PublicSeq(0), up_to: LAST_PUBLIC }, limit: ALL, end: PageEnd::Oldest };
/// Above every number in use, and within what a signed 64-bit column holds.
pub(super) const LAST_SEQ: Seq = Seq(i64::MAX as u64);
const LAST_PUBLIC: PublicSeq = PublicSeq(i64::MAX as u64);

/// What the methods of a store answer about the chats and client ids that a scribe has written of.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Observation {
    loaded: Loaded,
    chats: Vec<SeenChat>,
    last_agents: Vec<(CustomerId, Option<AgentId>)>,
    events: Vec<Event>,
}

#[derive(Debug, PartialEq, Eq)]
struct SeenChat {
    chat: ChatId,
    record: Option<ChatRecord>,
    staff: Vec<Entry>,
    customer: Vec<Entry>,
    client_ids: Vec<(AuthorKey, ClientMsgId, Option<DedupeRow>)>,
}

impl Observation {
    pub(super) async fn of(store: &Arc<dyn Store>, desk: &DeskId, scribe: &Scribe) -> Self {
        let mut loaded = store.load(desk).await.expect("load");
        // Only chats and conversations of agents are promised in an order.
        loaded.snapshot.categories.sort_by_key(|category| category.category);
        loaded.snapshot.agents.sort_by_key(|agent| agent.agent);
        let mut chats = Vec::new();
        for &chat in scribe.chats.keys().chain(scribe.team_chats.keys()) {
            let mut client_ids = Vec::new();
            for row in scribe.client_ids(chat) {
                let found = store.dedupe(desk, chat, row.author, &row.client_msg_id).await.expect("dedupe");
                client_ids.push((row.author, row.client_msg_id.clone(), found));
            }
            chats.push(SeenChat {
                chat,
                record: store.chat(desk, chat).await.expect("chat"),
                staff: store.entries(desk, chat, STAFF).await.expect("entries"),
                customer: store.entries(desk, chat, CUSTOMER).await.expect("entries"),
                client_ids,
            });
        }
        let mut last_agents = Vec::new();
        for customer in scribe.customers() {
            last_agents.push((customer, store.last_agent(desk, customer).await.expect("last_agent")));
        }
        let events = store.events_after(desk, EventNo(0), ALL).await.expect("events_after");
        Self { loaded, chats, last_agents, events }
    }
}
