//! Messages, notes and receipts: numbering, exactly once, rates.

use std::sync::Arc;

use super::state::{Chat, Fnv};
use super::{Accepted, Action, Desk, Effect, Facts, Lookup, Out, Reply, Stop, Words, may};
use crate::protocol::{CustomerEntry, CustomerFrame, StaffEntry, StaffFrame};
use crate::{
    Author, AuthorKey, Body, ChatId, ChatState, ClientMsgId, DedupeRow, Entry, EntryKind, Fact, Name, Principal,
    Refusal, SessionId, Side, Text, Time,
};

/// Sends a new entry to everybody who follows the chat, except to the session that wrote it.
fn tell_entry(state: &Chat, entry: &Entry, sender: Option<SessionId>, out: &mut Out) {
    let chat = entry.chat;
    let others = |it: &SessionId| Some(*it) != sender;
    let staff: Vec<_> = state.staff_subscribers.iter().copied().filter(others).collect();
    if !staff.is_empty() {
        let frame = StaffFrame::Entry { chat, entry: StaffEntry::from(entry), target: None };
        out.effects.push(Effect::ToStaff { to: staff, frame });
    }
    let to: Vec<_> = state.customer_subscribers.iter().copied().filter(others).collect();
    if to.is_empty() {
        return;
    }
    if let Some(entry) = CustomerEntry::of(entry) {
        out.effects.push(Effect::ToCustomers { to, frame: CustomerFrame::Entry { chat, entry, target: None } });
    }
}

/// A message or note on its way into a transcript.
#[derive(Clone, Copy)]
pub(super) struct Post<'a> {
    pub(super) session: SessionId,
    pub(super) principal: &'a Principal,
    pub(super) chat: ChatId,
    pub(super) client_msg_id: &'a ClientMsgId,
    pub(super) text: &'a Text,
    pub(super) kind: PostKind,
}

/// What a person writes into a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PostKind {
    Message,
    Note,
    Whisper,
}

impl Post<'_> {
    /// Seen by both sides.
    pub(super) fn is_public(&self) -> bool {
        self.kind == PostKind::Message
    }
}

impl Desk {
    pub(super) fn post(
        &mut self,
        now: Time,
        post: &Post<'_>,
        facts: Option<&Facts>,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        self.post_to_chat(now, post, facts, out).inspect_err(|stop| self.refused_post(now, post, stop, out))
    }

    fn post_to_chat(
        &mut self,
        now: Time,
        post: &Post<'_>,
        facts: Option<&Facts>,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        let author = post.principal.author();
        let body_hash = body_hash(post);
        if let Some(first) = self.first_result(post, author, facts)? {
            self.signal_resent(now, post, out);
            return Ok(accepted(&first, true, first.body_hash != body_hash));
        }
        // Client ids and the order of messages are of the number it was sent to; all else is of the chat in which
        // that one goes on.
        let carried = Post { chat: self.goes_on_in(post.chat), ..*post };
        self.may_post(&carried)?;
        self.check_order_and_rate(now, post, out)?;
        self.signal_resent(now, post, out);

        let post = &carried;
        let chat = post.chat;
        let resolved =
            self.state.chats.get(&chat).is_some_and(|it| matches!(it.record.state, ChatState::Resolved { .. }));
        let reopens = resolved && post.is_public();
        if reopens {
            self.reopen(now, chat, Side::Customer, out);
        }
        let Some(state) = self.state.chats.get(&chat) else {
            return Err(Refusal::UnknownChat { chat }.into());
        };
        let record = &state.record;
        let row = Arc::new(DedupeRow {
            chat,
            author,
            client_msg_id: post.client_msg_id.clone(),
            body_hash,
            seq: record.last_seq.next(),
            public_seq: post.is_public().then(|| record.last_public_seq.next()),
            at: now,
        });
        let (author, to) = self.names(post);
        let text = post.text.clone();
        let body = match post.kind {
            PostKind::Message => Body::Message { text },
            PostKind::Note => Body::Note { text },
            PostKind::Whisper => Body::Whisper { text },
        };
        let kind = body.kind();
        out.answer_here();
        self.add_entry(now, chat, author, to, body, Some(Arc::clone(&row)), Some(post.session), out);
        if reopens {
            self.prefer_last_agent(now, chat, Side::Customer, out);
        }
        if post.is_public() && matches!(post.principal, Principal::Customer { .. }) {
            self.unpark(now, chat, out);
        }
        self.tell_unread(chat, kind, out);
        Ok(accepted(&row, false, false))
    }

    /// The first result of the client id, from memory or from the facts.
    fn first_result(
        &self,
        post: &Post<'_>,
        author: AuthorKey,
        facts: Option<&Facts>,
    ) -> Result<Option<Arc<DedupeRow>>, Stop> {
        let chat = post.chat;
        let lookup = || Stop::Lookup(Lookup::Chat { chat, dedupe: Some((author, post.client_msg_id.clone())) });
        let goes_on_in = self.goes_on_in(chat);
        let Some(state) = self.state.chats.get(&goes_on_in) else {
            if chat.0 == 0 || chat > self.state.last_chat {
                return Err(Refusal::UnknownChat { chat }.into());
            }
            let facts = facts.ok_or_else(lookup)?;
            let owns = |record| may(post.principal, Action::Write, record) || may(post.principal, Action::Read, record);
            let known = facts.chat.as_ref().is_some_and(owns);
            return match &facts.dedupe {
                Some(row) if known => Ok(Some(Arc::new(row.clone()))),
                _ if known => Err(Refusal::ChatClosed { chat }.into()),
                _ => Err(Refusal::UnknownChat { chat }.into()),
            };
        };
        // Only someone who took part can have used an id here; others learn nothing.
        if !super::authority::knows(post.principal, &state.record) {
            return Err(Refusal::UnknownChat { chat }.into());
        }
        let live = state.dedupe.recall(author, post.client_msg_id).cloned();
        if goes_on_in != chat {
            // What was used under the old number, before and since the merging, is not in memory. Facts of before
            // the merging may lack what came between.
            let facts = facts.filter(|facts| facts.goes_on_in == Some(goes_on_in)).ok_or_else(lookup)?;
            let cold = facts.dedupe.clone().map(Arc::new);
            let from_before = cold.as_ref().is_some_and(|row| row.chat != goes_on_in);
            return Ok(if from_before { cold } else { live.or(cold) });
        }
        if live.is_some() || !state.dedupe.may_be_older(author, post.client_msg_id) {
            return Ok(live);
        }
        let facts = facts.ok_or_else(lookup)?;
        Ok(facts.dedupe.clone().map(Arc::new))
    }

    fn may_post(&self, post: &Post<'_>) -> Result<(), Refusal> {
        let chat = post.chat;
        let record = &self.state.chats.get(&chat).ok_or(Refusal::UnknownChat { chat })?.record;
        let action = match post.kind {
            PostKind::Message => Action::Write,
            PostKind::Note => Action::Note,
            PostKind::Whisper => Action::Whisper,
        };
        self.authorize(post.principal, action, record)?;
        let staff_message = post.is_public() && matches!(post.principal, Principal::Agent { .. });
        if staff_message && matches!(record.state, ChatState::Resolved { .. }) {
            return Err(Refusal::ChatResolved { chat });
        }
        Ok(())
    }

    /// The author with their present name, and whom it is for.
    fn names(&self, post: &Post<'_>) -> (Author, Option<Name>) {
        let record = self.state.chats.get(&post.chat).map(|chat| &chat.record);
        match *post.principal {
            Principal::Customer { customer, .. } => {
                let agent = record.and_then(crate::ChatRecord::agent).and_then(|agent| self.state.agents.get(&agent));
                let name = record.map(|record| record.customer_name.clone());
                let author = name.map_or(Author::System, |name| Author::Customer { customer, name });
                (author, agent.map(|agent| agent.record.name.clone()))
            }
            Principal::Agent { agent, .. } => {
                let name = self.state.agents.get(&agent).map(|agent| agent.record.name.clone());
                let author = name.map_or(Author::System, |name| Author::Agent { agent, name });
                let customer = record.map(|record| record.customer_name.clone());
                (author, customer.filter(|_| post.is_public()))
            }
        }
    }

    /// Adds an entry under the next numbers and sends it to everybody who follows the chat, except to the
    /// session that wrote it: that one gets `accepted` in its place.
    #[expect(
        clippy::too_many_arguments,
        reason = "an entry has that many parts, and this is the only place that puts them together"
    )]
    pub(super) fn add_entry(
        &mut self,
        now: Time,
        chat: ChatId,
        author: Author,
        to: Option<Name>,
        body: Body,
        dedupe: Option<Arc<DedupeRow>>,
        sender: Option<SessionId>,
        out: &mut Out,
    ) {
        let Some(state) = self.state.chats.get(&chat) else { return };
        let (kind, target) = (body.kind(), None);
        let public = match &body {
            Body::Message { .. } | Body::System { .. } => true,
            Body::Note { .. } | Body::Whisper { .. } => false,
            Body::Edit { public_target, .. } | Body::Deletion { public_target, .. } => public_target.is_some(),
            // What is left of an entry is never new.
            Body::Deleted { .. } => return,
        };
        let seq = state.record.last_seq.next();
        let public_seq = public.then(|| state.record.last_public_seq.next());
        let by = author.key();
        let entry = match self.spare_entries.pop() {
            // Part by part: put together elsewhere, it would be moved.
            Some(mut entry) => {
                (entry.chat, entry.seq, entry.public_seq, entry.at) = (chat, seq, public_seq, now);
                (entry.author, entry.to, entry.edited_at, entry.body) = (author, to, None, body);
                entry
            }
            None => Box::new(Entry { chat, seq, public_seq, at: now, author, to, edited_at: None, body }),
        };
        if !self.silent
            && let Some(state) = self.state.chats.get(&chat)
        {
            tell_entry(state, &entry, sender, out);
        }
        let fact = Fact::EntryAdded { chat, seq, public_seq, kind, author: by, target };
        self.emit(now, fact, Words::Entry(entry, dedupe), out);
    }

    /// Staff that takes part in the chat without following it learns from its state that there is something new;
    /// so do the customer's sessions that do not follow it, when it is for them.
    pub(super) fn tell_unread(&self, chat: ChatId, kind: EntryKind, out: &mut Out) {
        let Some(state) = self.state.chats.get(&chat).filter(|_| kind != EntryKind::Note) else { return };
        let to = self.staff_audience(chat).without(&state.staff_subscribers).to_vec();
        if !to.is_empty() {
            out.effects.push(Effect::ToStaff { to, frame: StaffFrame::Chat { chat: self.staff_chat(state) } });
        }
        let other = |session: &SessionId| !state.customer_subscribers.contains(session);
        let to: Vec<_> = self.customer_sessions(chat).into_iter().filter(other).collect();
        if !to.is_empty() && kind == EntryKind::Message {
            let frame = CustomerFrame::Chat { chat: self.customer_chat(state) };
            out.effects.push(Effect::ToCustomers { to, frame });
        }
    }
}

pub(super) fn accepted(row: &DedupeRow, duplicate: bool, conflict: bool) -> Reply {
    Reply::Accepted(Accepted {
        chat: row.chat,
        client_msg_id: row.client_msg_id.clone(),
        seq: row.seq,
        public_seq: row.public_seq,
        at: row.at,
        duplicate,
        conflict,
    })
}

pub(super) fn body_hash(post: &Post<'_>) -> u64 {
    let kind: &[u8] = match post.kind {
        PostKind::Message => b"m",
        PostKind::Note => b"n",
        PostKind::Whisper => b"w",
    };
    Fnv::new().write(kind).write(post.text.as_str().as_bytes()).finish()
}
