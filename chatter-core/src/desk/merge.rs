//! Merging two chats of one customer (row C21, rule 13): linked and forwarded, nothing is renumbered.
//!
//! The chat that was merged is closed; what is still sent to its number is carried out in the chat in which it
//! goes on, as long as that one is open. Its own transcript stays as it is, under its own numbers.

use super::state::Chat;
use super::{Action, Desk, Effect, Facts, Out, Reply, Stop, Words};
use crate::Few;
use crate::protocol::{Command, StaffFrame};
use crate::{AgentId, ChatId, EndReason, Fact, OfferEnd, Principal, Refusal, SessionId, Side, SystemLine, Time};

impl Desk {
    /// The open chat in which a merged one goes on; any other chat itself.
    pub(super) fn goes_on_in(&self, chat: ChatId) -> ChatId {
        self.state.merged.get(&chat).copied().unwrap_or(chat)
    }

    /// A command to a chat that was merged, as it is carried out in the chat in which that one goes on. Not carried over
    /// is what is about the transcript of the merged chat itself, and what is about an offer, which is gone.
    /// Messages and mergings carry themselves over, since the old number matters to them.
    pub(super) fn carried_over(&self, chat: ChatId, command: &Command) -> Option<Command> {
        if !self.state.merged.contains_key(&chat) {
            return None;
        }
        let mut command = command.clone();
        match &mut command {
            Command::QueueStatus { chat }
            | Command::StartChat { chat }
            | Command::EndChat { chat }
            | Command::ReopenChat { chat }
            | Command::SetSubject { chat, .. }
            | Command::SetPriority { chat, .. }
            | Command::Typing { chat, .. }
            | Command::TransferChat { chat, .. }
            | Command::AssignChat { chat, .. }
            | Command::UnassignChat { chat }
            | Command::TakeOver { chat }
            | Command::JoinChat { chat }
            | Command::LeaveChat { chat }
            | Command::ExplainChat { chat } => *chat = self.goes_on_in(*chat),
            Command::SendMessage(_)
            | Command::MergeChats { .. }
            | Command::SendNote { .. }
            | Command::Whisper { .. }
            | Command::Subscribe { .. }
            | Command::Unsubscribe { .. }
            | Command::ReadHistory { .. }
            | Command::Receipt { .. }
            | Command::EditMessage { .. }
            | Command::DeleteMessage { .. }
            | Command::AcceptOffer { .. }
            | Command::DeclineOffer { .. }
            | Command::Hello(_)
            | Command::JoinQueue(_)
            | Command::EndWrapUp
            | Command::OpenTeamChat { .. }
            | Command::ReadQueue { .. }
            | Command::ReadTeam
            | Command::ExplainAgent { .. }
            | Command::SetAgentState { .. }
            | Command::SignOut { .. }
            | Command::Ping => {}
        }
        Some(command)
    }
    /// Lets a chat go on in another one of the same customer. Merging again what is one already is done.
    pub(super) fn merge_chats(
        &mut self,
        now: Time,
        principal: &Principal,
        chat: ChatId,
        into: ChatId,
        facts: Option<&Facts>,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        let Principal::Agent { agent: by, .. } = *principal else { return Err(Refusal::NotAllowed.into()) };
        if chat == into {
            return Err(Refusal::CannotMerge { chat }.into());
        }
        let (source, target) = (self.goes_on_in(chat), self.goes_on_in(into));
        // The facts are of one of the two.
        let facts_of = |of: ChatId| facts.filter(|facts| facts.chat.as_ref().is_none_or(|record| record.chat == of));
        let ends = &self.open_chat(principal, Action::Merge, source, facts_of(source))?.record;
        let goes_on = &self.open_chat(principal, Action::Merge, target, facts_of(target))?.record;
        if source == target {
            return Ok(Reply::Done);
        }
        if ends.customer != goes_on.customer {
            return Err(Refusal::CannotMerge { chat }.into());
        }
        // A customer who waits for an answer must not end up in a chat where nobody gives one.
        if ends.end().is_none() && goes_on.end().is_some() {
            return Err(Refusal::ChatResolved { chat: into }.into());
        }
        self.merge(now, source, target, by, out);
        Ok(Reply::Done)
    }

    fn merge(&mut self, now: Time, chat: ChatId, into: ChatId, by: AgentId, out: &mut Out) {
        let Some(record) = self.state.chats.get(&chat).map(|state| &state.record) else { return };
        let (holder, asked) = (record.agent(), record.offered_to().or(record.transfer_to));
        if let Some(asked) = asked {
            self.end_offer(now, chat, asked, OfferEnd::Withdrawn, out);
        }
        let audience = self.chat_audience(chat);
        self.add_system_line(now, chat, SystemLine::MergedInto { into }, out);
        self.emit(now, Fact::ChatMerged { chat, into, by }, Words::None, out);
        self.tell_merged(chat, &audience.1, out);
        self.tell_closed(chat, audience, out);
        self.add_system_line(now, into, SystemLine::MergedFrom { from: chat }, out);
        self.tell_chat(into, out);
        if let Some(holder) = holder {
            self.let_go(now, holder, out);
        }
    }

    /// Staff that shows the chat learns where it goes on, before they drop it.
    fn tell_merged(&self, chat: ChatId, to: &Few<SessionId>, out: &mut Out) {
        let Some(record) = self.touched.last_form(chat) else { return };
        if !to.is_empty() {
            let customer_sessions = self.sessions_that_see(record);
            let view = self.staff_chat(&Chat { customer_sessions, ..Chat::new(record.clone()) });
            let to = to.iter().copied().collect();
            out.effects.push(Effect::ToStaff { to, frame: StaffFrame::Chat { chat: view } });
        }
    }

    pub(super) fn apply_merged(&mut self, chat: ChatId, into: ChatId, at: Time) {
        let Some(record) = self.state.chats.get(&chat).map(|state| &state.record) else { return };
        if record.end().is_none() {
            self.apply_resolved(chat, at, Side::Staff, EndReason::Merged);
        }
        self.change_chat(chat, at, |record| record.merged_into = Some(into));
        let Some(record) = self.state.chats.get(&chat).map(|state| &state.record) else { return };
        let (agents, mut merged) = (record.agents.clone(), record.merged_from.clone());
        merged.insert(chat);
        self.apply_closed(chat, at);
        self.state.merged.extend(merged.iter().map(|from| (*from, into)));
        self.change_chat_for_staff(into, |record| {
            record.agents.extend(agents);
            record.merged_from.extend(merged);
        });
        self.more_customers_see(into);
        self.refresh_lobby_of(into);
    }

    /// Sessions with a credential for a chat that was merged see the chat in which it goes on.
    fn more_customers_see(&mut self, chat: ChatId) {
        let Some(state) = self.state.chats.get(&chat) else { return };
        let sessions = self.sessions_that_see(&state.record);
        let come = sessions.len() > state.customer_sessions.len();
        if let Some(state) = self.state.chats.get_mut(&chat).filter(|_| come) {
            state.customer_sessions = sessions;
            self.customer_is_back(chat);
        }
    }
}
