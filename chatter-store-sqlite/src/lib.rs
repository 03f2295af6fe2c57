//! Chatter's durable store: one SQLite file a desk.
//!
//! [`SqliteStore`] implements [`chatter_core::Store`]. It knows rows and SQL, no rule of the desk.
//!
//! ```no_run
//! use chatter_store_sqlite::{SqliteOptions, SqliteStore};
//!
//! # fn main() -> Result<(), chatter_store_sqlite::OpenError> {
//! let store = SqliteStore::open("chatter.db", SqliteOptions::default())?;
//! # Ok(())
//! # }
//! ```
//!
//! # Who touches the file
//!
//! One thread writes, on one connection: it takes a write, does it in a transaction begun with
//! `BEGIN IMMEDIATE`, and answers once COMMIT has returned. A pool of connections reads, each call in one
//! read transaction on a thread for blocking work. A third thread moves the log. A lock on
//! `<file>.lock` keeps every other engine away for as long as the store is open.
//!
//! # The write-ahead log
//!
//! A commit appends to the log and, with [`Durability::Full`], syncs it. Moving the log into the database
//! file costs far more than a commit, so it never happens inside one, and the log is bounded in three
//! steps, by [`WalLimits`]:
//!
//! 1. Each time the log has grown by `move_pages`, the third thread runs a PASSIVE checkpoint, beside the
//!    writer. If no commit came meanwhile, everything is moved and the next commit starts the log from
//!    its beginning. Under a steady stream there is always a little left.
//! 2. From `finish_pages` on, the writer moves that little itself between two commits, after the answer to
//!    the first is on its way. The next commit then starts the log anew, unless a reader is still in it.
//! 3. From `force_pages` on, the writer waits for a pass that is under way and for readers, for the latter at
//!    most a quarter of a second, and empties the log. So a disk that cannot follow slows the commits down
//!    instead of letting the log grow.
//!
//! So the log stays near `finish_pages` as a rule and near `force_pages` at worst. Only a single read that
//! lasts longer than that wait can make it longer, while it lasts; the store has none, as every read it
//! offers is a page, a row or the open chats.
//!
//! # What was deleted
//!
//! A text lives in the row of its entry and nowhere else, so an edit or a deletion takes it out of every answer at
//! once. SQLite would leave its bytes in the free space of the page: `secure_delete` makes it write zeros over
//! them. So they are gone from the database file as soon as the log has been moved, and from the log when that
//! starts anew, at the latest when the store is closed. `ON`, not `FAST`: the latter leaves pages that become free as
//! they are, and the longest texts do lie on pages of their own. It costs next to nothing either way, as only edits,
//! deletions and rows that grow free anything.
//!
//! It is not watertight: where an edit makes a row outgrow its page, SQLite moves rows between pages and may leave a
//! copy of one in space that it has not freed. `VACUUM`, on a store that is closed, writes the file anew without any
//! such copy. What a disk or a backup keeps is beyond the store.
//!
//! # Failures
//!
//! A full disk or a lock held by another program is [`Retryable`](chatter_core::StoreErrorKind::Retryable):
//! the transaction is rolled back, reads go on, and the next write is a new attempt. An I/O error,
//! above all a failed sync, or damage found by anyone is [`Fatal`](chatter_core::StoreErrorKind::Fatal)
//! from then on for every call: nothing is synced a second time. See `failure.rs` for each code.
//!
//! # What it does not do
//!
//! Copying the file while the store is open copies half of it; the other half is in the log. It does not
//! work on network file systems, as SQLite's log needs memory shared between processes.

mod checkpointer;
mod commit;
mod connect;
mod create;
mod desk;
mod failure;
mod files;
mod load;
mod lock;
mod open_error;
mod options;
mod pages;
mod pen;
mod readers;
mod rows;
mod schema;
mod store;
#[cfg(test)]
mod tests;
mod wal;
mod writer;

pub use open_error::{OpenError, OpenRule};
pub use options::{Durability, SqliteOptions, WalLimits};
pub use store::SqliteStore;
