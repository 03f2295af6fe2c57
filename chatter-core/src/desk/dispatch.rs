//! Matching: no chat that can be served waits while an eligible agent has room. Every step ends here.

use super::pool::PoolKey;
use super::{Desk, Effect, Out, Words};
use crate::policy::{AgentFacts, AgentRank, LineKey};
use crate::protocol::{CustomerFrame, PartyState};
use crate::{AgentId, Body, ChatId, ChatState, Choice, Fact, Side, SystemLine, Time, Trigger};

impl Desk {
    /// Matches what this step has made possible. Before the step no pair of a ready chat and an agent with
    /// room was left, so only freed agents and chats that became ready need a look; there is no sweep.
    pub(super) fn dispatch(&mut self, now: Time, out: &mut Out) {
        self.serve_freed_agents(now, out);
        self.serve_ready_chats(now, out);
    }

    /// Freed agents choose chats, the best-ranked agent first, one chat each turn.
    fn serve_freed_agents(&mut self, now: Time, out: &mut Out) {
        let keys = |desk: &Self, agent: AgentId| desk.state.agents.get(&agent).and_then(|agent| agent.pool_key);
        let freed = std::mem::take(&mut self.pending.freed);
        let mut turn: std::collections::BTreeSet<PoolKey> = freed.into_iter().filter_map(|it| keys(self, it)).collect();
        while let Some(next) = turn.pop_first() {
            crate::steps::count(1);
            let Some((chat, key)) = self.best_chat(next.agent) else { continue };
            self.assign(now, chat, next.agent, key, Trigger::AgentFree, out);
            turn.extend(keys(self, next.agent));
        }
    }

    /// Chats that became ready choose agents, in the order in which an agent would have chosen them.
    fn serve_ready_chats(&mut self, now: Time, out: &mut Out) {
        let ready = std::mem::take(&mut self.pending.ready);
        let mut order: Vec<_> = ready
            .into_iter()
            .filter_map(|chat| {
                let state = self.state.chats.get(&chat)?;
                let key = state.line?;
                Some((self.policy.line_rank(&crate::policy::LineFacts::new(key, 1)), chat, state.record.category, key))
            })
            .collect();
        order.sort_unstable_by_key(|(rank, chat, ..)| (*rank, *chat));
        for (_, chat, category, key) in order {
            crate::steps::count(1);
            if !self.state.lines.is_ready(category, key, chat) {
                continue;
            }
            if let Some(best) = self.state.pool.best(category) {
                self.assign(now, chat, best.agent, key, Trigger::ChatReady, out);
            }
        }
    }

    /// The chat a freed agent gets: the best head among the lines of their categories.
    fn best_chat(&self, agent: AgentId) -> Option<(ChatId, LineKey)> {
        let categories = &self.state.agents.get(&agent)?.record.categories;
        let heads = categories.iter().flat_map(|category| {
            crate::steps::count(1);
            self.state.lines.heads(*category).map(move |head| (category, head))
        });
        let best = heads.min_by_key(|(category, head)| (self.policy.line_rank(&head.facts), **category, head.chat));
        best.map(|(_, head)| (head.chat, head.facts.key))
    }

    /// Gives a waiting chat to an agent with room.
    pub(super) fn assign(
        &mut self,
        now: Time,
        chat: ChatId,
        agent: AgentId,
        key: LineKey,
        trigger: Trigger,
        out: &mut Out,
    ) {
        let Some(state) = self.state.chats.get(&chat) else { return };
        let Some(holder) = self.state.agents.get(&agent) else { return };
        let (category, customer) = (state.record.category, state.record.customer);
        let (customer_name, agent_name) = (state.record.customer_name.clone(), holder.record.name.clone());
        let waited = now.micros_since(state.record.arrived_at);
        let former = self.other_staff_subscribers(chat, agent);
        let passed_over = self.state.pool.counts(category).passed_over;
        let choice = Choice::new(self.policy.name().into(), trigger, key.key, waited, self.rank_of(agent), passed_over);
        self.emit(now, Fact::ChatAssigned { chat, agent, choice }, Words::None, out);
        self.tell_chat_gone(chat, former, out);
        self.add_system_line(now, chat, SystemLine::AgentJoined { agent, name: agent_name }, out);
        self.tell_chat(chat, out);
        let to = self.customer_sessions(chat);
        if !to.is_empty() {
            out.effects.push(Effect::GiveCustomerToken { to, customer, chat, name: customer_name });
        }
        self.tell_agent(agent, out);
    }

    fn rank_of(&self, agent: AgentId) -> AgentRank {
        let Some(state) = self.state.agents.get(&agent) else { return AgentRank::value(0) };
        state.pool_key.map_or_else(
            || {
                let record = &state.record;
                let categories = u32::try_from(record.categories.len()).unwrap_or(u32::MAX);
                let facts = AgentFacts::new(state.load(), record.max_chats, record.last_assigned_at, categories);
                self.policy.agent_rank(&facts)
            },
            |key| key.rank,
        )
    }

    /// A reopened chat goes to the agent who had it last, if they can take it; otherwise it waits like any
    /// other.
    pub(super) fn prefer_last_agent(&mut self, now: Time, chat: ChatId, by: Side, out: &mut Out) {
        let Some(key) = self.state.chats.get(&chat).and_then(|state| state.line) else { return };
        if let Some(agent) = self.returns_to(chat, by) {
            self.assign(now, chat, agent, key, Trigger::LastAgent, out);
        }
    }

    /// The agent whom a chat goes back to when it is reopened now: the last one, if they are routable, have
    /// room and still serve its category. Whoever takes up a chat of an absent customer does so knowingly,
    /// so it need not wait until they are back.
    pub(super) fn returns_to(&self, chat: ChatId, by: Side) -> Option<AgentId> {
        let state = self.state.chats.get(&chat)?;
        let record = &state.record;
        let agent = record.last_agent?;
        let last = self.state.agents.get(&agent)?;
        let takes = last.pool_key.is_some() && last.record.categories.contains(&record.category);
        (takes && (by == Side::Staff || state.customer_is_there())).then_some(agent)
    }

    /// Tells the customer whether the agent is there.
    pub(super) fn tell_agent_presence(&self, chat: ChatId, agent: PartyState, out: &mut Out) {
        let Some(state) = self.state.chats.get(&chat) else { return };
        if !matches!(state.record.state, ChatState::Active { .. }) {
            return;
        }
        let to = self.customer_sessions(chat);
        if !to.is_empty() {
            out.effects.push(Effect::ToCustomers { to, frame: CustomerFrame::Presence { chat, agent } });
        }
    }

    pub(super) fn add_system_line(&mut self, now: Time, chat: ChatId, line: SystemLine, out: &mut Out) {
        self.add_entry(now, chat, crate::Author::System, None, Body::System { line }, None, None, out);
    }
}
