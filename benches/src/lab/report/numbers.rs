//! Numbers for people: as many digits as the interval allows.

use crate::lab::compare::Estimate;
use crate::lab::metrics::Unit;

/// A figure with its interval, `12.35 ± 0.41`, in the unit of [`unit()`].
#[must_use]
pub fn interval(unit: Unit, found: &Estimate) -> String {
    match found.half_width {
        Some(half) => with_half(unit, found.estimate, half),
        None => figure(unit, found.estimate),
    }
}

/// A figure and half its interval.
pub(super) fn with_half(unit: Unit, estimate: f64, half: f64) -> String {
    let (estimate, half) = (scaled(unit, estimate), scaled(unit, half));
    let digits = if half > 0.0 { digits_for(half, 2) } else { digits_for(estimate, 4) };
    format!("{} ± {half:.digits$}", plain(estimate, digits))
}

/// A figure alone, with four significant digits.
#[must_use]
pub fn figure(unit: Unit, value: f64) -> String {
    let value = scaled(unit, value);
    plain(value, digits_for(value, 4))
}

/// A minus sign that is one, and none before zero.
fn plain(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.bytes().all(|byte| matches!(byte, b'0' | b'.')) => rest.to_owned(),
        Some(rest) => format!("−{rest}"),
        None => text,
    }
}

fn scaled(unit: Unit, value: f64) -> f64 {
    match unit {
        Unit::Share => value * 100.0,
        Unit::Seconds | Unit::Customers | Unit::Number => value,
    }
}

/// Decimals that leave so many significant digits, six at most.
fn digits_for(value: f64, significant: i32) -> usize {
    if value == 0.0 || !value.is_finite() {
        return 0;
    }
    let leading = libm::floor(libm::log10(value.abs())) as i32;
    usize::try_from((significant - 1 - leading).clamp(0, 6)).unwrap_or(0)
}

/// The sign of a unit, empty for a pure number.
#[must_use]
pub const fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Seconds => "s",
        Unit::Share => "%",
        Unit::Customers => "a run",
        Unit::Number => "",
    }
}

#[cfg(test)]
mod tests {
    use super::{figure, with_half};
    use crate::lab::metrics::Unit;

    #[test]
    fn digits_follow_the_interval() {
        assert_eq!(with_half(Unit::Seconds, 12.3456, 0.4123), "12.35 ± 0.41");
        assert_eq!(with_half(Unit::Seconds, 1_834.4, 12.3), "1834 ± 12");
        assert_eq!(with_half(Unit::Share, 0.803_21, 0.0031), "80.32 ± 0.31");
        assert_eq!(with_half(Unit::Seconds, -1.25, 0.1), "−1.25 ± 0.10");
        assert_eq!(with_half(Unit::Number, -0.001, 5.0), "0.0 ± 5.0", "no minus before zero");
        assert_eq!(with_half(Unit::Customers, 9.0, 0.0), "9.000 ± 0.000");
        assert_eq!(
            [figure(Unit::Number, 0.0), figure(Unit::Share, 1.0), figure(Unit::Seconds, 0.012_345)],
            ["0", "100.0", "0.01235"]
        );
    }
}
