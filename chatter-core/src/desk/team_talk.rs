//! What members do in a conversation of agents: write, follow, read, say how far they have got.

use std::sync::Arc;

use super::input::Signal;
use super::messages::{Post, PostKind, accepted, body_hash};
use super::receipts::{Marks, moved};
use super::{Action, Desk, Effect, Facts, Lookup, Out, Reply, Stop, Subscribed, Words, may_in_team};
use crate::protocol::{Command, SendMessage, StaffEntry, StaffFrame};
use crate::{
    AgentId, Author, Body, ChatId, DedupeRow, Entry, Fact, Principal, Receipt, Refusal, Seq, SessionId, Time,
    Unavailable,
};

/// Who asks for what in which conversation.
#[derive(Clone, Copy)]
pub(super) struct TeamAsk<'a> {
    pub(super) session: SessionId,
    pub(super) principal: &'a Principal,
    pub(super) chat: ChatId,
    pub(super) facts: Option<&'a Facts>,
}

impl Desk {
    /// Carries out a member's command. What is of customers and queues is not allowed here.
    pub(super) fn ask_team(
        &mut self,
        now: Time,
        ask: TeamAsk<'_>,
        command: &Command,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        let TeamAsk { session, principal, chat, facts } = ask;
        match command {
            Command::SendMessage(SendMessage { client_msg_id, text, .. }) => {
                let post = Post { session, principal, chat, client_msg_id, text, kind: PostKind::Message };
                let done = self.post_to_team(now, &post, facts, out);
                done.inspect_err(|stop| self.refused_post(now, &post, stop, out))
            }
            Command::Subscribe { .. } => self.subscribe_team(ask, out),
            Command::ReadHistory { .. } => {
                self.authorize_in_team(principal, Action::Read, chat)?;
                Ok(Reply::MayRead { chat })
            }
            Command::Receipt { delivered, read, .. } => {
                let (delivered, read) = (*delivered, *read);
                self.team_receipt(now, &Marks { session, principal, chat, delivered, read, facts }, out)
            }
            Command::Unsubscribe { .. } => {
                if self.session(session)?.subscriptions.contains(&chat) {
                    self.signal(Signal::Unsubscribed { session, chat }, out);
                }
                Ok(Reply::Done)
            }
            // Nobody is told who types to a colleague.
            Command::Typing { .. } => Ok(Reply::Done),
            Command::EditMessage { .. } => Err(Refusal::NotAvailable { what: "edit_message" }.into()),
            Command::DeleteMessage { .. } => Err(Refusal::NotAvailable { what: "delete_message" }.into()),
            Command::Hello(_)
            | Command::JoinQueue(_)
            | Command::QueueStatus { .. }
            | Command::StartChat { .. }
            | Command::SendNote { .. }
            | Command::Whisper { .. }
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
            | Command::ExplainAgent { .. }
            | Command::EndChat { .. }
            | Command::ReopenChat { .. }
            | Command::SetSubject { .. }
            | Command::SetPriority { .. }
            | Command::SetAgentState { .. }
            | Command::SignOut { .. }
            | Command::Ping => Err(Refusal::NotAllowed.into()),
        }
    }

    fn authorize_in_team(&self, principal: &Principal, action: Action, chat: ChatId) -> Result<AgentId, Refusal> {
        let Principal::Agent { agent, .. } = *principal else { return Err(Refusal::UnknownChat { chat }) };
        let team = self.team_chat(principal, chat).ok_or(Refusal::UnknownChat { chat })?;
        if may_in_team(principal, action, &team.record) { Ok(agent) } else { Err(Refusal::NotAllowed) }
    }

    fn post_to_team(
        &mut self,
        now: Time,
        post: &Post<'_>,
        facts: Option<&Facts>,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        let chat = post.chat;
        let agent = self.authorize_in_team(post.principal, Action::Write, chat)?;
        let body_hash = body_hash(post);
        if let Some(first) = self.first_result_in_team(post, facts)? {
            self.signal_resent(now, post, out);
            return Ok(accepted(&first, true, first.body_hash != body_hash));
        }
        let team = self.state.team_chats.get(&chat).ok_or(Refusal::UnknownChat { chat })?;
        let other = team.other(agent).ok_or(Refusal::UnknownAgent)?;
        if !self.is_active(other) {
            // Nobody would ever read it.
            return Err(Refusal::AgentUnavailable { agent: other, reason: Unavailable::Offline }.into());
        }
        let seq = team.record.last_seq.next();
        self.check_order_and_rate(now, post, out)?;
        self.signal_resent(now, post, out);

        let name = |agent| self.state.agents.get(&agent).map(|it| it.record.name.clone());
        let author = Author::Agent { agent, name: name(agent).ok_or(Refusal::UnknownAgent)? };
        let row = Arc::new(DedupeRow {
            chat,
            author: post.principal.author(),
            client_msg_id: post.client_msg_id.clone(),
            body_hash,
            seq,
            public_seq: None,
            at: now,
        });
        let body = Body::Message { text: post.text.clone() };
        let entry = Entry { chat, seq, public_seq: None, at: now, author, to: name(other), edited_at: None, body };
        out.answer_here();
        self.add_team_entry(now, entry, Arc::clone(&row), post.session, out);
        Ok(accepted(&row, false, false))
    }

    /// The first result of the client id, from memory or from the facts.
    fn first_result_in_team(&self, post: &Post<'_>, facts: Option<&Facts>) -> Result<Option<Arc<DedupeRow>>, Stop> {
        let (chat, author) = (post.chat, post.principal.author());
        let team = self.state.team_chats.get(&chat).ok_or(Refusal::UnknownChat { chat })?;
        if let Some(row) = team.dedupe.recall(author, post.client_msg_id) {
            return Ok(Some(Arc::clone(row)));
        }
        if !team.dedupe.may_be_older(author, post.client_msg_id) {
            return Ok(None);
        }
        let dedupe = Some((author, post.client_msg_id.clone()));
        let facts = facts.ok_or(Stop::Lookup(Lookup::Chat { chat, dedupe }))?;
        Ok(facts.dedupe.clone().map(Arc::new))
    }

    /// Adds an entry and sends it to everybody who follows, except to the session that wrote it; members' sessions
    /// that do not follow learn of it from the state.
    fn add_team_entry(&mut self, now: Time, entry: Entry, row: Arc<DedupeRow>, sender: SessionId, out: &mut Out) {
        let Some(team) = self.state.team_chats.get(&entry.chat) else { return };
        let (chat, seq, kind, author) = (entry.chat, entry.seq, entry.body.kind(), entry.author.key());
        let follows = team.subscribers.clone();
        let to: Vec<_> = follows.iter().copied().filter(|session| *session != sender).collect();
        if !to.is_empty() {
            let frame = StaffFrame::Entry { chat, entry: StaffEntry::from(&entry), target: None };
            out.effects.push(Effect::ToStaff { to, frame });
        }
        let fact = Fact::EntryAdded { chat, seq, public_seq: None, kind, author, target: None };
        let entry = Box::new(entry);
        self.emit(now, fact, Words::Entry(entry, Some(row)), out);
        self.tell_team(chat, |session| !follows.contains(&session), out);
    }

    fn subscribe_team(&mut self, ask: TeamAsk<'_>, out: &mut Out) -> Result<Reply, Stop> {
        let TeamAsk { session, principal, chat, .. } = ask;
        let agent = self.authorize_in_team(principal, Action::Subscribe, chat)?;
        self.signal(Signal::Subscribed { session, chat }, out);
        let team = self.state.team_chats.get(&chat).ok_or(Refusal::Internal)?;
        let (up_to, team_chat) = (team.record.last_seq, Box::new(self.team_view(team, agent)));
        Ok(Reply::Subscribed(Box::new(Subscribed::Team { up_to, team_chat })))
    }

    fn team_receipt(&mut self, now: Time, marks: &Marks<'_>, out: &mut Out) -> Result<Reply, Stop> {
        let &Marks { principal, chat, delivered, read, .. } = marks;
        let agent = self.authorize_in_team(principal, Action::Subscribe, chat)?;
        let record = &self.state.team_chats.get(&chat).ok_or(Refusal::UnknownChat { chat })?.record;
        marks.check(record.last_seq.0, out)?;
        let old = record.members.get(&agent).map(|member| member.receipts).unwrap_or_default();
        let (new, moved) = moved(old, delivered.map(Seq), read.map(Seq));
        if moved {
            let receipt = Receipt::Member { agent, delivered: new.delivered, read: new.read };
            self.emit(now, Fact::ReceiptMoved { chat, receipt }, Words::None, out);
            self.tell_team(chat, |_| true, out);
        }
        Ok(Reply::Done)
    }
}
