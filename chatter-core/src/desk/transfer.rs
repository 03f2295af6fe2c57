//! Transfers (row B10, rule 9): a chat goes from its holder to another agent, or to the queue of another category.

use super::pool::Availability;
use super::state::Chat;
use super::{Action, Desk, Effect, Facts, Out, Reply, Stop, Timer, Words};
use crate::Few;
use crate::protocol::{Availability as Joinable, StaffFrame, TransferTo};
use crate::{
    AgentId, AgentState, Author, Body, CategoryId, ChatId, Fact, Invalid, OfferEnd, Principal, Refusal, Routing,
    SessionId, SystemLine, Text, Time, Unavailable,
};

impl Desk {
    /// The holder gives a chat away. Who is asked and has not answered is asked no more, unless it is the same
    /// agent again: then nothing happens.
    #[expect(clippy::too_many_arguments, reason = "the parts of one command")]
    pub(super) fn transfer(
        &mut self,
        now: Time,
        principal: &Principal,
        chat: ChatId,
        to: TransferTo,
        note: Option<&Text>,
        facts: Option<&Facts>,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        let record = &self.unfinished_chat(principal, Action::Transfer, chat, facts)?.record;
        let from = record.agent().ok_or(Refusal::NotYourChat { chat })?;
        let asked = record.transfer_to;
        match to {
            TransferTo::Agent(to) if asked == Some(to) => return Ok(Reply::Done),
            TransferTo::Agent(to) => self.check_target(from, to)?,
            TransferTo::Category(category) => self.check_move(chat, category)?,
        }
        if let Some(asked) = asked {
            self.end_offer(now, chat, asked, OfferEnd::Withdrawn, out);
        }
        if let Some(text) = note {
            self.add_note(now, chat, from, text, out);
        }
        match to {
            TransferTo::Agent(to) if self.routing_of(chat) == Routing::Offer => {
                self.emit(now, Fact::TransferOffered { chat, from, to }, Words::None, out);
                self.tell_offer(chat, to, out);
                self.tell_staff_of_chat(chat, out);
                self.tell_agent(to, out);
            }
            TransferTo::Agent(to) => self.complete_transfer(now, chat, to, out),
            TransferTo::Category(category) => self.move_chat(now, chat, from, category, out),
        }
        Ok(Reply::Done)
    }

    /// The chat, unless it has ended: whoever may know of it is told that, rather than that it is not theirs.
    pub(super) fn unfinished_chat(
        &self,
        principal: &Principal,
        action: Action,
        chat: ChatId,
        facts: Option<&Facts>,
    ) -> Result<&Chat, Stop> {
        if let Some(state) = self.state.chats.get(&chat)
            && state.record.end().is_some()
            && matches!(principal, Principal::Agent { .. })
            && super::authority::knows(principal, &state.record)
        {
            return Err(Refusal::ChatResolved { chat }.into());
        }
        self.open_chat(principal, action, chat, facts)
    }

    /// May a chat go to this agent, of whatever category?
    fn check_target(&self, from: AgentId, to: AgentId) -> Result<(), Refusal> {
        let state = self.state.agents.get(&to).ok_or(Refusal::UnknownAgent)?;
        let refuse = |reason| Err(Refusal::AgentUnavailable { agent: to, reason });
        if from == to {
            return refuse(Unavailable::Holds);
        }
        match state.availability {
            Availability::Room => Ok(()),
            Availability::Full => refuse(Unavailable::Full),
            Availability::Resting => refuse(Unavailable::Resting),
            Availability::Away => refuse(Unavailable::Away),
            Availability::LastCall => refuse(Unavailable::LastCall),
            Availability::SignedIn => refuse(Unavailable::Offline),
            Availability::Disconnected => refuse(Unavailable::Disconnected),
            Availability::Out => refuse(match state.record.state {
                _ if !state.record.active => Unavailable::Offline,
                AgentState::Offline => Unavailable::Offline,
                AgentState::Away => Unavailable::Away,
                AgentState::LastCall => Unavailable::LastCall,
                AgentState::Online => Unavailable::Disconnected,
            }),
        }
    }

    /// May a chat go to the queue of this category?
    fn check_move(&self, chat: ChatId, category: CategoryId) -> Result<(), Refusal> {
        let state = self.state.chats.get(&chat).ok_or(Refusal::UnknownChat { chat })?;
        if !self.state.categories.contains_key(&category) {
            return Err(Refusal::UnknownCategory);
        }
        if state.record.category == category {
            return Err(Invalid::new("to_category", "another category than the chat's").into());
        }
        match self.availability(category) {
            Joinable::Closed { until } => return Err(Refusal::CategoryClosed { category, opens_at: until }),
            // Who has been served is not turned away by a full queue.
            Joinable::Open | Joinable::Queue | Joinable::Full | Joinable::Away => {}
        }
        match self.chat_in(state.owner, category) {
            Some(other) => Err(Refusal::CustomerHasChat { chat: other }),
            None => Ok(()),
        }
    }

    fn routing_of(&self, chat: ChatId) -> Routing {
        let category = self.state.chats.get(&chat).map(|chat| chat.record.category);
        let category = category.and_then(|category| self.state.categories.get(&category));
        category.map(|category| category.record.settings.routing).unwrap_or_default()
    }

    /// What the holder says to whoever gets the chat.
    fn add_note(&mut self, now: Time, chat: ChatId, author: AgentId, text: &Text, out: &mut Out) {
        let Some(name) = self.state.agents.get(&author).map(|agent| agent.record.name.clone()) else { return };
        let body = Body::Note { text: text.clone() };
        self.add_entry(now, chat, Author::Agent { agent: author, name }, None, body, None, None, out);
    }

    /// The chat goes over. Who had it hears nothing more, unless they may watch it.
    pub(super) fn complete_transfer(&mut self, now: Time, chat: ChatId, to: AgentId, out: &mut Out) {
        let Some(from) = self.state.chats.get(&chat).and_then(|state| state.record.agent()) else { return };
        let Some(name) = self.state.agents.get(&to).map(|agent| agent.record.name.clone()) else { return };
        let before = self.staff_audience(chat);
        self.emit(now, Fact::ChatTransferred { chat, from, to }, Words::None, out);
        self.tell_left(chat, &before, out);
        self.add_system_line(now, chat, SystemLine::TransferredToAgent { from, to, name }, out);
        self.tell_chat(chat, out);
        self.tell_agent(to, out);
        self.let_go(now, from, out);
    }

    /// The answer was no: the holder keeps the chat and is told.
    pub(super) fn fail_transfer(&mut self, now: Time, chat: ChatId, to: AgentId, how: OfferEnd, out: &mut Out) {
        self.emit(now, Fact::TransferEnded { chat, to, how }, Words::None, out);
        let holder = self.state.chats.get(&chat).and_then(|state| state.record.agent());
        let sessions = holder.map(|agent| self.sessions_of(agent)).unwrap_or_default();
        if !sessions.is_empty() {
            out.effects.push(Effect::ToStaff { to: sessions, frame: StaffFrame::TransferFailed { chat, to, how } });
        }
        self.tell_staff_of_chat(chat, out);
    }

    /// The chat goes to the queue of another category, with its original arrival.
    fn move_chat(&mut self, now: Time, chat: ChatId, from: AgentId, category: CategoryId, out: &mut Out) {
        let Some(name) = self.state.categories.get(&category).map(|category| category.record.name.clone()) else {
            return;
        };
        let before = self.staff_audience(chat);
        self.emit(now, Fact::ChatMoved { chat, from, category }, Words::None, out);
        self.add_system_line(now, chat, SystemLine::TransferredToCategory { from, category, name }, out);
        self.tell_left(chat, &before, out);
        self.tell_chat(chat, out);
        self.let_go(now, from, out);
    }

    /// Sessions that showed a chat and may not any more are told to drop it.
    pub(super) fn tell_left(&self, chat: ChatId, before: &Few<SessionId>, out: &mut Out) {
        if before.is_empty() {
            return;
        }
        let former = before.without(&self.staff_audience(chat));
        self.tell_chat_gone(chat, &former, out);
    }

    /// An agent holds a chat less.
    pub(super) fn let_go(&mut self, now: Time, agent: AgentId, out: &mut Out) {
        self.last_call_done(now, agent, out);
        self.tell_agent(agent, out);
    }

    pub(super) fn apply_transfer_offered(&mut self, chat: ChatId, to: AgentId, at: Time) {
        self.change_chat_for_staff(chat, |record| record.transfer_to = Some(to));
        if let Some(asked) = self.state.agents.get_mut(&to) {
            asked.reserved.insert(chat);
        }
        self.state.deadlines.put(Timer::Offer(chat), at + self.settings.offer_timeout);
        self.refresh_agent(to, false);
    }

    pub(super) fn apply_transfer_ended(&mut self, chat: ChatId, to: AgentId, how: OfferEnd) {
        self.take_offer_back(chat, to);
        self.count_miss(to, how);
        self.change_chat_for_staff(chat, |record| record.transfer_to = None);
        self.refresh_agent(to, true);
    }

    /// Another agent has the chat: no chat left a line, so the estimate of waits does not know of it.
    pub(super) fn apply_transferred(&mut self, chat: ChatId, to: AgentId, at: Time) {
        self.hand_over(chat, to, at);
    }

    pub(super) fn apply_moved(&mut self, chat: ChatId, from: AgentId, category: CategoryId, at: Time) {
        self.leave_place(chat, at);
        self.forget_passes(chat);
        self.change_chat(chat, at, |record| {
            record.state = crate::ChatState::Waiting;
            (record.category, record.overflow) = (category, 0);
        });
        self.drop_staff_subscribers(chat);
        // Whoever gave it away is not who it goes to next.
        self.note_pass(chat, from, at);
        self.enqueue(chat);
    }
}
