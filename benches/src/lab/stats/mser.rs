//! How much of a run is warming up.

use super::StatsError;
use super::error::finite;

/// Where a run may begin to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Truncation {
    /// How many values at the start to leave out.
    pub delete: usize,
    /// Whether the rule found a place within the first half. If not, the run is too short to have settled.
    pub settled: bool,
}

/// MSER-5: leaves out so many batches of five at the start as make the squared standard error of the mean of the rest
/// smallest, Σ(y-ȳ)²/(n-d)² over the n - d batches kept. K. P. White, "An effective truncation heuristic for bias
/// reduction in simulation output", Simulation 69 (1997); with batches of five in White, Cobb and Spratt, 2000.
///
/// # Errors
/// Fewer than ten batches, or a value that is not finite.
pub fn mser5(values: &[f64]) -> Result<Truncation, StatsError> {
    const BATCH: usize = 5;
    finite(values, 10 * BATCH)?;
    let means: Vec<f64> = values.chunks_exact(BATCH).map(|part| part.iter().sum::<f64>() / BATCH as f64).collect();
    let count = means.len();
    // From the end towards the start, so that each step adds one batch to the mean and the squares (Welford, 1962).
    let (mut kept, mut mean, mut squares) = (0.0, 0.0, 0.0);
    let mut best = (f64::INFINITY, 0);
    for start in (0..count).rev() {
        kept += 1.0;
        let off = means[start] - mean;
        mean += off / kept;
        squares += off * (means[start] - mean);
        // A handful of values at the end can look settled by chance, so at least five batches are kept.
        let measure = squares / (kept * kept);
        if kept >= 5.0 && measure <= best.0 {
            best = (measure, start);
        }
    }
    let settled = best.1 <= count / 2;
    Ok(Truncation { delete: best.1 * BATCH, settled })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::random::{Purpose, Stream};

    fn noisy(count: usize, trend: impl Fn(usize) -> f64) -> Vec<f64> {
        let mut stream = Stream::new(3, 0, Purpose::Statistics, 3);
        (0..count).map(|i| trend(i) + stream.normal()).collect()
    }

    /// The running sums give what the definition gives.
    #[test]
    fn by_its_definition() {
        let values = noisy(300, |i| if i < 60 { 3.0 } else { 0.0 });
        let means: Vec<f64> = values.chunks_exact(5).map(|part| part.iter().sum::<f64>() / 5.0).collect();
        let measure = |start: usize| {
            let kept = &means[start..];
            let mean = kept.iter().sum::<f64>() / kept.len() as f64;
            kept.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / (kept.len() as f64).powi(2)
        };
        let best = (0..=means.len() - 5).min_by(|a, b| measure(*a).total_cmp(&measure(*b))).unwrap();
        assert_eq!(mser5(&values).unwrap().delete, best * 5);
    }

    #[test]
    fn a_start_that_differs_is_left_out() {
        let stepped = mser5(&noisy(2_000, |i| if i < 200 { 10.0 } else { 0.0 })).unwrap();
        assert!(stepped.settled && (200..=300).contains(&stepped.delete), "{stepped:?}");
        let steady = mser5(&noisy(2_000, |_| 5.0)).unwrap();
        assert!(steady.settled && steady.delete < 1_000, "{steady:?}");
        assert_eq!(mser5(&[7.0; 60]), Ok(Truncation { delete: 0, settled: true }));
    }

    #[test]
    fn a_run_that_never_settles_says_so() {
        let rising = mser5(&(0..500).map(f64::from).collect::<Vec<_>>()).unwrap();
        assert!(!rising.settled, "{rising:?}");
        assert_eq!(mser5(&[1.0; 49]), Err(StatsError::TooFew { needed: 50, got: 49 }));
    }
}
