//! What people are shown of the desk's state.

use std::time::Duration;

use super::Desk;
use super::state::Chat;
use crate::protocol::{
    AgentView, AgentsOnline, AuthorView, CategoryAgents, CategoryView, CustomerBody, CustomerChat, CustomerEntry,
    EndView, OfferView, PartyState, PlaceView, StaffChat,
};
use crate::{AgentId, ChatRecord, SessionId, Time};

/// How many assignments an estimate looks at.
pub(super) const ESTIMATE_SAMPLES: usize = 64;
/// The fewest that make an estimate.
const ESTIMATE_SAMPLES_MIN: usize = 20;
/// Older assignments say nothing about now.
const ESTIMATE_WINDOW: Duration = Duration::from_secs(60 * 60);

impl Desk {
    /// Where a waiting chat stands.
    pub(super) fn place_view(&self, now: Time, chat: &Chat) -> PlaceView {
        let category = chat.record.category;
        let ordered = self.policies.get(self.policy_of(category)).fixes_order();
        let ahead = match chat.spot {
            Some(spot) => ordered.then(|| self.state.lines.ahead(spot, chat.record.chat)),
            // Who is offered to an agent has nobody ahead.
            None => chat.record.offered_to().map(|_| 0),
        };
        PlaceView {
            place: ahead.map(|ahead| ahead + 1),
            ahead,
            agents_online: self.state.pool.counts(category).online(),
            estimated_wait_ms: ahead.and_then(|ahead| self.estimate(now, chat, ahead)),
            moved_back: false,
        }
    }

    /// The wait to expect: people ahead and oneself, at the pace of the newest assignments.
    fn estimate(&self, now: Time, chat: &Chat, ahead: u64) -> Option<u64> {
        let assigned = &self.state.categories.get(&chat.record.category)?.assigned;
        let is_old = |at: &Time| now - *at > ESTIMATE_WINDOW;
        // At a desk that is busy none of them is.
        let old = if assigned.front().is_some_and(is_old) { assigned.partition_point(is_old) } else { 0 };
        let (count, first) = (assigned.len() - old, *assigned.get(old)?);
        let anybody = self.state.pool.counts(chat.record.category).online() > 0;
        if count < ESTIMATE_SAMPLES_MIN || !anybody {
            return None;
        }
        let pace = assigned.back()?.micros_since(first) / (count as u64 - 1);
        Some((pace.saturating_mul(ahead + 1) / 1_000).max(1))
    }

    pub(super) fn customer_chat(&self, chat: &Chat) -> CustomerChat {
        let record = &chat.record;
        let agent = record.agent().and_then(|agent| self.state.agents.get(&agent));
        CustomerChat {
            chat: record.chat,
            category: record.category,
            status: record.status(),
            customer_name: record.customer_name.clone(),
            subject: record.subject.clone(),
            agent: agent.map(|agent| agent.record.name.clone()),
            agent_presence: agent.map(|agent| party(agent.sessions.is_empty(), agent.grace_until)),
            episode: record.episode,
            created_at: record.created_at,
            updated_at: record.updated_at,
            end: end_view(record),
            merged_into: record.merged_into,
            last_public_seq: record.last_public_seq,
            unread: count(record.customer_unread.len()),
            own_receipts: record.customer_receipts,
            other_receipts: record.staff_receipts_for_customer,
            last_message: record.last_message.as_ref().map(|last| CustomerEntry {
                public_seq: last.public_seq,
                at: last.at,
                author: AuthorView::from(&last.author),
                to: None,
                edited_at: None,
                body: last.text.clone().map_or(CustomerBody::Deleted, |text| CustomerBody::Message { text }),
            }),
        }
    }

    pub(super) fn staff_chat(&self, chat: &Chat) -> StaffChat {
        let record = &chat.record;
        StaffChat {
            chat: record.chat,
            category: record.category,
            status: record.status(),
            customer: record.customer,
            customer_name: record.customer_name.clone(),
            customer_presence: party(!chat.customer_is_there(), chat.grace_until),
            subject: record.subject.clone(),
            priority: record.priority,
            agent: record.agent(),
            joined: record.joined.iter().copied().collect(),
            transfer_to: record.transfer_to,
            parked: record.parked,
            merged_into: record.merged_into,
            merged_from: record.merged_from.iter().copied().collect(),
            episode: record.episode,
            arrived_at: record.arrived_at,
            created_at: record.created_at,
            updated_at: record.updated_at,
            end: end_view(record),
            last_seq: record.last_seq,
            unread: count(record.staff_unread.len()),
            own_receipts: record.staff_receipts,
            other_receipts: record.customer_receipts_for_staff,
            last_message: record.last_message.clone(),
        }
    }

    pub(super) fn agent_view(&self, agent: AgentId) -> AgentView {
        let Some(state) = self.state.agents.get(&agent) else { unreachable!("only known agents have views") };
        let record = &state.record;
        AgentView {
            agent,
            name: record.name.clone(),
            state: record.state,
            max_chats: record.max_chats,
            load: state.load(),
            wrapping_up: count(state.wrap_ups.len()),
            categories: record.categories.iter().copied().collect(),
        }
    }

    pub(super) fn sessions_of(&self, agent: AgentId) -> Vec<SessionId> {
        self.state.agents.get(&agent).map(|it| it.sessions.to_vec()).unwrap_or_default()
    }

    /// What an agent is asked to take, for a session that opens.
    pub(super) fn offers_of(&self, agent: AgentId) -> Vec<OfferView> {
        let state = self.state.agents.get(&agent);
        let asked = state.into_iter().flat_map(|it| it.offers.iter().chain(&it.reserved));
        asked.filter_map(|chat| self.offer_view(*chat)).collect()
    }

    pub(super) fn chats_of(&self, agent: AgentId) -> impl Iterator<Item = &Chat> {
        let chats = self.state.agents.get(&agent).map(|agent| &agent.chats);
        chats.into_iter().flatten().filter_map(|chat| self.state.chats.get(chat))
    }

    pub(super) fn chats_joined_by(&self, agent: AgentId) -> impl Iterator<Item = &Chat> {
        let chats = self.state.agents.get(&agent).map(|agent| &agent.joined);
        chats.into_iter().flatten().filter_map(|chat| self.state.chats.get(chat))
    }

    pub(super) fn category_views(&self) -> Vec<CategoryView> {
        let view = |category: &super::state::Category| CategoryView {
            category: category.record.category,
            name: category.record.name.clone(),
            agents_online: self.state.pool.counts(category.record.category).online(),
            availability: self.availability(category.record.category),
        };
        self.state.categories.values().map(view).collect()
    }

    pub(super) fn agents_online(&self) -> AgentsOnline {
        let total = self.state.pool.total();
        let view = |category: crate::CategoryId| {
            let counts = self.state.pool.counts(category);
            CategoryAgents {
                category,
                signed_in: counts.signed_in(),
                online: counts.online(),
                waiting: self.state.lines.waiting(category),
            }
        };
        let categories = self.state.categories.keys().map(view).collect();
        AgentsOnline { signed_in: total.signed_in(), online: total.online(), categories }
    }
}

fn party(absent: bool, grace_until: Option<Time>) -> PartyState {
    match (absent, grace_until) {
        (false, _) => PartyState::Joined,
        (true, Some(_)) => PartyState::ConnectionLost,
        (true, None) => PartyState::Left,
    }
}

fn end_view(record: &ChatRecord) -> Option<EndView> {
    record.end().map(|(at, by, reason)| EndView { at, by, reason })
}

fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
