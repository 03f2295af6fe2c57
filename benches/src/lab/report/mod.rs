//! What a comparison looks like: on a terminal, as CSV, as JSON, as one HTML file.

mod file;
mod html;
mod numbers;
mod table;
mod terminal;
#[cfg(test)]
mod tests;

pub use file::{csv, json};
pub use html::html;
pub use numbers::{figure, interval, unit};
pub use table::{Align, Table};
pub use terminal::terminal;

use super::compare::Comparison;

/// A comparison with everything a reader must know to judge and to repeat it.
#[derive(Clone, Debug, serde::Serialize)]
#[expect(clippy::exhaustive_structs, reason = "plain data, written whole")]
pub struct Report {
    /// What was simulated.
    pub scenario: About,
    /// How to get the same again.
    pub run: Repeat,
    /// The figures.
    pub comparison: Comparison,
}

/// What was simulated.
#[derive(Clone, Debug, Default, serde::Serialize)]
#[expect(clippy::exhaustive_structs, reason = "plain data, written whole")]
pub struct About {
    /// The scenario's name.
    pub name: String,
    /// What it shows.
    pub about: String,
    /// True when runs begin at midnight, so that their clock is the time of day.
    pub of_day: bool,
    /// How long a run is, in words.
    pub length: String,
    /// Where its figures come from.
    pub sources: Vec<Origin>,
    /// What a reader must keep in mind, each a sentence or two.
    pub notes: Vec<String>,
}

/// Where a figure of a scenario comes from.
#[derive(Clone, Debug, serde::Serialize)]
#[expect(clippy::exhaustive_structs, reason = "plain data, written whole")]
pub struct Origin {
    /// Which figure.
    pub figure: String,
    /// `measured`, `derived` or `assumed`.
    pub kind: &'static str,
    /// From whom.
    pub note: String,
}

/// How to get the same again.
#[derive(Clone, Debug, Default, serde::Serialize)]
#[expect(clippy::exhaustive_structs, reason = "plain data, written whole")]
pub struct Repeat {
    /// The command line.
    pub command: String,
    /// The version of the lab.
    pub version: String,
    /// The seed of all random streams.
    pub seed: u64,
    /// A hash of everything that happened in all runs: the same command gives the same on every machine.
    pub hash: String,
}
