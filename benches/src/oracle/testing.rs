//! What the tests of this module share.

use crate::lab::random::Law;

/// A law of each kind that ends.
pub(super) const LAWS: [Law; 6] = [
    Law::Exponential { mean: 2.0 },
    Law::Deterministic { value: 1.5 },
    Law::Lognormal { mean: 2.0, median: 1.2 },
    Law::Uniform { low: 0.5, high: 2.0 },
    Law::Erlang { k: 3, mean: 1.0 },
    Law::Hyperexponential { mean: 1.0, cv2: 4.0 },
];

/// Asserts that a value prints as the table has it, with six decimals.
pub(super) fn prints(name: &str, value: f64, printed: f64) {
    assert!((value - printed).abs() <= 5.01e-7, "{name}: {value:.9} where the table prints {printed:.6}");
}

/// Asserts agreement to a relative error.
pub(super) fn agree(name: &str, left: f64, right: f64, relative: f64) {
    let scale = left.abs().max(right.abs());
    assert!((left - right).abs() <= relative * scale, "{name}: {left} and {right}");
}
