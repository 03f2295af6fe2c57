//! What is counted of a group of customers in one run.

use super::Options;
use super::distribution::Distribution;
use crate::lab::record::{CustomerRow, Fate, Micros};

/// Counts, sums and distributions of one group of customers in one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// Who joined and whose wait ended before the run did.
    pub offered: u64,
    /// Who was given to an agent while still there, and to whose end an agent had the chat.
    pub answered: u64,
    /// Who left the queue and said so, also one that the chat had gone back to.
    pub abandoned: u64,
    /// Who left before without a word.
    pub silent: u64,
    /// Who was not let in.
    pub rejected: u64,
    /// Whose story the run did not see to its end.
    pub unfinished: u64,
    /// Who abandoned so soon that they count nowhere else.
    pub short: u64,
    /// Answered within the threshold.
    pub answered_within: u64,
    /// Abandoned within the threshold.
    pub abandoned_within: u64,
    /// Assigned while somebody of the same category and priority who came earlier still waited.
    pub skips: u64,
    /// Chats that agents held to their end.
    pub chats: u64,
    /// How long agents had those, all who had one together.
    pub chat_time: u128,
    /// Waits of all offered.
    pub waits: Times,
    /// Waits of the answered.
    pub answered_waits: Times,
    /// Waits of those who abandoned.
    pub abandoned_waits: Times,
    /// From joining to the first message of an agent, of the answered.
    pub first_responses: Times,
}

/// Times with their exact sum.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Times {
    /// The sum in microseconds, exact however many there are.
    pub sum: u128,
    /// How they are distributed.
    pub all: Distribution,
}

impl Times {
    fn new(times: Vec<Micros>) -> Self {
        Self { sum: times.iter().copied().map(u128::from).sum(), all: Distribution::new(times) }
    }
}

/// Which of a tally's times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(clippy::exhaustive_enums, reason = "one for each of a tally's")]
pub enum TimesOf {
    /// Waits of all offered.
    Waits,
    /// Waits of the answered.
    AnsweredWaits,
    /// Waits of those who abandoned.
    AbandonedWaits,
    /// First responses.
    FirstResponses,
}

impl Tally {
    /// The times of this kind.
    #[must_use]
    pub const fn times(&self, of: TimesOf) -> &Times {
        match of {
            TimesOf::Waits => &self.waits,
            TimesOf::AnsweredWaits => &self.answered_waits,
            TimesOf::AbandonedWaits => &self.abandoned_waits,
            TimesOf::FirstResponses => &self.first_responses,
        }
    }
}

/// A tally while it is made.
#[derive(Debug, Default)]
pub(super) struct Counter {
    tally: Tally,
    answered: Vec<Micros>,
    abandoned: Vec<Micros>,
    first_responses: Vec<Micros>,
}

impl Counter {
    pub(super) fn add(&mut self, customer: &CustomerRow, skips: bool, options: &Options) {
        let wait = |until: Micros| until.saturating_sub(customer.arrived);
        self.tally.skips += u64::from(skips);
        match customer.fate {
            Fate::Served { assigned, first_reply, handled, .. } => {
                self.tally.answered += 1;
                self.tally.answered_within += u64::from(wait(assigned) <= options.target(customer.category));
                self.answered.push(wait(assigned));
                self.first_responses.push(wait(first_reply));
                self.held(handled);
            }
            Fate::Abandoned { at } => {
                if self.abandons(customer.category, wait(at), options) {
                    self.tally.abandoned += 1;
                }
            }
            Fate::AbandonedSilently { at, handled, .. } => {
                if self.abandons(customer.category, wait(at), options) {
                    self.tally.silent += 1;
                }
                self.held(handled);
            }
            Fate::Rejected => self.tally.rejected += 1,
            Fate::Unfinished => self.tally.unfinished += 1,
        }
    }

    fn held(&mut self, handled: Micros) {
        self.tally.chats += 1;
        self.tally.chat_time += u128::from(handled);
    }

    /// True when it counts as an abandonment.
    fn abandons(&mut self, category: u16, wait: Micros, options: &Options) -> bool {
        if wait < options.short_abandon {
            self.tally.short += 1;
            return false;
        }
        self.tally.abandoned_within += u64::from(wait <= options.target(category));
        self.abandoned.push(wait);
        true
    }

    pub(super) fn done(self) -> Tally {
        let Self { mut tally, answered, abandoned, first_responses } = self;
        tally.offered = tally.answered + tally.abandoned + tally.silent;
        let all: Vec<Micros> = answered.iter().chain(&abandoned).copied().collect();
        tally.waits = Times::new(all);
        tally.answered_waits = Times::new(answered);
        tally.abandoned_waits = Times::new(abandoned);
        tally.first_responses = Times::new(first_responses);
        tally
    }
}
