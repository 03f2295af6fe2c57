//! The built server as a process of its own, in a folder of its own, and clients to talk to it. Every wait
//! is for a condition and has a deadline.

#![expect(dead_code, reason = "no test file uses all of it")]

pub(crate) mod client;
pub(crate) mod process;

use std::time::Duration;

/// Far beyond what anything here takes; only a hang reaches it.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);
