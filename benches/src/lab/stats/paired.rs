//! Two policies met by the same customers.

use std::fmt;

use super::StatsError;
use super::interval::{Interval, mean_and_variance};
use super::student::student_two_sided;

/// What a comparison may claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is nothing else to say")]
pub enum Verdict {
    /// The first is lower.
    Lower,
    /// The first is higher.
    Higher,
    /// The interval of the difference holds 0: these runs do not tell them apart, which does not make them equal.
    NotDistinguishable,
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Lower => "lower",
            Self::Higher => "higher",
            Self::NotDistinguishable => "not distinguishable",
        })
    }
}

/// The difference of two policies over replications in which both met the same customers (common random numbers).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Paired {
    /// First minus second.
    pub difference: Interval,
    /// The probability of a difference at least as large if there were none.
    pub p_value: f64,
    /// How many times as many independent replications would have been needed for the same interval:
    /// (Var A + Var B) / Var(A - B). Above 1 where meeting the same customers has helped; infinite where the
    /// difference is always the same, and 1 where neither varies at all.
    pub variance_reduction: f64,
}

impl Paired {
    /// Compares values replication by replication: Student's interval and test of their differences.
    ///
    /// # Errors
    /// Lists of unequal length, and what [`Interval::of`] refuses.
    pub fn of(first: &[f64], second: &[f64], confidence: f64) -> Result<Self, StatsError> {
        if first.len() != second.len() {
            return Err(StatsError::Unpaired { left: first.len(), right: second.len() });
        }
        let (mean_first, _) = mean_and_variance(first)?;
        let (mean_second, _) = mean_and_variance(second)?;
        Self::about(mean_first - mean_second, first, second, confidence)
    }

    /// The same about a given estimate of the difference, whose error these pairs tell.
    pub(super) fn about(estimate: f64, first: &[f64], second: &[f64], confidence: f64) -> Result<Self, StatsError> {
        let differences: Vec<f64> = first.iter().zip(second).map(|(first, second)| first - second).collect();
        let (_, variance) = mean_and_variance(&differences)?;
        let apart = mean_and_variance(first)?.1 + mean_and_variance(second)?.1;
        let difference = Interval::about(estimate, variance, differences.len(), confidence)?;
        let freedom = u32::try_from(differences.len() - 1).unwrap_or(u32::MAX);
        Ok(Self {
            difference,
            p_value: student_two_sided(difference.errors_from(0.0), freedom),
            variance_reduction: if apart == 0.0 { 1.0 } else { apart / variance },
        })
    }

    /// What this comparison alone may claim, at the interval's confidence. Among several see
    /// [`verdicts`](super::verdicts).
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.verdict_if(!self.difference.contains(0.0))
    }

    pub(super) fn verdict_if(&self, told_apart: bool) -> Verdict {
        if !told_apart {
            Verdict::NotDistinguishable
        } else if self.difference.mean < 0.0 {
            Verdict::Lower
        } else {
            Verdict::Higher
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::random::{Purpose, Stream};

    /// Twenty replications of two policies with a common part of variance 1 and own parts of variance 1/100.
    fn replications(seed: u64, shift: f64) -> (Vec<f64>, Vec<f64>) {
        (0..20)
            .map(|replication| {
                let mut stream = Stream::new(seed, replication, Purpose::Statistics, 0);
                let common = stream.normal();
                (common + 0.1 * stream.normal() + shift, common + 0.1 * stream.normal())
            })
            .unzip()
    }

    #[test]
    fn by_hand() {
        // Differences 1, 2, 3: mean 2, standard error 1/√3; t = 3.4641, p = 0.07418 with two degrees of freedom.
        let pair = Paired::of(&[2.0, 4.0, 9.0], &[1.0, 2.0, 6.0], 0.95).unwrap();
        assert_eq!(pair.difference.mean, 2.0);
        assert!((pair.p_value - 0.074_179_9).abs() < 1e-6, "{}", pair.p_value);
        // Variances 13 and 7, of the difference 1.
        assert!((pair.variance_reduction - 20.0).abs() < 1e-12);
        assert_eq!(pair.verdict(), Verdict::NotDistinguishable);
        assert_eq!(pair.verdict().to_string(), "not distinguishable");
        assert_eq!(Paired::of(&[2.0, 4.0, 9.0], &[1.0, 2.0, 6.0], 0.9).unwrap().verdict(), Verdict::Higher);
    }

    /// What pairs tell apart, the same values without pairing do not: a hundredfold reduction of variance.
    #[test]
    fn pairing_helps() {
        let (first, second) = replications(1, -0.2);
        let pair = Paired::of(&first, &second, 0.95).unwrap();
        assert_eq!(pair.verdict(), Verdict::Lower);
        assert!((40.0..250.0).contains(&pair.variance_reduction), "{}", pair.variance_reduction);
        let alone = Interval::of(&first, 0.95).unwrap();
        assert!(alone.contains(Interval::of(&second, 0.95).unwrap().mean));
    }

    /// Of equal policies one comparison in twenty claims a difference, and the intervals hold 0 as often as they say.
    #[test]
    fn claims_of_equal_policies() {
        let wrong = (0..1_000).filter(|seed| {
            let (first, second) = replications(*seed, 0.0);
            let pair = Paired::of(&first, &second, 0.95).unwrap();
            assert_eq!(pair.verdict() == Verdict::NotDistinguishable, pair.p_value >= 0.05);
            pair.verdict() != Verdict::NotDistinguishable
        });
        let wrong = wrong.count();
        assert!((26..=74).contains(&wrong), "{wrong}"); // 50 expected, standard deviation 6.9
    }

    #[test]
    fn the_ends() {
        let same = Paired::of(&[1.0, 2.0], &[1.0, 2.0], 0.95).unwrap();
        assert_eq!((same.verdict(), same.p_value), (Verdict::NotDistinguishable, 1.0));
        assert_eq!(same.variance_reduction, f64::INFINITY);
        let shifted = Paired::of(&[2.0, 3.0], &[1.0, 2.0], 0.95).unwrap();
        assert_eq!((shifted.verdict(), shifted.p_value), (Verdict::Higher, 0.0));
        assert_eq!(Paired::of(&[1.0, 1.0], &[1.0, 1.0], 0.95).unwrap().variance_reduction, 1.0);
        assert_eq!(Paired::of(&[1.0], &[1.0, 2.0], 0.95), Err(StatsError::Unpaired { left: 1, right: 2 }));
    }
}
