//! A mean with its interval.

use super::StatsError;
use super::error::{confidence, finite};
use super::student::student_quantile;

/// A mean over independent replications and how far it may be off.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Interval {
    /// The estimate in the middle.
    pub mean: f64,
    /// Half of the interval's width.
    pub half_width: f64,
    /// The standard error of the estimate.
    pub standard_error: f64,
    /// How often such an interval holds the true value.
    pub confidence: f64,
    /// How many values it rests on.
    pub count: usize,
}

impl Interval {
    /// The mean of independent values with Student's interval: mean ± t·s/√n, with n - 1 degrees of freedom. Exact for
    /// normal values, and close for means of long runs whatever their law.
    ///
    /// # Errors
    /// Fewer than two values, one that is not finite, or a confidence that is none.
    pub fn of(values: &[f64], confidence: f64) -> Result<Self, StatsError> {
        let (mean, variance) = mean_and_variance(values)?;
        Self::about(mean, variance, values.len(), confidence)
    }

    /// The interval about an estimate that has the error of a mean of so many values with this variance.
    pub(super) fn about(mean: f64, variance: f64, count: usize, level: f64) -> Result<Self, StatsError> {
        let freedom = u32::try_from(count.saturating_sub(1)).unwrap_or(u32::MAX);
        let t = student_quantile(0.5 + 0.5 * confidence(level)?, freedom);
        let standard_error = (variance / count as f64).sqrt();
        Ok(Self { mean, half_width: t * standard_error, standard_error, confidence: level, count })
    }

    /// Its lower end.
    #[must_use]
    pub fn low(&self) -> f64 {
        self.mean - self.half_width
    }

    /// Its upper end.
    #[must_use]
    pub fn high(&self) -> f64 {
        self.mean + self.half_width
    }

    /// Whether a value lies within it, ends included.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        (self.low()..=self.high()).contains(&value)
    }

    /// Half of the width as a share of the mean; infinite or not a number where the mean is nothing.
    #[must_use]
    pub fn relative_half_width(&self) -> f64 {
        self.half_width / self.mean.abs()
    }

    /// How many standard errors the estimate lies from a value; 0 where both agree exactly, infinite where they differ
    /// and there is no error.
    #[must_use]
    pub fn errors_from(&self, value: f64) -> f64 {
        let off = (self.mean - value).abs();
        if off == 0.0 { 0.0 } else { off / self.standard_error }
    }
}

/// The mean and the variance (over n - 1), in two passes so that a large mean does not eat the digits of the variance.
///
/// # Errors
/// Fewer than two values, or one that is not finite.
pub fn mean_and_variance(values: &[f64]) -> Result<(f64, f64), StatsError> {
    finite(values, 2)?;
    let count = values.len() as f64;
    let rough = values.iter().sum::<f64>() / count;
    // The second pass also mends what rounding left in the first mean.
    let (off, squares) = values.iter().fold((0.0, 0.0), |(off, squares), value| {
        let deviation = value - rough;
        (off + deviation, squares + deviation * deviation)
    });
    Ok((rough + off / count, ((squares - off * off / count) / (count - 1.0)).max(0.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::random::{Purpose, Stream};

    #[test]
    fn by_hand() {
        // Mean 5, variance 20/3; t(.975; 3) = 3.182446.
        let interval = Interval::of(&[2.0, 4.0, 6.0, 8.0], 0.95).unwrap();
        assert_eq!((interval.mean, interval.count), (5.0, 4));
        assert!((interval.standard_error - (20.0_f64 / 3.0).sqrt() / 2.0).abs() < 1e-14);
        assert!((interval.half_width - 3.182_446_305 * interval.standard_error).abs() < 1e-8);
        assert!(interval.contains(interval.low()) && !interval.contains(interval.high() + 1e-9));
        assert!((interval.errors_from(5.0 - interval.standard_error) - 1.0).abs() < 1e-12);
        assert!((interval.relative_half_width() - interval.half_width / 5.0).abs() < 1e-14);
    }

    #[test]
    fn a_large_mean_does_not_hide_the_variance() {
        let (mean, variance) = mean_and_variance(&[1e9 + 1.0, 1e9 + 2.0, 1e9 + 3.0]).unwrap();
        assert_eq!((mean, variance), (1e9 + 2.0, 1.0));
    }

    /// In two thousand experiments of twenty values the intervals hold the truth as often as they say, for normal
    /// values and for the long means of exponential ones.
    #[test]
    fn coverage() {
        for level in [0.8, 0.95, 0.99] {
            for kind in ["normal", "exponential"] {
                let held = (0..2_000_u32).filter(|experiment| {
                    let mut stream = Stream::new(20, *experiment, Purpose::Statistics, 0);
                    let values: Vec<f64> = (0..20)
                        .map(|_| match kind {
                            "normal" => 1.0 + stream.normal(),
                            _ => (0..50).map(|_| stream.exponential()).sum::<f64>() / 50.0,
                        })
                        .collect();
                    Interval::of(&values, level).unwrap().contains(1.0)
                });
                let share = held.count() as f64 / 2_000.0;
                let error = (level * (1.0 - level) / 2_000.0).sqrt();
                assert!((share - level).abs() < 3.5 * error, "{kind} {level}: {share}");
            }
        }
    }

    #[test]
    fn what_is_refused() {
        assert_eq!(Interval::of(&[1.0], 0.95), Err(StatsError::TooFew { needed: 2, got: 1 }));
        assert_eq!(Interval::of(&[1.0, 2.0], 1.0), Err(StatsError::Confidence(1.0)));
        assert!(matches!(Interval::of(&[1.0, f64::NAN], 0.9), Err(StatsError::NotFinite { index: 1, .. })));
        // Equal values have no error at all.
        let constant = Interval::of(&[3.0, 3.0], 0.95).unwrap();
        assert_eq!(
            (constant.half_width, constant.errors_from(3.0), constant.errors_from(2.0)),
            (0.0, 0.0, f64::INFINITY)
        );
    }
}
