//! Several policies over the same replications, side by side.
//!
//! The same customers meet every policy, so each replication of one policy pairs with that of another: differences
//! have the interval of their pairs, which is narrower the more the pairs vary together; how much narrower is told
//! beside it.

mod groups;
mod plots;
mod rows;
#[cfg(test)]
pub(crate) mod tests;

pub use groups::{Group, GroupKind};
pub use plots::{AgentLoad, Curve, DayLevel, Plots, QueueBand};
pub(crate) use rows::LEVEL;
pub use rows::{Difference, Estimate, Row, Verdict};

use super::metrics::{Metric, Options, Pool, Scope, Summary, catalogue};

/// The replications of one policy.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "plain data")]
pub struct PolicyRuns {
    /// Its name.
    pub policy: String,
    /// Its runs, by replication.
    pub runs: Vec<Summary>,
}

/// Names for what a record knows by number.
#[derive(Clone, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "plain data")]
pub struct Names {
    /// Of the categories.
    pub categories: Vec<String>,
    /// Of the agents, or of their groups.
    pub agents: Vec<String>,
}

/// Policies side by side.
#[derive(Clone, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct Comparison {
    /// The policies; differences are to the first.
    pub policies: Vec<String>,
    /// How many replications each has.
    pub replications: usize,
    /// Every metric over everybody.
    pub metrics: Vec<Row>,
    /// Metrics of customers by category and by priority, where there is more than one.
    pub groups: Vec<Group>,
    /// What the plots show.
    pub plots: Plots,
}

impl Comparison {
    /// Compares policies over the same replications.
    ///
    /// # Panics
    /// When there is no policy, or the policies have different replications: then nothing pairs.
    #[must_use]
    pub fn new(policies: &[PolicyRuns], options: &Options, names: &Names) -> Self {
        let first = policies.first().expect("there is something to compare");
        let replications = |it: &PolicyRuns| it.runs.iter().map(|run| run.replication).collect::<Vec<_>>();
        assert!(policies.iter().all(|it| replications(it) == replications(first)), "replications pair");
        let metrics = catalogue(options);
        let mut pools: Vec<Pool<'_>> = policies.iter().map(|it| Pool::new(&it.runs)).collect();
        let policy_names: Vec<String> = policies.iter().map(|it| it.policy.clone()).collect();
        let mut row = |metric: &Metric, scope| rows::row(&mut pools, &policy_names, metric, scope);
        let all = metrics.iter().map(|metric| row(metric, Scope::All)).collect();
        let groups = groups::groups(policies, names, &metrics, &mut row);
        let plots = Plots::new(policies, &mut pools, names);
        Self { policies: policy_names, replications: first.runs.len(), metrics: all, groups, plots }
    }

    /// The row of a metric over everybody.
    #[must_use]
    pub fn metric(&self, id: &str) -> Option<&Row> {
        self.metrics.iter().find(|row| row.id == id)
    }
}
