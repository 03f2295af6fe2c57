//! From replications to a figure, and what its interval is made of.

use std::collections::BTreeMap;

use super::definition::{Estimator, Metric};
use super::distribution::Distribution;
use super::seconds;
use super::summary::{Scope, Summary};
use super::tally::{Tally, TimesOf};

/// A figure over replications.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Replicated {
    /// The figure, of all replications together.
    pub estimate: f64,
    /// One value a replication: for a mean over runs the values themselves, otherwise the jackknife's
    /// pseudo-values n·all − (n−1)·all-but-this-one. Their mean and spread make the interval, and those of two
    /// policies over the same replications pair. Empty where a replication has no value.
    pub values: Vec<f64>,
}

/// The replications of one policy, to be asked for metrics.
#[derive(Debug)]
pub struct Pool<'a> {
    runs: &'a [Summary],
    merged: BTreeMap<(Scope, TimesOf), Distribution>,
}

impl<'a> Pool<'a> {
    /// Over these replications.
    #[must_use]
    pub const fn new(runs: &'a [Summary]) -> Self {
        Self { runs, merged: BTreeMap::new() }
    }

    /// The times of a scope of all replications together.
    pub fn times(&mut self, scope: Scope, of: TimesOf) -> &Distribution {
        let runs = self.runs;
        self.merged.entry((scope, of)).or_insert_with(|| {
            Distribution::merged(runs.iter().filter_map(|run| run.tally(scope)).map(|tally| &tally.times(of).all))
        })
    }

    /// A metric of a scope; absent where it has no value, as a mean over nobody. A metric that does not speak of
    /// customers is the same in every scope.
    pub fn metric(&mut self, metric: &Metric, scope: Scope) -> Option<Replicated> {
        let runs = self.runs;
        match metric.estimator {
            Estimator::PerTally(of) => {
                // A run in which nobody came counts nobody, and is a run all the same.
                let nobody = Tally::default();
                per_run(runs, |run| of(run.tally(scope).unwrap_or(&nobody)))
            }
            Estimator::PerRun(of) => per_run(runs, of),
            Estimator::TallyRatio(of) => ratio(runs, |run| run.tally(scope).map_or((0.0, 0.0), of)),
            Estimator::Ratio(of) => ratio(runs, of),
            Estimator::Mean(of) => ratio(runs, |run| {
                run.tally(scope)
                    .map(|tally| tally.times(of))
                    .map_or((0.0, 0.0), |it| (seconds(it.sum), it.all.len() as f64))
            }),
            Estimator::Max(of) => per_run(runs, |run| {
                run.tally(scope).and_then(|tally| tally.times(of).all.max()).map(|time| seconds(time.into()))
            }),
            Estimator::Quantile(of, p) => {
                let all = self.times(scope, of);
                let nobody = Distribution::default();
                let estimate = seconds(all.quantile(p)?.into());
                let without = runs.iter().map(|run| {
                    let part = run.tally(scope).map_or(&nobody, |tally| &tally.times(of).all);
                    all.quantile_without(part, p).map(|time| seconds(time.into()))
                });
                Some(jackknife(estimate, without))
            }
            Estimator::Pooled(of) => {
                let all: Vec<&Summary> = runs.iter().collect();
                let estimate = of(&all)?;
                let without = (0..all.len()).map(|out| {
                    let mut rest = all.clone();
                    rest.remove(out);
                    of(&rest)
                });
                Some(jackknife(estimate, without))
            }
        }
    }
}

fn per_run(runs: &[Summary], of: impl Fn(&Summary) -> Option<f64>) -> Option<Replicated> {
    let found: Vec<f64> = runs.iter().filter_map(of).collect();
    if found.is_empty() {
        return None;
    }
    let estimate = found.iter().sum::<f64>() / found.len() as f64;
    let values = if found.len() == runs.len() { found } else { Vec::new() };
    Some(Replicated { estimate, values })
}

fn ratio(runs: &[Summary], of: impl Fn(&Summary) -> (f64, f64)) -> Option<Replicated> {
    let parts: Vec<(f64, f64)> = runs.iter().map(of).collect();
    let (above, below) = parts.iter().fold((0.0, 0.0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
    let quotient = |above: f64, below: f64| (below > 0.0).then(|| above / below);
    let without = parts.iter().map(|part| quotient(above - part.0, below - part.1));
    Some(jackknife(quotient(above, below)?, without))
}

fn jackknife(estimate: f64, without: impl Iterator<Item = Option<f64>>) -> Replicated {
    let without: Vec<Option<f64>> = without.collect();
    let n = without.len() as f64;
    let values: Option<Vec<f64>> =
        without.into_iter().map(|without| Some(n * estimate - (n - 1.0) * without?)).collect();
    Replicated { estimate, values: values.unwrap_or_default() }
}
