//! The laws that times are drawn from.

use super::normal::normal_cdf;
use super::seconds::micros;
use super::stream::Stream;
use super::written::Written;
use crate::lab::record::Micros;

/// What [`Law::Never`] draws: later than every run ends. Add it to a time with saturation.
pub const NEVER: Micros = Micros::MAX;

/// A law of positive times, in seconds. In scenario files: `{ exponential = "3m" }`, `{ deterministic = "60s" }`,
/// `{ lognormal = { mean = "188s", median = "114s" } }`, `{ uniform = { low = 0, high = "2m" } }`,
/// `{ erlang = { k = 2, mean = "3m" } }`, `{ hyperexponential = { mean = "3m", cv2 = 4 } }` and `"never"`.
#[derive(Clone, Copy, Debug, PartialEq, serde::Deserialize)]
#[serde(try_from = "Written")]
#[expect(clippy::exhaustive_enums, reason = "a formula must say for each law what it does with it")]
pub enum Law {
    /// Memoryless.
    Exponential {
        /// The mean.
        mean: f64,
    },
    /// Always the same.
    Deterministic {
        /// That time.
        value: f64,
    },
    /// The exponential of a normal number with location ln(median) and σ = √(2 ln(mean/median)).
    Lognormal {
        /// The mean.
        mean: f64,
        /// The median, which lies below the mean.
        median: f64,
    },
    /// Evenly between two times.
    Uniform {
        /// The shortest.
        low: f64,
        /// The longest.
        high: f64,
    },
    /// The sum of `k` equal exponential stages.
    Erlang {
        /// How many stages.
        k: u32,
        /// The mean of the sum.
        mean: f64,
    },
    /// One of two exponential laws, with balanced means: each contributes one half of the mean.
    Hyperexponential {
        /// The mean.
        mean: f64,
        /// The squared coefficient of variation, above 1.
        cv2: f64,
    },
    /// It does not happen.
    Never,
}

/// The rule that a law breaks.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LawError {
    /// A mean that is not above zero.
    #[error("the mean must be above zero and finite, not {0} s")]
    Mean(f64),
    /// A fixed time below zero.
    #[error("a deterministic time must be finite and not below zero, not {0} s")]
    Value(f64),
    /// A median that is not between zero and the mean.
    #[error("a lognormal law has a median above zero and below its mean of {mean} s, not {median} s")]
    Median {
        /// The mean.
        mean: f64,
        /// The median.
        median: f64,
    },
    /// Bounds in the wrong order.
    #[error("a uniform law has 0 <= low < high, not {low} s to {high} s")]
    Bounds {
        /// The lower.
        low: f64,
        /// The upper.
        high: f64,
    },
    /// Too few or too many stages.
    #[error("an Erlang law has 1 to 1000 stages, not {0}")]
    Stages(u32),
    /// A variation that this law cannot have.
    #[error("a hyperexponential law has a squared coefficient of variation above 1, not {0}")]
    Variation(f64),
}

impl Law {
    /// Whether the numbers make a law. Laws read from files have passed this.
    ///
    /// # Errors
    /// The rule that is broken.
    pub fn check(&self) -> Result<(), LawError> {
        let positive = |mean: f64| if mean > 0.0 && mean.is_finite() { Ok(()) } else { Err(LawError::Mean(mean)) };
        match *self {
            Self::Exponential { mean } => positive(mean),
            Self::Deterministic { value } if value >= 0.0 && value.is_finite() => Ok(()),
            Self::Deterministic { value } => Err(LawError::Value(value)),
            Self::Lognormal { mean, median } => {
                positive(mean)?;
                let fits = median > 0.0 && median < mean;
                if fits { Ok(()) } else { Err(LawError::Median { mean, median }) }
            }
            Self::Uniform { low, high } => {
                let fits = low >= 0.0 && low < high && high.is_finite();
                if fits { Ok(()) } else { Err(LawError::Bounds { low, high }) }
            }
            Self::Erlang { k, mean } => {
                positive(mean)?;
                if (1..=1000).contains(&k) { Ok(()) } else { Err(LawError::Stages(k)) }
            }
            Self::Hyperexponential { mean, cv2 } => {
                positive(mean)?;
                if cv2 > 1.0 && cv2.is_finite() { Ok(()) } else { Err(LawError::Variation(cv2)) }
            }
            Self::Never => Ok(()),
        }
    }

    /// The next time of this law in whole microseconds, the nearest; [`NEVER`] for [`Law::Never`].
    pub fn draw(&self, stream: &mut Stream) -> Micros {
        if matches!(self, Self::Never) { NEVER } else { micros(self.draw_seconds(stream)) }
    }

    /// The next time of this law in seconds, not rounded; infinite for [`Law::Never`].
    pub fn draw_seconds(&self, stream: &mut Stream) -> f64 {
        match *self {
            Self::Exponential { mean } => mean * stream.exponential(),
            Self::Deterministic { value } => value,
            Self::Lognormal { mean, median } => median * libm::exp(lognormal_sigma(mean, median) * stream.normal()),
            Self::Uniform { low, high } => low + (high - low) * stream.uniform(),
            Self::Erlang { k, mean } => {
                let sum: f64 = (0..k).map(|_| stream.exponential()).sum();
                sum * mean / f64::from(k)
            }
            Self::Hyperexponential { mean, cv2 } => {
                let share = balanced_share(cv2);
                let share = if stream.chance(share) { share } else { 1.0 - share };
                stream.exponential() * mean / (2.0 * share)
            }
            Self::Never => f64::INFINITY,
        }
    }

    /// The mean in seconds; infinite for [`Law::Never`].
    #[must_use]
    pub fn mean(&self) -> f64 {
        match *self {
            Self::Exponential { mean }
            | Self::Lognormal { mean, .. }
            | Self::Erlang { mean, .. }
            | Self::Hyperexponential { mean, .. } => mean,
            Self::Deterministic { value } => value,
            Self::Uniform { low, high } => low.midpoint(high),
            Self::Never => f64::INFINITY,
        }
    }

    /// The squared coefficient of variation: the variance over the squared mean; not a number where it has no meaning
    /// (a time that is always zero, or never).
    #[must_use]
    pub fn cv2(&self) -> f64 {
        match *self {
            Self::Exponential { .. } => 1.0,
            Self::Deterministic { value } if value > 0.0 => 0.0,
            Self::Lognormal { mean, median } => (mean / median) * (mean / median) - 1.0,
            Self::Uniform { low, high } => (high - low) * (high - low) / (3.0 * (low + high) * (low + high)),
            Self::Erlang { k, .. } => 1.0 / f64::from(k),
            Self::Hyperexponential { cv2, .. } => cv2,
            Self::Deterministic { .. } | Self::Never => f64::NAN,
        }
    }

    /// The probability that a time lasts longer than so many seconds.
    #[must_use]
    pub fn survival(&self, seconds: f64) -> f64 {
        if seconds < 0.0 {
            return 1.0;
        }
        match *self {
            Self::Exponential { mean } => libm::exp(-seconds / mean),
            Self::Deterministic { value } => f64::from(u8::from(seconds < value)),
            Self::Lognormal { mean, median } => {
                normal_cdf(-libm::log(seconds / median) / lognormal_sigma(mean, median))
            }
            Self::Uniform { low, high } => ((high - seconds) / (high - low)).clamp(0.0, 1.0),
            Self::Erlang { k, mean } => erlang_survival(k, seconds * f64::from(k) / mean),
            Self::Hyperexponential { mean, cv2 } => {
                let share = balanced_share(cv2);
                let branch = |share: f64| share * libm::exp(-2.0 * share * seconds / mean);
                branch(share) + branch(1.0 - share)
            }
            Self::Never => 1.0,
        }
    }
}

fn lognormal_sigma(mean: f64, median: f64) -> f64 {
    libm::sqrt(2.0 * libm::log(mean / median))
}

/// How likely the shorter branch of a hyperexponential law with balanced means is.
pub(crate) fn balanced_share(cv2: f64) -> f64 {
    0.5 * (1.0 + libm::sqrt((cv2 - 1.0) / (cv2 + 1.0)))
}

/// The probability that fewer than `k` Poisson points come where `x` are expected, each term from its logarithm so
/// that many stages neither overflow nor vanish.
fn erlang_survival(k: u32, x: f64) -> f64 {
    if x == 0.0 {
        return 1.0;
    }
    let mut log_term = -x;
    let mut sum = libm::exp(log_term);
    for i in 1..k {
        log_term += libm::log(x / f64::from(i));
        sum += libm::exp(log_term);
    }
    sum.min(1.0)
}

#[cfg(test)]
#[path = "law_tests.rs"]
mod tests;
