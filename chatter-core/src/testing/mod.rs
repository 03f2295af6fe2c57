//! Tools for testing what is built on this crate: conformance suites for its seams, and faults on demand.
//!
//! An implementation of [`Store`](crate::Store) runs its whole suite from one line, see [`store`]; one of
//! [`Transport`](crate::Transport) likewise, see [`transport`].

mod dice;
pub mod store;
pub mod transport;

pub use dice::Dice;
