//! What somebody who joins a category meets (row B15, rule 11): one pure function, pushed when it changes.

use super::{Desk, Out};
use crate::protocol::Availability;
use crate::{CategoryId, Refusal, Time};

impl Desk {
    /// Open, queue, full, away, closed until.
    pub(super) fn availability(&self, category: CategoryId) -> Availability {
        let counts = self.state.pool.counts(category);
        let limit = self.state.categories.get(&category).and_then(|it| it.record.settings.queue_limit);
        if counts.room > 0 {
            Availability::Open
        } else if limit.is_some_and(|limit| self.state.lines.waiting(category) >= u64::from(limit)) {
            Availability::Full
        } else if counts.online > 0 {
            Availability::Queue
        } else {
            Availability::Away
        }
    }

    /// May a customer join a category now?
    pub(super) fn check_join(&self, _now: Time, _category: CategoryId) -> Result<(), Refusal> {
        Ok(())
    }

    /// Sets the timer for the next time a category opens or closes.
    pub(super) fn schedule_hours(&mut self, _category: CategoryId) {}

    pub(super) fn hours_changed(&mut self, _category: CategoryId) {}

    pub(super) fn push_availability(&mut self, _now: Time, _out: &mut Out) {}

    pub(super) fn availability_pushed(&mut self, _at: Time, _categories: &[(CategoryId, Availability)]) {}
}
