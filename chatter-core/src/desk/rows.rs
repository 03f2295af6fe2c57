use super::Desk;
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
        let touched = std::mem::take(&mut self.touched);
        let state = &self.state;
        let open = touched.chats.iter().filter_map(|chat| state.chats.get(chat)).map(|chat| chat.record.clone());
        ChangedRows {
            chats: touched.closed.iter().cloned().chain(open).collect(),
            agents: touched.agents.iter().filter_map(|it| state.agents.get(it)).map(|it| it.record.clone()).collect(),
            categories: touched
                .categories
                .iter()
                .filter_map(|it| state.categories.get(it))
                .map(|it| it.record.clone())
                .collect(),
            team_chats: touched
                .team_chats
                .iter()
                .filter_map(|it| state.team_chats.get(it))
                .map(|it| it.record.clone())
                .collect(),
        }
    }
}
