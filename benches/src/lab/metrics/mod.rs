//! The metrics of the lab: one definition each, computed from [`RunRecord`](super::record::RunRecord) alone.
//!
//! A run is counted once into a [`Summary`]; a [`Metric`] is a function of the summaries of all replications. So a
//! share is a ratio of sums and a percentile is one of all customers together, never a mean of ratios or
//! percentiles; [`Replicated`] carries what an interval is made of.

mod catalogue;
mod definition;
mod distribution;
mod estimate;
mod fairness;
mod series;
mod summary;
mod tally;
#[cfg(test)]
pub(crate) mod tests;

pub use catalogue::{catalogue, metric};
pub use definition::{Better, Metric, Unit};
pub use distribution::{Distribution, ERROR, EXACT_MAX};
pub use estimate::{Pool, Replicated};
pub use fairness::{gini, jain, skips};
pub use series::{Series, Slice};
pub use summary::{Scope, Summary};
pub use tally::{Tally, Times, TimesOf};

use super::record::Micros;

/// What the definitions leave to choose.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "plain settings")]
pub struct Options {
    /// A service level counts who is answered within this. 20 s.
    pub threshold: Micros,
    /// The same by category, for those named here.
    pub targets: Vec<Micros>,
    /// Who abandons within less is left out of every figure. 0.
    pub short_abandon: Micros,
    /// The greatest total speed of each agent, where one chat alone has speed 1; 1 for those not named.
    pub top_speeds: Vec<f64>,
}

impl Default for Options {
    fn default() -> Self {
        Self { threshold: 20_000_000, targets: Vec::new(), short_abandon: 0, top_speeds: Vec::new() }
    }
}

impl Options {
    /// Within what a customer of this category is to be answered.
    #[must_use]
    pub fn target(&self, category: u16) -> Micros {
        self.targets.get(usize::from(category)).copied().unwrap_or(self.threshold)
    }

    /// The target in words.
    fn target_in_words(&self) -> String {
        let mut targets = self.targets.clone();
        targets.sort_unstable();
        targets.dedup();
        match targets.as_slice() {
            [] => format!("{} s", seconds(self.threshold.into())),
            [one] => format!("{} s", seconds((*one).into())),
            [least, .., most] => {
                let [least, most] = [*least, *most].map(|it| seconds(it.into()));
                format!("its category's target ({least} s to {most} s)")
            }
        }
    }
}

/// Microseconds as seconds.
#[must_use]
pub const fn seconds(micros: u128) -> f64 {
    micros as f64 / 1e6
}
