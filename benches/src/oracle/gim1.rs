//! GI/M/1: any law between arrivals, one exponential server.

use super::OracleError;
use super::error::{below_one, positive, stable};
use super::transform::laplace;
use crate::lab::random::Law;

/// A stationary GI/M/1 queue, first come first served. Its waits are exponential but for those of length zero: σ, the
/// probability of waiting, is the root below 1 of σ = A*(μ(1-σ)), with A* the Laplace transform of the time between
/// arrivals (D. G. Kendall, 1953; L. Kleinrock, Queueing Systems I, 1975, section 6.4).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GiM1 {
    sigma: f64,
    service: f64,
}

impl GiM1 {
    /// With the law of the times between arrivals and the rate of service.
    ///
    /// # Errors
    /// A law or a rate that is none, or [`OracleError::Unstable`].
    pub fn new(between: &Law, service: f64) -> Result<Self, OracleError> {
        between.check()?;
        positive("the service rate", service)?;
        stable(1.0 / (positive("the mean time between arrivals", between.mean())? * service))?;
        let excess = |sigma: f64| laplace(between, service * (1.0 - sigma)) - sigma;
        // A* is convex: the excess is positive below the root and negative between it and 1.
        let mut gap = 0.5;
        while excess(1.0 - gap) >= 0.0 && gap > 1e-12 {
            gap *= 0.5;
        }
        let (mut low, mut high) = (0.0, 1.0 - gap);
        for _ in 0..200 {
            let middle = f64::midpoint(low, high);
            if middle <= low || middle >= high {
                break;
            }
            if excess(middle) > 0.0 { low = middle } else { high = middle }
        }
        Ok(Self { sigma: high, service })
    }

    /// σ, the probability of waiting.
    #[must_use]
    pub fn wait_probability(&self) -> f64 {
        self.sigma
    }

    /// E\[W\] = σ/(1-σ)/μ.
    #[must_use]
    pub fn mean_wait(&self) -> f64 {
        self.sigma / (1.0 - self.sigma) / self.service
    }

    /// P(W > t) = σ·e^(-μ(1-σ)t).
    #[must_use]
    pub fn wait_survival(&self, time: f64) -> f64 {
        if time < 0.0 { 1.0 } else { self.sigma * (-self.service * (1.0 - self.sigma) * time).exp() }
    }

    /// The wait that a share `p` of the customers does not exceed.
    ///
    /// # Errors
    /// [`OracleError::Range`] where `p` is not in \[0, 1).
    pub fn wait_quantile(&self, p: f64) -> Result<f64, OracleError> {
        below_one("the share of a quantile", p)?;
        Ok(((self.sigma / (1.0 - p)).ln() / (self.service * (1.0 - self.sigma))).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{agree, prints};
    use super::*;

    #[test]
    fn the_table() {
        let rows = [
            (0.8, [[0.628_630, 1.692_731], [0.739_853, 2.843_980], [0.907_572, 9.819_193]]),
            (0.9, [[0.806_900, 4.178_659], [0.868_218, 6.588_284], [0.957_281, 22.408_858]]),
        ];
        for (load, values) in rows {
            let mean = 1.0 / load;
            let laws = [
                Law::Deterministic { value: mean },
                Law::Erlang { k: 2, mean },
                Law::Hyperexponential { mean, cv2: 4.0 },
            ];
            for (law, [sigma, wait]) in laws.iter().zip(values) {
                let queue = GiM1::new(law, 1.0).unwrap();
                prints(&format!("{law:?} σ"), queue.wait_probability(), sigma);
                prints(&format!("{law:?} W"), queue.mean_wait(), wait);
            }
        }
    }

    /// Poisson arrivals make it M/M/1, even close to the limit; the unit of time does not matter.
    #[test]
    fn limits() {
        for load in [0.001, 0.5, 0.999] {
            let queue = GiM1::new(&Law::Exponential { mean: 2.0 / load }, 0.5).unwrap();
            agree("σ", queue.wait_probability(), load, 1e-11);
            agree("W", queue.mean_wait(), 2.0 * load / (1.0 - load), 1e-9);
        }
        let queue = GiM1::new(&Law::Lognormal { mean: 1.25, median: 1.0 }, 1.0).unwrap();
        agree("quantile", queue.wait_survival(queue.wait_quantile(0.9).unwrap()), 0.1, 1e-12);
        assert!(matches!(GiM1::new(&Law::Exponential { mean: 1.0 }, 1.0), Err(OracleError::Unstable { .. })));
        assert!(GiM1::new(&Law::Never, 1.0).is_err());
        assert!(matches!(GiM1::new(&Law::Exponential { mean: 0.0 }, 1.0), Err(OracleError::Law(_))));
    }
}
