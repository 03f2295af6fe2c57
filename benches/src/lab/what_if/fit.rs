//! The law of patience behind waits that mostly ended by being served.

use crate::lab::metrics::seconds;
use crate::lab::random::Law;
use crate::lab::record::Micros;

/// Patience as far as a record tells it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Patience {
    /// The fitted law: exponential by maximum likelihood under censoring, its mean all time waited over the number who
    /// left; never, when nobody left.
    pub law: Law,
    /// How many left.
    pub left: usize,
    /// How many were served, or cut off, before they would have.
    pub censored: usize,
    /// The largest distance between the law's survival and Kaplan and Meier's, which assumes no law, over the waits
    /// that were seen.
    pub distance: f64,
}

impl Patience {
    /// Fits waits and whether the customer ended each. E. L. Kaplan and P. Meier, "Nonparametric estimation from
    /// incomplete observations", JASA 53 (1958).
    #[must_use]
    pub fn fit(waits: impl IntoIterator<Item = (Micros, bool)>) -> Self {
        let mut waits: Vec<(Micros, bool)> = waits.into_iter().collect();
        // Of equal waits those that were ended come first: who was served just then was still there.
        waits.sort_unstable_by_key(|it| (it.0, !it.1));
        let left = waits.iter().filter(|it| it.1).count();
        let censored = waits.len() - left;
        let all = seconds(waits.iter().map(|it| u128::from(it.0)).sum());
        if left == 0 || all <= 0.0 {
            return Self { law: Law::Never, left, censored, distance: 0.0 };
        }
        let law = Law::Exponential { mean: all / left as f64 };
        let (mut survival, mut distance) = (1.0_f64, 0.0_f64);
        for (at, (wait, ended)) in waits.iter().enumerate() {
            let fitted = law.survival(seconds((*wait).into()));
            distance = distance.max((fitted - survival).abs());
            if *ended {
                survival *= 1.0 - 1.0 / (waits.len() - at) as f64;
                distance = distance.max((fitted - survival).abs());
            }
        }
        Self { law, left, censored, distance }
    }
}

#[cfg(test)]
mod tests {
    use super::Patience;
    use crate::lab::random::{Law, Purpose, Stream};

    #[test]
    fn by_hand() {
        // 10 s and 30 s until they left, 20 s until served: 60 s of waiting, two left.
        let fit = Patience::fit([(30_000_000, true), (20_000_000, false), (10_000_000, true)]);
        assert_eq!((fit.law, fit.left, fit.censored), (Law::Exponential { mean: 30.0 }, 2, 1));
        // Kaplan-Meier: 2/3 from 10 s on, 0 from 30 s on, where the law has e⁻¹.
        assert!((fit.distance - libm::exp(-1.0)).abs() < 1e-12, "{fit:?}");
        assert_eq!(Patience::fit([(5, false)]).law, Law::Never);
        assert_eq!(Patience::fit([]).law, Law::Never);
    }

    /// Most of those waits end by being served, and the mean of patience is found all the same; the mean wait of those
    /// who left is far from it.
    #[test]
    fn censoring_is_not_taken_for_patience() {
        let patience = Law::Exponential { mean: 120.0 };
        let served = Law::Exponential { mean: 30.0 };
        let mut stream = Stream::new(5, 0, Purpose::Statistics, 0);
        let waits: Vec<(u64, bool)> = (0..20_000)
            .map(|_| {
                let (patience, served) = (patience.draw(&mut stream), served.draw(&mut stream));
                (patience.min(served), patience < served)
            })
            .collect();
        let fit = Patience::fit(waits.iter().copied());
        assert!((fit.law.mean() - 120.0).abs() < 120.0 * 0.06, "{fit:?}");
        let left = waits.iter().filter(|it| it.1);
        let naive = left.clone().map(|it| it.0 as f64 / 1e6).sum::<f64>() / left.count() as f64;
        assert!(naive < 40.0, "{naive}");
        assert!(fit.distance < 0.1, "it is exponential: {fit:?}");
        // A law that is not exponential shows.
        let fixed = (0..2_000_u64).map(|at| if at % 4 == 0 { (60_000_000, true) } else { (at * 20_000, false) });
        assert!(Patience::fit(fixed).distance > 0.2);
    }
}
