//! Matching: no chat that can be served waits while an eligible agent has room. Every step ends here.

use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::lines::Head;
use super::pool::PoolKey;
use super::state::Chat;
use super::todo::Todo;
use super::{Desk, Effect, Out, Words, indexes};
use crate::Few;
use crate::policy::{AgentRank, LineFacts, LineKey, PolicyIx};
use crate::protocol::{CustomerFrame, PartyState};
use crate::{
    AgentId, Body, CategoryId, ChatId, ChatState, Choice, Fact, Routing, SessionId, Side, SystemLine, Time, Trigger,
};

/// How many of those that came next a choice remembers.
const NEXT_MAX: usize = 10;

/// A chat that a freed agent may take.
#[derive(Clone, Copy)]
pub(super) struct Candidate {
    rank: i128,
    category: CategoryId,
    pub(super) chat: ChatId,
    pub(super) trigger: Trigger,
}

impl Candidate {
    const fn order(&self) -> (i128, CategoryId, ChatId) {
        (self.rank, self.category, self.chat)
    }
}

/// Room that matching uses and leaves empty.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// The freed agents, the next first. Nobody is in it twice: whoever is put in again was taken out before.
    turn: BinaryHeap<Reverse<PoolKey>>,
    /// The chats that became ready in the order in which they choose.
    order: Vec<(i128, ChatId)>,
}

#[cfg(any(test, feature = "testing"))]
impl Scratch {
    pub(super) fn is_empty(&self) -> bool {
        self.turn.is_empty() && self.order.is_empty()
    }
}

impl Desk {
    /// Matches what this step has made possible. Before the step no pair of a ready chat and an agent with
    /// room was left, so only freed agents and chats that became ready need a look; there is no sweep. Then those
    /// who follow a chat learn who else is in it now.
    pub(super) fn dispatch(&mut self, now: Time, out: &mut Out) {
        if self.pending.is_empty() {
            return;
        }
        self.tell_agents_anew(out);
        while !self.pending.freed.is_empty() || !self.pending.ready.is_empty() {
            self.serve_freed_agents(now, out);
            self.serve_ready_chats(now, out);
        }
        self.tell_company(out);
    }

    /// Freed agents choose chats, the best-ranked agent first, one chat each turn. An agent who let a chat pass
    /// leaves it to others with room; what nobody else takes in their turns they may have after all.
    fn serve_freed_agents(&mut self, now: Time, out: &mut Out) {
        if self.pending.freed.is_empty() {
            return;
        }
        // The same one each time: an empty heap keeps its room.
        let mut turn = std::mem::take(&mut self.scratch.turn);
        let freed = self.pending.freed.take();
        for next in freed.iter().filter_map(|agent| self.turn_of(*agent)) {
            turn.push(next);
        }
        self.pending.freed.give_back(freed);
        let mut stood_back = Todo::default();
        for leave_to_others in [true, false] {
            while let Some(Reverse(next)) = turn.pop() {
                crate::steps::count(1);
                let left = Cell::new(false);
                let head = self.choose_chat(now, next.agent, leave_to_others, &left);
                if left.get() {
                    stood_back.note(next.agent);
                }
                let Some(head) = head else { continue };
                self.give(now, head.chat, next.agent, head.trigger, out);
                turn.extend(self.turn_of(next.agent));
            }
            for agent in stood_back.take() {
                turn.extend(self.turn_of(agent));
            }
        }
        // Who stood back in the last round too, for a chat that is about to choose, has no turn left: not one in a
        // later step either, when they may have no room.
        turn.clear();
        self.scratch.turn = turn;
    }

    /// The agent's place among those who choose: by the desk's policy.
    fn turn_of(&self, agent: AgentId) -> Option<Reverse<PoolKey>> {
        self.pool_key(agent, self.policies.desk_ix()).map(Reverse)
    }

    fn pool_key(&self, agent: AgentId, policy: PolicyIx) -> Option<PoolKey> {
        let keys = &self.state.agents.get(&agent)?.pool_keys;
        keys.iter().find(|(ix, _)| *ix == policy).map(|(_, key)| *key)
    }

    /// Chats that became ready choose agents, in the order in which an agent would have chosen them.
    fn serve_ready_chats(&mut self, now: Time, out: &mut Out) {
        if self.pending.ready.is_empty() {
            return;
        }
        let ready = self.pending.ready.take();
        if let [only] = ready[..] {
            self.pending.ready.give_back(ready);
            self.serve_ready_chat(now, only, out);
            return;
        }
        let mut order = std::mem::take(&mut self.scratch.order);
        order.extend(ready.iter().filter_map(|chat| {
            let spot = self.state.chats.get(chat)?.spot?;
            Some((self.rank_of_line(now, spot.category, *chat, spot.key, 1), *chat))
        }));
        self.pending.ready.give_back(ready);
        order.sort_unstable();
        for (_, chat) in order.drain(..) {
            self.serve_ready_chat(now, chat, out);
        }
        self.scratch.order = order;
    }

    /// A chat that became ready takes an agent, if it still waits for anybody: a freed agent may have taken it since.
    fn serve_ready_chat(&mut self, now: Time, chat: ChatId, out: &mut Out) {
        crate::steps::count(1);
        if self.state.chats.get(&chat).is_some_and(Chat::is_ready)
            && let Some(agent) = self.best_agent(chat)
        {
            self.give(now, chat, agent, Trigger::ChatReady, out);
        }
    }

    /// The agent with room whom a waiting chat goes to: of its own category before those of the stages of its
    /// overflow, of those who have not let it pass before those who have.
    pub(super) fn best_agent(&self, chat: ChatId) -> Option<AgentId> {
        if self.state.pool.total().room() == 0 {
            // The usual case where customers wait.
            return None;
        }
        let state = self.state.chats.get(&chat)?;
        let policy = self.policy_of(state.record.category);
        let served_by = || self.categories_serving(state);
        let passed = &state.passed;
        let fresh = served_by().find_map(|it| self.state.pool.best(policy, it, |agent| passed.contains(&agent)));
        if fresh.is_some() || passed.is_empty() {
            return fresh.map(|key| key.agent);
        }
        let cooling = |agent| self.state.agents.get(&agent).is_some_and(|agent| agent.cooling.contains(&chat));
        served_by().find_map(|it| self.state.pool.best(policy, it, cooling)).map(|key| key.agent)
    }

    /// The categories whose agents may take a chat, its own first.
    pub(super) fn categories_serving(&self, chat: &Chat) -> impl Iterator<Item = CategoryId> {
        let own = chat.record.category;
        let stages = self.state.categories.get(&own).map_or(&[][..], |it| &it.record.settings.overflow[..]);
        let reached = stages.iter().take(usize::from(chat.record.overflow)).map(|stage| stage.category);
        std::iter::once(own).chain(reached)
    }

    /// The chat a freed agent gets: the best head among the lines they serve, and the chats that wait for them.
    pub(super) fn best_chat(&self, now: Time, agent: AgentId, leave_to_others: bool) -> Option<Candidate> {
        self.choose_chat(now, agent, leave_to_others, &Cell::new(false))
    }

    /// `left`: set when they could have had one that they left to others.
    fn choose_chat(&self, now: Time, agent: AgentId, leave_to_others: bool, left: &Cell<bool>) -> Option<Candidate> {
        let state = self.state.agents.get(&agent)?;
        let passes = |chat: ChatId| {
            if state.cooling.contains(&chat) {
                return true;
            }
            let leaves = self.is_left_to_others(chat, agent, leave_to_others);
            left.set(left.get() || leaves);
            leaves
        };
        let mut best: Option<Candidate> = None;
        let mut consider = |candidate: Candidate| {
            if best.is_none_or(|best| candidate.order() < best.order()) {
                best = Some(candidate);
            }
        };
        for (category, from_stage) in state.serves.iter().copied() {
            crate::steps::count(1);
            for head in self.state.lines.heads(category, from_stage, passes) {
                let rank = self.rank_of_line(now, category, head.chat, head.key, head.ready);
                consider(Candidate { rank, category, chat: head.chat, trigger: Trigger::AgentFree });
            }
        }
        for chat in &state.sticky {
            let Some(waiting) = self.state.chats.get(chat).filter(|it| it.can_be_served()) else { continue };
            let Some(spot) = waiting.spot else { continue };
            let rank = self.rank_of_line(now, spot.category, *chat, spot.key, 1);
            consider(Candidate { rank, category: spot.category, chat: *chat, trigger: Trigger::Sticky });
        }
        best
    }

    /// An agent who let a chat pass does not get it while somebody else could: one whose turn comes in this step, or
    /// one whom the chat is about to choose since it has just become ready.
    fn is_left_to_others(&self, chat: ChatId, agent: AgentId, others_have_a_turn: bool) -> bool {
        let Some(waiting) = self.state.chats.get(&chat).filter(|it| it.passed.contains(&agent)) else { return false };
        let chooses = others_have_a_turn || self.pending.ready.contains(&chat);
        chooses && self.best_agent(chat).is_some_and(|best| !waiting.passed.contains(&best))
    }

    /// What the desk's policy compares a line by.
    pub(super) fn rank_of_line(&self, now: Time, category: CategoryId, head: ChatId, key: LineKey, ready: u64) -> i128 {
        let policy = self.policies.desk();
        let mut facts = LineFacts::new(key, ready);
        if let Some(category) = self.state.categories.get(&category) {
            facts.weight = category.record.settings.weight;
        }
        if policy.weighs_waits() {
            let arrived = self.state.chats.get(&head).map(|chat| chat.record.arrived_at);
            facts.waited = arrived.map_or(0, |at| now.micros_since(at));
        }
        policy.line_rank(&facts)
    }

    /// Gives a waiting chat to an agent with room, or offers it to them, as its category wants.
    pub(super) fn give(&mut self, now: Time, chat: ChatId, agent: AgentId, trigger: Trigger, out: &mut Out) {
        let Some(state) = self.state.chats.get(&chat) else { return };
        let choice = self.choice(now, state, agent, trigger);
        if self.is_offered(state.record.category) {
            self.offer(now, chat, agent, choice, out);
        } else {
            self.assign(now, chat, agent, choice, out);
        }
    }

    /// Whether agents are asked before they get a chat of this category.
    pub(super) fn is_offered(&self, category: CategoryId) -> bool {
        let category = self.state.categories.get(&category);
        category.is_some_and(|category| category.record.settings.routing == Routing::Offer)
    }

    /// The choice in brief, taken before it is made. Agents are counted by what keeps them from any chat, or else from
    /// this one.
    pub(super) fn choice(&self, now: Time, chat: &Chat, agent: AgentId, trigger: Trigger) -> Choice {
        let record = &chat.record;
        let ix = self.policy_of(record.category);
        let policy = self.policies.get(ix);
        let key = chat.spot.map_or_else(|| indexes::line_key(&**policy, record), |spot| spot.key);
        let mut passed_over = self.state.pool.counts(record.category).passed_over();
        let cooling = |agent: &&AgentId| {
            self.state.agents.get(agent).is_some_and(|it| it.has_room() && it.cooling.contains(&record.chat))
        };
        passed_over.cooling = u32::try_from(chat.passed.iter().filter(cooling).count()).unwrap_or(u32::MAX);
        let waited = now.micros_since(record.arrived_at);
        let rank = self.rank_of(agent, ix);
        let mut choice = Choice::new(self.policies.name(ix), trigger, key.key, waited, rank, passed_over);
        match trigger {
            Trigger::ChatReady => choice.next_agents = self.next_agents(chat, ix, agent),
            Trigger::AgentFree => choice.next_chats = self.next_chats(now, agent, record.chat),
            Trigger::LastAgent | Trigger::Sticky | Trigger::Accepted => {}
        }
        choice
    }

    /// The agents with room who would have been chosen next, in the order of [`best_agent`](Self::best_agent).
    fn next_agents(&self, chat: &Chat, policy: PolicyIx, chosen: AgentId) -> Vec<AgentId> {
        let (mut fresh, mut again) = (Vec::new(), Vec::new());
        let most = NEXT_MAX + 1 + chat.passed.len();
        for category in self.categories_serving(chat) {
            for PoolKey { agent, .. } in self.state.pool.first(policy, category, most) {
                let cooling = self.state.agents.get(&agent).is_some_and(|it| it.cooling.contains(&chat.record.chat));
                let next = if chat.passed.contains(&agent) { &mut again } else { &mut fresh };
                if agent != chosen && !cooling && !next.contains(&agent) {
                    next.push(agent);
                }
            }
            if fresh.len() >= NEXT_MAX {
                break;
            }
        }
        fresh.into_iter().chain(again).take(NEXT_MAX).collect()
    }

    /// The chats that an agent could have chosen instead, in the order in which they would have: the first of each
    /// line.
    fn next_chats(&self, now: Time, agent: AgentId, chosen: ChatId) -> Vec<ChatId> {
        let Some(state) = self.state.agents.get(&agent) else { return Vec::new() };
        let passes = |chat| chat == chosen || state.cooling.contains(&chat);
        let rank = |head: Head| {
            let category = head.line.category;
            (self.rank_of_line(now, category, head.chat, head.key, head.ready), category, head.chat)
        };
        // Most agents serve one line, or one in which somebody waits: nothing is to be ordered then.
        let mut only = None;
        let mut heads = Vec::new();
        for (category, stage) in state.serves.iter().copied() {
            for head in self.state.lines.heads(category, stage, passes) {
                match only {
                    None => only = Some(head),
                    Some(first) => {
                        if heads.is_empty() {
                            heads.push(rank(first));
                        }
                        heads.push(rank(head));
                    }
                }
            }
        }
        if heads.is_empty() {
            return only.map(|head| head.chat).into_iter().collect();
        }
        heads.sort_unstable();
        heads.into_iter().map(|(.., chat)| chat).take(NEXT_MAX).collect()
    }

    /// Gives a chat to an agent at once.
    pub(super) fn assign(&mut self, now: Time, chat: ChatId, agent: AgentId, choice: Choice, out: &mut Out) {
        let before = self.staff_audience(chat);
        self.emit(now, Fact::ChatAssigned { chat, agent, choice }, Words::None, out);
        self.tell_assigned(now, chat, agent, &before, out);
    }

    /// Everybody learns that an agent has a chat now. `before`: the sessions that were told of it so far.
    pub(super) fn tell_assigned(
        &mut self,
        now: Time,
        chat: ChatId,
        agent: AgentId,
        before: &Few<SessionId>,
        out: &mut Out,
    ) {
        let Some(name) = self.state.agents.get(&agent).map(|holder| holder.record.name.clone()) else { return };
        self.tell_left(chat, before, out);
        self.add_system_line(now, chat, SystemLine::AgentJoined { agent, name }, out);
        self.tell_chat(chat, out);
        if self.silent {
            return;
        }
        let Some(state) = self.state.chats.get(&chat) else { return };
        let to = state.customer_sessions.to_vec();
        if !to.is_empty() {
            let (customer, name) = (state.record.customer, state.record.customer_name.clone());
            out.effects.push(Effect::GiveCustomerToken { to, customer, chat, name });
        }
        self.tell_agent(agent, out);
    }

    pub(super) fn rank_of(&self, agent: AgentId, policy: PolicyIx) -> AgentRank {
        if let Some(key) = self.pool_key(agent, policy) {
            return key.rank;
        }
        let Some(state) = self.state.agents.get(&agent) else { return AgentRank::value(0) };
        self.policies.get(policy).agent_rank(&state.facts())
    }

    /// A reopened chat goes to the agent who had it last, if they can take it; otherwise it waits for them, if its
    /// category wants that, or like any other.
    pub(super) fn prefer_last_agent(&mut self, now: Time, chat: ChatId, by: Side, out: &mut Out) {
        if let Some(agent) = self.returns_to(chat, by) {
            self.give(now, chat, agent, Trigger::LastAgent, out);
        } else if let Some(agent) = self.state.chats.get(&chat).and_then(|it| it.record.last_agent) {
            self.prefer(now, chat, agent, out);
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
        let takes = last.has_room() && last.record.categories.contains(&record.category);
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
