//! One metric under every policy: figures with intervals, and differences to the first.

use std::borrow::Cow;

use crate::lab::metrics::{Better, Metric, Pool, Replicated, Scope, Summary, Unit};
use crate::lab::stats::{Interval, holm, mean_and_variance, student_two_sided};

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
    /// Half of the interval around it, of 95 % unless it says otherwise where it stands; absent with fewer than two
    /// replications that have a value.
    pub half_width: Option<f64>,
}

impl Estimate {
    /// What is known of nobody: 0, and no interval.
    pub(crate) const NOTHING: Self = Self { estimate: 0.0, half_width: None };

    /// Of a metric over these replications; absent where it has no value.
    #[must_use]
    pub fn of(runs: &[Summary], metric: &Metric, scope: Scope) -> Option<Self> {
        Self::at_level(runs, metric, scope, LEVEL)
    }

    /// The same with an interval of this confidence.
    pub(crate) fn at_level(runs: &[Summary], metric: &Metric, scope: Scope, level: f64) -> Option<Self> {
        Pool::new(runs).metric(metric, scope).map(|found| estimate(&found, level))
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
    let values = found.iter().map(|it| it.as_ref().map(|it| estimate(it, LEVEL))).collect();
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

/// Below this share of a number a difference is rounding.
const ROUNDING: f64 = 1e-9;

fn estimate(found: &Replicated, level: f64) -> Estimate {
    let half = Interval::of(&found.values, level).ok().map(|it| it.half_width);
    let half_width = half.map(|half| if half <= ROUNDING * found.estimate.abs() { 0.0 } else { half });
    Estimate { estimate: found.estimate, half_width }
}

fn difference(first: &Replicated, other: &Replicated, to: &str, policy: &str) -> Option<Difference> {
    if first.values.len() != other.values.len() {
        return None;
    }
    let less = |(first, other): (&f64, &f64)| {
        let rounding = ROUNDING * first.abs().max(other.abs());
        Some(other - first).filter(|pair| pair.abs() > rounding).unwrap_or(0.0)
    };
    let pairs: Vec<f64> = first.values.iter().zip(&other.values).map(less).collect();
    let variance = |values: &[f64]| mean_and_variance(values).map(|it| it.1).ok();
    let (apart, together) = (variance(&first.values)? + variance(&other.values)?, variance(&pairs)?);
    let paired = Interval::of(&pairs, LEVEL).ok()?;
    let equal = pairs.iter().all(|pair| *pair == 0.0);
    let freedom = u32::try_from(pairs.len() - 1).unwrap_or(u32::MAX);
    // The interval is about the difference of the figures, which for a ratio is not the mean of the jackknife's values.
    let difference = if equal { 0.0 } else { other.estimate - first.estimate };
    let p = if equal { 1.0 } else { student_two_sided(difference / paired.standard_error, freedom) };
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
        variance_reduction: (together > 0.0).then(|| apart / together),
        verdict,
    })
}

/// Holm's correction over the policies compared.
fn correct(differences: &mut [Option<Difference>]) {
    let mut present: Vec<&mut Difference> = differences.iter_mut().flatten().collect();
    let p_values: Vec<f64> = present.iter().map(|it| it.p).collect();
    for (it, p_holm) in present.iter_mut().zip(holm(&p_values)) {
        it.p_holm = p_holm;
        if matches!(it.verdict, Verdict::Lower | Verdict::Higher) && p_holm > 1.0 - LEVEL {
            it.verdict = Verdict::NotAfterHolm;
        }
    }
}
