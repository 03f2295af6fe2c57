//! Keeping lines, pool and deadlines in step with the facts. Called by `apply` alone.

use std::sync::Arc;
use std::time::Duration;

use super::deadlines::Deadlines;
use super::lines::{Lines, Spot};
use super::pool::{Availability, PoolKey};
use super::state::{Agent, Category, Chat, State};
use super::{Desk, SessionChange, Timer};
use crate::Few;
use crate::policy::{ChatFacts, LineKey, PolicyIx};
use crate::{AgentId, CategoryId, ChatId, ChatRecord, ChatState, SessionId, Time};

impl Desk {
    /// Puts a waiting chat into its line, in both orders.
    pub(super) fn enqueue(&mut self, chat: ChatId) {
        let State { chats, categories, lines, .. } = &mut self.state;
        let Some(state) = chats.get_mut(&chat) else { return };
        let record = &state.record;
        let policy = categories.get(&record.category).map_or_else(|| self.policies.desk_ix(), |it| it.policy);
        let key = line_key(&**self.policies.get(policy), record);
        let spot = Spot { category: record.category, key, stage: record.overflow };
        state.spot = Some(spot);
        lines.insert(spot, chat);
        self.refresh_ready(chat);
        self.start_customer_grace(chat);
        self.schedule_wait(chat);
        self.line_changed(spot.category);
    }

    /// Takes a chat out of its line; false when it was in none.
    pub(super) fn dequeue(&mut self, chat: ChatId) -> bool {
        let Some(state) = self.state.chats.get_mut(&chat) else { return false };
        (state.pushed, state.untold) = (None, false);
        let Some(spot) = state.spot.take() else { return false };
        let waits_for_one = state.sticky.is_some();
        self.state.lines.remove(spot, chat);
        self.state.deadlines.cancel(Timer::Overflow(chat));
        self.state.deadlines.cancel(Timer::MaxWait(chat));
        if waits_for_one {
            self.end_sticky(chat);
        }
        self.line_changed(spot.category);
        true
    }

    /// The deadlines of a wait. The overflow counts from the arrival, wherever the chat has been since; the longest
    /// wait from when the customer was last left without an answer.
    pub(super) fn schedule_wait(&mut self, chat: ChatId) {
        let Some(state) = self.state.chats.get(&chat) else { return };
        let Some(category) = self.state.categories.get(&state.record.category) else { return };
        let (settings, now) = (&category.record.settings, self.state.now);
        let (arrived, stages_over) = (state.record.arrived_at, usize::from(state.record.overflow));
        let overflow = settings.overflow.get(stages_over).map(|stage| (arrived + stage.after).max(now));
        let max_wait = settings.max_wait.map(|wait| (state.waits_since + wait).max(now));
        for (timer, at) in [(Timer::Overflow(chat), overflow), (Timer::MaxWait(chat), max_wait)] {
            match at {
                Some(at) => self.state.deadlines.put(timer, at),
                None => self.state.deadlines.cancel(timer),
            }
        }
    }

    /// The policy of a category; the desk's for one that is not known.
    pub(super) fn policy_of(&self, category: CategoryId) -> PolicyIx {
        self.state.categories.get(&category).map_or_else(|| self.policies.desk_ix(), |category| category.policy)
    }

    /// The customer's sessions that may see a chat, found by customer; a chat that is open keeps them.
    pub(super) fn sessions_that_see(&self, chat: &ChatRecord) -> Few<SessionId> {
        let owner = self.state.customers.get(&chat.customer);
        owner.map(|owner| owner.sessions_that_see(chat, &self.state.sessions)).unwrap_or_default()
    }

    /// Whether a waiting chat can be served by anybody: its customer is there and not silent, and it does not
    /// wait for one agent.
    pub(super) fn refresh_ready(&mut self, chat: ChatId) {
        let Some(state) = self.state.chats.get(&chat) else { return };
        let Some(spot) = state.spot else { return };
        let (served, ready) = (state.can_be_served(), state.is_ready());
        self.state.lines.set_ready(spot, chat, ready);
        if ready {
            self.pending.ready.note(chat);
        }
        if let Some(agent) = state.sticky.filter(|_| served)
            && self.state.agents.get(&agent).is_some_and(Agent::has_room)
        {
            self.pending.freed.note(agent);
        }
    }

    /// The chat waits for nobody in particular any more.
    pub(super) fn end_sticky(&mut self, chat: ChatId) {
        let Some(state) = self.state.chats.get_mut(&chat) else { return };
        let Some(agent) = state.sticky.take() else { return };
        if let Some(agent) = self.state.agents.get_mut(&agent) {
            agent.sticky.remove(&chat);
        }
        self.state.deadlines.cancel(Timer::Sticky(chat));
    }

    /// The agents who let a chat pass may have it again: its wait is over.
    pub(super) fn forget_passes(&mut self, chat: ChatId) {
        let Some(state) = self.state.chats.get_mut(&chat) else { return };
        for agent in std::mem::take(&mut state.passed) {
            if let Some(agent) = self.state.agents.get_mut(&agent) {
                agent.cooling.remove(&chat);
            }
            self.state.deadlines.cancel(Timer::Cooled(agent, chat));
        }
    }

    /// An agent let a chat pass: they are not asked again for some time, and only after the others.
    pub(super) fn note_pass(&mut self, chat: ChatId, agent: AgentId, at: Time) {
        let Some(state) = self.state.chats.get_mut(&chat) else { return };
        state.passed.retain(|other| *other != agent);
        state.passed.push(agent);
        if let Some(agent) = self.state.agents.get_mut(&agent) {
            agent.cooling.insert(chat);
        }
        let cool_down = self.settings.cool_down.max(super::rests::COOL_DOWN_MIN);
        self.state.deadlines.put(Timer::Cooled(agent, chat), at + cool_down);
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

    /// Ends the subscriptions of those staff sessions to a chat who may not follow it any more.
    pub(super) fn drop_staff_subscribers(&mut self, chat: ChatId) {
        let Some(state) = self.state.chats.get(&chat) else { return };
        if state.staff_subscribers.is_empty() && state.company.is_none() {
            return;
        }
        let dropped: Few<_> =
            state.staff_subscribers.iter().copied().filter(|it| !self.may_follow(*it, state)).collect();
        for session in dropped {
            if let Some(state) = self.state.chats.get_mut(&chat) {
                state.staff_subscribers.remove(&session);
            }
            self.forget_subscription(session, chat);
            if let Some(state) = self.state.sessions.get_mut(&session) {
                // Their client drops the chat, and what it has not said in it.
                state.refused.remove(&chat);
            }
        }
        self.typists_changed(chat);
    }

    /// May this session follow a chat as it is now?
    pub(super) fn may_follow(&self, session: SessionId, chat: &Chat) -> bool {
        let session = self.state.sessions.get(&session);
        session.is_some_and(|it| super::may(&it.principal, super::Action::Subscribe, &chat.record))
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
        self.state.pool.remove_all(&std::mem::take(&mut state.pool_keys), &state.set);
        self.state.pool.count(&state.set, state.availability, Availability::Out);
        state.availability = Availability::Out;
        for category in Arc::clone(&state.set).iter().copied() {
            self.line_changed(category);
        }
    }

    /// Brings the pool in step with an agent. `gained`: the agent may have room that they had not before.
    pub(super) fn refresh_agent(&mut self, agent: AgentId, gained: bool) {
        let State { agents, pool, policies, categories, lines, deadlines, now, .. } = &mut self.state;
        let Some(state) = agents.get_mut(&agent) else { return };
        let availability = state.availability_now();
        let old = std::mem::replace(&mut state.availability, availability);
        if availability == Availability::Room {
            let facts = state.facts();
            let key = |policy: &PolicyIx| {
                let rank = self.policies.get(*policy).agent_rank(&facts);
                (*policy, PoolKey { rank, last_assigned_at: state.record.last_assigned_at, agent })
            };
            let keys = policies.iter().map(key).collect();
            if state.pool_keys != keys {
                pool.remove_all(&state.pool_keys, &state.set);
                pool.insert_all(&keys, &state.set);
                state.pool_keys = keys;
            }
            if gained {
                self.pending.freed.note(agent);
            }
        } else if state.has_room() {
            pool.remove_all(&std::mem::take(&mut state.pool_keys), &state.set);
        }
        if old != availability {
            pool.count(&state.set, old, availability);
            for category in &state.set[..] {
                if let Some(category) = categories.get_mut(category) {
                    category.places_changed(*now, self.settings.push_interval, lines, deadlines);
                }
            }
            self.schedule_agents_push();
            self.schedule_availability_push();
        }
        if !matches!(availability, Availability::Room | Availability::Full | Availability::Resting) {
            self.release_sticky(agent);
        }
    }

    /// Somebody came into a line, left it, or an agent of the category came or went: places are told
    /// again, at most once per interval.
    pub(super) fn line_changed(&mut self, category: CategoryId) {
        self.schedule_agents_push();
        self.schedule_availability_push();
        let (now, interval) = (self.state.now, self.settings.push_interval);
        if let Some(category) = self.state.categories.get_mut(&category) {
            category.places_changed(now, interval, &self.state.lines, &mut self.state.deadlines);
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

impl Category {
    /// Places in it may have changed: they are told at most once per interval.
    fn places_changed(&mut self, now: Time, interval: Duration, lines: &Lines, deadlines: &mut Deadlines) {
        let category = self.record.category;
        let told_soon = self.push_at.is_some() && self.push_next.is_none();
        if told_soon || lines.waiting(category) == 0 {
            return;
        }
        if self.push_next.is_some() {
            self.push_again = true;
            return;
        }
        let earliest = self.pushed_at.map_or(now, |at| at + interval).max(now);
        if self.push_at.is_none() {
            self.push_at = Some(earliest);
            deadlines.set(earliest, Timer::PlacePush(category));
        }
    }
}

pub(super) const fn is_unfinished(record: &ChatRecord) -> bool {
    matches!(record.state, ChatState::Waiting | ChatState::Offered { .. } | ChatState::Active { .. })
}

pub(super) fn line_key(policy: &dyn crate::policy::AssignmentPolicy, record: &ChatRecord) -> LineKey {
    policy.line_key(&ChatFacts::new(record.arrived_at, record.priority, record.episode))
}
