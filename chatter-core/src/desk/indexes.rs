//! Keeping lines, pool and deadlines in step with the facts. Called by `apply` alone.

use super::pool::{Availability, PoolKey};
use super::state::Chat;
use super::{Desk, SessionChange, Timer};
use crate::policy::{AgentFacts, ChatFacts, LineKey};
use crate::{AgentId, AgentState, CategoryId, ChatId, ChatRecord, ChatState, CustomerId, SessionId};

impl Desk {
    /// Puts a waiting chat into its line, in both orders.
    pub(super) fn enqueue(&mut self, chat: ChatId) {
        let Some(state) = self.state.chats.get_mut(&chat) else { return };
        let key = line_key(&*self.policy, &state.record);
        state.line = Some(key);
        let category = state.record.category;
        self.state.lines.insert(category, key, chat);
        if self.state.chats.get(&chat).is_some_and(Chat::customer_is_there) {
            self.set_customer_ready(chat, true);
        } else {
            self.start_customer_grace(chat);
        }
        self.line_changed(category);
    }

    /// Takes a chat out of its line; false when it was in none.
    pub(super) fn dequeue(&mut self, chat: ChatId) -> bool {
        let Some(state) = self.state.chats.get_mut(&chat) else { return false };
        (state.pushed, state.untold) = (None, false);
        let Some(key) = state.line.take() else { return false };
        let category = state.record.category;
        self.state.lines.remove(category, key, chat);
        self.pending.ready.remove(&chat);
        self.line_changed(category);
        true
    }

    /// The customer's sessions that may see a chat, found by customer; a chat that is open keeps them.
    pub(super) fn sessions_that_see(&self, chat: &ChatRecord) -> Vec<SessionId> {
        let Some(owner) = self.state.customers.get(&chat.customer) else { return Vec::new() };
        let sees = |session: &&SessionId| {
            let session = self.state.sessions.get(session);
            session.is_some_and(|session| super::authority::knows(&session.principal, chat))
        };
        owner.sessions.iter().filter(sees).copied().collect()
    }

    /// The customer of a chat came or went: while it waits it can be served, or keeps only its place.
    pub(super) fn set_customer_ready(&mut self, chat: ChatId, ready: bool) {
        let Some(state) = self.state.chats.get(&chat) else { return };
        let Some(key) = state.line else { return };
        self.state.lines.set_ready(state.record.category, key, chat, ready);
        if ready {
            self.pending.ready.insert(chat);
        } else {
            self.pending.ready.remove(&chat);
        }
    }

    /// Starts the grace of the customer of a chat that is not over and whom no session connects to it.
    pub(super) fn start_customer_grace(&mut self, chat: ChatId) {
        let Some(state) = self.state.chats.get(&chat) else { return };
        if state.grace_until.is_some() || !is_unfinished(&state.record) || state.customer_is_there() {
            return;
        }
        let until = self.state.now + self.settings.customer_grace;
        if let Some(state) = self.state.chats.get_mut(&chat) {
            state.grace_until = Some(until);
            self.state.deadlines.set(until, Timer::CustomerGrace(chat));
        }
    }

    /// The customer is back, or the chat is over.
    pub(super) fn end_customer_grace(&mut self, chat: ChatId) {
        if let Some(until) = self.state.chats.get_mut(&chat).and_then(|chat| chat.grace_until.take()) {
            self.state.deadlines.clear(until, Timer::CustomerGrace(chat));
        }
    }

    /// Forgets a customer who neither has a chat nor is there.
    pub(super) fn forget_absent_customer(&mut self, customer: CustomerId) {
        let gone = |it: &super::state::Customer| it.sessions.is_empty() && it.chats.is_empty();
        if self.state.customers.get(&customer).is_some_and(gone) {
            self.state.customers.remove(&customer);
        }
    }

    /// Ends the subscriptions of staff sessions to a chat, except those of one agent.
    pub(super) fn drop_staff_subscribers(&mut self, chat: ChatId, except: Option<AgentId>) {
        let Some(state) = self.state.chats.get_mut(&chat) else { return };
        let sessions = std::mem::take(&mut state.staff_subscribers);
        for session in sessions {
            let keeps = except.is_some_and(|agent| {
                self.state.agents.get(&agent).is_some_and(|agent| agent.sessions.contains(&session))
            });
            if keeps {
                if let Some(state) = self.state.chats.get_mut(&chat) {
                    state.staff_subscribers.insert(session);
                }
            } else {
                self.forget_subscription(session, chat);
            }
        }
    }

    pub(super) fn forget_subscription(&mut self, session: SessionId, chat: ChatId) {
        if let Some(state) = self.state.sessions.get_mut(&session)
            && state.subscriptions.remove(&chat)
        {
            self.session_log.push(SessionChange::Leaves { session, chat });
        }
    }

    /// Takes an agent out of the pool before their categories change.
    pub(super) fn withdraw_agent(&mut self, agent: AgentId) {
        let Some(state) = self.state.agents.get_mut(&agent) else { return };
        if let Some(key) = state.pool_key.take() {
            self.state.pool.remove(&state.record.categories, key);
        }
        self.state.pool.count(&state.record.categories, state.availability, Availability::Out);
        state.availability = Availability::Out;
        for category in state.record.categories.clone() {
            self.line_changed(category);
        }
    }

    /// Brings the pool in step with an agent. `gained`: the agent may have room that they had not before.
    pub(super) fn refresh_agent(&mut self, agent: AgentId, gained: bool) {
        let Some(state) = self.state.agents.get_mut(&agent) else { return };
        let record = &state.record;
        let load = state.load();
        let connected = !state.sessions.is_empty();
        let availability = match (record.active, record.state, connected) {
            (false, ..) | (true, AgentState::Offline | AgentState::Away | AgentState::LastCall, false) => {
                Availability::Out
            }
            (true, AgentState::Online, false) => Availability::Disconnected,
            (true, AgentState::Online, true) if load < record.max_chats => Availability::Room,
            (true, AgentState::Online, true) => Availability::Full,
            (true, AgentState::Away, true) => Availability::Away,
            (true, AgentState::LastCall, true) => Availability::LastCall,
            (true, AgentState::Offline, true) => Availability::SignedIn,
        };
        let key = (availability == Availability::Room).then(|| {
            let categories = u32::try_from(record.categories.len()).unwrap_or(u32::MAX);
            let facts = AgentFacts::new(load, record.max_chats, record.last_assigned_at, categories);
            PoolKey { rank: self.policy.agent_rank(&facts), last_assigned_at: record.last_assigned_at, agent }
        });
        let (old_key, old) = (state.pool_key, state.availability);
        (state.pool_key, state.availability) = (key, availability);
        if old_key != key {
            if let Some(old_key) = old_key {
                self.state.pool.remove(&state.record.categories, old_key);
            }
            if let Some(key) = key {
                self.state.pool.insert(&state.record.categories, key);
            }
        }
        if gained && key.is_some() {
            self.pending.freed.insert(agent);
        }
        if key.is_none() {
            self.pending.freed.remove(&agent);
        }
        if old != availability {
            self.state.pool.count(&state.record.categories, old, availability);
            for category in state.record.categories.clone() {
                self.line_changed(category);
            }
            self.schedule_agents_push();
        }
    }

    /// Somebody came into a line, left it, or an agent of the category came or went: places are told
    /// again, at most once per interval.
    pub(super) fn line_changed(&mut self, category: CategoryId) {
        self.schedule_agents_push();
        if self.state.lines.waiting(category) == 0 {
            return;
        }
        let now = self.state.now;
        let Some(state) = self.state.categories.get_mut(&category) else { return };
        if state.push_next.is_some() {
            state.push_again = true;
            return;
        }
        let earliest = state.pushed_at.map_or(now, |at| at + self.settings.push_interval).max(now);
        if state.push_at.is_none() {
            state.push_at = Some(earliest);
            self.state.deadlines.set(earliest, Timer::PlacePush(category));
        }
    }

    pub(super) fn schedule_agents_push(&mut self) {
        if self.state.staff.is_empty() || self.state.agents_push_at.is_some() {
            return;
        }
        let now = self.state.now;
        let last = self.state.agents_pushed.as_ref();
        let earliest = last.map_or(now, |(at, _)| *at + self.settings.push_interval).max(now);
        self.state.agents_push_at = Some(earliest);
        self.state.deadlines.set(earliest, Timer::AgentsPush);
    }
}

pub(super) const fn is_unfinished(record: &ChatRecord) -> bool {
    matches!(record.state, ChatState::Waiting | ChatState::Active { .. })
}

pub(super) fn line_key(policy: &dyn crate::policy::AssignmentPolicy, record: &ChatRecord) -> LineKey {
    policy.line_key(&ChatFacts::new(record.arrived_at, record.priority, record.episode))
}
