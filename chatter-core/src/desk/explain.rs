//! Why things are as they are, and who waits and answers (row B18): for the present state, when somebody asks.

use super::{Desk, Facts, Reply, Stop};
use crate::{AgentId, CategoryId, ChatId, Principal, Refusal, Time};

impl Desk {
    pub(super) fn read_queue(&self, _principal: &Principal, _category: CategoryId) -> Result<Reply, Stop> {
        Err(Refusal::NotAvailable { what: "read_queue" }.into())
    }

    pub(super) fn read_team(&self, _principal: &Principal) -> Result<Reply, Stop> {
        Err(Refusal::NotAvailable { what: "read_team" }.into())
    }

    pub(super) fn explain_chat(
        &self,
        _now: Time,
        _principal: &Principal,
        _chat: ChatId,
        _facts: Option<&Facts>,
    ) -> Result<Reply, Stop> {
        Err(Refusal::NotAvailable { what: "explain_chat" }.into())
    }

    pub(super) fn explain_agent(
        &self,
        _now: Time,
        _principal: &Principal,
        _agent: Option<AgentId>,
    ) -> Result<Reply, Stop> {
        Err(Refusal::NotAvailable { what: "explain_agent" }.into())
    }
}
