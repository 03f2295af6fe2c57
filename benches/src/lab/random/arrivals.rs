//! When customers come: Poisson processes, of one rate or following the day.

use super::law::NEVER;
use super::seconds::micros;
use super::stream::Stream;
use crate::lab::record::Micros;

/// Rates over time, constant on equal steps from 0. Past the last step nobody comes.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    step: Micros,
    rates: Vec<f64>,
}

/// Why a profile or a day factor is not one.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ArrivalError {
    /// No step at all, or one of no length.
    #[error("an arrival profile has at least one step, each longer than zero")]
    Empty,
    /// A rate below nothing, or infinite.
    #[error("the rate of step {step} must be finite and not below zero, not {rate} a second")]
    Rate {
        /// Which, from 0.
        step: usize,
        /// The rate.
        rate: f64,
    },
    /// A variation below nothing, or infinite.
    #[error("the coefficient of variation of a day must be finite and not below zero, not {0}")]
    Variation(f64),
}

/// What a day's factor leaves unchanged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "a lognormal law has these two centres")]
pub enum Centre {
    /// The mean over days is that of the profile: the factor's mean is 1.
    #[default]
    Mean,
    /// The day in the middle is that of the profile: the factor's median is 1, and its mean above it.
    Median,
}

/// How days differ: each multiplies the whole profile by one lognormal number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DayFactor {
    sigma: f64,
    centre: Centre,
}

impl DayFactor {
    /// A factor with this coefficient of variation.
    ///
    /// # Errors
    /// [`ArrivalError::Variation`] where it is negative or not finite.
    pub fn new(cv: f64, centre: Centre) -> Result<Self, ArrivalError> {
        if !(cv >= 0.0 && cv.is_finite()) {
            return Err(ArrivalError::Variation(cv));
        }
        Ok(Self { sigma: libm::sqrt(libm::log1p(cv * cv)), centre })
    }

    /// One day's factor; give it a stream of [`Purpose::DayFactor`](super::Purpose::DayFactor).
    pub fn draw(&self, stream: &mut Stream) -> f64 {
        let shift = match self.centre {
            Centre::Mean => 0.5 * self.sigma * self.sigma,
            Centre::Median => 0.0,
        };
        libm::exp(self.sigma * stream.normal() - shift)
    }
}

impl Profile {
    /// Rates in customers a second, each for one step.
    ///
    /// # Errors
    /// The rule that is broken.
    pub fn new(step: Micros, rates: Vec<f64>) -> Result<Self, ArrivalError> {
        if step == 0 || rates.is_empty() {
            return Err(ArrivalError::Empty);
        }
        match rates.iter().position(|rate| !(*rate >= 0.0 && rate.is_finite())) {
            Some(step) => Err(ArrivalError::Rate { step, rate: rates[step] }),
            None => Ok(Self { step, rates }),
        }
    }

    /// The rate at a time, in customers a second.
    #[must_use]
    pub fn rate(&self, at: Micros) -> f64 {
        let step = usize::try_from(at / self.step).unwrap_or(usize::MAX);
        self.rates.get(step).copied().unwrap_or(0.0)
    }

    /// The highest rate.
    #[must_use]
    pub fn peak(&self) -> f64 {
        self.rates.iter().copied().fold(0.0, f64::max)
    }

    /// How many customers are expected from 0 to the end.
    #[must_use]
    pub fn expected(&self) -> f64 {
        self.rates.iter().sum::<f64>() * self.step as f64 / 1e6
    }

    /// Where the last step ends.
    #[must_use]
    pub fn end(&self) -> Micros {
        self.step.saturating_mul(self.rates.len() as Micros)
    }

    /// The profile with every rate multiplied.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        Self { step: self.step, rates: self.rates.iter().map(|rate| rate * factor).collect() }
    }
}

/// The times at which customers come, in order and without end unless a profile ends.
#[derive(Clone, Debug)]
pub struct Arrivals {
    stream: Stream,
    at: Micros,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    /// The mean gap in seconds.
    Constant(f64),
    Profile(Profile, f64),
}

impl Arrivals {
    /// A Poisson process of so many customers a second: independent exponential gaps. Nobody comes at a rate of 0.
    /// Give it a stream of [`Purpose::Arrival`](super::Purpose::Arrival).
    #[must_use]
    pub fn poisson(rate: f64, stream: Stream) -> Self {
        Self { stream, at: 0, kind: Kind::Constant(1.0 / rate) }
    }

    /// A Poisson process whose rate follows a profile, by thinning: candidates come at the peak rate and each is kept
    /// with the probability that its moment's rate has of the peak (Lewis and Shedler, "Simulation of nonhomogeneous
    /// Poisson processes by thinning", Naval Research Logistics Quarterly 26, 1979).
    #[must_use]
    pub fn thinned(profile: Profile, stream: Stream) -> Self {
        let peak = profile.peak();
        Self { stream, at: 0, kind: Kind::Profile(profile, peak) }
    }

    fn step(&mut self, mean_gap: f64) -> Option<Micros> {
        let gap = if mean_gap.is_finite() { micros(mean_gap * self.stream.exponential()) } else { NEVER };
        self.at = self.at.saturating_add(gap);
        (self.at < NEVER).then_some(self.at)
    }
}

impl Iterator for Arrivals {
    type Item = Micros;

    fn next(&mut self) -> Option<Micros> {
        let (end, peak) = match &self.kind {
            Kind::Constant(mean_gap) => {
                let mean_gap = *mean_gap;
                return self.step(mean_gap);
            }
            Kind::Profile(profile, peak) => (profile.end(), *peak),
        };
        loop {
            let at = self.step(1.0 / peak)?;
            if at >= end {
                self.at = NEVER;
                return None;
            }
            let share = self.stream.uniform() * peak;
            if let Kind::Profile(profile, _) = &self.kind
                && share < profile.rate(at)
            {
                return Some(at);
            }
        }
    }
}

#[cfg(test)]
#[path = "arrivals_tests.rs"]
mod tests;
