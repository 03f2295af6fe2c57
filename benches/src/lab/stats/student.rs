//! Student's distribution ("The probable error of a mean", Biometrika 6, 1908).

use crate::lab::random::normal_quantile;

/// The probability that a t of so many degrees of freedom is at least as far from 0 as `t`: the p-value of a test with
/// two sides. By I(x; ν/2, 1/2) with x = ν/(ν+t²), the regularised incomplete beta function.
#[must_use]
pub fn student_two_sided(t: f64, freedom: u32) -> f64 {
    let nu = f64::from(freedom.max(1));
    if t.is_infinite() {
        return 0.0;
    }
    let square = t * t;
    // The share t²/(ν+t²) is given too, since 1 - x would lose its digits for a small t.
    incomplete_beta(0.5 * nu, 0.5, nu / (nu + square), square / (nu + square))
}

/// The number that a t of so many degrees of freedom does not exceed with probability `p`, to about 12 digits; infinite
/// at 0 and 1, not a number outside them. No freedom at all counts as one degree.
#[must_use]
pub fn student_quantile(p: f64, freedom: u32) -> f64 {
    let nu = f64::from(freedom.max(1));
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if p < 0.5 {
        return -student_quantile(1.0 - p, freedom);
    }
    let tail = 1.0 - p;
    if tail == 0.0 {
        return f64::INFINITY;
    }
    let start = expansion(normal_quantile(p), nu);
    if freedom > 10_000 {
        // Here the next term of the expansion is below 1e-13.
        return start;
    }
    let excess = |t: f64| 0.5 * student_two_sided(t, freedom) - tail;
    let (mut low, mut high) = (0.0, start.max(1.0));
    while excess(high) > 0.0 {
        (low, high) = (high, 2.0 * high);
    }
    let scale = libm::exp(libm::lgamma(0.5 * (nu + 1.0)) - libm::lgamma(0.5 * nu)) / (nu * std::f64::consts::PI).sqrt();
    let density = |t: f64| scale * libm::pow(1.0 + t * t / nu, -0.5 * (nu + 1.0));
    // Newton's steps, and a halving of the bracket whenever one would leave it.
    let mut t = start.clamp(low, high);
    for _ in 0..200 {
        let off = excess(t);
        if off > 0.0 {
            low = t
        } else {
            high = t
        }
        let step = t + off / density(t);
        let next = if step > low && step < high { step } else { f64::midpoint(low, high) };
        if (next - t).abs() <= 1e-15 * t.abs() {
            return next;
        }
        t = next;
    }
    t
}

/// R. A. Fisher and E. A. Cornish's expansion of the quantile about the normal one, to 1/ν³ (from memory; Abramowitz
/// and Stegun 26.7.5).
fn expansion(z: f64, nu: f64) -> f64 {
    let square = z * z;
    let first = z * (square + 1.0) / 4.0;
    let second = z * ((5.0 * square + 16.0) * square + 3.0) / 96.0;
    let third = z * (((3.0 * square + 19.0) * square + 17.0) * square - 15.0) / 384.0;
    z + ((third / nu + second) / nu + first) / nu
}

/// The regularised incomplete beta function I(x; a, b), with y = 1 - x given apart: the continued fraction of DLMF
/// 8.17.22, by the method of W. J. Lentz, on the side where it converges fast.
fn incomplete_beta(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if x <= 0.0 || y <= 0.0 {
        return f64::from(u8::from(y <= 0.0));
    }
    let log_front = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * libm::log(x) + b * libm::log(y);
    let front = libm::exp(log_front);
    if x < (a + 1.0) / (a + b + 2.0) { front * fraction(a, b, x) / a } else { 1.0 - front * fraction(b, a, y) / b }
}

fn fraction(a: f64, b: f64, x: f64) -> f64 {
    let not_zero = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / not_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    // It takes in the order of √max(a, b) rounds.
    for round in 1..100_000_u32 {
        let m = f64::from(round);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            d = 1.0 / not_zero(1.0 + term * d);
            c = not_zero(1.0 + term / c);
            change = c * d;
            value *= change;
        }
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with fifty digits by another program.
    const KNOWN: [(f64, u32, f64); 15] = [
        (0.975, 1, 12.70620473617469),
        (0.975, 2, 4.302652729749462),
        (0.95, 3, 2.353363434801823),
        (0.995, 5, 4.032142983555227),
        (0.9, 7, 1.414923927650509),
        (0.975, 9, 2.262157162798205),
        (0.975, 19, 2.093024054408309),
        (0.995, 19, 2.860934606464979),
        (0.9995, 19, 3.883405852592131),
        (0.975, 29, 2.045229642132704),
        (0.6, 30, 0.2556053649519127),
        (0.975, 99, 1.984216951586417),
        (0.9999, 100, 3.861599790950091),
        (0.975, 999, 1.96234146113345),
        (0.975, 20000, 1.960082605158135),
    ];

    #[test]
    fn quantiles_to_ten_digits() {
        for (p, freedom, t) in KNOWN {
            let found = student_quantile(p, freedom);
            assert!((found - t).abs() <= 1e-10 * t.abs(), "p={p} ν={freedom}: {found} for {t}");
            assert_eq!(student_quantile(1.0 - p, freedom), -student_quantile(1.0 - (1.0 - p), freedom));
        }
    }

    /// One degree is Cauchy's law and two have a closed form; the two-sided probability undoes the quantile.
    #[test]
    fn closed_forms() {
        for t in [1e-9, 0.1, 1.0, 12.7, 4000.0] {
            let cauchy = 1.0 - 2.0 * f64::atan(t) / std::f64::consts::PI;
            assert!((student_two_sided(t, 1) - cauchy).abs() < 1e-14);
            let two = 1.0 - t / (2.0 + t * t).sqrt();
            assert!((student_two_sided(t, 2) - two).abs() < 1e-14);
        }
        for freedom in [3, 19, 400, 9_999, 10_001, 1_000_000] {
            for p in [0.5001, 0.9, 0.975, 0.9999] {
                let back = 1.0 - 0.5 * student_two_sided(student_quantile(p, freedom), freedom);
                assert!((back - p).abs() < 1e-9, "p={p} ν={freedom}: {back}");
            }
        }
    }

    #[test]
    fn the_ends() {
        assert_eq!(student_quantile(0.5, 7), 0.0);
        assert_eq!(student_quantile(1.0, 7), f64::INFINITY);
        assert_eq!(student_quantile(0.0, 7), f64::NEG_INFINITY);
        assert!(student_quantile(1.1, 7).is_nan());
        assert_eq!(student_two_sided(0.0, 7), 1.0);
        assert_eq!(student_two_sided(f64::INFINITY, 7), 0.0);
    }
}
