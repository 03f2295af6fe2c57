//! What somebody who joins a category meets (row B15, rule 11): one pure function, checked again on joining, and
//! pushed to whoever has no chat under way when it changes (`lobby.rs`).

use super::{Desk, Timer};
use crate::hours::HoursState;
use crate::protocol::Availability;
use crate::{CategoryId, Refusal};

impl Desk {
    /// What somebody who joins meets now. Hours come first: who has room changes nothing outside them. Then room, since
    /// an agent who has room takes the chat at once, however many wait whom they let pass. Only agents of the category
    /// count: those of its overflow are for those who have waited.
    pub(super) fn availability(&self, category: CategoryId) -> Availability {
        let state = self.state.categories.get(&category);
        if let Some(HoursState::Closed { until }) = state.and_then(|it| it.hours) {
            return Availability::Closed { until };
        }
        let counts = self.state.pool.counts(category);
        if counts.room() > 0 {
            Availability::Open
        } else if self.queue_is_full(category).is_some() {
            Availability::Full
        } else if counts.online() > 0 {
            Availability::Queue
        } else {
            Availability::Away
        }
    }

    /// The limit of a queue that has reached it.
    fn queue_is_full(&self, category: CategoryId) -> Option<u32> {
        let limit = self.state.categories.get(&category)?.record.settings.queue_limit?;
        (self.state.lines.waiting(category) >= u64::from(limit)).then_some(limit)
    }

    /// May a customer who has no chat under way there join a category now?
    ///
    /// This holds for a new chat and for a resolved one that is joined again: both begin a wait. A message into a
    /// resolved chat is never refused for it, and a chat that waits or is held goes on past closing time.
    pub(super) fn check_join(&self, category: CategoryId) -> Result<(), Refusal> {
        match self.availability(category) {
            Availability::Closed { until } => Err(Refusal::CategoryClosed { category, opens_at: until }),
            Availability::Full => {
                let limit = self.queue_is_full(category).unwrap_or_default();
                Err(Refusal::QueueFull { category, limit })
            }
            Availability::Open | Availability::Queue | Availability::Away => Ok(()),
        }
    }

    /// Looks at the hours of a category, and sets the timer for when it opens or closes next.
    pub(super) fn schedule_hours(&mut self, category: CategoryId) {
        let now = self.state.now;
        let Some(state) = self.state.categories.get_mut(&category) else { return };
        state.hours = state.record.settings.hours.as_ref().map(|hours| hours.at(now));
        match state.hours.and_then(HoursState::until) {
            Some(until) => self.state.deadlines.put(Timer::Hours(category), until),
            None => self.state.deadlines.cancel(Timer::Hours(category)),
        }
        self.schedule_availability_push();
    }
}
