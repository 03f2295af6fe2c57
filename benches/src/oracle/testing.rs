//! What the tests of this module share.

/// Asserts that a value prints as the table has it, with six decimals.
pub(super) fn prints(name: &str, value: f64, printed: f64) {
    assert!((value - printed).abs() <= 5.01e-7, "{name}: {value:.9} where the table prints {printed:.6}");
}

/// Asserts agreement to a relative error.
pub(super) fn agree(name: &str, left: f64, right: f64, relative: f64) {
    let scale = left.abs().max(right.abs());
    assert!((left - right).abs() <= relative * scale, "{name}: {left} and {right}");
}
