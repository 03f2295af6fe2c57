//! The owner of a desk, as the engine would be one: it knows its fence and the revision.

use std::sync::Arc;

use crate::{Acquired, Batch, DeskId, Loaded, Revision, Store, StoreErrorKind};

pub(super) struct Owner {
    pub(super) store: Arc<dyn Store>,
    pub(super) desk: DeskId,
    pub(super) acquired: Acquired,
    pub(super) revision: Revision,
}

impl Owner {
    pub(super) async fn of(store: Arc<dyn Store>) -> Self {
        Self::of_desk(store, DeskId::default()).await
    }

    pub(super) async fn of_desk(store: Arc<dyn Store>, desk: DeskId) -> Self {
        let acquired = store.acquire(&desk).await.expect("acquire");
        let revision = store.load(&desk).await.expect("load").revision;
        Self { store, desk, acquired, revision }
    }

    /// Commits a batch that must go through.
    pub(super) async fn commit(&mut self, batch: Arc<Batch>) {
        self.revision = self.try_commit(batch).await.expect("commit");
    }

    /// Commits at the current revision, without taking note of the outcome.
    pub(super) async fn try_commit(&self, batch: Arc<Batch>) -> Result<Revision, StoreErrorKind> {
        let outcome = self.store.commit(&self.desk, self.acquired.fence, self.revision, batch).await;
        outcome.map_err(|error| error.kind())
    }

    pub(super) async fn load(&self) -> Loaded {
        self.store.load(&self.desk).await.expect("load")
    }
}
