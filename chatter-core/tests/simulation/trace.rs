//! What happened, line by line: a hash over all of it, and the last lines in full.

use std::collections::VecDeque;
use std::fmt::{self, Display};
use std::time::Duration;

/// How many lines are kept to be shown, unless `CHATTER_SIM_LINES` says how many.
const KEPT: usize = 300;

#[derive(Debug)]
pub(crate) struct Trace {
    hash: u64,
    lines: u64,
    kept: usize,
    last: VecDeque<String>,
}

impl Trace {
    pub(crate) fn new() -> Self {
        let asked = std::env::var("CHATTER_SIM_LINES").ok().and_then(|lines| lines.parse().ok());
        Self { hash: 0xcbf2_9ce4_8422_2325, lines: 0, kept: asked.unwrap_or(KEPT), last: VecDeque::new() }
    }

    pub(crate) fn note(&mut self, at: Duration, line: impl Display) {
        let line = format!("{:>12.6} {line}", at.as_secs_f64());
        for byte in line.bytes() {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        self.lines += 1;
        if self.last.len() >= self.kept {
            self.last.pop_front();
        }
        self.last.push_back(line);
    }

    /// The same for two runs exactly if everything happened in the same way at the same times.
    pub(crate) const fn hash(&self) -> u64 {
        self.hash
    }

    pub(crate) const fn lines(&self) -> u64 {
        self.lines
    }
}

/// The last lines.
impl Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |line: &String| -> String { line.chars().take(600).collect() };
        self.last.iter().try_for_each(|line| writeln!(f, "{}", shown(line)))
    }
}
