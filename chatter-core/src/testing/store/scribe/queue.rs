//! Chats between the queue and the agents: asked, given, passed on, left alone.

use super::Scribe;
use crate::policy::AgentRank;
use crate::{
    AgentId, ChatId, ChatState, Choice, DeclineReason, EndReason, Fact, OfferEnd, PassedOver, RequeueCause, Side,
    SystemLine, Trigger,
};

impl Scribe {
    /// A chat that waits or is offered gets an agent.
    pub fn assign(&mut self, chat: ChatId) {
        let asked = self.chats[&chat].offered_to();
        let agent = asked.unwrap_or_else(|| AgentId(1 + self.dice.below(3)));
        let trigger = if asked.is_some() { Trigger::Accepted } else { Trigger::ChatReady };
        let choice = self.choice(trigger);
        self.fact(Fact::ChatAssigned { chat, agent, choice });
        self.hand_over(chat, agent);
        let name = self.agents[&agent].name.clone();
        self.line(chat, SystemLine::AgentJoined { agent, name });
    }

    fn choice(&mut self, trigger: Trigger) -> Choice {
        let rank = AgentRank::ratio(self.dice.below(4), 1 + self.dice.below(4));
        let passed_over = PassedOver { full: 1, last_call: 2, disconnected: 3, ..PassedOver::default() };
        let key = -i64::try_from(self.dice.below(1 << 50)).unwrap_or(0);
        Choice::new("longest-wait".into(), trigger, key, self.dice.roll() >> 12, rank, passed_over)
    }

    /// The chat is with this agent now.
    fn hand_over(&mut self, chat: ChatId, agent: AgentId) {
        let at = self.now;
        if let Some(record) = self.agents.get_mut(&agent) {
            record.last_assigned_at = at;
            self.changed_agents.insert(agent);
        }
        self.change(chat, |record| {
            record.state = ChatState::Active { agent };
            record.last_agent = Some(agent);
            record.agents.insert(agent);
            record.joined.remove(&agent);
            record.transfer_to = None;
            record.replied = false;
        });
    }

    /// An agent is asked to take a chat that waits.
    pub fn offer(&mut self, chat: ChatId) {
        let agent = AgentId(1 + self.dice.below(3));
        let choice = self.choice(Trigger::AgentFree);
        self.fact(Fact::ChatOffered { chat, agent, choice });
        self.change(chat, |record| record.state = ChatState::Offered { agent });
    }

    /// The agent who was asked lets the chat pass.
    pub(super) fn decline(&mut self, chat: ChatId) {
        if let Some(agent) = self.chats[&chat].offered_to() {
            let how = OfferEnd::Declined { reason: Some(DeclineReason::Language) };
            self.fact(Fact::OfferEnded { chat, agent, how });
            self.change(chat, |record| record.state = ChatState::Waiting);
        }
    }

    /// A chat is to go to another agent, or, if that one was asked already, goes there or does not.
    pub(super) fn transfer(&mut self, chat: ChatId) {
        let Some(from) = self.chats[&chat].agent() else { return };
        let Some(to) = self.chats[&chat].transfer_to else {
            let to = AgentId(1 + from.0 % 3);
            self.fact(Fact::TransferOffered { chat, from, to });
            return self.change(chat, |record| record.transfer_to = Some(to));
        };
        if self.dice.once_in(2) {
            self.fact(Fact::TransferEnded { chat, to, how: OfferEnd::Missed });
            return self.change(chat, |record| record.transfer_to = None);
        }
        self.fact(Fact::ChatTransferred { chat, from, to });
        self.release(from);
        self.hand_over(chat, to);
        let name = self.agents[&to].name.clone();
        self.line(chat, SystemLine::TransferredToAgent { from, to, name });
    }

    fn release(&mut self, agent: AgentId) {
        let at = self.now;
        if let Some(record) = self.agents.get_mut(&agent) {
            record.last_released_at = at;
            self.changed_agents.insert(agent);
        }
    }

    /// An agent joins beside the holder, or leaves again.
    pub(super) fn join(&mut self, chat: ChatId) {
        let agent = AgentId(1 + self.dice.below(3));
        let joins = !self.chats[&chat].joined.contains(&agent);
        if joins {
            self.fact(Fact::AgentJoinedChat { chat, agent });
        } else {
            self.fact(Fact::AgentLeftChat { chat, agent });
        }
        self.change(chat, |record| {
            if joins {
                record.joined.insert(agent);
                record.agents.insert(agent);
            } else {
                record.joined.remove(&agent);
            }
        });
    }

    /// The customer falls silent, or is back.
    pub(super) fn park(&mut self, chat: ChatId) {
        let parks = !self.chats[&chat].parked;
        let fact = if parks { Fact::ChatParked { chat } } else { Fact::ChatUnparked { chat, over_limit: false } };
        self.fact(fact);
        self.change(chat, |record| record.parked = parks);
    }

    /// A chat has waited long enough for the agents of a further category.
    pub(super) fn overflow(&mut self, chat: ChatId) {
        let stage = self.chats[&chat].overflow.saturating_add(1);
        self.fact(Fact::ChatOverflowed { chat, stage });
        self.change(chat, |record| record.overflow = stage);
    }

    pub(super) fn requeue(&mut self, chat: ChatId) {
        if let Some(agent) = self.chats[&chat].agent() {
            self.fact(Fact::ChatRequeued { chat, agent, cause: RequeueCause::AgentLost });
            self.release(agent);
            self.change(chat, |record| {
                record.state = ChatState::Waiting;
                record.transfer_to = None;
                record.replied = false;
            });
            let name = self.agents[&agent].name.clone();
            self.line(chat, SystemLine::AgentLost { agent, name });
            self.line(chat, SystemLine::BackInQueue);
        }
    }

    /// A chat goes on in another one of the same customer, if there is one.
    pub(super) fn merge(&mut self, chat: ChatId) {
        let customer = self.chats[&chat].customer;
        let others = self.chats.values().filter(|other| other.chat != chat && other.customer == customer);
        let into = others.filter(|other| super::is_running(&other.state)).map(|other| other.chat).next();
        if let Some(into) = into {
            self.merge_into(chat, into);
        }
    }

    /// A chat goes on in another one.
    pub(in crate::testing) fn merge_into(&mut self, chat: ChatId, into: ChatId) {
        let by = AgentId(1 + self.dice.below(3));
        self.fact(Fact::ChatMerged { chat, into, by });
        let at = self.now;
        self.change(chat, |record| {
            record.state = ChatState::Closed { at, by: Side::Staff, reason: EndReason::Merged };
            record.merged_into = Some(into);
        });
        self.line(chat, SystemLine::MergedInto { into });
        self.change(into, |record| {
            record.merged_from.insert(chat);
        });
        self.line(into, SystemLine::MergedFrom { from: chat });
    }
}
