//! One metric under every policy: figures with intervals, and differences to the first.

use std::borrow::Cow;

use super::student;
use crate::lab::metrics::{Better, Metric, Pool, Replicated, Scope, Summary, Unit};

/// How sure an interval is.
pub(crate) const LEVEL: f64 = 0.95;

/// One metric under every policy.
#[derive(Clone, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct Row {
    /// The metric's stable name.
    pub id: &'static str,
    /// What people call it.
    pub name: Cow<'static, str>,
    /// What its number means.
    pub unit: Unit,
    /// Which way is better.
    pub better: Better,
    /// How it is computed.
    pub definition: Cow<'static, str>,
    /// By policy, in the comparison's order.
    pub values: Vec<Option<Estimate>>,
    /// Of each policy but the first to the first, in the comparison's order.
    pub differences: Vec<Option<Difference>>,
}

/// A figure with its interval.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Estimate {
    /// The figure over all replications.
    pub estimate: f64,
    /// Half of the 95 % interval around it; absent with fewer than two replications that have a value.
    pub half_width: Option<f64>,
}

impl Estimate {
    /// What is known of nobody: 0, and no interval.
    pub(crate) const NOTHING: Self = Self { estimate: 0.0, half_width: None };

    /// Of a metric over these replications; absent where it has no value.
    #[must_use]
    pub fn of(runs: &[Summary], metric: &Metric, scope: Scope) -> Option<Self> {
        Pool::new(runs).metric(metric, scope).as_ref().map(estimate)
    }

    /// The interval.
    #[must_use]
    pub fn interval(&self) -> Option<(f64, f64)> {
        self.half_width.map(|half| (self.estimate - half, self.estimate + half))
    }
}

/// A policy less the first one.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Difference {
    /// Which policy.
    pub policy: String,
    /// Less which.
    pub to: String,
    /// The difference of the figures.
    pub difference: f64,
    /// Half of the 95 % interval around it, from the paired replications.
    pub half_width: f64,
    /// How likely a difference like this is if there is none.
    pub p: f64,
    /// The same corrected by Holm for the number of policies compared to the first.
    pub p_holm: f64,
    /// The variance of the difference were the replications not paired, over the variance as they are; absent when
    /// it does not vary.
    pub variance_reduction: Option<f64>,
    /// What that comes to.
    pub verdict: Verdict,
}

/// What a difference comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "every printer must know each")]
pub enum Verdict {
    /// Less than the first policy's.
    Lower,
    /// More than the first policy's.
    Higher,
    /// The interval holds 0.
    NotDistinguishable,
    /// The interval does not hold 0, but so many policies were compared that one like it comes by chance.
    NotAfterHolm,
    /// The same in every replication.
    Equal,
}

impl Verdict {
    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Lower => "lower",
            Self::Higher => "higher",
            Self::NotDistinguishable => "not distinguishable",
            Self::NotAfterHolm => "not distinguishable among so many (Holm)",
            Self::Equal => "equal in every run",
        }
    }
}

/// The row of a metric in a scope; the pools and names by policy.
pub(super) fn row(pools: &mut [Pool<'_>], names: &[String], metric: &Metric, scope: Scope) -> Row {
    let found: Vec<Option<Replicated>> = pools.iter_mut().map(|pool| pool.metric(metric, scope)).collect();
    let values = found.iter().map(|it| it.as_ref().map(estimate)).collect();
    let mut differences: Vec<Option<Difference>> = Vec::new();
    if let Some((first, others)) = found.split_first() {
        for (other, name) in others.iter().zip(&names[1..]) {
            let both = first.as_ref().zip(other.as_ref());
            differences.push(both.and_then(|(first, other)| difference(first, other, &names[0], name)));
        }
    }
    correct(&mut differences);
    let Metric { id, name, unit, better, definition, .. } = metric.clone();
    Row { id, name, unit, better, definition, values, differences }
}

fn estimate(found: &Replicated) -> Estimate {
    let half_width = spread(&found.values).map(|it| it.half_width);
    Estimate { estimate: found.estimate, half_width }
}

struct Spread {
    variance: f64,
    half_width: f64,
}

/// Of at least two values.
fn spread(values: &[f64]) -> Option<Spread> {
    if values.len() < 2 {
        return None;
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (n - 1.0);
    let half_width = student::quantile(LEVEL, n - 1.0) * libm::sqrt(variance / n);
    Some(Spread { variance, half_width })
}

fn difference(first: &Replicated, other: &Replicated, to: &str, policy: &str) -> Option<Difference> {
    if first.values.len() != other.values.len() {
        return None;
    }
    let pairs: Vec<f64> = first.values.iter().zip(&other.values).map(|(first, other)| other - first).collect();
    let (apart, paired) = (spread(&first.values)?.variance + spread(&other.values)?.variance, spread(&pairs)?);
    let n = pairs.len() as f64;
    let equal = pairs.iter().all(|pair| *pair == 0.0);
    let error = libm::sqrt(paired.variance / n);
    let difference = other.estimate - first.estimate;
    let p = if equal { 1.0 } else { student::two_sided(difference / error, n - 1.0) };
    let verdict = if equal {
        Verdict::Equal
    } else if difference.abs() <= paired.half_width {
        Verdict::NotDistinguishable
    } else if difference < 0.0 {
        Verdict::Lower
    } else {
        Verdict::Higher
    };
    Some(Difference {
        policy: policy.to_owned(),
        to: to.to_owned(),
        difference,
        half_width: paired.half_width,
        p,
        p_holm: p,
        variance_reduction: (paired.variance > 0.0).then(|| apart / paired.variance),
        verdict,
    })
}

/// Holm's step-down correction over the policies compared.
fn correct(differences: &mut [Option<Difference>]) {
    let mut present: Vec<&mut Difference> = differences.iter_mut().flatten().collect();
    present.sort_by(|a, b| a.p.total_cmp(&b.p));
    let (count, mut largest) = (present.len(), 0.0_f64);
    for (rank, it) in present.into_iter().enumerate() {
        largest = largest.max((it.p * (count - rank) as f64).min(1.0));
        it.p_holm = largest;
        if matches!(it.verdict, Verdict::Lower | Verdict::Higher) && largest > 1.0 - LEVEL {
            it.verdict = Verdict::NotAfterHolm;
        }
    }
}
