//! What is said in a chat, and what becomes of it later.

use super::Scribe;
use crate::{
    Author, Body, ChatId, DedupeRow, Entry, Fact, LastMessage, Name, Overwrite, PublicSeq, Seq, Side, SystemLine, Text,
};

impl Scribe {
    /// Writes a message with a client id of its own; for the system, as staff.
    pub fn message(&mut self, chat: ChatId, by: Side) {
        let author = self.author(chat, by);
        let text = self.words.text();
        let (seq, public_seq) = self.entry(chat, author.clone(), Body::Message { text: text.clone() });
        let public_seq = public_seq.expect("a message is public");
        let at = self.now;
        self.change(chat, |record| {
            record.last_message = Some(LastMessage { seq, public_seq, at, author, text: Some(text) });
            match by {
                Side::Customer => {
                    record.staff_unread.push((seq, public_seq));
                    record.parked = false;
                }
                Side::Staff | Side::System => {
                    record.customer_unread.push((seq, public_seq));
                    record.replied = true;
                }
            }
        });
        self.use_client_id(chat, by, seq, Some(public_seq));
    }

    /// Writes a note: for staff alone.
    pub fn note(&mut self, chat: ChatId) {
        let text = self.words.text();
        self.for_staff(chat, Body::Note { text });
    }

    /// Writes advice to the agent: for staff alone.
    pub fn whisper(&mut self, chat: ChatId) {
        let text = self.words.text();
        self.for_staff(chat, Body::Whisper { text });
    }

    fn for_staff(&mut self, chat: ChatId, body: Body) {
        let author = self.author(chat, Side::Staff);
        let (seq, _) = self.entry(chat, author, body);
        self.use_client_id(chat, Side::Staff, seq, None);
    }

    /// Writes a line by Chatter itself.
    pub(super) fn line(&mut self, chat: ChatId, line: SystemLine) {
        self.entry(chat, Author::System, Body::System { line });
    }

    /// Puts other words in the place of what somebody wrote; nothing, if nobody did.
    pub fn edit(&mut self, chat: ChatId) {
        if let Some(target) = self.written(chat) {
            self.edit_entry(chat, target);
        }
    }

    /// Takes the words of something out; nothing, if nobody wrote anything.
    pub fn delete(&mut self, chat: ChatId) {
        if let Some(target) = self.written(chat) {
            self.delete_entry(chat, target);
        }
    }

    /// Puts other words in the place of those of an entry.
    pub(in crate::testing) fn edit_entry(&mut self, chat: ChatId, target: Seq) {
        let text = self.words.text();
        let Entry { public_seq, body, .. } = self.at(chat, target).clone();
        let new = match body {
            Body::Note { .. } => Body::Note { text },
            Body::Whisper { .. } => Body::Whisper { text },
            Body::Message { .. }
            | Body::System { .. }
            | Body::Edit { .. }
            | Body::Deletion { .. }
            | Body::Deleted { .. } => Body::Message { text },
        };
        self.overwrite(chat, target, Body::Edit { target, public_target: public_seq }, new);
    }

    /// Takes the words of an entry out.
    pub(in crate::testing) fn delete_entry(&mut self, chat: ChatId, target: Seq) {
        let Entry { public_seq, body, .. } = self.at(chat, target).clone();
        let left = Body::Deleted { was: body.kind() };
        self.overwrite(chat, target, Body::Deletion { target, public_target: public_seq }, left);
    }

    /// Adds the entry that tells of the change, and changes its target.
    fn overwrite(&mut self, chat: ChatId, target: Seq, told: Body, body: Body) {
        let author = self.at(chat, target).author.clone();
        if self.team_chats.contains_key(&chat) {
            self.team_entry(chat, author, told);
        } else {
            self.entry(chat, author, told);
        }
        let edited_at = body.text().is_some().then_some(self.now);
        self.retell(chat, target, body.text());
        let entry = self.entries.get_mut(&chat).and_then(|all| all.iter_mut().find(|entry| entry.seq == target));
        let entry = entry.expect("an entry that was written");
        (entry.edited_at, entry.body) = (edited_at, body.clone());
        self.batch.overwrites.push(Overwrite { chat, seq: target, edited_at, body });
    }

    /// Changes the last message of a chat's row with its entry.
    fn retell(&mut self, chat: ChatId, target: Seq, text: Option<&Text>) {
        if self.team_chats.contains_key(&chat) {
            self.change_team_chat(chat, |record| {
                if let Some(message) = record.last_message.as_mut().filter(|message| message.seq == target) {
                    message.text = text.cloned();
                }
            });
        } else {
            self.change(chat, |record| {
                if let Some(message) = record.last_message.as_mut().filter(|message| message.seq == target) {
                    message.text = text.cloned();
                }
            });
        }
    }

    /// One of the entries that still say something.
    fn written(&mut self, chat: ChatId) -> Option<Seq> {
        let entries = self.entries.get(&chat).map_or(&[][..], Vec::as_slice);
        let written: Vec<Seq> = entries.iter().filter(|it| it.body.text().is_some()).map(|it| it.seq).collect();
        self.dice.pick(&written).copied()
    }

    /// An entry of a chat.
    fn at(&self, chat: ChatId, seq: Seq) -> &Entry {
        self.entries(chat).iter().find(|entry| entry.seq == seq).expect("an entry that was written")
    }

    fn entry(&mut self, chat: ChatId, author: Author, body: Body) -> (Seq, Option<PublicSeq>) {
        let record = &self.chats[&chat];
        let seq = record.last_seq.next();
        let public_seq = is_public(&body).then(|| record.last_public_seq.next());
        let to = match &author {
            Author::Customer { .. } => record.agent().and_then(|agent| Some(self.agents.get(&agent)?.name.clone())),
            Author::Agent { .. } | Author::System => Some(record.customer_name.clone()),
        };
        self.append(chat, (seq, public_seq), author, to, body);
        self.change(chat, |record| {
            record.last_seq = seq;
            record.last_public_seq = public_seq.unwrap_or(record.last_public_seq);
        });
        (seq, public_seq)
    }

    /// Adds an entry under the numbers it gets, and its event.
    pub(super) fn append(
        &mut self,
        chat: ChatId,
        (seq, public_seq): (Seq, Option<PublicSeq>),
        author: Author,
        to: Option<Name>,
        body: Body,
    ) {
        let target = match &body {
            Body::Edit { target, .. } | Body::Deletion { target, .. } => Some(*target),
            Body::Message { .. }
            | Body::Note { .. }
            | Body::Whisper { .. }
            | Body::System { .. }
            | Body::Deleted { .. } => None,
        };
        self.fact(Fact::EntryAdded { chat, seq, public_seq, kind: body.kind(), author: author.key(), target });
        let entry = Entry { chat, seq, public_seq, at: self.now, author, to, edited_at: None, body };
        self.batch.entries.push(entry.clone());
        self.entries.entry(chat).or_default().push(entry);
    }

    fn use_client_id(&mut self, chat: ChatId, by: Side, seq: Seq, public_seq: Option<PublicSeq>) {
        let author = self.author(chat, by).key().expect("customers and agents have a key");
        let client_msg_id = self.words.client_msg_id();
        let body_hash = self.dice.roll();
        self.add_client_id(DedupeRow { chat, author, client_msg_id, body_hash, seq, public_seq, at: self.now });
    }
}

/// Whether a customer may see it.
const fn is_public(body: &Body) -> bool {
    match body {
        Body::Message { .. } | Body::System { .. } => true,
        Body::Note { .. } | Body::Whisper { .. } | Body::Deleted { .. } => false,
        Body::Edit { public_target, .. } | Body::Deletion { public_target, .. } => public_target.is_some(),
    }
}
