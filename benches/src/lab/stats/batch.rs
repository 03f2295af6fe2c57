//! One long run instead of many: batch means.

use super::StatsError;
use super::error::finite;
use super::interval::{Interval, mean_and_variance};

/// A mean over one long run with an interval from the means of its batches.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct BatchMeans {
    /// The mean of the values used and its interval, over batches.
    pub interval: Interval,
    /// How strongly the mean of a batch tells of the next: von Neumann's estimate of their correlation at lag 1.
    pub lag_1: f64,
    /// Whether `lag_1` is no more than chance would make of independent batches (one side, 5 %). If not, the batches
    /// are too short and the interval is too narrow.
    pub independent: bool,
    /// How many values each batch holds; what does not fill a last batch is left out, from the start.
    pub batch: usize,
}

/// Cuts a run into `batches` equal parts (20 to 30 are usual) whose means are nearly independent if the parts are long;
/// the check is that of G. S. Fishman, "Grouping observations in digital simulation", Management Science 24 (1978):
/// 1 - Σ(xᵢ-xᵢ₊₁)²/(2Σ(xᵢ-x̄)²), for independent batches nearly normal with variance (b-2)/(b²-1) (from memory).
///
/// # Errors
/// Fewer than eight batches, fewer values than batches, one that is not finite, or a confidence that is none.
pub fn batch_means(values: &[f64], batches: usize, confidence: f64) -> Result<BatchMeans, StatsError> {
    if batches < 8 {
        return Err(StatsError::TooFew { needed: 8, got: batches });
    }
    finite(values, batches)?;
    let batch = values.len() / batches;
    let used = &values[values.len() - batch * batches..];
    let means: Vec<f64> = used.chunks_exact(batch).map(|part| part.iter().sum::<f64>() / batch as f64).collect();
    let (_, variance) = mean_and_variance(&means)?;
    let b = batches as f64;
    let squares = variance * (b - 1.0);
    let steps: f64 = means.windows(2).map(|pair| (pair[0] - pair[1]).powi(2)).sum();
    let lag_1 = if squares == 0.0 { 0.0 } else { 1.0 - steps / (2.0 * squares) };
    let chance = ((b - 2.0) / (b * b - 1.0)).sqrt();
    Ok(BatchMeans {
        interval: Interval::of(&means, confidence)?,
        lag_1,
        independent: lag_1 <= 1.644_853_626_951_472_2 * chance,
        batch,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::random::{Purpose, Stream};

    /// A first-order autoregression with mean 0 and the given correlation of neighbours, begun in its stationary law.
    fn run(replication: u32, correlation: f64, count: usize) -> Vec<f64> {
        let mut stream = Stream::new(8, replication, Purpose::Statistics, 2);
        let fresh = (1.0 - correlation * correlation).sqrt();
        let mut value = stream.normal();
        (0..count)
            .map(|_| {
                value = correlation * value + fresh * stream.normal();
                value
            })
            .collect()
    }

    /// Long batches of a correlated run hold the truth as often as they say; short ones do not, and the check says so.
    #[test]
    fn coverage_and_the_check() {
        let trial = |count| {
            let (mut held, mut passed) = (0_u32, 0_u32);
            for replication in 0..400 {
                let means = batch_means(&run(replication, 0.9, count), 20, 0.95).unwrap();
                held += u32::from(means.interval.contains(0.0));
                passed += u32::from(means.independent);
            }
            (f64::from(held) / 400.0, f64::from(passed) / 400.0)
        };
        let (held, passed) = trial(20 * 500);
        assert!((0.915..=0.985).contains(&held), "{held}");
        assert!(passed > 0.9, "{passed}");
        let (held, passed) = trial(20 * 5);
        assert!(held < 0.8, "{held}");
        assert!(passed < 0.3, "{passed}");
    }

    #[test]
    fn what_does_not_fill_a_batch_is_left_out_from_the_start() {
        let mut values = vec![1000.0; 3];
        values.extend((0..80).map(|i| f64::from(i % 2)));
        let means = batch_means(&values, 8, 0.95).unwrap();
        assert_eq!((means.batch, means.interval.mean, means.interval.half_width), (10, 0.5, 0.0));
        assert!(means.independent && means.lag_1 == 0.0);
    }

    /// A run that only rises is as correlated as can be.
    #[test]
    fn a_trend_is_seen() {
        let rising: Vec<f64> = (0..200).map(f64::from).collect();
        let means = batch_means(&rising, 20, 0.95).unwrap();
        assert!(means.lag_1 > 0.9 && !means.independent);
        assert!(batch_means(&rising, 5, 0.95).is_err() && batch_means(&rising[..7], 8, 0.95).is_err());
    }
}
