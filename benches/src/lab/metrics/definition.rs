//! What a metric is.

use std::borrow::Cow;

use super::summary::Summary;
use super::tally::{Tally, TimesOf};

/// One figure, with one definition.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Metric {
    /// Its stable name, for files and flags.
    pub id: &'static str,
    /// What people call it.
    pub name: Cow<'static, str>,
    /// What its number means.
    pub unit: Unit,
    /// Which way is better, where one is.
    pub better: Better,
    /// How it is computed, to be printed beside it.
    pub definition: Cow<'static, str>,
    pub(super) estimator: Estimator,
}

impl Metric {
    /// True when it speaks of customers, so that there is one for each category and priority too.
    #[must_use]
    pub const fn is_of_customers(&self) -> bool {
        match self.estimator {
            Estimator::PerTally(_)
            | Estimator::TallyRatio(_)
            | Estimator::Mean(_)
            | Estimator::Max(_)
            | Estimator::Quantile(..) => true,
            Estimator::PerRun(_) | Estimator::Ratio(_) | Estimator::Pooled(_) => false,
        }
    }
}

/// What a metric's number means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "every printer must know each")]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// A share from 0 to 1, printed in per cent.
    Share,
    /// A number of customers a run.
    Customers,
    /// A pure number.
    Number,
}

/// Which way a metric is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "there are three")]
pub enum Better {
    /// Less is better.
    Lower,
    /// More is better.
    Higher,
    /// It depends.
    Neither,
}

/// How a metric is computed from replications. A fraction is (numerator, denominator).
#[derive(Clone, Copy, Debug)]
pub(super) enum Estimator {
    /// The mean over runs of one count of a group's run; of a group in which nobody came, that of nobody.
    PerTally(fn(&Tally) -> Option<f64>),
    /// The ratio of two sums over a group.
    TallyRatio(fn(&Tally) -> (f64, f64)),
    /// The mean of a group's times, all runs together.
    Mean(TimesOf),
    /// The mean over runs of the longest of a group's times.
    Max(TimesOf),
    /// A quantile of a group's times, all runs together.
    Quantile(TimesOf, f64),
    /// The mean over runs of one value of the run.
    PerRun(fn(&Summary) -> Option<f64>),
    /// The ratio of two sums.
    Ratio(fn(&Summary) -> (f64, f64)),
    /// Anything else of all runs together.
    Pooled(fn(&[&Summary]) -> Option<f64>),
}
