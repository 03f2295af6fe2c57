//! How a run went over its day, for plots.

use super::Options;
use crate::lab::record::{CustomerRow, Fate, Micros, RunRecord};

const HALF_HOUR: Micros = 30 * 60 * 1_000_000;
const DAY: Micros = 48 * HALF_HOUR;
/// More points than this are not seen on a plot.
const POINTS_MAX: usize = 360;

/// Customers by when they came, and the queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Series {
    /// When the run begins to count, on its clock.
    pub starts: Micros,
    /// When the first slice begins, on the run's clock.
    pub from: Micros,
    /// How long a slice is: half an hour, or less when the run is shorter than two hours.
    pub slice: Micros,
    /// True when the run is longer than a day and the slices are times of day.
    pub folded: bool,
    /// What became of those who came in each slice.
    pub slices: Vec<Slice>,
    /// How many waited, at steps of `queue_step` from `starts`.
    pub queue: Vec<u32>,
    /// See `queue`.
    pub queue_step: Micros,
}

/// Those who came in one slice of the day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Slice {
    /// See [`Tally::offered`](super::Tally::offered).
    pub offered: u64,
    /// Answered within the threshold.
    pub answered_within: u64,
    /// Left unanswered, with or without a word.
    pub abandoned: u64,
}

impl Slice {
    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            offered: self.offered + other.offered,
            answered_within: self.answered_within + other.answered_within,
            abandoned: self.abandoned + other.abandoned,
        }
    }
}

impl Series {
    pub(super) fn of(run: &RunRecord, options: &Options) -> Self {
        let length = run.until.saturating_sub(run.from).max(1);
        let folded = length > DAY;
        let slice = if length >= 4 * HALF_HOUR { HALF_HOUR } else { length.div_ceil(24) };
        let (from, span) = if folded { (0, DAY) } else { (run.from / slice * slice, run.until) };
        let slices = vec![Slice::default(); (span - from).div_ceil(slice).max(1) as usize];
        let mut series = Self { starts: run.from, from, slice, folded, slices, queue: Vec::new(), queue_step: 0 };
        for customer in &run.customers {
            series.count(customer, options);
        }
        let least = run.queue.len().div_ceil(POINTS_MAX).max(1);
        // Steps that divide a day, where days are to be laid over each other.
        let divides = |every: &usize| DAY.is_multiple_of((run.queue_step * *every as Micros).max(1));
        let every = if folded { (least..=2 * least).find(divides).unwrap_or(least) } else { least };
        series.queue = run.queue.iter().step_by(every).copied().collect();
        series.queue_step = run.queue_step * every as Micros;
        series
    }

    fn count(&mut self, customer: &CustomerRow, options: &Options) {
        let at = if self.folded { customer.arrived % DAY } else { customer.arrived.saturating_sub(self.from) };
        let last = self.slices.len() - 1;
        let slice = &mut self.slices[usize::try_from(at / self.slice).map_or(last, |at| at.min(last))];
        let left = |at: Micros| at.saturating_sub(customer.arrived);
        match customer.fate {
            Fate::Served { assigned, .. } => {
                slice.offered += 1;
                slice.answered_within += u64::from(left(assigned) <= options.target(customer.category));
            }
            Fate::Abandoned { at } | Fate::AbandonedSilently { at, .. } if left(at) >= options.short_abandon => {
                slice.offered += 1;
                slice.abandoned += 1;
            }
            Fate::Abandoned { .. } | Fate::AbandonedSilently { .. } | Fate::Rejected | Fate::Unfinished => {}
        }
    }
}
