//! Agents, categories and sessions: coming, going, and saying so.

use std::collections::BTreeSet;

use super::input::Signal;
use super::{Desk, Effect, Out, Reply, Stop, Words};
use crate::Few;
use crate::protocol::PartyState;
use crate::{
    AgentId, AgentState, CategoryId, ChatId, CloseReason, Fact, Invalid, Name, OfferEnd, Principal, Refusal,
    RequeueCause, SessionId, StateCause, SystemLine, Time,
};

/// The most chats an agent can be allowed at once.
const MAX_CHATS_MAX: u32 = 1_000;

impl Desk {
    pub(super) fn set_agent(
        &mut self,
        now: Time,
        agent: AgentId,
        name: &Name,
        max_chats: u32,
        categories: &BTreeSet<CategoryId>,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        if agent.0 == 0 {
            return Err(Refusal::Invalid(Invalid::new("agent", "1 and up")).into());
        }
        if !(1..=MAX_CHATS_MAX).contains(&max_chats) {
            return Err(Refusal::Invalid(Invalid::new("max_chats", "1 to 1000")).into());
        }
        if categories.is_empty() {
            return Err(Refusal::Invalid(Invalid::new("categories", "one at least")).into());
        }
        if !categories.iter().all(|category| self.state.categories.contains_key(category)) {
            return Err(Refusal::UnknownCategory.into());
        }
        let same = self.state.agents.get(&agent).is_some_and(|known| {
            let known = &known.record;
            known.active && known.name == *name && known.max_chats == max_chats && known.categories == *categories
        });
        if !same {
            let renamed = self.state.agents.get(&agent).is_some_and(|known| known.record.name != *name);
            let fact = Fact::AgentSet { agent, max_chats, categories: categories.clone() };
            self.emit(now, fact, Words::Named(name.clone()), out);
            self.tell_agent(agent, out);
            for chat in self.chats_of(agent).map(|chat| chat.record.chat).filter(|_| renamed).collect::<Vec<_>>() {
                self.tell_chat(chat, out);
            }
        }
        Ok(Reply::Done)
    }

    pub(super) fn remove_agent(&mut self, now: Time, agent: AgentId, out: &mut Out) -> Result<Reply, Stop> {
        let known = self.state.agents.get(&agent).ok_or(Refusal::UnknownAgent)?;
        if !known.record.active {
            return Ok(Reply::Done);
        }
        let sessions = known.sessions.clone();
        self.withdraw_offers(now, agent, out);
        self.requeue_all(now, agent, RequeueCause::AgentLeft, out);
        self.emit(now, Fact::AgentRemoved { agent }, Words::None, out);
        for session in sessions {
            out.effects.push(Effect::Close { session, reason: CloseReason::Revoked });
            self.signal(Signal::SessionClosed { at: now, session }, out);
        }
        Ok(Reply::Done)
    }

    pub(super) fn open_session(
        &mut self,
        now: Time,
        session: SessionId,
        principal: &Principal,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        if let Principal::Agent { agent, .. } = principal
            && !self.state.agents.get(agent).is_some_and(|agent| agent.record.active)
        {
            return Err(Refusal::UnknownAgent.into());
        }
        if self.state.sessions.contains_key(&session) {
            return Err(Refusal::Internal.into());
        }
        let before = self.presence_to_tell(principal);
        self.signal(Signal::SessionOpened { at: now, session, principal: principal.clone() }, out);
        // What the session is told first is the state before dispatch; what follows from its coming is
        // told after it.
        let reply = Reply::Opened(Box::new(self.opened(now, principal)));
        out.answer_here();
        for chat in self.presence_to_tell(principal).without(&before) {
            self.tell_presence(principal, chat, PartyState::Joined, out);
        }
        Ok(reply)
    }

    pub(super) fn close_session(&mut self, now: Time, session: SessionId, out: &mut Out) {
        let Some(principal) = self.state.sessions.get(&session).map(|session| session.principal.clone()) else {
            return;
        };
        let before = self.presence_to_tell(&principal);
        self.signal(Signal::SessionClosed { at: now, session }, out);
        for chat in before.without(&self.presence_to_tell(&principal)) {
            self.tell_presence(&principal, chat, PartyState::ConnectionLost, out);
        }
    }

    /// The chats of someone in which they are there, as the others are told.
    fn presence_to_tell(&self, principal: &Principal) -> Few<ChatId> {
        if self.silent {
            return Few::new();
        }
        let chats = match principal {
            Principal::Customer { customer, .. } => self.state.customers.get(customer).map(|it| &it.chats),
            Principal::Agent { agent, .. } => {
                self.state.agents.get(agent).filter(|it| !it.sessions.is_empty()).map(|it| &it.chats)
            }
        };
        let attended = |chat: &ChatId| match principal {
            Principal::Customer { .. } => self.state.chats.get(chat).is_some_and(super::state::Chat::customer_is_there),
            Principal::Agent { .. } => true,
        };
        chats.into_iter().flatten().copied().filter(attended).collect()
    }

    /// Tells the other side of a chat whether someone is there.
    fn tell_presence(&self, principal: &Principal, chat: ChatId, state: PartyState, out: &mut Out) {
        match principal {
            Principal::Customer { .. } => self.tell_customer_presence(chat, state, out),
            Principal::Agent { .. } => self.tell_agent_presence(chat, state, out),
        }
    }

    pub(super) fn set_agent_state(
        &mut self,
        now: Time,
        principal: &Principal,
        state: AgentState,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        let Principal::Agent { agent, .. } = *principal else { return Err(Refusal::NotAllowed.into()) };
        let known = self.state.agents.get(&agent).ok_or(Refusal::UnknownAgent)?;
        if known.record.state != state {
            self.change_state(now, agent, state, StateCause::Declared, out);
        }
        Ok(Reply::Done)
    }

    pub(super) fn change_state(
        &mut self,
        now: Time,
        agent: AgentId,
        state: AgentState,
        cause: StateCause,
        out: &mut Out,
    ) {
        self.emit(now, Fact::AgentStateChanged { agent, state, cause }, Words::None, out);
        if state != AgentState::Online {
            self.withdraw_offers(now, agent, out);
        }
        match state {
            AgentState::Offline => self.requeue_all(now, agent, RequeueCause::AgentLeft, out),
            AgentState::LastCall => self.last_call_done(now, agent, out),
            AgentState::Online | AgentState::Away => {}
        }
        self.tell_agent(agent, out);
    }

    /// A last call ends with the last chat.
    pub(super) fn last_call_done(&mut self, now: Time, agent: AgentId, out: &mut Out) {
        let Some(known) = self.state.agents.get(&agent) else { return };
        if known.record.state == AgentState::LastCall && known.chats.is_empty() {
            let (state, cause) = (AgentState::Offline, StateCause::LastCallDone);
            self.emit(now, Fact::AgentStateChanged { agent, state, cause }, Words::None, out);
        }
    }

    /// Ends this session, or all of this person. When an agent's last one ends this way, what they hold
    /// goes back at once: they have said that they leave.
    pub(super) fn sign_out(
        &mut self,
        now: Time,
        session: SessionId,
        principal: &Principal,
        all: bool,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        let own = match principal {
            // A credential for one chat ends what was opened with such a one.
            Principal::Customer { customer, chat: scope } => self.state.customers.get(customer).map(|it| {
                let same =
                    |other: &&SessionId| self.state.sessions.get(other).is_some_and(|it| it.principal == *principal);
                it.sessions.iter().filter(|other| scope.is_none() || same(other)).copied().collect()
            }),
            Principal::Agent { agent, .. } => self.state.agents.get(agent).map(|it| it.sessions.clone()),
        };
        let ending: Few<_> = if all { own.unwrap_or_default() } else { [session].into_iter().collect() };
        out.answer_here();
        for session in ending {
            out.effects.push(Effect::Close { session, reason: CloseReason::SignedOut });
            match principal {
                Principal::Customer { .. } => self.close_session(now, session, out),
                // With the last session the chats go back: that is all their customers are told.
                Principal::Agent { .. } => self.signal(Signal::SessionClosed { at: now, session }, out),
            }
        }
        if let Principal::Agent { agent, .. } = *principal
            && let Some(known) = self.state.agents.get(&agent)
            && known.sessions.is_empty()
        {
            if known.record.state == AgentState::Offline {
                self.leave_all(now, agent, RequeueCause::AgentLeft, out);
            } else {
                self.change_state(now, agent, AgentState::Offline, StateCause::SignedOut, out);
            }
        }
        Ok(Reply::Done)
    }

    /// Everything an agent holds goes back to its queue, by original arrival; what they have joined they leave.
    pub(super) fn requeue_all(&mut self, now: Time, agent: AgentId, cause: RequeueCause, out: &mut Out) {
        let Some(holder) = self.state.agents.get(&agent) else { return };
        let (chats, name) = (holder.chats.clone(), holder.record.name.clone());
        for chat in chats {
            self.requeue(now, chat, agent, &name, cause, out);
        }
        self.leave_all(now, agent, cause, out);
        self.last_call_done(now, agent, out);
        self.tell_agent(agent, out);
    }

    /// One chat goes back to its queue, by original arrival.
    pub(super) fn requeue(
        &mut self,
        now: Time,
        chat: ChatId,
        agent: AgentId,
        name: &Name,
        cause: RequeueCause,
        out: &mut Out,
    ) {
        if let Some(asked) = self.state.chats.get(&chat).and_then(|it| it.record.transfer_to) {
            self.end_offer(now, chat, asked, OfferEnd::Withdrawn, out);
        }
        let before = self.staff_audience(chat);
        self.emit(now, Fact::ChatRequeued { chat, agent, cause }, Words::None, out);
        let name = name.clone();
        let line = match cause {
            RequeueCause::AgentLeft => Some(SystemLine::AgentLeft { agent, name }),
            RequeueCause::AgentLost => Some(SystemLine::AgentLost { agent, name }),
            RequeueCause::Unassigned | RequeueCause::NoFirstReply => None,
        };
        if let Some(line) = line {
            self.add_system_line(now, chat, line, out);
        }
        self.add_system_line(now, chat, SystemLine::BackInQueue, out);
        let former = before.without(&self.staff_audience(chat));
        self.tell_chat_gone(chat, &former, out);
        self.tell_chat(chat, out);
    }
}
