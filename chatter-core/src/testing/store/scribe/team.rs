//! Conversations of agents.

use std::collections::BTreeSet;

use super::Scribe;
use crate::{
    AgentId, Author, Body, ChatId, DedupeRow, Fact, Receipt, Receipts, Seq, TeamChatRecord, TeamMember, TeamMessage,
};

impl Scribe {
    /// Agents begin a conversation.
    pub fn open_team_chat(&mut self) -> ChatId {
        let chat = self.last_chat().next();
        let first = AgentId(1 + self.dice.below(3));
        let others = (1..=3).map(AgentId).filter(|_| self.dice.once_in(2));
        let members: BTreeSet<AgentId> = [first].into_iter().chain(others).collect();
        self.fact(Fact::TeamChatOpened { chat, members: members.clone() });
        let record = TeamChatRecord {
            chat,
            members: members.into_iter().map(|agent| (agent, TeamMember::default())).collect(),
            created_at: self.now,
            updated_at: self.now,
            last_seq: Seq(0),
            last_message: None,
            client_ids: 0,
        };
        self.team_chats.insert(chat, record);
        self.changed_team_chats.insert(chat);
        chat
    }

    /// One of the members writes.
    pub fn team_message(&mut self, chat: ChatId) {
        let agent = self.member(chat);
        let author = Author::Agent { agent, name: self.agents[&agent].name.clone() };
        let key = author.key().expect("agents have a key");
        let text = self.words.text();
        let seq = self.team_entry(chat, author.clone(), Body::Message { text: text.clone() });
        let at = self.now;
        self.change_team_chat(chat, |record| {
            record.last_message = Some(TeamMessage { seq, at, author, text: Some(text) });
            let others = record.members.iter_mut().filter(|(member, _)| **member != agent);
            others.for_each(|(_, member)| member.unread.push(seq));
        });
        let client_msg_id = self.words.client_msg_id();
        let body_hash = self.dice.roll();
        self.add_client_id(DedupeRow { chat, author: key, client_msg_id, body_hash, seq, public_seq: None, at });
    }

    /// One of the members reads all there is.
    pub(super) fn team_read(&mut self, chat: ChatId) {
        let agent = self.member(chat);
        let last = self.team_chats[&chat].last_seq;
        self.fact(Fact::ReceiptMoved { chat, receipt: Receipt::Member { agent, delivered: last, read: last } });
        self.change_team_chat(chat, |record| {
            let read = TeamMember { receipts: Receipts { delivered: last, read: last }, unread: Vec::new() };
            record.members.insert(agent, read);
        });
    }

    /// Adds an entry without a public number.
    pub(super) fn team_entry(&mut self, chat: ChatId, author: Author, body: Body) -> Seq {
        let seq = self.team_chats[&chat].last_seq.next();
        self.append(chat, (seq, None), author, None, body);
        self.change_team_chat(chat, |record| record.last_seq = seq);
        seq
    }

    /// Changes a conversation's row.
    pub(in crate::testing) fn change_team_chat(&mut self, chat: ChatId, change: impl FnOnce(&mut TeamChatRecord)) {
        let record = self.team_chats.get_mut(&chat).expect("a conversation that was opened");
        change(record);
        record.updated_at = self.now;
        self.changed_team_chats.insert(chat);
    }

    fn member(&mut self, chat: ChatId) -> AgentId {
        let members: Vec<AgentId> = self.team_chats[&chat].members.keys().copied().collect();
        self.dice.pick(&members).copied().unwrap_or(AgentId(1))
    }
}
