//! How long the write-ahead log is, and what to do about it. Shared by the writer, which makes it
//! longer, and the checkpointer, which moves it into the database file.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use crate::failure::{Failure, Health, Stage};
use crate::options::WalLimits;

/// Lengths in pages. Only hints: SQLite itself decides what is safe, so a value that is a moment old
/// costs at most a checkpoint too many or too late.
#[derive(Debug, Default)]
pub(crate) struct Gauge {
    /// The length after the newest commit.
    pages: AtomicU32,
    /// How much of it the newest checkpoint had moved.
    moved: AtomicU32,
    /// Held during a checkpoint: SQLite runs one at a time and turns the second away.
    one_at_a_time: Mutex<()>,
}

impl Gauge {
    /// Lets a connection report the length after each of its commits.
    pub(crate) fn watch(self: &Arc<Self>, conn: &mut Connection) -> rusqlite::Result<()> {
        let gauge = Arc::clone(self);
        conn.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, pages| {
            gauge.set_pages(u32::try_from(pages).unwrap_or(0));
            Ok(())
        }))
    }

    fn set_pages(&self, pages: u32) {
        // A log that became shorter has been restarted: what was moved belonged to the old one.
        if pages < self.pages.swap(pages, Ordering::Relaxed) {
            self.moved.store(0, Ordering::Relaxed);
        }
    }

    pub(crate) fn pages(&self) -> u32 {
        self.pages.load(Ordering::Relaxed)
    }

    /// What the checkpointer has left over.
    pub(crate) fn left(&self) -> u32 {
        self.pages().saturating_sub(self.moved.load(Ordering::Relaxed))
    }

    /// Moves what can be moved. Waits while another checkpoint runs: who would write faster than the disk
    /// can take it waits here for the disk.
    pub(crate) fn checkpoint(&self, conn: &Connection, mode: Mode, health: &Health) {
        let _one = self.one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(moved) = checkpoint(conn, mode, health) {
            self.moved.store(moved, Ordering::Relaxed);
        }
    }

    /// True while the other thread moves the log.
    pub(crate) fn is_moving(&self) -> bool {
        self.one_at_a_time.try_lock().is_err()
    }
}

/// When the writer does what, by the length of the log. Each mark moves up when it is passed, so that a
/// log which cannot be moved (a long reader) is not tried again at every commit; all fall back once the
/// log starts anew.
#[derive(Debug)]
pub(crate) struct Marks {
    limits: WalLimits,
    pages: u32,
    next_move: u32,
    next_finish: u32,
    next_force: u32,
}

/// What a commit leaves to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Nothing,
    /// Wake the checkpointer.
    Move,
    /// The writer moves the rest, which is little.
    Finish,
    /// The writer waits for readers and empties the log.
    Force,
}

impl Marks {
    pub(crate) const fn new(limits: WalLimits) -> Self {
        Self {
            limits,
            pages: 0,
            next_move: limits.move_pages,
            next_finish: limits.finish_pages,
            next_force: limits.force_pages,
        }
    }

    /// Decides after a commit that left the log at `pages`, `left` of them not moved.
    pub(crate) const fn step(&mut self, pages: u32, left: u32) -> Step {
        if pages < self.pages {
            *self = Self::new(self.limits);
        }
        self.pages = pages;
        if pages >= self.next_force {
            self.next_force = pages.saturating_add(self.limits.finish_pages);
            return Step::Force;
        }
        if pages >= self.next_finish && left <= self.limits.move_pages {
            self.next_finish = pages.saturating_add(self.limits.move_pages);
            return Step::Finish;
        }
        if pages >= self.next_move {
            self.next_move = pages.saturating_add(self.limits.move_pages);
            return Step::Move;
        }
        Step::Nothing
    }
}

/// Modes of a checkpoint, by what they wait for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mode {
    /// For nothing and nobody.
    Passive,
    /// For readers, then empties the file.
    Truncate,
}

/// Moves the log into the database file and says how many pages of it are moved by now, if it ran. A
/// checkpoint that cannot run now (busy, disk full) is no error, as the log keeps everything; any other
/// failure ends the store: after a failed sync of the database file the log must never be restarted.
fn checkpoint(conn: &Connection, mode: Mode, health: &Health) -> Option<u32> {
    let sql = match mode {
        Mode::Passive => "PRAGMA wal_checkpoint(PASSIVE)",
        Mode::Truncate => "PRAGMA wal_checkpoint(TRUNCATE)",
    };
    match conn.prepare_cached(sql).and_then(|mut statement| statement.query_row([], |row| row.get::<_, i64>(2))) {
        Ok(moved) => u32::try_from(moved).ok(),
        Err(error) => {
            tracing::warn!(%error, "the log was not moved");
            health.note(Failure::from(error).into_error(Stage::Before));
            None
        }
    }
}
