//! Editing and deleting one's own messages (row C8).
//!
//! The desk holds no texts, so it asks for the entry as a cold fact. Between the reading of the fact and its use
//! the same person may have changed the entry over another connection: what was changed lately is kept here and
//! wins over the fact, so that an edit never brings a deleted text back. It is kept for as long as the entry can
//! be changed at all, and goes with the chat's next entry after that.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Action, Desk, Effect, EntryNumber, Facts, Lookup, Out, Reply, Stop, Words};
use crate::protocol::{CustomerEntry, CustomerFrame, StaffEntry, StaffFrame};
use crate::{
    Body, ChatId, Entry, EntryKind, Fact, LastMessage, Overwrite, Principal, PublicSeq, Refusal, Seq, Text, Time,
};

/// The present form of entries of one chat that were changed lately.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Changed {
    entries: BTreeMap<Seq, (Time, Overwrite)>,
}

impl Changed {
    /// Leaves out what was written longer ago. Entries are numbered in the order in which they were written.
    fn forget(&mut self, now: Time, kept_for: Duration) {
        while self.entries.first_entry().is_some_and(|first| now - first.get().0 > kept_for) {
            self.entries.pop_first();
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}

/// What somebody wants to do to one of their messages.
#[derive(Clone, Copy)]
pub(super) struct Edit<'a> {
    pub(super) principal: &'a Principal,
    pub(super) chat: ChatId,
    /// In the numbers of whoever asks.
    pub(super) target: u64,
    /// The new words; none to delete it.
    pub(super) text: Option<&'a Text>,
    pub(super) facts: Option<&'a Facts>,
}

impl Desk {
    /// Puts other words in the place of a message, or takes it out when there are none. It costs as much of what
    /// one may write as a message does, and has no place in the order of messages.
    pub(super) fn edit_message(&mut self, now: Time, edit: Edit<'_>, out: &mut Out) -> Result<Reply, Stop> {
        let Edit { principal, chat, target, text, facts } = edit;
        self.open_chat(principal, Action::Subscribe, chat, facts)?;
        self.check_rate(now, principal)?;
        let entry = self.own_entry(edit)?;
        let kind = entry.body.kind();
        let record = &self.open_chat(principal, Action::Subscribe, chat, facts)?.record;
        let action = if kind == EntryKind::Message { Action::Write } else { Action::Note };
        self.authorize(principal, action, record)?;
        match (&entry.body, text) {
            (Body::Deleted { .. }, None) => return Ok(Reply::Done),
            (Body::Deleted { .. }, Some(_)) => return Err(Refusal::UnknownMessage { chat, target }.into()),
            (body, Some(text)) if body.text() == Some(text) => return Ok(Reply::Done),
            _ => {}
        }
        if now - entry.at > self.settings.edit_within {
            return Err(Refusal::TooLate { chat, target }.into());
        }
        let body = match (kind, text) {
            (EntryKind::Message, Some(text)) => Body::Message { text: text.clone() },
            (EntryKind::Note, Some(text)) => Body::Note { text: text.clone() },
            (EntryKind::Whisper, Some(text)) => Body::Whisper { text: text.clone() },
            _ => Body::Deleted { was: kind },
        };
        out.answer_here();
        self.change_entry(now, entry, body, out);
        self.tell_unread(chat, kind, out);
        Ok(Reply::Done)
    }

    /// The entry in its present form, if it is one that the person wrote.
    fn own_entry(&self, edit: Edit<'_>) -> Result<Entry, Stop> {
        let Edit { principal, chat, target, facts, .. } = edit;
        let state = self.state.chats.get(&chat).ok_or(Refusal::UnknownChat { chat })?;
        let unknown = Refusal::UnknownMessage { chat, target };
        let (number, last) = match principal {
            Principal::Customer { .. } => (EntryNumber::Customer(PublicSeq(target)), state.record.last_public_seq.0),
            Principal::Agent { .. } => (EntryNumber::Staff(Seq(target)), state.record.last_seq.0),
        };
        if target == 0 || target > last {
            return Err(unknown.into());
        }
        let facts = facts.ok_or(Stop::Lookup(Lookup::Entry { chat, target: number }))?;
        let mut entry = facts.entry.clone().ok_or_else(|| unknown.clone())?;
        let written = match entry.body {
            Body::Message { .. } | Body::Note { .. } | Body::Whisper { .. } | Body::Deleted { .. } => true,
            Body::System { .. } | Body::Edit { .. } | Body::Deletion { .. } => false,
        };
        if !written || entry.author.key() != Some(principal.author()) {
            return Err(unknown.into());
        }
        if let Some((_, newer)) = state.changed.as_ref().and_then(|changed| changed.entries.get(&entry.seq)) {
            (entry.body, entry.edited_at) = (newer.body.clone(), newer.edited_at);
        }
        Ok(entry)
    }

    /// Adds the entry that says so, and tells everybody who follows the chat, the asker too.
    fn change_entry(&mut self, now: Time, old: Entry, body: Body, out: &mut Out) {
        let Some(state) = self.state.chats.get(&old.chat) else { return };
        let (chat, target, public_target) = (old.chat, old.seq, old.public_seq);
        let deleted = matches!(body, Body::Deleted { .. });
        let seq = state.record.last_seq.next();
        let public_seq = public_target.map(|_| state.record.last_public_seq.next());
        let marker =
            if deleted { Body::Deletion { target, public_target } } else { Body::Edit { target, public_target } };
        let fact = Fact::EntryAdded {
            chat,
            seq,
            public_seq,
            kind: marker.kind(),
            author: old.author.key(),
            target: Some(target),
        };
        let (author, at, to, edited_at) = (old.author.clone(), now, None, None);
        let marker = Entry { chat, seq, public_seq, at, author, to, edited_at, body: marker };
        let present = Entry { edited_at: (!deleted).then_some(now), body, ..old };
        let overwrite = Overwrite { chat, seq: target, edited_at: present.edited_at, body: present.body.clone() };
        let to = state.staff_subscribers.to_vec();
        if !to.is_empty() {
            let (entry, target) = (StaffEntry::from(&marker), Some(StaffEntry::from(&present)));
            out.effects.push(Effect::ToStaff { to, frame: StaffFrame::Entry { chat, entry, target } });
        }
        let to = state.customer_subscribers.to_vec();
        if let Some(entry) = CustomerEntry::of(&marker).filter(|_| !to.is_empty()) {
            let target = CustomerEntry::of(&present);
            out.effects.push(Effect::ToCustomers { to, frame: CustomerFrame::Entry { chat, entry, target } });
        }
        let written_at = present.at;
        self.emit(now, fact, Words::Changed(Box::new((marker, overwrite, written_at))), out);
    }

    /// An entry is added to a chat: what could be changed until now and cannot any more is forgotten.
    pub(super) fn forget_changes(&mut self, chat: ChatId, now: Time) {
        let kept_for = self.settings.edit_within;
        let Some(state) = self.state.chats.get_mut(&chat) else { return };
        if let Some(changed) = &mut state.changed {
            changed.forget(now, kept_for);
            if changed.entries.is_empty() {
                state.changed = None;
            }
        }
    }

    pub(super) fn apply_changed_entry(&mut self, (entry, overwrite, written_at): &(Entry, Overwrite, Time)) {
        let (chat, target) = (entry.chat, overwrite.seq);
        self.forget_changes(chat, entry.at);
        let Some(state) = self.state.chats.get_mut(&chat) else { return };
        let record = &mut state.record;
        record.last_seq = entry.seq;
        record.last_public_seq = entry.public_seq.unwrap_or(record.last_public_seq);
        let text = overwrite.body.text();
        if let Some(last) = record.last_message.as_mut().filter(|last| last.seq == target) {
            let LastMessage { text: shown, .. } = last;
            *shown = text.cloned();
        }
        if text.is_none() {
            for unread in [&mut record.customer_unread, &mut record.staff_unread] {
                // A full list stands for more than it holds: marks are translated by its being full.
                if unread.len() < super::apply::UNREAD_MAX {
                    unread.retain(|(seq, _)| *seq != target);
                }
            }
        }
        state.changed.get_or_insert_default().entries.insert(target, (*written_at, overwrite.clone()));
        if entry.public_seq.is_some() {
            self.change_chat(chat, entry.at, |_| {});
        } else {
            self.change_chat_for_staff(chat, |_| {});
        }
        self.take_from_bucket(&entry.author, entry.at);
    }
}
