//! Several comparisons at once.

use super::paired::{Paired, Verdict};

/// The p-values as they count when all are looked at together: those below a level may be claimed with no more than
/// that probability of claiming anything wrong. S. Holm, "A simple sequentially rejective multiple test procedure",
/// Scandinavian Journal of Statistics 6 (1979).
#[must_use]
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|left, right| p_values[*left].total_cmp(&p_values[*right]));
    let mut adjusted = vec![0.0; p_values.len()];
    let mut so_far = 0.0_f64;
    for (rank, index) in order.into_iter().enumerate() {
        // The smallest is multiplied by all, the next by one fewer; none may fall below one before it.
        so_far = so_far.max(p_values[index] * (p_values.len() - rank) as f64).min(1.0);
        adjusted[index] = so_far;
    }
    adjusted
}

/// What these comparisons may claim together, by Holm's correction, each at its own interval's confidence.
#[must_use]
pub fn verdicts(comparisons: &[Paired]) -> Vec<Verdict> {
    let p_values: Vec<f64> = comparisons.iter().map(|pair| pair.p_value).collect();
    let claim = |(pair, p): (&Paired, f64)| pair.verdict_if(p < 1.0 - pair.difference.confidence);
    comparisons.iter().zip(holm(&p_values)).map(claim).collect()
}

/// The confidence that each of so many intervals needs for all of them to hold together with `confidence`: Bonferroni's
/// inequality.
#[must_use]
pub fn bonferroni(confidence: f64, count: usize) -> f64 {
    1.0 - (1.0 - confidence) / count.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::random::{Purpose, Stream};

    #[test]
    fn adjusted_values() {
        // 4·.005, 3·.01, 2·.03 and .04, which may not fall below the one before it.
        let adjusted = holm(&[0.01, 0.04, 0.03, 0.005]);
        for (value, expected) in adjusted.into_iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert!((value - expected).abs() < 1e-15);
        }
        assert_eq!(holm(&[0.7, 0.9]), [1.0, 1.0]);
        assert!(holm(&[]).is_empty());
        assert!((bonferroni(0.95, 5) - 0.99).abs() < 1e-15);
    }

    /// Five comparisons without any difference claim something in about one experiment of twenty, while each by itself
    /// would do so in about one of four.
    #[test]
    fn claims_together() {
        let (mut alone, mut together) = (0, 0);
        for experiment in 0..1_000 {
            let comparisons: Vec<Paired> = (0..5)
                .map(|which| {
                    let mut stream = Stream::new(4, experiment, Purpose::Statistics, which);
                    let values: Vec<f64> = (0..10).map(|_| stream.normal()).collect();
                    Paired::of(&values, &[0.0; 10], 0.95).unwrap()
                })
                .collect();
            let claims = |verdicts: &[Verdict]| u32::from(verdicts.iter().any(|v| *v != Verdict::NotDistinguishable));
            alone += claims(&comparisons.iter().map(Paired::verdict).collect::<Vec<_>>());
            together += claims(&verdicts(&comparisons));
        }
        // Expected 226 and at most 50, with standard deviations of 13 and 7.
        assert!((180..=272).contains(&alone), "{alone}");
        assert!((26..=74).contains(&together), "{together}");
    }
}
