//! One run, brought down to what the metrics need of it.

use std::collections::BTreeMap;

use super::Options;
use super::fairness::skips;
use super::series::Series;
use super::tally::{Counter, Tally};
use crate::lab::record::{AgentRow, Micros, RunRecord};

/// Of whom a metric speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(clippy::exhaustive_enums, reason = "a customer has these two marks")]
pub enum Scope {
    /// Everybody.
    All,
    /// Who came to one category.
    Category(u16),
    /// Who came with one priority.
    Priority(u8),
}

/// One run in counts, sums and distributions: all that outlives it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Summary {
    /// Which replication.
    pub replication: u32,
    /// How long it counted.
    pub length: Micros,
    /// Customers by scope; a scope in which nobody came is absent.
    pub tallies: BTreeMap<Scope, Tally>,
    /// The agents.
    pub agents: Vec<AgentRow>,
    /// The integral of the number waiting.
    pub waiting_time: u128,
    /// The most who waited at once.
    pub most_waiting: u32,
    /// Moves to another category by overflow.
    pub overflowed: u32,
    /// The greatest total speed of each agent, where one chat alone has speed 1.
    pub top_speeds: Vec<f64>,
    /// The run over its day.
    pub series: Series,
}

impl Summary {
    /// Counts a run. O(n log n) in its customers.
    #[must_use]
    pub fn of(run: &RunRecord, options: &Options) -> Self {
        let mut counters: BTreeMap<Scope, Counter> = BTreeMap::new();
        counters.insert(Scope::All, Counter::default());
        for (customer, skips) in run.customers.iter().zip(skips(&run.customers)) {
            let scopes = [Scope::All, Scope::Category(customer.category), Scope::Priority(customer.priority)];
            for scope in scopes {
                counters.entry(scope).or_default().add(customer, skips, options);
            }
        }
        let top_speeds = (0..run.agents.len()).map(|at| options.top_speeds.get(at).copied().unwrap_or(1.0)).collect();
        Self {
            replication: run.replication,
            length: run.until.saturating_sub(run.from),
            tallies: counters.into_iter().map(|(scope, counter)| (scope, counter.done())).collect(),
            agents: run.agents.clone(),
            waiting_time: run.waiting_time,
            most_waiting: run.most_waiting,
            overflowed: run.overflowed,
            top_speeds,
            series: Series::of(run, options),
        }
    }

    /// The tally of a scope, if anybody came in it.
    #[must_use]
    pub fn tally(&self, scope: Scope) -> Option<&Tally> {
        self.tallies.get(&scope)
    }

    /// The tally of everybody.
    #[must_use]
    pub fn all(&self) -> &Tally {
        self.tallies.get(&Scope::All).expect("a summary is made with it")
    }
}
