//! What may be stored: judged at the moment when it has become durable, in the order of the commits.

use chatter_core::{Batch, Body, ChatRecord, Entry};

use super::journal::Stored;
use super::places::Place;
use super::{Judge, Promise, Transcript};

impl Judge {
    /// The store has committed this.
    pub(crate) fn stored(&mut self, batch: &Batch) {
        let Batch { events, entries, rows, dedupe, .. } = batch;
        self.note(format_args!(
            "  stored {} events, {} entries, {} ids, {} chats",
            events.len(),
            entries.len(),
            dedupe.len(),
            rows.chats.len()
        ));
        events.iter().for_each(|event| self.happened(event));
        for agent in &rows.agents {
            self.truth.agents.insert(agent.agent, agent.clone());
        }
        for record in &rows.chats {
            self.row(record);
        }
        for entry in entries {
            self.entry(entry);
        }
        for row in dedupe {
            let text = self.truth.chat(row.chat.0).and_then(|chat| text_at(chat, row.seq.0));
            let Some(text) = text.map(str::to_owned) else {
                self.breaks(Promise::Numbers, format_args!("a client id of no entry: {row:?}"));
                continue;
            };
            let stored = Stored { seq: row.seq.0, public_seq: row.public_seq.map(|seq| seq.0), at: row.at.0, text };
            if let Err((promise, what)) =
                self.journal.stored(row.chat.0, row.author, row.client_msg_id.as_str(), stored)
            {
                self.breaks(promise, what);
            }
        }
        let said = entries.iter().filter(|entry| said(entry).is_some()).count();
        if said != dedupe.len() {
            self.breaks(Promise::Once, format_args!("{said} messages under {} client ids", dedupe.len()));
        }
        for record in &rows.chats {
            self.counted(record);
        }
    }

    fn row(&mut self, record: &ChatRecord) {
        let chat = self.truth.chats.entry(record.chat.0).or_insert_with(|| Transcript::new(record.clone()));
        let before = chat.replace(record);
        let marks = |it: &ChatRecord| {
            let (customer, staff) = (it.customer_receipts, it.staff_receipts);
            let (told, other) = (it.customer_receipts_for_staff, it.staff_receipts_for_customer);
            [
                customer.delivered.0,
                customer.read.0,
                staff.delivered.0,
                staff.read.0,
                told.delivered.0,
                told.read.0,
                other.delivered.0,
                other.read.0,
            ]
        };
        if marks(&before).iter().zip(marks(record)).any(|(before, now)| *before > now) {
            self.breaks(Promise::Receipts, format_args!("marks fall from {before:?} to {record:?}"));
        }
        if before.customer != record.customer
            || before.episode > record.episode
            || !record.agents.is_superset(&before.agents)
        {
            self.breaks(Promise::Rules, format_args!("a chat became another: {before:?}, {record:?}"));
        }
    }

    /// P-D3: dense for both sides, in the order of the commits. With it goes the edge of real time: what was
    /// acknowledged or seen is stored, so whatever begins later gets a higher number.
    fn entry(&mut self, entry: &Entry) {
        let Some(chat) = self.truth.chats.get_mut(&entry.chat.0) else {
            self.breaks(Promise::Numbers, format_args!("an entry of no chat: {entry:?}"));
            return;
        };
        let public = chat.entries.iter().rev().find_map(|it| it.public_seq).unwrap_or_default();
        let dense = entry.seq.0 == chat.entries.len() as u64 + 1;
        let public_dense = entry.public_seq.is_none_or(|seq| seq == public.next());
        let earlier = chat.entries.last().is_some_and(|last| last.at > entry.at);
        chat.push(entry);
        if !dense || !public_dense || earlier {
            self.breaks(Promise::Numbers, format_args!("not the next of its chat: {entry:?}"));
        }
        if entry.public_seq.is_some() == matches!(entry.body, Body::Note { .. }) {
            self.breaks(Promise::Secret, format_args!("a note with a public number, or the reverse: {entry:?}"));
        }
    }

    fn counted(&mut self, record: &ChatRecord) {
        let Some(chat) = self.truth.chat(record.chat.0) else { return };
        let public = chat.entries.iter().filter(|entry| entry.public_seq.is_some()).count() as u64;
        let (seq, entries) = (record.last_seq.0, chat.entries.len() as u64);
        if seq != entries || record.last_public_seq.0 != public {
            self.breaks(Promise::Numbers, format_args!("{entries} and {public} entries, counted as {record:?}"));
        }
        let place = Place::of(record);
        let happened = self.places.get(&record.chat.0);
        if happened != Some(&place) {
            let what = format!("by what happened it is at {happened:?}: {record:?}");
            self.breaks(Promise::Rules, what);
        }
    }
}

/// What a person said in it.
fn said(entry: &Entry) -> Option<&str> {
    if let Body::Message { text } | Body::Note { text } = &entry.body { Some(text.as_str()) } else { None }
}

fn text_at(chat: &Transcript, seq: u64) -> Option<&str> {
    chat.entries.get(usize::try_from(seq).ok()?.checked_sub(1)?).and_then(said)
}
