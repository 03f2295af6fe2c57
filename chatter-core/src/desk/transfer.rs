//! Transfers, assigning and unassigning by hand, taking over (rows B10, B11, C16; rule 9).

use super::{Desk, Facts, Out, Reply, Stop};
use crate::protocol::TransferTo;
use crate::{AgentId, CategoryId, ChatId, OfferEnd, Principal, Refusal, Text, Time};

impl Desk {
    pub(super) fn transfer(
        &mut self,
        _now: Time,
        _principal: &Principal,
        _chat: ChatId,
        _to: TransferTo,
        _note: Option<&Text>,
        _facts: Option<&Facts>,
        _out: &mut Out,
    ) -> Result<Reply, Stop> {
        Err(Refusal::NotAvailable { what: "transfer_chat" }.into())
    }

    pub(super) fn complete_transfer(&mut self, _now: Time, _chat: ChatId, _to: AgentId, _out: &mut Out) {}

    pub(super) fn fail_transfer(&mut self, _now: Time, _chat: ChatId, _to: AgentId, _how: OfferEnd, _out: &mut Out) {}

    pub(super) fn assign_by_hand(
        &mut self,
        _now: Time,
        _principal: &Principal,
        _chat: ChatId,
        _agent: Option<AgentId>,
        _override_limit: bool,
        _facts: Option<&Facts>,
        _out: &mut Out,
    ) -> Result<Reply, Stop> {
        Err(Refusal::NotAvailable { what: "assign_chat" }.into())
    }

    pub(super) fn unassign(
        &mut self,
        _now: Time,
        _principal: &Principal,
        _chat: ChatId,
        _facts: Option<&Facts>,
        _out: &mut Out,
    ) -> Result<Reply, Stop> {
        Err(Refusal::NotAvailable { what: "unassign_chat" }.into())
    }

    pub(super) fn take_over(
        &mut self,
        _now: Time,
        _principal: &Principal,
        _chat: ChatId,
        _facts: Option<&Facts>,
        _out: &mut Out,
    ) -> Result<Reply, Stop> {
        Err(Refusal::NotAvailable { what: "take_over" }.into())
    }

    pub(super) fn apply_transfer_offered(&mut self, _chat: ChatId, _to: AgentId, _at: Time) {}

    pub(super) fn apply_transfer_ended(&mut self, _chat: ChatId, _to: AgentId, _how: OfferEnd) {}

    pub(super) fn apply_transferred(&mut self, _chat: ChatId, _to: AgentId, _at: Time) {}

    pub(super) fn apply_moved(&mut self, _chat: ChatId, _from: AgentId, _category: CategoryId, _at: Time) {}

    pub(super) fn apply_assigned_by_hand(&mut self, _chat: ChatId, _agent: AgentId, _at: Time) {}
}
