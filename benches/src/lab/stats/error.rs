//! What statistics refuse.

/// Why nothing can be said.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StatsError {
    /// Too few values.
    #[error("{got} values are too few: this needs at least {needed}")]
    TooFew {
        /// How many it needs.
        needed: usize,
        /// How many there are.
        got: usize,
    },
    /// Lists that belong together value by value are not equally long.
    #[error("values are compared in pairs, but there are {left} of one and {right} of the other")]
    Unpaired {
        /// How many of the one.
        left: usize,
        /// How many of the other.
        right: usize,
    },
    /// A value that is not a number, or infinite.
    #[error("value {index} is {value}")]
    NotFinite {
        /// Which, from 0.
        index: usize,
        /// The value.
        value: f64,
    },
    /// A confidence or a probability that is none.
    #[error("a confidence lies between 0 and 1, not at {0}")]
    Confidence(f64),
    /// A ratio whose denominator is nothing, in all or without one replication.
    #[error("the ratio has no denominator{}", match .without { Some(index) => format!(" without replication {index}"), None => String::new() })]
    NoDenominator {
        /// The replication without which it has none, or none where it never has.
        without: Option<usize>,
    },
}

/// At least so many values, all finite.
pub(super) fn finite(values: &[f64], needed: usize) -> Result<(), StatsError> {
    if values.len() < needed {
        return Err(StatsError::TooFew { needed, got: values.len() });
    }
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(StatsError::NotFinite { index, value: values[index] }),
        None => Ok(()),
    }
}

/// A confidence inside (0, 1).
pub(super) fn confidence(value: f64) -> Result<f64, StatsError> {
    if value > 0.0 && value < 1.0 { Ok(value) } else { Err(StatsError::Confidence(value)) }
}
