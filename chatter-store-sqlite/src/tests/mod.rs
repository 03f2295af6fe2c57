//! Tests that need the inside of the store; the contract of `Store` is tested in `tests/conformance.rs`.

mod closing;
mod crash;
mod erased;
mod failures;
mod log;
mod opening;
mod plans;
mod pragmas;
mod process;
mod refusals;
mod rows;
mod texts;
mod upgrade;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chatter_core::testing::store::Scribe;
use chatter_core::{Acquired, Batch, ChatId, DeskId, Loaded, Revision, Side, Store, StoreErrorKind};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::failure::Failure;
use crate::{OpenRule, SqliteOptions, SqliteStore};

/// A directory that goes with the test, and the database in it.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("chatter.db")
    }

    fn open(&self) -> SqliteStore {
        self.open_with(SqliteOptions::default())
    }

    fn open_with(&self, options: SqliteOptions) -> SqliteStore {
        SqliteStore::open(self.path(), options).unwrap()
    }

    fn refused(&self) -> OpenRule {
        self.refused_with(SqliteOptions::default())
    }

    fn refused_with(&self, options: SqliteOptions) -> OpenRule {
        let error = SqliteStore::open(self.path(), options).unwrap_err();
        assert_eq!(error.path, self.path());
        assert!(error.to_string().contains("chatter.db"), "{error}");
        error.rule
    }

    fn wal_len(&self) -> u64 {
        len(&crate::files::beside(&self.path(), "-wal"))
    }
}

fn len(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}

/// The owner of the desk, with somebody who invents what happens there.
struct Owner {
    store: SqliteStore,
    desk: DeskId,
    acquired: Acquired,
    revision: Revision,
    scribe: Scribe,
}

impl Owner {
    async fn of(store: SqliteStore) -> Self {
        Self::with_seed(store, 7).await
    }

    async fn with_seed(store: SqliteStore, seed: u64) -> Self {
        let desk = DeskId::default();
        let acquired = store.acquire(&desk).await.unwrap();
        let revision = store.load(&desk).await.unwrap().revision;
        Self { store, desk, acquired, revision, scribe: Scribe::new(seed) }
    }

    async fn try_commit(&mut self, batch: &Arc<Batch>) -> Result<(), StoreErrorKind> {
        let outcome = self.store.commit(&self.desk, self.acquired.fence, self.revision, Arc::clone(batch)).await;
        self.revision = outcome.map_err(|error| error.kind())?;
        Ok(())
    }

    /// Commits what the scribe has written since the last commit.
    async fn commit(&mut self) {
        let batch = self.scribe.take();
        self.try_commit(&batch).await.unwrap();
    }

    async fn load(&self) -> Loaded {
        self.store.load(&self.desk).await.unwrap()
    }

    /// Runs something on the writing connection, inside a transaction.
    async fn on_writer<T: Send + 'static>(&self, work: impl FnOnce(&Connection) -> T + Send + 'static) -> T {
        self.store.inner.writer.write(move |conn| Ok::<T, Failure>(work(conn))).await.unwrap()
    }

    /// An assigned chat with this many messages.
    fn chat_with(&mut self, messages: usize) -> ChatId {
        let chat = self.scribe.open_chat();
        self.scribe.assign(chat);
        for at in 0..messages {
            self.scribe.message(chat, if at.is_multiple_of(2) { Side::Customer } else { Side::Staff });
        }
        chat
    }
}
