//! What people do by hand: transfers, assigning, taking over, merging.

use chatter_core::protocol::TransferTo;
use chatter_core::{
    AgentId, AgentState, CategoryId, ChatId, ChatState, EndReason, Fact, OfferEnd, Permission, Permissions,
    RequeueCause, Routing, Side, Time,
};

use crate::decide::{Answered, CLOSED, NOT_ALLOWED, NOT_THEIRS, Said};
use crate::world::World;

type Checked = Result<(), String>;
const UNAVAILABLE: &[&str] = &["agent_unavailable"];

impl World {
    /// Can this agent be given a chat by hand? What the policies look at does not count: only that they are there,
    /// take chats and have room.
    fn can_be_given(&self, to: AgentId) -> Result<(), Said> {
        match self.agent(to) {
            Some(it) if it.active => {
                let there = it.state == AgentState::Online && self.connected(to);
                if there && self.load(to) < it.max { Ok(()) } else { Err(Said::No(UNAVAILABLE)) }
            }
            _ => Err(Said::No(&["unknown_agent"])),
        }
    }

    pub(crate) fn transfers(
        &mut self,
        now: Time,
        agent: AgentId,
        permissions: Permissions,
        chat: ChatId,
        to: TransferTo,
    ) -> Answered {
        let _ = permissions;
        if self.at(chat).holder() != Some(agent) {
            return Ok(Said::No(NOT_THEIRS_OR_OVER));
        }
        match to {
            TransferTo::Agent(to) => {
                if to == agent {
                    return Ok(Said::No(UNAVAILABLE));
                }
                if let Err(no) = self.can_be_given(to) {
                    return Ok(no);
                }
                if self.at(chat).transfer.is_some() {
                    self.transfer_ends(now, chat, OfferEnd::Withdrawn)?;
                }
                if self.settings_of(self.at(chat).category).routing == Routing::Offer {
                    self.say(now, Fact::TransferOffered { chat, from: agent, to })?;
                    let until = now + self.settings.offer_timeout;
                    self.at_mut(chat).transfer = Some((to, until));
                    self.got_one(now, to);
                    return Ok(Said::Yes);
                }
                self.transferred(now, chat, to)?;
                Ok(Said::Yes)
            }
            TransferTo::Category(category) => self.moves(now, agent, chat, category),
            other => panic!("{other:?} is no place to go"),
        }
    }

    /// The target of a transfer has it.
    pub(crate) fn transferred(&mut self, now: Time, chat: ChatId, to: AgentId) -> Checked {
        let from = self.at(chat).holder().expect("somebody holds it");
        self.at_mut(chat).transfer = None;
        self.say(now, Fact::ChatTransferred { chat, from, to })?;
        self.changes_hands(now, chat, from, to)
    }

    fn changes_hands(&mut self, now: Time, chat: ChatId, from: AgentId, to: AgentId) -> Checked {
        self.takes(now, chat, to);
        self.at_mut(chat).joined.remove(&to);
        self.agent_mut(from).released_at = now;
        self.last_call_may_end(now, from)
    }

    fn moves(&mut self, now: Time, agent: AgentId, chat: ChatId, category: CategoryId) -> Answered {
        if self.category(category).is_none() {
            return Ok(Said::No(&["unknown_category"]));
        }
        let it = self.at(chat);
        let customer = it.customer;
        let other = |it: &crate::world::Chat| it.customer == customer && it.category == category && !it.closed();
        if self.chats.iter().any(|it| it.id != chat && other(it)) {
            return Ok(Said::No(&["customer_has_chat"]));
        }
        if it.category == category {
            return Ok(Said::No(&["invalid"]));
        }
        if self.at(chat).transfer.is_some() {
            self.transfer_ends(now, chat, OfferEnd::Withdrawn)?;
        }
        self.say(now, Fact::ChatMoved { chat, from: agent, category })?;
        let it = self.at_mut(chat);
        it.category = category;
        it.overflow = 0;
        self.waits_again(now, chat);
        self.agent_mut(agent).released_at = now;
        self.last_call_may_end(now, agent)?;
        Ok(Said::Yes)
    }

    pub(crate) fn assigns(
        &mut self,
        now: Time,
        by: AgentId,
        permissions: Permissions,
        chat: ChatId,
        to: AgentId,
        override_limit: bool,
    ) -> Answered {
        let it = self.at(chat);
        let waits = matches!(it.state, ChatState::Waiting | ChatState::Offered { .. });
        let serves = self.agent(by).is_some_and(|agent| self.serves(agent, it));
        let may = permissions.has(Permission::Assign) || (to == by && waits && serves);
        if !may {
            return Ok(Said::No(NOT_THEIRS_OR_OVER));
        }
        if override_limit && !permissions.has(Permission::Override) {
            return Ok(Said::No(NOT_ALLOWED));
        }
        if it.closed() {
            return Ok(Said::No(CLOSED));
        }
        if it.resolved() {
            return Ok(Said::No(&["chat_resolved"]));
        }
        if it.holder() == Some(to) {
            return Ok(Said::No(UNAVAILABLE));
        }
        let over = self.agent(to).is_some_and(|it| self.load(to) >= it.max);
        match self.can_be_given(to) {
            Ok(()) => {}
            Err(_) if override_limit && over && self.routable(to) => {}
            // An offer to them is their room already.
            Err(_) if it.takes_room_of(to) && self.routable(to) => {}
            Err(no) => return Ok(no),
        }
        self.by_hand(now, by, chat, to)
    }

    fn by_hand(&mut self, now: Time, by: AgentId, chat: ChatId, agent: AgentId) -> Answered {
        let from = self.at(chat).holder();
        if self.at(chat).offered_to().is_some_and(|it| it != agent) {
            self.offer_ends(now, chat, OfferEnd::Withdrawn)?;
        }
        if self.at(chat).transfer.is_some_and(|(to, _)| to != agent) {
            self.transfer_ends(now, chat, OfferEnd::Withdrawn)?;
        }
        let room = self.at(chat).takes_room_of(agent);
        let over_limit = !room && self.agent(agent).is_some_and(|it| self.load(agent) >= it.max);
        self.say(now, Fact::ChatAssignedByHand { chat, from, agent, by, over_limit })?;
        match from {
            Some(from) => self.changes_hands(now, chat, from, agent)?,
            None => self.takes(now, chat, agent),
        }
        Ok(Said::Yes)
    }

    pub(crate) fn unassigns(&mut self, now: Time, agent: AgentId, permissions: Permissions, chat: ChatId) -> Answered {
        let holder = self.at(chat).holder();
        if holder != Some(agent) && !permissions.has(Permission::Assign) {
            return Ok(Said::No(NOT_THEIRS_OR_OVER));
        }
        let Some(holder) = holder else {
            return Ok(Said::No(&["not_your_chat", "chat_resolved", "chat_closed", "still_waiting"]));
        };
        self.requeue(now, chat, RequeueCause::Unassigned)?;
        self.cool(now, chat, holder);
        Ok(Said::Yes)
    }

    pub(crate) fn takes_over(&mut self, now: Time, agent: AgentId, permissions: Permissions, chat: ChatId) -> Answered {
        if !permissions.has(Permission::Assign) {
            return Ok(Said::No(NOT_THEIRS_OR_OVER));
        }
        match self.at(chat).holder() {
            None => Ok(Said::No(&["not_your_chat", "chat_resolved", "chat_closed", "still_waiting"])),
            Some(holder) if holder == agent => Ok(Said::No(UNAVAILABLE)),
            Some(_) => match self.can_be_given(agent) {
                Ok(()) => self.by_hand(now, agent, chat, agent),
                Err(no) => Ok(no),
            },
        }
    }

    pub(crate) fn merges(
        &mut self,
        now: Time,
        by: AgentId,
        permissions: Permissions,
        chat: ChatId,
        into: ChatId,
    ) -> Answered {
        let may = |world: &Self, id: ChatId| {
            permissions.has(Permission::Assign) || world.chat(id).is_some_and(|it| it.holder() == Some(by))
        };
        if self.chat(into).is_none() || !may(self, chat) || !may(self, into) {
            return Ok(Said::No(NOT_THEIRS_OR_OVER));
        }
        let (one, other) = (self.at(chat), self.at(into));
        if one.closed() || other.closed() {
            return Ok(Said::No(CLOSED));
        }
        if chat == into || one.customer != other.customer {
            return Ok(Said::No(&["cannot_merge"]));
        }
        if self.at(chat).resolved() || self.at(into).resolved() {
            return Ok(Said::No(&["chat_resolved"]));
        }
        self.leaves_for(now, chat)?;
        self.say(now, Fact::ChatMerged { chat, into, by })?;
        let holder = self.at(chat).holder();
        let it = self.at_mut(chat);
        it.state = ChatState::Closed { at: now, by: Side::Staff, reason: EndReason::Merged };
        it.merged_into = Some(into);
        self.at_mut(into).merged_from.insert(chat);
        if let Some(agent) = holder {
            self.agent_mut(agent).released_at = now;
            self.last_call_may_end(now, agent)?;
        }
        Ok(Said::Yes)
    }

    /// Whoever was asked about a chat is asked no more, and nothing is due in it.
    fn leaves_for(&mut self, now: Time, chat: ChatId) -> Checked {
        if self.at(chat).offered_to().is_some() {
            self.offer_ends(now, chat, OfferEnd::Withdrawn)?;
        }
        if self.at(chat).transfer.is_some() {
            self.transfer_ends(now, chat, OfferEnd::Withdrawn)?;
        }
        let it = self.at_mut(chat);
        (it.offer_until, it.grace_until, it.reply_until, it.silent_since) = (None, None, None, None);
        (it.sticky, it.wish, it.parked, it.warned) = (None, None, false, false);
        it.joined.clear();
        (it.cooling.clear(), it.passed.clear());
        Ok(())
    }
}

/// Somebody else's, or over: which of them is told depends on who asks.
const NOT_THEIRS_OR_OVER: &[&str] = &["unknown_chat", "not_your_chat", "not_allowed", "chat_resolved", "chat_closed"];
