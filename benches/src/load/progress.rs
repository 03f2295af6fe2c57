//! How far a run is: a line on the terminal, nothing where the output is read by programs.

use std::fmt;
use std::io::IsTerminal as _;
use std::sync::atomic::Ordering;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::tally::Tally;

/// The line, if there is a terminal.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A line on standard error if that is a terminal.
    #[must_use]
    pub fn new() -> Self {
        let bar = if std::io::stderr().is_terminal() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}: {msg}") {
            bar.set_style(style);
        }
        Self { bar }
    }

    /// No line at all.
    #[must_use]
    pub fn hidden() -> Self {
        Self { bar: ProgressBar::hidden() }
    }

    /// What the whole is about, as `Chatter, 500 pairs`.
    pub(crate) fn title(&self, title: impl Into<String>) {
        self.bar.set_prefix(title.into());
        self.bar.set_message("");
        self.bar.tick();
    }

    pub(crate) fn stage(&self, stage: &'static str) {
        self.bar.set_message(stage);
        self.bar.tick();
    }

    /// So many of so many.
    pub(crate) fn counted(&self, what: &str, done: usize, all: usize) {
        if !self.bar.is_hidden() {
            self.bar.set_message(format!("{done} of {all} {what}"));
            self.bar.tick();
        }
    }

    pub(crate) fn talked(&self, tally: &Tally, elapsed: Duration, whole: Duration) {
        if !self.bar.is_hidden() {
            let delivered = tally.delivered.load(Ordering::Relaxed);
            let sent = tally.sent.load(Ordering::Relaxed);
            let (elapsed, whole) = (elapsed.as_secs(), whole.as_secs());
            self.bar.set_message(format!("{elapsed} of {whole} s, {sent} sent, {delivered} delivered"));
            self.bar.tick();
        }
    }

    /// Takes the line away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Progress")
    }
}
