//! What adds up over customers, by category and priority: for runs too long to keep a row of each.

use crate::lab::record::{CustomerRow, Fate, Micros, RunRecord};
use crate::lab::scenario::Scenario;

/// Sums over the customers of one category and priority. Times are in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain sums")]
pub struct ClassCounts {
    /// Customers who came.
    pub offered: u64,
    /// Whom the desk did not let join.
    pub rejected: u64,
    /// Who were served.
    pub served: u64,
    /// Who left while nobody had their chat, with or without a word.
    pub abandoned: u64,
    /// Those of them who left without a word and were given to an agent all the same.
    pub silent: u64,
    /// Who waited at all.
    pub waited: u64,
    /// The waits of all who joined and whose wait ended.
    pub wait: u128,
    /// The waits of those who were served.
    pub wait_served: u128,
    /// Who were served within the category's target.
    pub in_time: u64,
    /// The time with an agent of those who were served.
    pub service: u128,
    /// The work they brought.
    pub work: u128,
}

/// Sums over all customers of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    targets: Vec<Micros>,
    /// Waits, and how many who joined waited at most so long before they were served or left.
    pub levels: Vec<(Micros, u64)>,
    /// By category, then by priority.
    pub classes: Vec<[ClassCounts; 4]>,
}

impl Counts {
    /// Nobody yet.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Self {
        let targets: Vec<_> = scenario.categories.iter().map(|category| category.target).collect();
        Self { classes: vec![[ClassCounts::default(); 4]; targets.len()], targets, levels: Vec::new() }
    }

    /// The same, counting also how many wait at most so long, for each of these waits.
    #[must_use]
    pub fn with_levels(mut self, levels: &[Micros]) -> Self {
        self.levels = levels.iter().map(|level| (*level, 0)).collect();
        self
    }

    /// The sums over the rows of a record.
    #[must_use]
    pub fn of(scenario: &Scenario, record: &RunRecord) -> Self {
        let mut counts = Self::new(scenario);
        for row in &record.customers {
            counts.comes(row);
            counts.settle(row);
        }
        counts
    }

    /// All categories and priorities together.
    #[must_use]
    pub fn total(&self) -> ClassCounts {
        self.classes.iter().flatten().fold(ClassCounts::default(), ClassCounts::plus)
    }

    pub(super) fn comes(&mut self, row: &CustomerRow) {
        self.class(row).offered += 1;
    }

    pub(super) fn settle(&mut self, row: &CustomerRow) {
        let target = self.targets[usize::from(row.category)];
        let class = self.class(row);
        let wait_until = match row.fate {
            Fate::Served { assigned, handled, work, .. } => {
                class.served += 1;
                class.wait_served += u128::from(assigned - row.arrived);
                class.in_time += u64::from(assigned - row.arrived <= target);
                class.service += u128::from(handled);
                class.work += u128::from(work);
                assigned
            }
            Fate::Abandoned { at } => {
                class.abandoned += 1;
                at
            }
            Fate::AbandonedSilently { at, .. } => {
                class.abandoned += 1;
                class.silent += 1;
                at
            }
            Fate::Rejected => {
                class.rejected += 1;
                return;
            }
            Fate::Unfinished => return,
        };
        let wait = wait_until - row.arrived;
        class.waited += u64::from(wait > 0);
        class.wait += u128::from(wait);
        for (level, below) in &mut self.levels {
            *below += u64::from(wait <= *level);
        }
    }

    fn class(&mut self, row: &CustomerRow) -> &mut ClassCounts {
        &mut self.classes[usize::from(row.category)][usize::from(row.priority)]
    }
}

impl ClassCounts {
    fn plus(self, other: &Self) -> Self {
        Self {
            offered: self.offered + other.offered,
            rejected: self.rejected + other.rejected,
            served: self.served + other.served,
            abandoned: self.abandoned + other.abandoned,
            silent: self.silent + other.silent,
            waited: self.waited + other.waited,
            wait: self.wait + other.wait,
            wait_served: self.wait_served + other.wait_served,
            in_time: self.in_time + other.in_time,
            service: self.service + other.service,
            work: self.work + other.work,
        }
    }

    /// The mean wait in seconds of all who joined.
    #[must_use]
    pub fn mean_wait(&self) -> f64 {
        self.wait as f64 / (self.served + self.abandoned).max(1) as f64 / 1e6
    }

    /// The mean wait in seconds of those who were served.
    #[must_use]
    pub fn mean_wait_served(&self) -> f64 {
        self.wait_served as f64 / self.served.max(1) as f64 / 1e6
    }

    /// The share of this many in those who joined.
    #[must_use]
    pub fn share(&self, of: u64) -> f64 {
        of as f64 / (self.served + self.abandoned).max(1) as f64
    }

    /// The mean time in seconds with an agent.
    #[must_use]
    pub fn mean_service(&self) -> f64 {
        self.service as f64 / self.served.max(1) as f64 / 1e6
    }
}
