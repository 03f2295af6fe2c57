use super::Desk;
use super::state::Chat;
use super::todo::Todo;
use crate::{AgentId, AgentRecord, CategoryId, CategoryRecord, ChatId, ChatRecord, TeamChatRecord};

/// Rows that changed, as they are now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the engine must store all of it")]
pub struct ChangedRows {
    /// Chats, closed ones too.
    pub chats: Vec<ChatRecord>,
    /// Agents.
    pub agents: Vec<AgentRecord>,
    /// Categories.
    pub categories: Vec<CategoryRecord>,
    /// Conversations of agents.
    pub team_chats: Vec<TeamChatRecord>,
}

/// Which rows changed since they were last taken.
#[derive(Debug, Default)]
pub(super) struct Touched {
    /// True for a desk that nobody stores: nothing is noted.
    pub(super) ignored: bool,
    chats: Todo<ChatId>,
    /// Chats that are not in memory any more.
    closed: Vec<ChatRecord>,
    agents: Todo<AgentId>,
    categories: Todo<CategoryId>,
    team_chats: Todo<ChatId>,
}

impl Touched {
    pub(super) fn chat(&mut self, chat: ChatId) {
        if !self.ignored {
            self.chats.note(chat);
        }
    }

    /// A chat is not in memory any more: its last form is kept here.
    pub(super) fn closed(&mut self, chat: Box<Chat>) {
        if !self.ignored {
            self.closed.push(chat.record);
        }
    }

    pub(super) fn agent(&mut self, agent: AgentId) {
        if !self.ignored {
            self.agents.note(agent);
        }
    }

    pub(super) fn category(&mut self, category: CategoryId) {
        if !self.ignored {
            self.categories.note(category);
        }
    }

    pub(super) fn team_chat(&mut self, chat: ChatId) {
        if !self.ignored {
            self.team_chats.note(chat);
        }
    }

    /// The last form of a chat that was just closed, which nobody has taken yet.
    pub(super) fn last_form(&self, chat: ChatId) -> Option<&ChatRecord> {
        self.closed.iter().rev().find(|record| record.chat == chat)
    }

    #[cfg(test)]
    pub(super) fn keeps_closed(&self) -> bool {
        !self.closed.is_empty()
    }
}

impl Desk {
    /// The rows that changed since this was last called, in their present form: what a store needs beside
    /// the events and entries of the outcomes in between.
    pub fn take_rows(&mut self) -> ChangedRows {
        let state = &self.state;
        let touched = &mut self.touched;
        let mut chats = std::mem::take(&mut touched.closed);
        chats.extend(rows(&mut touched.chats, |chat| Some(state.chats.get(&chat)?.record.clone())));
        ChangedRows {
            chats,
            agents: rows(&mut touched.agents, |agent| Some(state.agents.get(&agent)?.record.clone())),
            categories: rows(&mut touched.categories, |it| Some(state.categories.get(&it)?.record.clone())),
            team_chats: rows(&mut touched.team_chats, |chat| Some(state.team_chats.get(&chat)?.record.clone())),
        }
    }
}

fn rows<T: Copy + Ord, R>(touched: &mut Todo<T>, row: impl Fn(T) -> Option<R>) -> Vec<R> {
    let ids = touched.take();
    let rows = ids.iter().filter_map(|id| row(*id)).collect();
    touched.give_back(ids);
    rows
}
