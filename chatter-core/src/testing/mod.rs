//! Tools for testing what is built on this crate: conformance suites for its seams, and faults on demand.
//!
//! An implementation of [`Store`](crate::Store) runs its whole suite from one line, see [`store`]; one of
//! [`Transport`](crate::Transport) likewise, see [`transport`]. Whatever uses a store can be shown every way in
//! which one fails, see [`FaultStore`].

mod dice;
mod fault_store;
pub mod store;
pub mod transport;

pub use dice::Dice;
pub use fault_store::{Call, Fault, FaultStore, Faults};
