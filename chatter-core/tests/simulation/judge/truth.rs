//! What is stored: the measure of everything that is seen.

use std::collections::{BTreeMap, BTreeSet};

use chatter_core::{AgentId, AgentRecord, ChatRecord, TeamChatRecord};

use super::{Lines, Who};

#[derive(Debug, Default)]
pub(crate) struct Truth {
    pub(crate) chats: BTreeMap<u64, Transcript>,
    pub(crate) teams: BTreeMap<u64, Team>,
    pub(crate) agents: BTreeMap<AgentId, AgentRecord>,
    /// Agents who may see every chat.
    pub(crate) watchers: BTreeSet<AgentId>,
}

/// One chat.
#[derive(Debug)]
pub(crate) struct Transcript {
    pub(crate) record: ChatRecord,
    pub(crate) lines: Lines,
    /// Agents who were asked to take it: they may have read it then.
    asked: BTreeSet<AgentId>,
}

/// A conversation of agents.
#[derive(Debug)]
pub(crate) struct Team {
    pub(crate) record: TeamChatRecord,
    pub(crate) lines: Lines,
}

impl Transcript {
    pub(crate) fn new(record: ChatRecord) -> Self {
        Self { record, lines: Lines::default(), asked: BTreeSet::new() }
    }

    /// The chat is as told; gives what it was before.
    pub(super) fn replace(&mut self, record: &ChatRecord) -> ChatRecord {
        self.asked.extend(record.offered_to().into_iter().chain(record.transfer_to));
        std::mem::replace(&mut self.record, record.clone())
    }
}

impl Truth {
    pub(crate) fn chat(&self, chat: u64) -> Option<&Transcript> {
        self.chats.get(&chat)
    }

    /// The lines of a chat, or of a conversation of agents.
    pub(crate) fn lines(&self, chat: u64) -> Option<&Lines> {
        let team = || self.teams.get(&chat).map(|team| &team.lines);
        self.chats.get(&chat).map(|chat| &chat.lines).or_else(team)
    }

    pub(super) fn lines_mut(&mut self, chat: u64) -> Option<&mut Lines> {
        match self.chats.get_mut(&chat) {
            Some(chat) => Some(&mut chat.lines),
            None => self.teams.get_mut(&chat).map(|team| &mut team.lines),
        }
    }

    /// May this person know of it, and read it?
    pub(crate) fn knows(&self, who: Who, chat: u64) -> bool {
        match (self.chats.get(&chat), self.teams.get(&chat), who) {
            (Some(chat), _, Who::Customer(customer)) => chat.record.customer == customer,
            (Some(chat), _, Who::Agent(agent)) => {
                let took_part = chat.record.agents.contains(&agent) || chat.asked.contains(&agent);
                took_part || self.watchers.contains(&agent)
            }
            (None, Some(team), Who::Agent(agent)) => team.record.members.contains_key(&agent),
            (None, _, _) => false,
        }
    }

    /// How far this person's side has got.
    pub(crate) fn marks(&self, who: Who, chat: u64) -> [u64; 2] {
        match (self.chats.get(&chat), self.teams.get(&chat), who) {
            (Some(chat), _, Who::Customer(_)) => {
                let marks = chat.record.customer_receipts;
                [marks.delivered.0, marks.read.0]
            }
            (Some(chat), _, Who::Agent(_)) => {
                let marks = chat.record.staff_receipts;
                [marks.delivered.0, marks.read.0]
            }
            (None, Some(team), Who::Agent(agent)) => {
                let marks = team.record.members.get(&agent).map(|it| it.receipts).unwrap_or_default();
                [marks.delivered.0, marks.read.0]
            }
            (None, _, _) => [0, 0],
        }
    }
}
