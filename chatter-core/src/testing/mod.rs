//! Tools for testing what is built on this crate: conformance suites for its seams, and faults on demand.
//!
//! An implementation of [`Transport`](crate::Transport) runs its whole suite from one line, see [`transport`].

pub mod transport;
