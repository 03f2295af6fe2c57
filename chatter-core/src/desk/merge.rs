//! Merging two chats of one customer (row C21, rule 13): linked and forwarded, nothing is renumbered.

use super::{Desk, Facts, Out, Reply, Stop};
use crate::{ChatId, Principal, Refusal, Time};

impl Desk {
    pub(super) fn merge_chats(
        &mut self,
        _now: Time,
        _principal: &Principal,
        _chat: ChatId,
        _into: ChatId,
        _facts: Option<&Facts>,
        _out: &mut Out,
    ) -> Result<Reply, Stop> {
        Err(Refusal::NotAvailable { what: "merge_chats" }.into())
    }

    pub(super) fn apply_merged(&mut self, _chat: ChatId, _into: ChatId, _at: Time) {}
}
