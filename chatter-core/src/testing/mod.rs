//! Tools for testing what is built on this crate: conformance suites for its seams, and faults on demand.
//!
//! An implementation of [`Store`](crate::Store) runs its whole suite from one line, see [`store`].

mod dice;
pub mod store;

pub use dice::Dice;
