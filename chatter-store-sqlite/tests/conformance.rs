//! The contract of `chatter_core::Store`, clause by clause, and agreement with the in-memory reference.

use std::sync::Arc;

use async_trait::async_trait;
use chatter_core::Store;
use chatter_core::testing::store::{Storage, model_agrees};
use chatter_store_sqlite::{SqliteOptions, SqliteStore};
use tempfile::TempDir;

/// A directory with one database, closed between two openings.
struct Directory(TempDir);

impl Directory {
    fn fresh() -> Self {
        Self(tempfile::tempdir().expect("a directory for the test"))
    }
}

#[async_trait]
impl Storage for Directory {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(SqliteStore::open(self.0.path().join("chatter.db"), SqliteOptions::default()).expect("it opens"))
    }
}

chatter_core::store_conformance!(Directory::fresh);

#[test]
fn agrees_with_the_reference() {
    model_agrees(48, Directory::fresh);
}
