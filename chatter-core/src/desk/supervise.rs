//! Joining a chat beside its holder (row C16).

use super::{Desk, Facts, Out, Reply, Stop};
use crate::{AgentId, ChatId, Principal, Refusal, Time};

impl Desk {
    pub(super) fn join_chat(
        &mut self,
        _now: Time,
        _principal: &Principal,
        _chat: ChatId,
        _facts: Option<&Facts>,
        _out: &mut Out,
    ) -> Result<Reply, Stop> {
        Err(Refusal::NotAvailable { what: "join_chat" }.into())
    }

    pub(super) fn leave_chat(
        &mut self,
        _now: Time,
        _principal: &Principal,
        _chat: ChatId,
        _facts: Option<&Facts>,
        _out: &mut Out,
    ) -> Result<Reply, Stop> {
        Err(Refusal::NotAvailable { what: "leave_chat" }.into())
    }

    pub(super) fn apply_agent_joined(&mut self, _chat: ChatId, _agent: AgentId, _at: Time) {}

    pub(super) fn apply_agent_left(&mut self, _chat: ChatId, _agent: AgentId, _at: Time) {}
}
