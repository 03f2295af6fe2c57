//! What may be stored: judged at the moment when it has become durable, in the order of the commits.

use chatter_core::{Batch, Body, ChatRecord, DedupeRow, Entry, EntryKind, Overwrite, TeamChatRecord, Text};

use super::edits::Edit;
use super::journal::{Said, Stored};
use super::places::Place;
use super::truth::Team;
use super::{Judge, Lines, Promise, TYPED_MARK, Transcript, Who};

impl Judge {
    /// The store has committed this.
    pub(crate) fn stored(&mut self, batch: &Batch) {
        let Batch { events, entries, overwrites, rows, dedupe } = batch;
        self.note(format_args!(
            "  stored {} events, {} entries, {} changed, {} ids, {} chats",
            events.len(),
            entries.len(),
            overwrites.len(),
            dedupe.len(),
            rows.chats.len()
        ));
        self.typed(batch);
        events.iter().for_each(|event| self.happened(event));
        for agent in &rows.agents {
            self.truth.agents.insert(agent.agent, agent.clone());
        }
        rows.chats.iter().for_each(|record| self.row(record));
        rows.team_chats.iter().for_each(|record| self.team_row(record));
        entries.iter().for_each(|entry| self.entry(entry));
        dedupe.iter().for_each(|row| self.client_id(row));
        let said = entries.iter().filter(|entry| entry.body.text().is_some()).count();
        if said != dedupe.len() {
            self.breaks(Promise::Once, format_args!("{said} messages under {} client ids", dedupe.len()));
        }
        overwrites.iter().for_each(|overwrite| self.overwrite(overwrite));
        for chat in overwrites.iter().map(|it| it.chat).chain(entries.iter().map(|it| it.chat)) {
            self.paired(chat.0);
        }
        rows.chats.iter().for_each(|record| self.counted(record));
        for team in &rows.team_chats {
            let last = team.last_message.as_ref().map(|last| (last.seq.0, last.text.as_ref()));
            self.line_up(team.chat.0, team.last_seq.0, last);
        }
    }

    /// Nothing of what somebody only types is stored.
    fn typed(&mut self, batch: &Batch) {
        let parts = [
            serde_json::to_string(&batch.entries),
            serde_json::to_string(&batch.overwrites),
            serde_json::to_string(&batch.rows.chats),
            serde_json::to_string(&batch.rows.team_chats),
            serde_json::to_string(&batch.events),
        ];
        for part in parts.into_iter().map(|json| json.expect("rows are plain data")) {
            if part.contains(TYPED_MARK) {
                self.breaks(Promise::Ephemeral, format_args!("what was only typed is stored: {part}"));
            }
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
            || !before.agents.without(&record.agents).is_empty()
        {
            self.breaks(Promise::Rules, format_args!("a chat became another: {before:?}, {record:?}"));
        }
    }

    fn team_row(&mut self, record: &TeamChatRecord) {
        let new = || Team { record: record.clone(), lines: Lines::default() };
        let team = self.truth.teams.entry(record.chat.0).or_insert_with(new);
        let before = std::mem::replace(&mut team.record, record.clone());
        for (agent, member) in &record.members {
            let (old, new) = (before.members.get(agent).map(|it| it.receipts), member.receipts);
            if old.is_none_or(|old| old.delivered > new.delivered || old.read > new.read) {
                self.breaks(Promise::Receipts, format_args!("from {before:?} to {record:?}"));
                return;
            }
        }
    }

    /// P-D3: dense for both sides, in the order of the commits. With it goes the edge of real time: what was
    /// acknowledged or seen is stored, so whatever begins later gets a higher number.
    fn entry(&mut self, entry: &Entry) {
        let team = self.truth.teams.contains_key(&entry.chat.0);
        let Some(lines) = self.truth.lines_mut(entry.chat.0) else {
            self.breaks(Promise::Numbers, format_args!("an entry of no chat: {entry:?}"));
            return;
        };
        let public = lines.entries.iter().rev().find_map(|it| it.public_seq).unwrap_or_default();
        let dense = entry.seq.0 == lines.entries.len() as u64 + 1;
        let public_dense = entry.public_seq.is_none_or(|seq| seq == public.next());
        let earlier = lines.entries.last().is_some_and(|last| last.at > entry.at);
        let for_both = match entry.body {
            Body::Message { .. } | Body::System { .. } => !team,
            Body::Edit { target, public_target } | Body::Deletion { target, public_target } => {
                let target = lines.entries.iter().find(|it| it.seq == target);
                // One that names another line to customers than to staff is public for nobody.
                let named = target.map(|it| it.public_seq) == Some(public_target);
                if named { public_target.is_some() } else { entry.public_seq.is_none() }
            }
            _ => false,
        };
        lines.push(entry);
        if !dense || !public_dense || earlier {
            self.breaks(Promise::Numbers, format_args!("not the next of its chat: {entry:?}"));
        }
        if entry.public_seq.is_some() != for_both {
            self.breaks(Promise::Secret, format_args!("a note with a public number, or the reverse: {entry:?}"));
        }
        self.seen.insert(format!("stored {:?}{}", entry.body.kind(), if team { " to a colleague" } else { "" }));
    }

    fn client_id(&mut self, row: &DedupeRow) {
        let said = self.truth.lines(row.chat.0).and_then(|lines| said_at(lines, row.seq.0));
        let Some((text, kind)) = said else {
            return self.breaks(Promise::Numbers, format_args!("a client id of no entry: {row:?}"));
        };
        let (seq, public_seq, at, text) =
            (row.seq.0, row.public_seq.map(|seq| seq.0), row.at.0, text.as_str().to_owned());
        let stored = Stored { chat: row.chat.0, seq, public_seq, at, text, kind };
        let merged = self.truth.chat(row.chat.0).map(|chat| &chat.record.merged_from);
        let sent_to =
            |chat: u64| chat == row.chat.0 || merged.is_some_and(|merged| merged.contains(&chatter_core::ChatId(chat)));
        if let Err((promise, what)) = self.journal.stored(row.author, row.client_msg_id.as_str(), stored, sent_to) {
            self.breaks(promise, what);
        }
    }

    /// Other words are in the place of an entry: its author has asked for them, in time, and it was not deleted.
    fn overwrite(&mut self, overwrite: &Overwrite) {
        let chat = overwrite.chat.0;
        let before = self.truth.lines_mut(chat).and_then(|lines| lines.overwrite(overwrite));
        let Some(before) = before else {
            return self.breaks(Promise::Numbers, format_args!("nothing is there to change: {overwrite:?}"));
        };
        let text = overwrite.body.text();
        let Some(author) = before.author.key().filter(|_| before.body.text().is_some()) else {
            return self.breaks(Promise::Erased, format_args!("{before:?} becomes {overwrite:?}"));
        };
        let same_kind = overwrite.body.kind() == before.body.kind();
        if !same_kind || overwrite.edited_at.is_some() != text.is_some() {
            self.breaks(Promise::Numbers, format_args!("{before:?} becomes {overwrite:?}"));
        }
        self.gone.extend(before.body.text().map(|text| serde_json::to_string(text).expect("a text is plain data")));
        let target = match author {
            chatter_core::AuthorKey::Customer(_) => before.public_seq.map_or(0, |seq| seq.0),
            _ => before.seq.0,
        };
        let edit = Edit { author, chat, target, text: text.map(|text| text.as_str().to_owned()) };
        if let Err((promise, what)) = self.edits.stored(&edit) {
            self.breaks(promise, what);
        }
    }

    /// Each line that says that another was changed comes with the change.
    fn paired(&mut self, chat: u64) {
        if let Some(unpaired) = self.truth.lines(chat).and_then(Lines::unpaired) {
            let what = format!("changed without a line that says so, or the reverse: {unpaired}");
            self.breaks(Promise::Numbers, what);
        }
    }

    fn counted(&mut self, record: &ChatRecord) {
        let Some(chat) = self.truth.chat(record.chat.0) else { return };
        let public = chat.lines.last(Who::Customer(record.customer));
        if record.last_public_seq.0 != public {
            self.breaks(Promise::Numbers, format_args!("{public} public entries, counted as {record:?}"));
        }
        let last = record.last_message.as_ref().map(|last| (last.seq.0, last.text.as_ref()));
        self.line_up(record.chat.0, record.last_seq.0, last);
        let place = Place::of(record);
        let happened = self.places.get(&record.chat.0);
        if happened != Some(&place) {
            let what = format!("by what happened it is at {happened:?}: {record:?}");
            self.breaks(Promise::Rules, what);
        }
    }

    /// The row of a conversation counts its entries, and holds no other words than they do.
    fn line_up(&mut self, chat: u64, seq: u64, last: Option<(u64, Option<&Text>)>) {
        let Some(lines) = self.truth.lines(chat) else { return };
        let entries = lines.entries.len() as u64;
        let shown = last.is_none_or(|(seq, text)| said_at(lines, seq).map(|(text, _)| text) == text);
        if seq != entries {
            self.breaks(Promise::Numbers, format_args!("chat {chat} has {entries} entries, counted as {seq}"));
        }
        if !shown {
            self.breaks(Promise::Erased, format_args!("the row of chat {chat} holds other words than {last:?}"));
        }
    }
}

/// What a person said in it.
fn said_at(lines: &Lines, seq: u64) -> Option<(&Text, Said)> {
    let entry = lines.entries.get(usize::try_from(seq).ok()?.checked_sub(1)?)?;
    let kind = match entry.body.kind() {
        EntryKind::Message => Said::Message,
        EntryKind::Note => Said::Note,
        EntryKind::Whisper => Said::Whisper,
        _ => return None,
    };
    Some((entry.body.text()?, kind))
}
