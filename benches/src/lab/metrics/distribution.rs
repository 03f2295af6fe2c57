//! Distributions of times: exact up to a size, rounded beyond it, mergeable either way.

use crate::lab::record::Micros;

/// How many times of one run are kept exactly. A distribution of more is rounded, by [`ERROR`] at most.
pub const EXACT_MAX: usize = 250_000;

/// Leading bits that a rounded time keeps.
const BITS: u32 = 11;

/// The largest relative error of a rounded time.
pub const ERROR: f64 = 1.0 / (1_u32 << BITS) as f64;

/// Times and how often each occurred, in ascending order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distribution {
    /// (time, how many are at most that long), both strictly rising.
    steps: Vec<(Micros, u64)>,
}

impl Distribution {
    /// The distribution of these times: exact if there are at most [`EXACT_MAX`] of them.
    #[must_use]
    pub fn new(times: Vec<Micros>) -> Self {
        Self::with_limit(times, EXACT_MAX)
    }

    fn with_limit(mut times: Vec<Micros>, exact_max: usize) -> Self {
        if times.len() > exact_max {
            times.iter_mut().for_each(|time| *time = rounded(*time));
        }
        times.sort_unstable();
        Self::of_sorted(times.into_iter().map(|time| (time, 1)))
    }

    /// All of these together.
    #[must_use]
    pub fn merged<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut all: Vec<(Micros, u64)> = parts.into_iter().flat_map(Self::counts).collect();
        all.sort_unstable();
        Self::of_sorted(all.into_iter())
    }

    fn of_sorted(counts: impl Iterator<Item = (Micros, u64)>) -> Self {
        let mut steps: Vec<(Micros, u64)> = Vec::new();
        let mut up_to = 0;
        for (time, count) in counts {
            up_to += count;
            match steps.last_mut() {
                Some(last) if last.0 == time => last.1 = up_to,
                Some(_) | None => steps.push((time, up_to)),
            }
        }
        steps.shrink_to_fit();
        Self { steps }
    }

    /// Each time with how often it occurred.
    pub fn counts(&self) -> impl Iterator<Item = (Micros, u64)> + '_ {
        let before = std::iter::once(0).chain(self.steps.iter().map(|step| step.1));
        self.steps.iter().zip(before).map(|(&(time, up_to), before)| (time, up_to - before))
    }

    /// How many times there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.steps.last().map_or(0, |step| step.1)
    }

    /// True when there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// How many are at most this long.
    #[must_use]
    pub fn at_most(&self, time: Micros) -> u64 {
        let after = self.steps.partition_point(|step| step.0 <= time);
        if after == 0 { 0 } else { self.steps[after - 1].1 }
    }

    /// The largest.
    #[must_use]
    pub fn max(&self) -> Option<Micros> {
        self.steps.last().map(|step| step.0)
    }

    /// The smallest time that at least the share `p` of all do not exceed.
    #[must_use]
    pub fn quantile(&self, p: f64) -> Option<Micros> {
        self.quantile_without(&Self::default(), p)
    }

    /// The same for what is left when a part, whose times are all in here, is taken out.
    #[must_use]
    pub fn quantile_without(&self, part: &Self, p: f64) -> Option<Micros> {
        let left = self.len().checked_sub(part.len()).filter(|left| *left > 0)?;
        let wanted = ((p * left as f64).ceil() as u64).clamp(1, left);
        let at = self.steps.partition_point(|&(time, up_to)| up_to - part.at_most(time) < wanted);
        self.steps.get(at).map(|step| step.0)
    }
}

/// The middle of the bucket of times that share the leading bits.
const fn rounded(time: Micros) -> Micros {
    let Some(shift) = (Micros::BITS - time.leading_zeros()).checked_sub(BITS) else { return time };
    if shift == 0 { time } else { (time >> shift << shift) + (1 << (shift - 1)) }
}

#[cfg(test)]
mod tests {
    use super::{BITS, Distribution, ERROR, rounded};

    #[test]
    fn quantiles_are_times_that_occurred() {
        let waits = Distribution::new(vec![40, 10, 20, 30]);
        let at = |p| waits.quantile(p);
        assert_eq!([at(0.0), at(0.25), at(0.26), at(0.5), at(0.9), at(1.0)], [10, 10, 20, 20, 40, 40].map(Some));
        assert_eq!((waits.len(), waits.max(), waits.at_most(29), waits.at_most(9)), (4, Some(40), 2, 0));
        assert_eq!(Distribution::default().quantile(0.5), None);
    }

    #[test]
    fn merging_and_taking_out_are_exact() {
        let parts = [vec![5, 5, 7], vec![], vec![1, 7, 9, 9], vec![2]].map(Distribution::new);
        let all = Distribution::merged(&parts);
        assert_eq!(all.counts().collect::<Vec<_>>(), [(1, 1), (2, 1), (5, 2), (7, 2), (9, 2)]);
        for (out, part) in parts.iter().enumerate() {
            let rest = Distribution::merged(parts.iter().enumerate().filter(|(at, _)| *at != out).map(|(_, it)| it));
            for percent in 0..=100 {
                let p = f64::from(percent) / 100.0;
                assert_eq!(all.quantile_without(part, p), rest.quantile(p), "without {out} at {p}");
            }
        }
        assert_eq!(all.quantile_without(&all, 0.5), None, "nothing is left");
    }

    #[test]
    fn large_distributions_keep_the_error_they_declare() {
        let mut worst: f64 = 0.0;
        for time in (0..2_000_000_u64).step_by(7).chain([1 << 40, (1 << 40) + 12_345_678_901]) {
            worst = worst.max((rounded(time) as f64 - time as f64).abs() / time.max(1) as f64);
        }
        assert!(worst > 0.0 && worst <= ERROR, "{worst} and {ERROR}");
        assert!((0..1 << BITS).all(|time| rounded(time) == time), "short times stay exact");

        let times: Vec<u64> = (0..100_000).map(|n| n * n).collect();
        let exact = Distribution::with_limit(times.clone(), 100_000);
        let coarse = Distribution::with_limit(times, 99_999);
        assert!(coarse.steps.len() < exact.steps.len() / 2 && coarse.len() == exact.len());
        for p in [0.5, 0.9, 0.99, 1.0] {
            let [exact, coarse] = [&exact, &coarse].map(|it| it.quantile(p).unwrap() as f64);
            assert!((exact - coarse).abs() <= exact * ERROR, "{exact} and {coarse} at {p}");
        }
    }
}
