//! Chance that can be repeated.

use std::time::{Duration, SystemTime};

/// A small generator of numbers (splitmix64); the same seed gives the same numbers.
#[derive(Clone, Debug)]
pub(crate) struct Seed(u64);

impl Seed {
    /// The seed of this run: `CHATTER_SEED`, or a new one.
    pub(crate) fn of_run() -> Self {
        let now = || SystemTime::UNIX_EPOCH.elapsed().map_or(1, |since| since.as_secs());
        let given = std::env::var("CHATTER_SEED").ok().and_then(|seed| seed.parse().ok());
        Self(given.unwrap_or_else(now))
    }

    /// The number to repeat this run with, while nothing was drawn.
    pub(crate) const fn number(&self) -> u64 {
        self.0
    }

    /// A generator of its own for a part of the run, so that parts do not disturb each other.
    pub(crate) fn fork(&mut self) -> Self {
        Self(self.next())
    }

    /// Any number.
    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `low` up to and without `high`.
    pub(crate) const fn range(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low)
    }

    /// True once in `n`.
    pub(crate) const fn one_in(&mut self, n: u64) -> bool {
        self.range(0, n) == 0
    }

    /// A time between two numbers of milliseconds.
    pub(crate) const fn millis(&mut self, low: u64, high: u64) -> Duration {
        Duration::from_micros(self.range(low * 1_000, high * 1_000))
    }
}
