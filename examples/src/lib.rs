//! Programs a user of Chatter would start from, built on its public API alone.
//!
//! - `embed`: an engine, a customer and an agent in one process.
//! - `custom_policy`: an assignment policy of one's own.
//! - [`line_tcp`]: a transport of one's own, usable with netcat.

pub mod line_tcp;
