//! Offers (row B7): an agent is asked, and a chat has one answer.

use super::{Desk, Effect, Out, Reply, Stop, Words};
use crate::protocol::{OfferOutcome, OfferView, StaffFrame};
use crate::{
    AgentId, AgentState, ChatId, ChatState, Choice, DeclineReason, Fact, OfferEnd, Principal, Refusal, StateCause,
    Time, Trigger,
};

use super::Timer;

impl Desk {
    /// Asks an agent to take a waiting chat.
    pub(super) fn offer(&mut self, now: Time, chat: ChatId, agent: AgentId, choice: Choice, out: &mut Out) {
        self.emit(now, Fact::ChatOffered { chat, agent, choice }, Words::None, out);
        self.tell_offer(chat, agent, out);
        self.tell_agent(agent, out);
    }

    pub(super) fn tell_offer(&self, chat: ChatId, agent: AgentId, out: &mut Out) {
        let Some(offer) = self.offer_view(chat) else { return };
        let to = self.sessions_of(agent);
        if !to.is_empty() {
            out.effects.push(Effect::ToStaff { to, frame: StaffFrame::Offer { offer } });
        }
    }

    /// What somebody is asked to take has changed: they are shown it again.
    pub(super) fn tell_offer_again(&self, chat: ChatId, out: &mut Out) {
        let record = self.state.chats.get(&chat).map(|it| &it.record);
        if let Some(agent) = record.and_then(|it| it.offered_to().or(it.transfer_to)) {
            self.tell_offer(chat, agent, out);
        }
    }

    fn tell_offer_gone(&self, chat: ChatId, agent: AgentId, outcome: OfferOutcome, out: &mut Out) {
        let to = self.sessions_of(agent);
        if !to.is_empty() {
            out.effects.push(Effect::ToStaff { to, frame: StaffFrame::OfferGone { chat, outcome } });
        }
    }

    /// What an agent is shown of an offer or of a transfer to them.
    pub(super) fn offer_view(&self, chat: ChatId) -> Option<OfferView> {
        let record = &self.state.chats.get(&chat)?.record;
        Some(OfferView {
            chat,
            category: record.category,
            customer_name: record.customer_name.clone(),
            subject: record.subject.clone(),
            priority: record.priority,
            arrived_at: record.arrived_at,
            until: self.state.deadlines.of(Timer::Offer(chat))?,
            from: record.agent(),
        })
    }

    /// The agent takes what is offered. Of several answers the first counts.
    pub(super) fn accept_offer(
        &mut self,
        now: Time,
        principal: &Principal,
        chat: ChatId,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        let agent = self.asked(principal, chat)?;
        out.answer_here();
        self.tell_offer_gone(chat, agent, OfferOutcome::Accepted, out);
        if self.state.chats.get(&chat).is_some_and(|it| it.record.transfer_to.is_some()) {
            self.complete_transfer(now, chat, agent, out);
        } else if let Some(state) = self.state.chats.get(&chat) {
            let choice = self.choice(now, state, agent, Trigger::Accepted);
            self.assign(now, chat, agent, choice, out);
        }
        Ok(Reply::Done)
    }

    pub(super) fn decline_offer(
        &mut self,
        now: Time,
        principal: &Principal,
        chat: ChatId,
        reason: Option<DeclineReason>,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        let agent = self.asked(principal, chat)?;
        out.answer_here();
        self.end_offer(now, chat, agent, OfferEnd::Declined { reason }, out);
        Ok(Reply::Done)
    }

    /// The agent, if it is they who are asked.
    fn asked(&self, principal: &Principal, chat: ChatId) -> Result<AgentId, Refusal> {
        let Principal::Agent { agent, .. } = *principal else { return Err(Refusal::NotAllowed) };
        let record = self.state.chats.get(&chat).map(|state| &state.record);
        let asked = record.is_some_and(|it| it.offered_to() == Some(agent) || it.transfer_to == Some(agent));
        if asked { Ok(agent) } else { Err(Refusal::OfferGone { chat }) }
    }

    /// An offer or a transfer ends without being taken: the chat is where it was before.
    pub(super) fn end_offer(&mut self, now: Time, chat: ChatId, agent: AgentId, how: OfferEnd, out: &mut Out) {
        let Some(state) = self.state.chats.get(&chat) else { return };
        if state.record.transfer_to == Some(agent) {
            self.fail_transfer(now, chat, agent, how, out);
        } else {
            self.emit(now, Fact::OfferEnded { chat, agent, how }, Words::None, out);
        }
        self.tell_offer_gone(chat, agent, OfferOutcome::Ended(how), out);
        self.away_after_misses(now, agent, out);
        self.tell_agent(agent, out);
    }

    /// Too many misses in a row: the agent is not at their desk, whatever they say.
    fn away_after_misses(&mut self, now: Time, agent: AgentId, out: &mut Out) {
        let limit = self.settings.misses_until_away;
        let Some(state) = self.state.agents.get(&agent) else { return };
        if limit > 0 && state.misses >= limit && state.record.state == AgentState::Online {
            self.change_state(now, agent, AgentState::Away, StateCause::Missed, out);
        }
    }

    /// Takes back everything that an agent is asked, since they take no chats now.
    pub(super) fn withdraw_offers(&mut self, now: Time, agent: AgentId, out: &mut Out) {
        let Some(state) = self.state.agents.get(&agent) else { return };
        for chat in state.offers.iter().chain(&state.reserved).copied().collect::<Vec<_>>() {
            self.end_offer(now, chat, agent, OfferEnd::Withdrawn, out);
        }
    }

    /// Nobody answered in time. Who is not connected could not: that is no miss.
    pub(super) fn offer_ran_out(&mut self, now: Time, chat: ChatId, out: &mut Out) {
        let Some(record) = self.state.chats.get(&chat).map(|state| &state.record) else { return };
        let Some(agent) = record.offered_to().or(record.transfer_to) else { return };
        let there = self.state.agents.get(&agent).is_some_and(|it| !it.sessions.is_empty());
        let how = if there { OfferEnd::Missed } else { OfferEnd::Withdrawn };
        self.end_offer(now, chat, agent, how, out);
    }

    pub(super) fn apply_offered(&mut self, chat: ChatId, agent: AgentId, at: Time) {
        // What its customer was told of the place stands: if the chat comes back behind others they are told so.
        let told = self.state.chats.get(&chat).map(|it| (it.pushed, it.untold));
        self.dequeue(chat);
        if let (Some(state), Some(told)) = (self.state.chats.get_mut(&chat), told) {
            (state.pushed, state.untold) = told;
        }
        self.change_chat_for_staff(chat, |record| record.state = ChatState::Offered { agent });
        if let Some(asked) = self.state.agents.get_mut(&agent) {
            asked.offers.insert(chat);
            asked.record.last_assigned_at = at;
        }
        self.touch_agent(agent);
        self.state.deadlines.put(Timer::Offer(chat), at + self.settings.offer_timeout);
        self.rest(agent, at);
        self.refresh_agent(agent, false);
    }

    pub(super) fn apply_offer_ended(&mut self, chat: ChatId, agent: AgentId, how: OfferEnd, at: Time) {
        self.take_offer_back(chat, agent);
        self.count_miss(agent, how);
        self.change_chat_for_staff(chat, |record| record.state = ChatState::Waiting);
        match how {
            OfferEnd::Declined { .. } | OfferEnd::Missed => self.note_pass(chat, agent, at),
            OfferEnd::Withdrawn => {}
        }
        self.enqueue(chat);
        self.refresh_agent(agent, true);
    }

    /// Misses are counted in a row: any answer ends the row.
    pub(super) fn count_miss(&mut self, agent: AgentId, how: OfferEnd) {
        let Some(state) = self.state.agents.get_mut(&agent) else { return };
        match how {
            OfferEnd::Missed => state.misses += 1,
            OfferEnd::Declined { .. } => state.misses = 0,
            OfferEnd::Withdrawn => {}
        }
    }

    /// The agent is not asked about a chat any more.
    pub(super) fn take_offer_back(&mut self, chat: ChatId, agent: AgentId) {
        self.state.deadlines.cancel(Timer::Offer(chat));
        if let Some(asked) = self.state.agents.get_mut(&agent) {
            asked.offers.remove(&chat);
            asked.reserved.remove(&chat);
        }
    }
}
