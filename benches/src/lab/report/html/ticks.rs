//! Where an axis has its marks.

/// About `count` round numbers from `low` to `high`, both within.
pub(super) fn round(low: f64, high: f64, count: u32) -> Vec<f64> {
    let raw = (high - low).max(f64::MIN_POSITIVE) / f64::from(count.max(1));
    let power = libm::pow(10.0, libm::floor(libm::log10(raw)));
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|it| it * power).find(|step| *step >= raw * 0.999);
    multiples(low, high, step.unwrap_or(10.0 * power))
}

/// Full hours and the like, in seconds.
pub(super) fn of_time(low: f64, high: f64, count: u32) -> Vec<f64> {
    const STEPS: [f64; 13] =
        [1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0, 1_800.0, 3_600.0, 7_200.0, 10_800.0, 21_600.0, 43_200.0];
    let raw = (high - low) / f64::from(count.max(1));
    match STEPS.into_iter().find(|step| *step >= raw) {
        Some(step) => multiples(low, high, step),
        None => round(low / 86_400.0, high / 86_400.0, count).into_iter().map(|days| days * 86_400.0).collect(),
    }
}

fn multiples(low: f64, high: f64, step: f64) -> Vec<f64> {
    let first = libm::ceil(low / step - 1e-9) as i64;
    let last = libm::floor(high / step + 1e-9) as i64;
    (first..=last.min(first.saturating_add(100))).map(|at| at as f64 * step).collect()
}

/// Seconds on a clock that may run for days.
pub(super) fn clock(seconds: f64) -> String {
    let whole = libm::round(seconds) as u64;
    let (hours, minutes, rest) = (whole / 3_600, whole / 60 % 60, whole % 60);
    if rest == 0 { format!("{hours:02}:{minutes:02}") } else { format!("{hours:02}:{minutes:02}:{rest:02}") }
}

/// A number as short as it is exact.
pub(super) fn short(value: f64) -> String {
    let rounded = libm::round(value * 1e6) / 1e6;
    if rounded == 0.0 { "0".to_owned() } else { format!("{rounded}") }
}

#[cfg(test)]
mod tests {
    use super::{clock, of_time, round, short};

    #[test]
    fn marks_are_round_and_within() {
        assert_eq!(round(0.0, 1.0, 5), [0.0, 0.2, 0.4, 0.6, 0.8, 1.0].map(|it: f64| (it * 5.0).round() * 0.2));
        assert_eq!(round(3.0, 97.0, 4), [25.0, 50.0, 75.0]);
        assert_eq!(of_time(7.0 * 3_600.0, 24.0 * 3_600.0, 6).len(), 6, "every three hours");
        assert!(of_time(0.0, 400.0 * 86_400.0, 6).len() <= 8);
        assert_eq!([clock(27_000.0), clock(90.0), clock(90_000.0)], ["07:30", "00:01:30", "25:00"]);
        assert_eq!([short(0.1 + 0.2), short(-0.0), short(250.0)], ["0.3", "0", "250"]);
    }
}
