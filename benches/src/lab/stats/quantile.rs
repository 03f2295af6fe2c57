//! Exact quantiles.

/// The smallest of the values that at least a share `p` of them does not exceed, as the inverse of the empirical
/// distribution has it (type 1 of R. J. Hyndman and Y. Fan, 1996): always a value that occurred. None where there is no
/// value or `p` is no share. `sorted` rises.
#[must_use]
pub fn quantile<T: Copy + PartialOrd>(sorted: &[T], p: f64) -> Option<T> {
    debug_assert!(sorted.is_sorted(), "quantiles are read from sorted values");
    if !(0.0..=1.0).contains(&p) {
        return None;
    }
    let count = sorted.len() as f64;
    // A product that should be whole, like 0.55 × 100, may come out a little above.
    let rank = (p * count - 1e-9 * count.min(1e6)).ceil().max(1.0) as usize;
    sorted.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against counting, for every size and a grid of shares.
    #[test]
    fn by_counting() {
        for size in 1..=120_u32 {
            let values: Vec<u32> = (0..size).map(|i| i / 3).collect();
            for percent in 0..=100_u32 {
                let enough =
                    |value: u32| values.iter().filter(|other| **other <= value).count() as u32 * 100 >= percent * size;
                let expected = values.iter().copied().find(|value| enough(*value));
                assert_eq!(quantile(&values, f64::from(percent) / 100.0), expected, "{percent} % of {size}");
            }
        }
    }

    #[test]
    fn the_ends() {
        assert_eq!(quantile::<u64>(&[], 0.5), None);
        assert_eq!(quantile(&[1.5, 2.5], 0.5), Some(1.5));
        assert_eq!(quantile(&[1.5, 2.5], 1.5), None);
        assert_eq!(quantile(&[1, 2], f64::NAN), None);
    }
}
