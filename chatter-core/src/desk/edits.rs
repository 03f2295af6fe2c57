//! Editing and deleting one's own messages (row C8).

use super::{Desk, Facts, Out, Reply, Stop};
use crate::{ChatId, Entry, Overwrite, Principal, Refusal, Text, Time};

impl Desk {
    /// Puts other words in the place of a message, or takes it out when there are none.
    #[expect(clippy::too_many_arguments, reason = "the parts of one command")]
    pub(super) fn edit_message(
        &mut self,
        _now: Time,
        _principal: &Principal,
        _chat: ChatId,
        _target: u64,
        _text: Option<&Text>,
        _facts: Option<&Facts>,
        _out: &mut Out,
    ) -> Result<Reply, Stop> {
        Err(Refusal::NotAvailable { what: "edit_message" }.into())
    }

    pub(super) fn apply_changed_entry(&mut self, _chat: ChatId, _entry: &Entry, _overwrite: &Overwrite) {}
}
