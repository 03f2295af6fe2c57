//! How long customers are ready to wait, as the formulas need to know it.

use super::quadrature::Gauss;
use crate::lab::random::{Law, balanced_share, normal_cdf};

/// The survival function of patience and its integral.
pub trait Patience {
    /// The probability of being ready to wait longer than `x`.
    fn survival(&self, x: f64) -> f64;

    /// The integral of the survival function from 0 to `x`: the mean of the smaller of patience and `x`.
    fn limited_mean(&self, x: f64) -> f64;

    /// Where the survival function jumps or has a corner.
    fn breaks(&self) -> Vec<f64> {
        Vec::new()
    }
}

impl Patience for Law {
    fn survival(&self, x: f64) -> f64 {
        Self::survival(self, x)
    }

    fn limited_mean(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        match *self {
            Self::Exponential { mean } => -mean * (-x / mean).exp_m1(),
            Self::Deterministic { value } => x.min(value),
            Self::Lognormal { mean, median } => {
                // The part of the mean below x has the same law with its location raised by σ².
                let sigma = (2.0 * (mean / median).ln()).sqrt();
                mean * normal_cdf((x / median).ln() / sigma - sigma) + x * self.survival(x)
            }
            Self::Uniform { low, high } => {
                let inside = x.clamp(low, high) - low;
                x.min(low) + inside - 0.5 * inside * inside / (high - low)
            }
            Self::Erlang { k, mean } => {
                // The part of the mean below x is that of one stage more, at the same rate.
                let longer = Self::Erlang { k: k + 1, mean: mean * f64::from(k + 1) / f64::from(k) };
                mean * (1.0 - longer.survival(x)) + x * self.survival(x)
            }
            Self::Hyperexponential { mean, cv2 } => {
                let share = balanced_share(cv2);
                let branch = |share: f64| -0.5 * mean * (-2.0 * share * x / mean).exp_m1();
                branch(share) + branch(1.0 - share)
            }
            Self::Never => x,
        }
    }

    fn breaks(&self) -> Vec<f64> {
        match *self {
            Self::Deterministic { value } => vec![value],
            Self::Uniform { low, high } => vec![low, high],
            Self::Exponential { .. }
            | Self::Lognormal { .. }
            | Self::Erlang { .. }
            | Self::Hyperexponential { .. }
            | Self::Never => Vec::new(),
        }
    }
}

/// Patience with any survival function: one that starts at 1, never rises and, where some customers must leave for the
/// queue to be stable, falls. Its integral is computed each time, so this is far slower than a [`Law`].
#[derive(Clone, Debug)]
pub struct Survival<F> {
    function: F,
    breaks: Vec<f64>,
    gauss: Gauss,
}

impl<F: Fn(f64) -> f64> Survival<F> {
    /// This function; `breaks` are the points where it jumps or has a corner, in any order.
    #[must_use]
    pub fn new(function: F, mut breaks: Vec<f64>) -> Self {
        breaks.sort_by(f64::total_cmp);
        Self { function, breaks, gauss: Gauss::default() }
    }
}

impl<F: Fn(f64) -> f64> Patience for Survival<F> {
    fn survival(&self, x: f64) -> f64 {
        (self.function)(x)
    }

    fn limited_mean(&self, x: f64) -> f64 {
        let mut from = 0.0;
        let mut sum = 0.0;
        for to in self.breaks.iter().copied().filter(|at| *at > 0.0 && *at < x).chain([x]) {
            sum += self.gauss.integral(from, to, sum, &self.function);
            from = to;
        }
        sum
    }

    fn breaks(&self) -> Vec<f64> {
        self.breaks.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{LAWS, agree};
    use super::*;

    /// The closed form of each law is the integral of its survival function.
    #[test]
    fn limited_means_are_integrals() {
        for law in LAWS.into_iter().chain([Law::Never]) {
            let numeric = Survival::new(move |x| law.survival(x), law.breaks());
            for x in [0.01, 0.4, 1.0, 1.7, 5.0, 30.0] {
                agree(&format!("{law:?} at {x}"), law.limited_mean(x), numeric.limited_mean(x), 1e-11);
            }
            assert_eq!(law.limited_mean(0.0), 0.0);
        }
    }

    #[test]
    fn the_whole_integral_is_the_mean() {
        for law in [Law::Lognormal { mean: 2.0, median: 1.2 }, Law::Erlang { k: 3, mean: 2.0 }] {
            agree("mean", law.limited_mean(1e4), 2.0, 1e-12);
        }
    }
}
