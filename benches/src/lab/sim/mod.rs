//! Running a scenario: virtual time around the production desk. The simulator has no queue and no routing of its own; who
//! is served by whom is what [`Desk::handle`](chatter_core::desk::Desk::handle) says.

mod calendar;
mod counts;
mod customers;
mod driver;
mod follow;
mod front;
mod people;
mod plans;
mod replicate;
#[cfg(test)]
mod requeue_tests;
mod tally;
#[cfg(test)]
mod tests;
mod work;

use std::sync::Arc;

use chatter_core::policy::AssignmentPolicy;

use super::policy::{self, PolicyError};
use super::record::{Micros, RunRecord};
use super::scenario::Scenario;

pub use counts::{ClassCounts, Counts};
pub use replicate::{Progress, in_parallel, replicate};
pub use tally::{Controls, Weighed};

use driver::Driver;
use tally::Kept;

/// Why a scenario could not be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// A policy that is not one.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A scenario whose customers come from a trace, without one.
    #[error("the scenario has no arrivals; it needs a trace")]
    NoTrace,
    /// The desk refused what it should have done: a bug of the lab or the desk.
    #[error("the desk refused to let somebody {what} at {at} µs: {refusal}")]
    Refused {
        /// What was asked.
        what: &'static str,
        /// When.
        at: Micros,
        /// What it said.
        refusal: String,
    },
    /// The desk said something happened that cannot have: a bug of the lab or the desk.
    #[error("chat {chat} at {at} µs: {what}")]
    Impossible {
        /// What.
        what: &'static str,
        /// Which chat.
        chat: u64,
        /// When.
        at: Micros,
    },
}

/// A run of which only sums were kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counted {
    /// The record, without customers.
    pub record: RunRecord,
    /// The sums over customers.
    pub counts: Counts,
    /// Chance weighed by congestion, to take out of the difference between runs.
    pub controls: Controls,
}

/// Runs a scenario once under a policy (see [`policy::parse`] for names) and keeps a row of every customer that counts.
/// Equal arguments give equal records, on every machine.
///
/// # Errors
/// A policy that is not known, a scenario that lacks its trace, or a desk that breaks its word.
pub fn run(scenario: &Scenario, policy: &str, seed: u64, replication: u32) -> Result<RunRecord, RunError> {
    run_policy(scenario, &policy::parse(policy)?, seed, replication)
}

/// The same under a policy of one's own.
///
/// # Errors
/// As [`run`].
pub fn run_policy(
    scenario: &Scenario,
    policy: &Arc<dyn AssignmentPolicy>,
    seed: u64,
    replication: u32,
) -> Result<RunRecord, RunError> {
    let driver = Driver::new(scenario, policy, seed, replication, Kept::Rows(Vec::new()), false)?;
    Ok(driver.run()?.record)
}

/// The same, and what the desk was asked, in the form in which a server records it: [`chatter_core::engine::replay`] makes
/// the same events of it. For short runs: it is some hundred bytes a customer.
///
/// # Errors
/// As [`run`].
pub fn run_recorded(
    scenario: &Scenario,
    policy: &Arc<dyn AssignmentPolicy>,
    seed: u64,
    replication: u32,
) -> Result<(RunRecord, Vec<u8>), RunError> {
    let ended = Driver::new(scenario, policy, seed, replication, Kept::Rows(Vec::new()), true)?.run()?;
    Ok((ended.record, ended.asked))
}

/// The same with sums in the place of rows, for runs of many customers.
///
/// # Errors
/// As [`run`].
pub fn count(scenario: &Scenario, policy: &str, seed: u64, replication: u32) -> Result<Counted, RunError> {
    count_into(scenario, policy, seed, replication, Counts::new(scenario))
}

/// The same into counts of one's own, which must be new: say how many waits of which lengths there were.
///
/// # Errors
/// As [`run`].
pub fn count_into(
    scenario: &Scenario,
    policy: &str,
    seed: u64,
    replication: u32,
    counts: Counts,
) -> Result<Counted, RunError> {
    let kept = Kept::Counts(Box::new(counts));
    let ended = Driver::new(scenario, &policy::parse(policy)?, seed, replication, kept, false)?.run()?;
    let counts = ended.counts.map_or_else(|| Counts::new(scenario), |counts| *counts);
    Ok(Counted { record: ended.record, counts, controls: ended.controls })
}
