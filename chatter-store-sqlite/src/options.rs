//! What an operator may choose about a store.

use std::num::NonZeroU32;
use std::time::Duration;

/// Settings of a store. The defaults are right for a server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain settings, written with `..SqliteOptions::default()`")]
pub struct SqliteOptions {
    /// What a commit survives.
    pub durability: Durability,
    /// Connections for reading, and so reads at a time.
    pub readers: NonZeroU32,
    /// How long to wait for another process that holds SQLite's own lock, such as a backup tool,
    /// before a write is answered as retryable. Whole milliseconds, at most 24 days.
    pub busy_timeout: Duration,
    /// When the write-ahead log is moved into the database file.
    pub wal: WalLimits,
    /// Reads the whole file when opening and refuses a damaged one. Takes seconds per gigabyte, so it
    /// is off; without it damage is found by the first read that meets it.
    pub quick_check: bool,
}

impl SqliteOptions {
    /// The wait for locks in milliseconds, as SQLite counts it.
    pub(crate) fn busy_timeout_ms(&self) -> i32 {
        i32::try_from(self.busy_timeout.as_millis()).unwrap_or(i32::MAX)
    }
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            durability: Durability::Full,
            readers: NonZeroU32::new(4).expect("four is not zero"),
            busy_timeout: Duration::from_secs(5),
            wal: WalLimits::default(),
            quick_check: false,
        }
    }
}

/// What a commit survives once it has been answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Durability {
    /// A crash of the process, of the machine, and a power cut on a disk that keeps its word:
    /// `synchronous = FULL`, one sync of the log a commit.
    #[default]
    Full,
    /// A crash of the process only. A power cut or a crash of the machine **can lose the newest
    /// commits although they were answered**: `synchronous = NORMAL`, the log is synced only before
    /// it is moved. What is left is a consistent earlier state.
    Normal,
}

impl Durability {
    /// The value of `PRAGMA synchronous`.
    pub(crate) const fn synchronous(self) -> i64 {
        match self {
            Self::Full => 2,
            Self::Normal => 1,
        }
    }
}

/// Lengths of the write-ahead log, in pages of 4 KiB, at which something is done about it.
/// How they work together is told in [the crate's documentation](crate#the-write-ahead-log).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "three marks of one scale, plain settings")]
pub struct WalLimits {
    /// Each time the log has grown by this much, a thread of its own moves it into the database file,
    /// beside the writer.
    pub move_pages: u32,
    /// From here on the writer moves the little that is left after such a pass, between two commits,
    /// so that the next commit starts the log from its beginning.
    pub finish_pages: u32,
    /// From here on the writer waits briefly for readers to leave the log, then empties it.
    pub force_pages: u32,
}

impl Default for WalLimits {
    /// 16 MiB, 48 MiB and 192 MiB. A busy desk writes the same pages again and again: the longer the log may grow, the
    /// fewer of them are moved twice.
    fn default() -> Self {
        Self { move_pages: 4_000, finish_pages: 12_000, force_pages: 48_000 }
    }
}
