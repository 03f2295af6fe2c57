use super::Desk;
use super::todo::Todo;
use crate::{AgentRecord, CategoryRecord, ChatRecord, TeamChatRecord};

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
