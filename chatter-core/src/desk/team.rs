//! Conversations of agents among themselves (row C15).

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use super::{Desk, Out, Reply, Stop};
use crate::protocol::TeamChat;
use crate::{AgentId, ChatId, DedupeRow, Entry, LoadedTeamChat, Principal, Refusal, SessionId, TeamChatRecord, Time};

/// A conversation of agents, as the desk holds it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Team {
    pub(super) record: TeamChatRecord,
    /// The newest client ids, oldest first.
    pub(super) dedupe: VecDeque<Arc<DedupeRow>>,
    /// Sessions of members that follow the entries.
    pub(super) subscribers: BTreeSet<SessionId>,
}

impl Team {
    pub(super) fn loaded(loaded: LoadedTeamChat) -> Self {
        Self { record: loaded.record, dedupe: loaded.dedupe.into(), subscribers: BTreeSet::new() }
    }
}

impl Desk {
    pub(super) fn open_team_chat(
        &mut self,
        _now: Time,
        _principal: &Principal,
        _with: AgentId,
        _out: &mut Out,
    ) -> Result<Reply, Stop> {
        Err(Refusal::NotAvailable { what: "open_team_chat" }.into())
    }

    /// An agent's conversations, for a session that opens.
    pub(super) fn team_chats_of(&self, _agent: AgentId) -> Vec<TeamChat> {
        Vec::new()
    }

    pub(super) fn apply_team_chat_opened(&mut self, _chat: ChatId, _members: &BTreeSet<AgentId>, _at: Time) {}

    pub(super) fn apply_team_entry(&mut self, _chat: ChatId, _entry: &Entry, _dedupe: Option<&Arc<DedupeRow>>) {}
}
