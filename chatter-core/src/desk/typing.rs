//! Who has a chat open, who writes, and what a customer types (rows C5, C22): told at once, never stored.

use super::{Desk, Out, Reply, Stop};
use crate::{AuthorKey, ChatId, Principal, Refusal, SessionId, Text, Time};

impl Desk {
    #[expect(clippy::too_many_arguments, reason = "the parts of one command")]
    pub(super) fn typing(
        &mut self,
        _now: Time,
        _session: SessionId,
        _principal: &Principal,
        _chat: ChatId,
        _typing: bool,
        _text: Option<&Text>,
        _out: &mut Out,
    ) -> Result<Reply, Stop> {
        Err(Refusal::NotAvailable { what: "typing" }.into())
    }

    pub(super) fn unsubscribe(&mut self, _session: SessionId, _chat: ChatId, _out: &mut Out) -> Result<Reply, Stop> {
        Err(Refusal::NotAvailable { what: "unsubscribe" }.into())
    }

    pub(super) fn typing_changed(&mut self, _at: Time, _chat: ChatId, _who: AuthorKey, _typing: bool) {}

    pub(super) fn typing_ran_out(&mut self, _chat: ChatId) {}

    pub(super) fn tell_typing_over(&mut self, _chat: ChatId, _out: &mut Out) {}
}
