//! The life of a chat: joined, requeued, ended, reopened; and what is asked about it.

use super::input::Signal;
use super::messages::Post;
use super::{Action, Desk, Facts, Lookup, Opened, Out, Reply, Stop, Subscribed, Words, may};
use crate::protocol::{Command, JoinQueue, SendMessage};
use crate::{
    CategoryId, ChatId, ChatRecord, ChatState, CustomerId, EndReason, Fact, Principal, Priority, Refusal, SessionId,
    Side, Subject, SystemLine, Time,
};

impl Desk {
    pub(super) fn ask(
        &mut self,
        now: Time,
        session: SessionId,
        command: &Command,
        facts: Option<&Facts>,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        let principal = self.session(session)?.principal.clone();
        match command {
            Command::JoinQueue(join) => self.join(now, session, &principal, join, out),
            Command::QueueStatus { chat } => self.queue_status(now, &principal, *chat),
            Command::StartChat { chat } => self.start_chat(now, &principal, *chat),
            Command::Subscribe { chat, .. } => self.subscribe(session, &principal, *chat, facts, out),
            Command::ReadHistory { chat, .. } => self.may_read(&principal, *chat, facts),
            Command::SendMessage(SendMessage { chat, client_msg_id, text }) => {
                let post = Post { session, principal: &principal, chat: *chat, client_msg_id, text, note: false };
                self.post(now, &post, facts, out)
            }
            Command::SendNote { chat, client_msg_id, text } => {
                let post = Post { session, principal: &principal, chat: *chat, client_msg_id, text, note: true };
                self.post(now, &post, facts, out)
            }
            Command::Receipt { chat, delivered, read } => self.receipt(now, session, *chat, *delivered, *read, out),
            Command::EndChat { chat } => self.end_chat(now, &principal, *chat, out),
            Command::ReopenChat { chat } => self.reopen_chat(now, &principal, *chat, out),
            Command::SetSubject { chat, subject } => self.set_subject(now, &principal, *chat, subject.as_ref(), out),
            Command::SetPriority { chat, priority } => self.set_priority(now, &principal, *chat, *priority, out),
            Command::SetAgentState { state } => self.set_agent_state(now, &principal, *state, out),
            Command::SignOut { all } => self.sign_out(now, session, &principal, *all, out),
            // Both are answered before the desk is asked.
            Command::Hello(_) | Command::Ping => Err(Refusal::NotAllowed.into()),
        }
    }

    /// Denies by the least that may be told: someone who may not know of the chat learns nothing.
    pub(super) fn authorize(&self, principal: &Principal, action: Action, record: &ChatRecord) -> Result<(), Refusal> {
        let chat = record.chat;
        if may(principal, action, record) {
            Ok(())
        } else if !super::authority::knows(principal, record) {
            Err(Refusal::UnknownChat { chat })
        } else if matches!(principal, Principal::Agent { .. }) {
            Err(Refusal::NotYourChat { chat })
        } else {
            Err(Refusal::NotAllowed)
        }
    }

    /// The open chat that a person may act on in this way.
    fn open_chat(&self, principal: &Principal, action: Action, chat: ChatId) -> Result<&super::state::Chat, Refusal> {
        let state = self.state.chats.get(&chat).ok_or(Refusal::UnknownChat { chat })?;
        self.authorize(principal, action, &state.record)?;
        Ok(state)
    }

    fn join(
        &mut self,
        now: Time,
        session: SessionId,
        principal: &Principal,
        join: &JoinQueue,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        let Principal::Customer { customer, chat: scope } = *principal else {
            return Err(Refusal::NotAllowed.into());
        };
        let general = self.state.categories.keys().next().copied();
        let category = join.category.or(general).ok_or(Refusal::UnknownCategory)?;
        if !self.state.categories.contains_key(&category) {
            return Err(Refusal::UnknownCategory.into());
        }
        let existing = self.chat_in(customer, category);
        if scope.is_some() && scope != existing {
            return Err(Refusal::NotAllowed.into());
        }
        let chat = existing.unwrap_or_else(|| self.open(now, session, customer, category, join, out));
        let resolved = |it: &ChatRecord| matches!(it.state, ChatState::Resolved { .. });
        if self.state.chats.get(&chat).is_some_and(|it| resolved(&it.record)) {
            self.reopen(now, chat, Side::Customer, out);
            self.prefer_last_agent(now, chat, out);
        }
        // The answer tells the final state, so matching comes first; it is sent before what follows from it.
        out.answer_at = Some(out.answer_at.unwrap_or(out.effects.len()));
        self.dispatch(now, out);
        let state = self.state.chats.get(&chat).ok_or(Refusal::Internal)?;
        let place = state.line.is_some().then(|| self.place_view(now, state));
        let view = Box::new(self.customer_chat(state));
        if let Some(place) = place {
            self.signal(Signal::PlacePushed { chat, place }, out);
        }
        Ok(Reply::Queued { chat: view, existing: existing.is_some(), place })
    }

    /// The customer's chat in a category that is not closed: there is at most one.
    fn chat_in(&self, customer: CustomerId, category: CategoryId) -> Option<ChatId> {
        let chats = &self.state.customers.get(&customer)?.chats;
        let in_category = |chat: &&ChatId| self.state.chats.get(chat).is_some_and(|it| it.record.category == category);
        chats.iter().rfind(in_category).copied()
    }

    fn open(
        &mut self,
        now: Time,
        session: SessionId,
        customer: CustomerId,
        category: CategoryId,
        join: &JoinQueue,
        out: &mut Out,
    ) -> ChatId {
        let chat = self.state.last_chat.next();
        let fact = Fact::ChatOpened { chat, customer, category, priority: Priority::default() };
        let words = Words::Joined { name: join.name.clone(), subject: join.subject.clone() };
        out.answer_here();
        self.emit(now, fact, words, out);
        self.signal(Signal::Subscribed { session, chat }, out);
        self.tell_other_sessions(session, chat, out);
        chat
    }

    fn queue_status(&self, now: Time, principal: &Principal, chat: ChatId) -> Result<Reply, Stop> {
        let state = self.open_chat(principal, Action::Stand, chat)?;
        if state.line.is_some() {
            Ok(Reply::Place { chat, place: self.place_view(now, state) })
        } else {
            Err(Refusal::NotWaiting { chat, status: state.record.status() }.into())
        }
    }

    fn start_chat(&self, now: Time, principal: &Principal, chat: ChatId) -> Result<Reply, Stop> {
        let state = self.open_chat(principal, Action::Stand, chat)?;
        if state.line.is_some() {
            let place = self.place_view(now, state).place;
            return Err(Refusal::StillWaiting { chat, place }.into());
        }
        Ok(Reply::Started { chat, name: state.record.customer_name.clone() })
    }

    fn subscribe(
        &mut self,
        session: SessionId,
        principal: &Principal,
        chat: ChatId,
        facts: Option<&Facts>,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        if let Some(closed) = self.closed_chat(principal, Action::Subscribe, chat, facts)? {
            return Ok(self.subscribed_view(principal, &closed));
        }
        self.open_chat(principal, Action::Subscribe, chat)?;
        self.signal(Signal::Subscribed { session, chat }, out);
        let state = self.state.chats.get(&chat).ok_or(Refusal::Internal)?;
        Ok(self.subscribed_view(principal, state))
    }

    fn subscribed_view(&self, principal: &Principal, state: &super::state::Chat) -> Reply {
        Reply::Subscribed(Box::new(match principal {
            Principal::Customer { .. } => {
                Subscribed::Customer { up_to: state.record.last_public_seq, chat: self.customer_chat(state) }
            }
            Principal::Agent { .. } => Subscribed::Staff { up_to: state.record.last_seq, chat: self.staff_chat(state) },
        }))
    }

    fn may_read(&self, principal: &Principal, chat: ChatId, facts: Option<&Facts>) -> Result<Reply, Stop> {
        if self.closed_chat(principal, Action::Read, chat, facts)?.is_none() {
            self.open_chat(principal, Action::Read, chat)?;
        }
        Ok(Reply::MayRead { chat })
    }

    /// A closed chat from the facts; `None` when the chat is open. Its transcript is complete, so following
    /// it is reading it.
    fn closed_chat(
        &self,
        principal: &Principal,
        action: Action,
        chat: ChatId,
        facts: Option<&Facts>,
    ) -> Result<Option<super::state::Chat>, Stop> {
        if self.state.chats.contains_key(&chat) {
            return Ok(None);
        }
        if chat.0 == 0 || chat > self.state.last_chat {
            return Err(Refusal::UnknownChat { chat }.into());
        }
        let facts = facts.ok_or(Stop::Lookup(Lookup { chat, dedupe: None }))?;
        let record = facts.chat.as_ref().ok_or(Refusal::UnknownChat { chat })?;
        let action = if action == Action::Subscribe { Action::Read } else { action };
        self.authorize(principal, action, record)?;
        Ok(Some(super::state::Chat::new(record.clone())))
    }

    fn end_chat(&mut self, now: Time, principal: &Principal, chat: ChatId, out: &mut Out) -> Result<Reply, Stop> {
        let state = self.open_chat(principal, Action::End, chat)?;
        let (by, reason) = match (principal, &state.record.state) {
            (_, ChatState::Resolved { .. } | ChatState::Closed { .. }) => return Ok(Reply::Done),
            (Principal::Customer { .. }, ChatState::Waiting) => (Side::Customer, EndReason::LeftQueue),
            (Principal::Customer { .. }, ChatState::Active { .. }) => (Side::Customer, EndReason::CustomerEnded),
            (Principal::Agent { .. }, _) => (Side::Staff, EndReason::AgentEnded),
        };
        self.resolve(now, chat, by, reason, out);
        Ok(Reply::Done)
    }

    /// Ends a chat, wherever it is.
    pub(super) fn resolve(&mut self, now: Time, chat: ChatId, by: Side, reason: EndReason, out: &mut Out) {
        let agent = self.state.chats.get(&chat).and_then(|chat| chat.record.agent());
        self.emit(now, Fact::ChatResolved { chat, by, reason }, Words::None, out);
        self.add_system_line(now, chat, SystemLine::ChatEnded { by, reason }, out);
        self.tell_chat(chat, out);
        if let Some(agent) = agent {
            self.tell_chat_to_agent(chat, agent, out);
            self.last_call_done(now, agent, out);
            self.tell_agent(agent, out);
        }
    }

    fn reopen_chat(&mut self, now: Time, principal: &Principal, chat: ChatId, out: &mut Out) -> Result<Reply, Stop> {
        let state = self.state.chats.get(&chat).ok_or(Refusal::UnknownChat { chat })?;
        let resolved = matches!(state.record.state, ChatState::Resolved { .. });
        if !resolved && super::authority::knows(principal, &state.record) {
            return Err(Refusal::ChatNotResolved { chat }.into());
        }
        self.open_chat(principal, Action::Reopen, chat)?;
        self.reopen(now, chat, Side::Staff, out);
        self.prefer_last_agent(now, chat, out);
        Ok(Reply::Done)
    }

    /// A new episode begins, at the end of the queue.
    pub(super) fn reopen(&mut self, now: Time, chat: ChatId, by: Side, out: &mut Out) {
        let Some(state) = self.state.chats.get(&chat) else { return };
        let episode = state.record.episode + 1;
        self.emit(now, Fact::ChatReopened { chat, by, episode }, Words::None, out);
        self.add_system_line(now, chat, SystemLine::ChatReopened { by }, out);
        self.tell_chat(chat, out);
    }

    fn set_subject(
        &mut self,
        now: Time,
        principal: &Principal,
        chat: ChatId,
        subject: Option<&Subject>,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        let state = self.open_chat(principal, Action::SetSubject, chat)?;
        if state.record.subject.as_ref() == subject {
            return Ok(Reply::Done);
        }
        let by = match principal {
            Principal::Customer { .. } => Side::Customer,
            Principal::Agent { .. } => Side::Staff,
        };
        self.emit(now, Fact::SubjectSet { chat, by }, Words::Subject(subject.cloned()), out);
        self.tell_chat(chat, out);
        Ok(Reply::Done)
    }

    fn set_priority(
        &mut self,
        now: Time,
        principal: &Principal,
        chat: ChatId,
        priority: Priority,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        let state = self.open_chat(principal, Action::SetPriority, chat)?;
        let Principal::Agent { agent } = *principal else { return Err(Refusal::NotAllowed.into()) };
        if state.record.priority != priority {
            self.emit(now, Fact::PrioritySet { chat, priority, agent }, Words::None, out);
            self.tell_staff_of_chat(chat, out);
        }
        Ok(Reply::Done)
    }

    /// What a new session is told first.
    pub(super) fn opened(&self, now: Time, principal: &Principal) -> Opened {
        let categories = self.category_views();
        match *principal {
            Principal::Customer { customer, chat: scope } => {
                let chats = self.state.customers.get(&customer).map(|customer| &customer.chats);
                let visible = chats.into_iter().flatten().filter(|chat| scope.is_none_or(|scope| scope == **chat));
                let views = visible.filter_map(|chat| self.state.chats.get(chat)).map(|chat| self.customer_chat(chat));
                Opened::Customer { now, customer, categories, chats: views.collect() }
            }
            Principal::Agent { agent } => Opened::Agent {
                now,
                categories,
                agent: self.agent_view(agent),
                chats: self.chats_of(agent).map(|chat| self.staff_chat(chat)).collect(),
                agents: self.agents_online(),
            },
        }
    }
}
