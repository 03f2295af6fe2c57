//! More servers than anybody needs, and a rate that swings.

use super::OracleError;
use super::error::{not_negative, positive, within};

/// An M/M/∞ system whose rate of arrivals is λ̄(1 + β·sin γt): S. G. Eick, W. A. Massey and W. Whitt, "Mₜ/G/∞ queues with
/// sinusoidal arrival rates", Management Science 39 (1993) (from memory).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MtMInfinity {
    mean: f64,
    swing: f64,
    frequency: f64,
    service: f64,
}

impl MtMInfinity {
    /// With the mean rate λ̄, the relative swing β, the angular frequency γ and the rate of service μ.
    ///
    /// # Errors
    /// A number out of range; β lies between 0 and 1.
    pub fn new(mean: f64, swing: f64, frequency: f64, service: f64) -> Result<Self, OracleError> {
        not_negative("the mean arrival rate", mean)?;
        within("the relative swing", "from 0 to 1", swing, (0.0..=1.0).contains(&swing))?;
        positive("the frequency", frequency)?;
        positive("the service rate", service)?;
        Ok(Self { mean, swing, frequency, service })
    }

    /// The rate of arrivals at a time.
    #[must_use]
    pub fn rate(&self, time: f64) -> f64 {
        self.mean * (1.0 + self.swing * (self.frequency * time).sin())
    }

    /// The mean number in the system at a time, long after the start; the number itself is Poisson:
    /// (λ̄/μ)·\[1 + β(sin γt - (γ/μ)cos γt)/(1+(γ/μ)²)\].
    #[must_use]
    pub fn mean_in_system(&self, time: f64) -> f64 {
        let lag = self.frequency / self.service;
        let (sine, cosine) = (self.frequency * time).sin_cos();
        self.mean / self.service * (1.0 + self.swing * (sine - lag * cosine) / (1.0 + lag * lag))
    }

    /// The mean number in the system when it began empty at time 0: the same without what the start still lacks.
    #[must_use]
    pub fn mean_from_empty(&self, time: f64) -> f64 {
        self.mean_in_system(time) - self.mean_in_system(0.0) * (-self.service * time).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::agree;
    use super::*;

    /// The mean obeys m' = λ(t) - μm, checked by difference quotients, and repeats with the rate.
    #[test]
    fn the_mean_obeys_its_equation() {
        let system = MtMInfinity::new(20.0, 0.6, 0.8, 0.5).unwrap();
        for time in [0.0, 0.3, 1.7, 4.0, 9.9] {
            for mean in [MtMInfinity::mean_in_system, MtMInfinity::mean_from_empty] {
                let slope = (mean(&system, time + 1e-5) - mean(&system, time - 1e-5)) / 2e-5;
                assert!((slope - (system.rate(time) - 0.5 * mean(&system, time))).abs() < 1e-7);
            }
            let later = time + 2.0 * std::f64::consts::PI / 0.8;
            agree("period", system.mean_in_system(time), system.mean_in_system(later), 1e-12);
        }
        assert_eq!(system.mean_from_empty(0.0), 0.0);
        agree("long after", system.mean_from_empty(100.0), system.mean_in_system(100.0), 1e-12);
    }

    /// A slow swing is followed at once, a fast one not at all.
    #[test]
    fn slow_and_fast() {
        let slow = MtMInfinity::new(3.0, 0.5, 1e-6, 1.0).unwrap();
        agree("slow", slow.mean_in_system(7e5), slow.rate(7e5), 1e-5);
        let fast = MtMInfinity::new(3.0, 0.5, 1e6, 1.0).unwrap();
        agree("fast", fast.mean_in_system(0.123), 3.0, 1e-5);
        assert!(MtMInfinity::new(3.0, 1.5, 1.0, 1.0).is_err());
    }
}
