//! Laplace transforms of the laws.

use super::quadrature::Gauss;
use crate::lab::random::{Law, balanced_share};

/// E\[e^(-sX)\] for s >= 0 and a time X of this law. A lognormal law has no closed form; there it is one minus the integral
/// of s·e^(-sx) times the survival function.
#[must_use]
pub fn laplace(law: &Law, s: f64) -> f64 {
    let exponential = |mean: f64| 1.0 / (1.0 + s * mean);
    match *law {
        _ if s == 0.0 => f64::from(u8::from(*law != Law::Never)),
        Law::Exponential { mean } => exponential(mean),
        Law::Deterministic { value } => (-s * value).exp(),
        Law::Lognormal { median, .. } => {
            // Over y = ln(x/median) the integrand is smooth, and falls off on both sides.
            let gauss = Gauss::default();
            let integrand = |y: f64| {
                let x = median * y.exp();
                s * x * (-s * x).exp() * law.survival(x)
            };
            let high = (750.0 / (s * median)).ln();
            1.0 - gauss.integral(high - 60.0, high, 1.0, &integrand)
        }
        Law::Uniform { low, high } => {
            let width = s * (high - low);
            (-s * low).exp() * -(-width).exp_m1() / width
        }
        Law::Erlang { k, mean } => (-f64::from(k) * (s * mean / f64::from(k)).ln_1p()).exp(),
        Law::Hyperexponential { mean, cv2 } => {
            let share = balanced_share(cv2);
            let branch = |share: f64| share * exponential(0.5 * mean / share);
            branch(share) + branch(1.0 - share)
        }
        Law::Never => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{LAWS, agree};
    use super::*;

    /// Each transform is the integral it stands for, and its slope at 0 is minus the mean.
    #[test]
    fn transforms_are_integrals() {
        let gauss = Gauss::default();
        for law in LAWS {
            for s in [0.1, 1.0, 7.0] {
                let integrand = |x: f64| s * (-s * x).exp() * law.survival(x);
                // Laws jump or bend where pieces meet.
                let cuts = [0.0, 0.5, 1.5, 2.0, 50.0, 800.0];
                let pieces = cuts.windows(2).map(|piece| gauss.integral(piece[0], piece[1], 1.0, &integrand));
                agree(&format!("{law:?} at {s}"), laplace(&law, s), 1.0 - pieces.sum::<f64>(), 1e-9);
            }
            agree("mean", (1.0 - laplace(&law, 1e-5)) / 1e-5, law.mean(), 1e-4);
            assert_eq!(laplace(&law, 0.0), 1.0);
        }
        assert_eq!(laplace(&Law::Deterministic { value: 2.0 }, 0.5), (-1.0_f64).exp());
    }
}
