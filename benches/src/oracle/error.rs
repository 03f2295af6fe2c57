//! What a formula refuses.

use crate::lab::random::LawError;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OracleError {
    /// A number outside what the formula is about.
    #[error("{what} must be {rule}, not {value}")]
    Range {
        /// Which number.
        what: &'static str,
        /// What it must be.
        rule: &'static str,
        /// What it is.
        value: f64,
    },
    /// More comes than can be served and nobody leaves: the queue grows without end.
    #[error("the load is {load:.4} of what can be served: without abandonment the queue grows without end")]
    Unstable {
        /// Offered work over capacity, at least 1.
        load: f64,
    },
    /// Lists that must be equally long are not, or one is empty.
    #[error("{what} needs {rule}")]
    Shape {
        /// What was given.
        what: &'static str,
        /// What it needs.
        rule: &'static str,
    },
    /// A law that is none.
    #[error(transparent)]
    Law(#[from] LawError),
    /// No number of servers up to the limit is enough.
    #[error("even {limit} servers do not reach a service level of {target}")]
    OutOfReach {
        /// The most that were tried.
        limit: u32,
        /// What was wanted.
        target: f64,
    },
    /// A chain with more states than allowed.
    #[error("the chain has more than {limit} states")]
    TooManyStates {
        /// The limit.
        limit: usize,
    },
    /// An iteration did not settle.
    #[error("the chain did not settle in {sweeps} sweeps; the last one still moved {moved:e} of probability")]
    NotSettled {
        /// How many sweeps were made.
        sweeps: usize,
        /// What the last one changed.
        moved: f64,
    },
}

/// A rate or a mean: above zero and finite.
pub(super) fn positive(what: &'static str, value: f64) -> Result<f64, OracleError> {
    within(what, "above zero and finite", value, value > 0.0 && value.is_finite())
}

/// A time or a rate that may be nothing.
pub(super) fn not_negative(what: &'static str, value: f64) -> Result<f64, OracleError> {
    within(what, "finite and not below zero", value, value >= 0.0 && value.is_finite())
}

/// A probability short of 1.
pub(super) fn below_one(what: &'static str, value: f64) -> Result<f64, OracleError> {
    within(what, "from 0 to below 1", value, (0.0..1.0).contains(&value))
}

/// At least one server, slot or agent.
pub(super) fn some(what: &'static str, count: u32) -> Result<u32, OracleError> {
    within(what, "at least 1", f64::from(count), count > 0).map(|_| count)
}

/// The load of a queue that does not grow without end.
pub(super) fn stable(load: f64) -> Result<f64, OracleError> {
    if load < 1.0 { Ok(load) } else { Err(OracleError::Unstable { load }) }
}

pub(super) fn within(what: &'static str, rule: &'static str, value: f64, holds: bool) -> Result<f64, OracleError> {
    if holds { Ok(value) } else { Err(OracleError::Range { what, rule, value }) }
}
