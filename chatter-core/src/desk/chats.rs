//! The life of a chat: joined, requeued, ended, reopened; and what is asked about it.

use super::customers::CustomerRow;
use super::input::Signal;
use super::messages::{Post, PostKind};
use super::receipts::Marks;
use super::team_talk::TeamAsk;
use super::{Action, Desk, Facts, Out, Reply, Stop, Words, may};
use crate::Few;
use crate::protocol::{Command, JoinQueue, SendMessage};
use crate::{
    CategoryId, ChatId, ChatRecord, ChatState, CustomerId, EndReason, Fact, OfferEnd, Principal, Priority, Refusal,
    SessionId, Side, Subject, SystemLine, Time,
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
        let chat = command.chat();
        let carried_over = chat.and_then(|chat| self.carried_over(chat, command));
        let command = carried_over.as_ref().unwrap_or(command);
        if let Some(chat) = chat.filter(|chat| self.team_chat(&principal, *chat).is_some()) {
            return self.ask_team(now, TeamAsk { session, principal: &principal, chat, facts }, command, out);
        }
        match command {
            Command::JoinQueue(join) => self.join(now, session, &principal, join, facts, out),
            Command::QueueStatus { chat } => self.queue_status(now, &principal, *chat, facts, out),
            Command::StartChat { chat } => self.start_chat(now, &principal, *chat, facts),
            Command::Subscribe { chat, .. } => self.subscribe(session, &principal, *chat, facts, out),
            Command::ReadHistory { chat, .. } => self.may_read(&principal, *chat, facts),
            Command::SendMessage(SendMessage { chat, client_msg_id, text }) => {
                let post =
                    Post { session, principal: &principal, chat: *chat, client_msg_id, text, kind: PostKind::Message };
                self.post(now, &post, facts, out)
            }
            Command::SendNote { chat, client_msg_id, text } => {
                let post =
                    Post { session, principal: &principal, chat: *chat, client_msg_id, text, kind: PostKind::Note };
                self.post(now, &post, facts, out)
            }
            Command::Receipt { chat, delivered, read } => {
                let (chat, delivered, read) = (*chat, *delivered, *read);
                self.receipt(now, &Marks { session, principal: &principal, chat, delivered, read, facts }, out)
            }
            Command::EndChat { chat } => self.end_chat(now, &principal, *chat, facts, out),
            Command::ReopenChat { chat } => self.reopen_chat(now, &principal, *chat, facts, out),
            Command::SetSubject { chat, subject } => {
                self.set_subject(now, &principal, *chat, subject.as_ref(), facts, out)
            }
            Command::SetPriority { chat, priority } => self.set_priority(now, &principal, *chat, *priority, facts, out),
            Command::Whisper { .. }
            | Command::EditMessage { .. }
            | Command::DeleteMessage { .. }
            | Command::Typing { .. }
            | Command::Unsubscribe { .. }
            | Command::AcceptOffer { .. }
            | Command::DeclineOffer { .. }
            | Command::TransferChat { .. }
            | Command::AssignChat { .. }
            | Command::UnassignChat { .. }
            | Command::TakeOver { .. }
            | Command::JoinChat { .. }
            | Command::LeaveChat { .. }
            | Command::MergeChats { .. }
            | Command::EndWrapUp
            | Command::OpenTeamChat { .. }
            | Command::ReadQueue { .. }
            | Command::ReadTeam
            | Command::ExplainChat { .. }
            | Command::ExplainAgent { .. } => self.ask_work(now, session, &principal, command, facts, out),
            Command::SetAgentState { state } => self.set_agent_state(now, &principal, *state, out),
            Command::SignOut { all } => self.sign_out(now, session, &principal, *all, out),
            // Both are answered before the desk is asked.
            Command::Hello(_) | Command::Ping => Err(Refusal::NotAllowed.into()),
        }
    }

    fn join(
        &mut self,
        now: Time,
        session: SessionId,
        principal: &Principal,
        join: &JoinQueue,
        facts: Option<&Facts>,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        let Principal::Customer { customer, chat: scope } = *principal else {
            return Err(Refusal::NotAllowed.into());
        };
        let general = || self.state.categories.keys().next();
        let category = join.category.or_else(general);
        let Some(category) = category.filter(|category| self.state.categories.contains_key(category)) else {
            return Err(Refusal::UnknownCategory.into());
        };
        let existing = self.chat_in(self.session(session)?.owner, category);
        if scope.is_some() && scope.map(|scope| self.goes_on_in(scope)) != existing {
            return Err(Refusal::NotAllowed.into());
        }
        let resolved = |chat: ChatId| self.state.chats.get(&chat).is_some_and(|it| it.record.end().is_some());
        let last_agent = match existing {
            Some(chat) => {
                if resolved(chat) {
                    self.check_join(category)?;
                }
                None
            }
            None => {
                self.check_join(category)?;
                self.last_agent_of(customer, category, facts)?
            }
        };
        let chat = existing.unwrap_or_else(|| self.open(now, session, customer, category, join, out));
        if let Some(agent) = last_agent {
            self.prefer(now, chat, agent, out);
        }
        let resolved = |it: &ChatRecord| matches!(it.state, ChatState::Resolved { .. });
        if self.state.chats.get(&chat).is_some_and(|it| resolved(&it.record)) {
            self.reopen(now, chat, Side::Customer, out);
            self.prefer_last_agent(now, chat, Side::Customer, out);
        }
        // The answer tells the final state, so matching comes first; it is sent before what follows from it.
        out.answer_at = Some(out.answer_at.unwrap_or(out.effects.len()));
        self.dispatch(now, out);
        let place = self.place_for_asker(now, chat, out);
        let Some(state) = self.state.chats.get(&chat) else { return Err(Refusal::Internal.into()) };
        let view = Box::new(self.customer_chat(state));
        Ok(Reply::Queued { chat: view, existing: existing.is_some(), place })
    }

    /// The customer's chat in a category that is not closed: there is at most one.
    pub(super) fn chat_in(&self, owner: Option<CustomerRow>, category: CategoryId) -> Option<ChatId> {
        let chats = &self.state.customers.at(owner)?.chats;
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

    fn end_chat(
        &mut self,
        now: Time,
        principal: &Principal,
        chat: ChatId,
        facts: Option<&Facts>,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        let state = match self.open_chat(principal, Action::End, chat, facts) {
            Ok(state) => state,
            // Somebody else was faster, or an answer was lost.
            Err(Stop::Refused(Refusal::ChatClosed { .. })) => return Ok(Reply::Done),
            Err(stop) => return Err(stop),
        };
        let (by, reason) = match (principal, &state.record.state) {
            (_, ChatState::Resolved { .. } | ChatState::Closed { .. }) => return Ok(Reply::Done),
            (Principal::Customer { .. }, ChatState::Waiting | ChatState::Offered { .. }) => {
                (Side::Customer, EndReason::LeftQueue)
            }
            (Principal::Customer { .. }, ChatState::Active { .. }) => (Side::Customer, EndReason::CustomerEnded),
            (Principal::Agent { .. }, _) => (Side::Staff, EndReason::AgentEnded),
        };
        self.resolve(now, chat, by, reason, out);
        Ok(Reply::Done)
    }

    /// Ends a chat, wherever it is.
    pub(super) fn resolve(&mut self, now: Time, chat: ChatId, by: Side, reason: EndReason, out: &mut Out) {
        let record = self.state.chats.get(&chat).map(|chat| &chat.record);
        let agent = record.and_then(|record| record.agent());
        if let Some(asked) = record.and_then(|record| record.offered_to().or(record.transfer_to)) {
            self.end_offer(now, chat, asked, OfferEnd::Withdrawn, out);
        }
        let joined = self.joined_sessions(chat);
        self.emit(now, Fact::ChatResolved { chat, by, reason }, Words::None, out);
        self.add_system_line(now, chat, SystemLine::ChatEnded { by, reason }, out);
        let former = joined.without(&self.staff_audience(chat));
        self.tell_chat_gone(chat, &former, out);
        self.tell_chat(chat, out);
        if let Some(agent) = agent {
            self.tell_chat_to_agent(chat, agent, out);
            self.last_call_done(now, agent, out);
            self.tell_agent(agent, out);
        }
        if self.settings.close_after.is_zero() {
            // That nobody types any more is told while there is a chat to tell of.
            self.tell_company(out);
            self.close_chat(now, chat, out);
        }
    }

    fn reopen_chat(
        &mut self,
        now: Time,
        principal: &Principal,
        chat: ChatId,
        facts: Option<&Facts>,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        // Whoever takes part in it is told that it has not ended, rather than that it is not theirs.
        if let Some(state) = self.state.chats.get(&chat)
            && state.record.end().is_none()
            && may(principal, Action::End, &state.record)
            && matches!(principal, Principal::Agent { .. })
        {
            return Err(Refusal::ChatNotResolved { chat }.into());
        }
        self.open_chat(principal, Action::Reopen, chat, facts)?;
        self.reopen(now, chat, Side::Staff, out);
        self.prefer_last_agent(now, chat, Side::Staff, out);
        Ok(Reply::Done)
    }

    /// A new episode begins, at the end of the queue. The agent who had the chat follows it no more, unless
    /// it goes back to them in this step or they may watch any chat.
    pub(super) fn reopen(&mut self, now: Time, chat: ChatId, by: Side, out: &mut Out) {
        let Some(state) = self.state.chats.get(&chat) else { return };
        let episode = state.record.episode + 1;
        // Who is only asked to take it does not have it.
        let at_once = !self.is_offered(state.record.category) && self.returns_to(chat, by).is_some();
        let former = if at_once { Few::new() } else { self.former_audience(chat) };
        self.emit(now, Fact::ChatReopened { chat, by, episode }, Words::None, out);
        let Some(state) = self.state.chats.get(&chat) else { return };
        let follows = |session: &&SessionId| state.staff_subscribers.contains(session);
        let keeps = |session: &&SessionId| follows(session) && self.may_follow(**session, state);
        let former: Few<_> = former.iter().filter(|session| !keeps(session)).copied().collect();
        for session in former.iter().filter(|session| follows(session)).copied().collect::<Vec<_>>() {
            self.signal(Signal::Unsubscribed { session, chat }, out);
        }
        self.tell_chat_gone(chat, &former, out);
        self.add_system_line(now, chat, SystemLine::ChatReopened { by }, out);
        self.tell_chat(chat, out);
    }

    fn set_subject(
        &mut self,
        now: Time,
        principal: &Principal,
        chat: ChatId,
        subject: Option<&Subject>,
        facts: Option<&Facts>,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        let state = self.open_chat(principal, Action::SetSubject, chat, facts)?;
        if state.record.subject.as_ref() == subject {
            return Ok(Reply::Done);
        }
        let by = match principal {
            Principal::Customer { .. } => Side::Customer,
            Principal::Agent { .. } => Side::Staff,
        };
        self.emit(now, Fact::SubjectSet { chat, by }, Words::Subject(subject.cloned()), out);
        self.tell_chat(chat, out);
        self.tell_offer_again(chat, out);
        Ok(Reply::Done)
    }

    fn set_priority(
        &mut self,
        now: Time,
        principal: &Principal,
        chat: ChatId,
        priority: Priority,
        facts: Option<&Facts>,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        let state = self.open_chat(principal, Action::SetPriority, chat, facts)?;
        let Principal::Agent { agent, .. } = *principal else { return Err(Refusal::NotAllowed.into()) };
        if state.record.priority != priority {
            self.emit(now, Fact::PrioritySet { chat, priority, agent }, Words::None, out);
            self.tell_staff_of_chat(chat, out);
            self.tell_offer_again(chat, out);
        }
        Ok(Reply::Done)
    }
}
