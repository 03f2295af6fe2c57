//! What may be said of simulated numbers: intervals, differences and when two are not distinguishable.
//!
//! The unit is the replication: one value, or one ratio's two sums, for each. Within a run customers wait because
//! others did, so their waits are no independent sample; replications are.

mod batch;
mod error;
mod fairness;
mod holm;
mod interval;
mod mser;
mod paired;
mod quantile;
mod ratio;
mod student;

pub use batch::{BatchMeans, batch_means};
pub use error::StatsError;
pub use fairness::{gini, jain};
pub use holm::{bonferroni, holm, verdicts};
pub use interval::{Interval, mean_and_variance};
pub use mser::{Truncation, mser5};
pub use paired::{Paired, Verdict};
pub use quantile::quantile;
pub use ratio::{Sums, ratio_difference, ratio_interval};
pub use student::{student_quantile, student_two_sided};
