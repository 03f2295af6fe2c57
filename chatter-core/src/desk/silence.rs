//! Timers that know whose turn it is (row B19, rule 15), and the longest wait (row B15).

use super::{Desk, Out};
use crate::{ChatId, Entry, Time};

impl Desk {
    /// A customer has waited for as long as the category allows.
    pub(super) fn wait_ran_out(&mut self, _now: Time, _chat: ChatId, _out: &mut Out) {}

    /// The agent who got a chat has not replied in time.
    pub(super) fn reply_ran_out(&mut self, _now: Time, _chat: ChatId, _out: &mut Out) {}

    /// The customer has been silent for another stage: parking, warning, resolving.
    pub(super) fn silence_went_on(&mut self, _now: Time, _chat: ChatId, _out: &mut Out) {}

    /// An agent has just got a chat: they have so long to reply.
    pub(super) fn await_reply(&mut self, _chat: ChatId, _at: Time) {}

    /// Somebody wrote: whose turn it is changes.
    pub(super) fn somebody_spoke(&mut self, _chat: ChatId, _entry: &Entry) {}

    /// Downtime is nobody's silence: the deadlines of a chat start anew.
    pub(super) fn restart_silence(&mut self, _chat: ChatId) {}

    pub(super) fn apply_parked(&mut self, _chat: ChatId) {}

    pub(super) fn apply_unparked(&mut self, _chat: ChatId) {}
}
