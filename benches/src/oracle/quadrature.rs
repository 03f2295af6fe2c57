//! Integrals to nearly all digits.

/// Adaptive quadrature with Gauss and Legendre's rule of twenty points: a panel is halved until its integral is that
/// of its halves. A rule of twenty points is exact for polynomials up to degree 39, so that smooth functions need few
/// panels; at a jump or a corner the caller splits the range.
#[derive(Clone, Debug)]
pub struct Gauss {
    /// Points on (-1, 1) with their weights.
    points: Vec<(f64, f64)>,
}

/// Halving stops here: a panel is then 2⁻⁴⁸ of the range, which no smooth function needs.
const DEEPEST: u32 = 48;

impl Default for Gauss {
    fn default() -> Self {
        Self::new(20)
    }
}

impl Gauss {
    /// The rule of so many points, each found by Newton's method on the Legendre polynomial.
    #[must_use]
    pub fn new(count: u32) -> Self {
        let n = f64::from(count);
        let point = |i: u32| {
            let mut x = (std::f64::consts::PI * (f64::from(i) + 0.75) / (n + 0.5)).cos();
            let mut slope = 1.0;
            for _ in 0..100 {
                let (value, derivative) = legendre(count, x);
                slope = derivative;
                let step = value / derivative;
                x -= step;
                if step.abs() < 1e-16 {
                    break;
                }
            }
            (x, 2.0 / ((1.0 - x * x) * slope * slope))
        };
        Self { points: (0..count).map(point).collect() }
    }

    /// The integral of a function that is smooth from `low` to `high`, to about 13 digits of its own size or of
    /// `scale`, whichever is larger.
    pub fn integral(&self, low: f64, high: f64, scale: f64, function: &impl Fn(f64) -> f64) -> f64 {
        if low >= high {
            return 0.0;
        }
        let whole = self.panel(low, high, function);
        self.refine(low, high, whole, scale.abs(), DEEPEST, function)
    }

    fn refine(&self, low: f64, high: f64, whole: f64, scale: f64, depth: u32, f: &impl Fn(f64) -> f64) -> f64 {
        let middle = low.midpoint(high);
        let (left, right) = (self.panel(low, middle, f), self.panel(middle, high, f));
        let parts = left + right;
        if depth == 0 || (parts - whole).abs() <= 1e-13 * parts.abs().max(scale) {
            return parts;
        }
        // The size of the whole stays the measure, so that parts that do not matter are not pursued.
        let scale = scale.max(parts.abs());
        self.refine(low, middle, left, scale, depth - 1, f) + self.refine(middle, high, right, scale, depth - 1, f)
    }

    fn panel(&self, low: f64, high: f64, function: &impl Fn(f64) -> f64) -> f64 {
        let (centre, half) = (low.midpoint(high), 0.5 * (high - low));
        half * self.points.iter().map(|(x, weight)| weight * function(centre + half * x)).sum::<f64>()
    }
}

/// The Legendre polynomial of this degree and its derivative, by the recursion of three terms.
fn legendre(degree: u32, x: f64) -> (f64, f64) {
    let (mut before, mut value) = (1.0, x);
    for k in 2..=degree {
        let k = f64::from(k);
        (before, value) = (value, ((2.0 * k - 1.0) * x * value - (k - 1.0) * before) / k);
    }
    (value, f64::from(degree) * (x * value - before) / (x * x - 1.0))
}

#[cfg(test)]
mod tests {
    use super::super::testing::agree;
    use super::*;

    #[test]
    fn polynomials_up_to_degree_39_are_exact() {
        let gauss = Gauss::default();
        for degree in 0..=39 {
            let sum: f64 = gauss.points.iter().map(|(x, weight)| weight * (0.5 * (x + 1.0)).powi(degree) / 2.0).sum();
            agree("degree", sum, 1.0 / f64::from(degree + 1), 1e-13);
        }
    }

    #[test]
    fn known_integrals() {
        let gauss = Gauss::default();
        agree("e^-x", gauss.integral(0.0, 60.0, 0.0, &|x: f64| (-x).exp()), 1.0, 1e-13);
        agree("sine", gauss.integral(0.0, std::f64::consts::PI, 0.0, &f64::sin), 2.0, 1e-13);
        // A peak one thousandth as wide as the range.
        let peak = |x: f64| (-((x - 0.37) / 0.001).powi(2)).exp();
        agree("peak", gauss.integral(0.0, 1.0, 0.0, &peak), 0.001 * std::f64::consts::PI.sqrt(), 1e-12);
        // A corner, which halving finds although nobody said so.
        agree("corner", gauss.integral(0.0, 1.0, 0.0, &|x: f64| (x - 0.3).abs()), 0.29, 1e-12);
        assert_eq!(gauss.integral(1.0, 1.0, 0.0, &|_| 1.0), 0.0);
    }
}
