//! The Chatter server: one process with an embedded SQLite store, WebSockets and two pages. It is meant to
//! be run, not linked: [`main`] is all there is.

mod auth;
mod config;
mod http;
mod secret;
mod secret_file;

use std::process::ExitCode;

/// Runs the server until it is stopped; the exit codes are in `docs/configuration.md`.
#[must_use]
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
