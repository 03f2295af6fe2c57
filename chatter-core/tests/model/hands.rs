//! What people do by hand: transfers, assigning, taking over, merging.

use chatter_core::protocol::TransferTo;
use chatter_core::{
    AgentId, AgentState, CategoryId, ChatId, ChatState, EndReason, Fact, OfferEnd, Permission, Permissions,
    RequeueCause, Routing, Side, Time,
};

use crate::decide::{Answered, NOT_ALLOWED, Said};
use crate::world::World;

type Checked = Result<(), String>;
const UNAVAILABLE: &[&str] = &["agent_unavailable"];

impl World {
    /// Can a chat be transferred to this agent? They are there, take chats, have room and do not rest.
    fn can_be_given(&self, to: AgentId) -> Result<(), Said> {
        match self.agent(to) {
            Some(it) => {
                let free = self.routable(to) && self.load(to) < it.max && it.rests_until.is_none();
                if free { Ok(()) } else { Err(Said::No(UNAVAILABLE)) }
            }
            None => Err(Said::No(&["unknown_agent"])),
        }
    }

    /// Can a chat be assigned to this agent by hand? What they say of themselves does not count if they take it
    /// themselves; the slot that the chat takes already counts as free. Gives whether it goes past their limit.
    fn can_take(&self, by: AgentId, to: AgentId, chat: ChatId, override_limit: bool) -> Result<bool, Said> {
        let Some(it) = self.agent(to) else { return Err(Said::No(&["unknown_agent"])) };
        let willing = it.state == AgentState::Online || by == to || override_limit;
        if !it.active || it.state == AgentState::Offline || !self.connected(to) || !willing {
            return Err(Said::No(UNAVAILABLE));
        }
        let wraps = it.wrap_ups.iter().any(|(of, _)| *of == chat);
        let taken = u32::from(self.at(chat).takes_room_of(to) || wraps);
        let over = self.load(to) - taken >= it.max;
        if over && !override_limit { Err(Said::No(UNAVAILABLE)) } else { Ok(over) }
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
                if self.at(chat).transfer.is_some_and(|(asked, _)| asked == to) {
                    return Ok(Said::Yes);
                }
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
        self.has_let_go(now, from)
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
        it.cooling.clear();
        it.passed.clear();
        self.waits_again(now, chat);
        // Whoever gave it away is not who it goes to next.
        self.cool(now, chat, agent);
        self.has_let_go(now, agent)?;
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
        if override_limit && !permissions.has(Permission::Override) {
            return Ok(Said::No(NOT_ALLOWED));
        }
        let it = self.at(chat);
        if !it.under_way() {
            return Ok(Said::No(NOT_THEIRS_OR_OVER));
        }
        // Without the permission: to oneself, what waits where one serves and nobody else is asked about.
        let serves = self.agent(by).is_some_and(|agent| self.serves(agent, it));
        let free = it.waits() || it.offered_to() == Some(by);
        let takes = to == by && (it.holder() == Some(by) || (serves && free));
        if !permissions.has(Permission::Assign) && !takes {
            return Ok(Said::No(NOT_THEIRS_OR_OVER));
        }
        if it.holder() == Some(to) {
            return Ok(Said::Yes);
        }
        match self.can_take(by, to, chat, override_limit) {
            Ok(over_limit) => self.by_hand(now, by, chat, to, over_limit),
            Err(no) => Ok(no),
        }
    }

    fn by_hand(&mut self, now: Time, by: AgentId, chat: ChatId, agent: AgentId, over_limit: bool) -> Answered {
        let from = self.at(chat).holder();
        if self.at(chat).offered_to().is_some() {
            self.offer_ends(now, chat, OfferEnd::Withdrawn)?;
        }
        if self.at(chat).transfer.is_some() {
            self.transfer_ends(now, chat, OfferEnd::Withdrawn)?;
        }
        self.say(now, Fact::ChatAssignedByHand { chat, from, agent, by, over_limit })?;
        match from {
            Some(from) => self.changes_hands(now, chat, from, agent)?,
            None => self.takes(now, chat, agent),
        }
        Ok(Said::Yes)
    }

    pub(crate) fn unassigns(&mut self, now: Time, agent: AgentId, permissions: Permissions, chat: ChatId) -> Answered {
        let holder = self.at(chat).holder();
        if (holder != Some(agent) && !permissions.has(Permission::Assign)) || !self.at(chat).under_way() {
            return Ok(Said::No(NOT_THEIRS_OR_OVER));
        }
        // What waits there already stays.
        let Some(holder) = holder else { return Ok(Said::Yes) };
        self.requeue(now, chat, RequeueCause::Unassigned)?;
        self.cool(now, chat, holder);
        Ok(Said::Yes)
    }

    /// Whatever their own limit.
    pub(crate) fn takes_over(&mut self, now: Time, agent: AgentId, permissions: Permissions, chat: ChatId) -> Answered {
        if !permissions.has(Permission::Assign) || !self.at(chat).under_way() {
            return Ok(Said::No(NOT_THEIRS_OR_OVER));
        }
        if self.at(chat).holder() == Some(agent) {
            return Ok(Said::Yes);
        }
        match self.can_take(agent, agent, chat, true) {
            Ok(over_limit) => self.by_hand(now, agent, chat, agent, over_limit),
            Err(no) => Ok(no),
        }
    }

    pub(crate) fn merges(
        &mut self,
        now: Time,
        by: AgentId,
        permissions: Permissions,
        given: (ChatId, ChatId),
    ) -> Answered {
        let (chat, into) = given;
        const NO: &[&str] =
            &["unknown_chat", "not_your_chat", "not_allowed", "chat_resolved", "chat_closed", "cannot_merge"];
        let (chat, into) = (self.goes_on(chat), self.goes_on(into));
        let (Some(one), Some(other)) = (self.chat(chat), self.chat(into)) else { return Ok(Said::No(NO)) };
        let may = permissions.has(Permission::Assign) || (one.has_part(by) && other.has_part(by));
        if !may || given.0 == given.1 || one.closed() || other.closed() {
            return Ok(Said::No(NO));
        }
        if chat == into {
            return Ok(Said::Yes);
        }
        if one.customer != other.customer {
            return Ok(Said::No(&["cannot_merge"]));
        }
        // A customer who waits for an answer must not end up where nobody gives one.
        if one.under_way() && other.resolved() {
            return Ok(Said::No(&["chat_resolved"]));
        }
        let (agents, mut merged) = (one.agents.clone(), one.merged_from.clone());
        merged.insert(chat);
        let holder = one.holder();
        self.leaves_for(now, chat)?;
        self.say(now, Fact::ChatMerged { chat, into, by })?;
        let it = self.at_mut(chat);
        it.state = match it.state {
            ChatState::Resolved { at, by, reason } => ChatState::Closed { at, by, reason },
            _ => ChatState::Closed { at: now, by: Side::Staff, reason: EndReason::Merged },
        };
        it.merged_into = Some(into);
        let it = self.at_mut(into);
        it.merged_from.extend(merged);
        it.agents.extend(agents);
        self.returned();
        if let Some(agent) = holder {
            self.has_let_go(now, agent)?;
        }
        Ok(Said::Yes)
    }

    /// Whoever may watch joins a chat that is not over; who takes part has what they ask for.
    pub(crate) fn joins(&mut self, now: Time, agent: AgentId, permissions: Permissions, chat: ChatId) -> Answered {
        let it = self.at(chat);
        if it.under_way() && it.has_part(agent) {
            return Ok(Said::Yes);
        }
        if !permissions.has(Permission::Watch) || !it.under_way() {
            return Ok(Said::No(NOT_THEIRS_OR_OVER));
        }
        self.say(now, Fact::AgentJoinedChat { chat, agent })?;
        let it = self.at_mut(chat);
        it.joined.insert(agent);
        it.agents.insert(agent);
        Ok(Said::Yes)
    }

    /// Who has not joined has what they ask for, if they may know of the chat.
    pub(crate) fn leaves(&mut self, now: Time, agent: AgentId, permissions: Permissions, chat: ChatId) -> Answered {
        let it = self.at(chat);
        if it.joined.contains(&agent) {
            self.parts(now, chat, agent)?;
            return Ok(Said::Yes);
        }
        if it.holder() == Some(agent) {
            return Ok(Said::No(NOT_ALLOWED));
        }
        let asked = it.offered_to() == Some(agent) || it.transfer.is_some_and(|(to, _)| to == agent);
        let knows = it.agents.contains(&agent) || asked || it.has_part(agent) || permissions.has(Permission::Watch);
        if knows || (permissions.has(Permission::Assign) && !it.closed()) {
            return Ok(Said::Yes);
        }
        Ok(Said::No(NOT_THEIRS_OR_OVER))
    }

    /// Somebody who had joined has left.
    pub(crate) fn parts(&mut self, now: Time, chat: ChatId, agent: AgentId) -> Checked {
        self.say(now, Fact::AgentLeftChat { chat, agent })?;
        self.at_mut(chat).joined.remove(&agent);
        Ok(())
    }

    /// Where a chat goes on, once it was merged into one that is not closed.
    pub(crate) fn goes_on(&self, chat: ChatId) -> ChatId {
        let from = |it: &&crate::world::Chat| !it.closed() && it.merged_from.contains(&chat);
        self.chats.iter().find(from).map_or(chat, |it| it.id)
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
        it.cooling.clear();
        it.passed.clear();
        Ok(())
    }
}

/// Somebody else's, or over: which of them is told depends on who asks.
const NOT_THEIRS_OR_OVER: &[&str] =
    &["unknown_chat", "not_your_chat", "not_allowed", "chat_resolved", "chat_closed", "not_waiting"];
