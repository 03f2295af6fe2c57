//! How evenly something is shared out.

/// Jain's index: (Σx)²/(n·Σx²), 1 where all have the same and 1/n where one has all. R. Jain, D.-M. Chiu and W. Hawe, DEC
/// Research Report TR-301 (1984). Of nothing to share, or nobody to share it, it says 1. Where people could take
/// different amounts (capacity, hours), divide by those first.
#[must_use]
pub fn jain(shares: &[f64]) -> f64 {
    let (sum, squares) = shares.iter().fold((0.0, 0.0), |(sum, squares), x| (sum + x, squares + x * x));
    if squares == 0.0 { 1.0 } else { sum * sum / (shares.len() as f64 * squares) }
}

/// Gini's coefficient: half of the mean difference of two shares over the mean share; 0 where all have the same,
/// (n-1)/n where one has all. C. Gini, 1912. Of nothing to share it says 0. Shares are not negative.
#[must_use]
pub fn gini(shares: &[f64]) -> f64 {
    let mut sorted = shares.to_vec();
    sorted.sort_by(f64::total_cmp);
    let count = sorted.len() as f64;
    let sum: f64 = sorted.iter().sum();
    if sum == 0.0 {
        return 0.0;
    }
    // Σ over pairs of |x - y| is 2·Σ (2i - n + 1)·x₍ᵢ₎ with i from 0.
    let ranked: f64 = sorted.iter().enumerate().map(|(i, x)| (2.0 * i as f64 - count + 1.0) * x).sum();
    ranked / (count * sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_shares() {
        assert_eq!((jain(&[3.0; 7]), gini(&[3.0; 7])), (1.0, 0.0));
        assert_eq!((jain(&[0.0, 0.0, 5.0, 0.0]), gini(&[0.0, 0.0, 5.0, 0.0])), (0.25, 0.75));
        // (1+2+3)²/(3·14) and, of the differences 1, 1, 2 twice, 8/(2·9·2).
        assert!((jain(&[1.0, 2.0, 3.0]) - 36.0 / 42.0).abs() < 1e-15);
        assert!((gini(&[3.0, 1.0, 2.0]) - 8.0 / 36.0).abs() < 1e-15);
        assert_eq!((jain(&[]), gini(&[]), jain(&[0.0, 0.0]), gini(&[0.0])), (1.0, 0.0, 1.0, 0.0));
    }

    #[test]
    fn the_unit_does_not_matter() {
        let (small, large) = ([1.0, 4.0, 9.0, 2.0], [1e6, 4e6, 9e6, 2e6]);
        assert!((jain(&small) - jain(&large)).abs() < 1e-15 && (gini(&small) - gini(&large)).abs() < 1e-15);
    }

    /// Gini by its definition, over all pairs.
    #[test]
    fn gini_over_pairs() {
        let shares = [0.3, 7.0, 2.2, 2.2, 0.0, 5.1];
        let pairs: f64 = shares.iter().flat_map(|x| shares.iter().map(move |y| f64::abs(x - y))).sum();
        let mean = shares.iter().sum::<f64>() / 6.0;
        assert!((gini(&shares) - pairs / (2.0 * 36.0 * mean)).abs() < 1e-15);
    }
}
