//! A store that fails, dawdles and lies on demand.

mod faults;

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::{
    Acquired, AgentId, AuthorKey, Batch, ChatId, ChatRecord, ClientMsgId, CustomerId, DedupeRow, DeskId, Entry, Event,
    EventNo, Fence, Loaded, Page, Revision, Store, StoreError, StoreErrorKind,
};

pub use faults::{Call, Fault, Faults};

/// Wraps a [`Store`] and does to it what its [`Faults`] say; without any it is the wrapped store.
///
/// ```
/// # use std::sync::Arc;
/// # use chatter_core::testing::{Call, Fault, FaultStore};
/// # use chatter_core::{Batch, DeskId, MemoryStore, Revision, Store, StoreErrorKind};
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// # runtime.block_on(async {
/// let store = FaultStore::new(Arc::new(MemoryStore::new()));
/// let faults = store.faults();
/// let desk = DeskId::default();
/// let fence = store.acquire(&desk).await?.fence;
///
/// // The next commit finds the disk full.
/// faults.next(Call::Commit, Fault::Fail(StoreErrorKind::Retryable));
/// let full = store.commit(&desk, fence, Revision(0), Arc::new(Batch::default())).await;
/// assert_eq!(full.unwrap_err().kind(), StoreErrorKind::Retryable);
///
/// // The one after is held by hand until the test says so.
/// faults.hold(Call::Commit);
/// let store = Arc::new(store);
/// let commit = tokio::spawn(async move { store.commit(&desk, fence, Revision(0), Arc::default()).await });
/// faults.until_begun(Call::Commit, 2).await;
/// assert_eq!(faults.finished(Call::Commit), 1);
/// faults.release(Call::Commit, 1);
/// assert_eq!(commit.await.unwrap()?, Revision(1));
/// # Ok::<(), chatter_core::StoreError>(())
/// # }).unwrap();
/// ```
#[derive(Debug)]
pub struct FaultStore<S: ?Sized> {
    faults: Faults,
    /// How many batches of each desk were acknowledged and lost: the revisions shown outside count them.
    lost: Mutex<BTreeMap<DeskId, u64>>,
    inner: Arc<S>,
}

impl<S: Store + ?Sized> FaultStore<S> {
    /// A wrapper without faults as yet.
    #[must_use]
    pub fn new(inner: Arc<S>) -> Self {
        Self { faults: Faults::default(), lost: Mutex::default(), inner }
    }

    /// What to do to the store, from now on and from anywhere.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.faults.clone()
    }

    /// Makes a call as its faults say. `lost` answers for one that is to be lost; calls that cannot be are made.
    async fn through<R>(
        &self,
        call: Call,
        lost: Option<impl FnOnce() -> R + Send>,
        made: impl Future<Output = Result<R, StoreError>> + Send,
    ) -> Result<R, StoreError> {
        let outcome = match self.faults.enter(call).await {
            Some(Fault::Fail(kind)) => Err(on_purpose(kind)),
            Some(Fault::FailAfter(kind)) => made.await.and_then(|_| Err(on_purpose(kind))),
            Some(Fault::Lose) if let Some(lost) = lost => Ok(lost()),
            Some(Fault::Lose) | None => made.await,
        };
        self.faults.leave(call).await;
        outcome
    }

    // Held for a look at a number, never over an await.
    fn lost(&self) -> MutexGuard<'_, BTreeMap<DeskId, u64>> {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lost_of(&self, desk: &DeskId) -> u64 {
        self.lost().get(desk).copied().unwrap_or(0)
    }
}

fn on_purpose(kind: StoreErrorKind) -> StoreError {
    StoreError::new(kind, "a fault that a test asked for")
}

/// For calls that write nothing, so that nothing of theirs can be lost.
const fn nothing_to_lose<R>() -> Option<fn() -> R> {
    None
}

#[async_trait]
impl<S: Store + ?Sized> Store for FaultStore<S> {
    async fn acquire(&self, desk: &DeskId) -> Result<Acquired, StoreError> {
        self.through(Call::Acquire, nothing_to_lose(), self.inner.acquire(desk)).await
    }

    async fn load(&self, desk: &DeskId) -> Result<Loaded, StoreError> {
        let mut loaded = self.through(Call::Load, nothing_to_lose(), self.inner.load(desk)).await?;
        loaded.revision.0 += self.lost_of(desk);
        Ok(loaded)
    }

    async fn commit(
        &self,
        desk: &DeskId,
        fence: Fence,
        revision: Revision,
        batch: Arc<Batch>,
    ) -> Result<Revision, StoreError> {
        let lose = || {
            *self.lost().entry(desk.clone()).or_default() += 1;
            revision.next()
        };
        let made = async {
            let lost = self.lost_of(desk);
            let true_revision = revision.0.checked_sub(lost).ok_or(StoreErrorKind::Stale)?;
            let committed = self.inner.commit(desk, fence, Revision(true_revision), batch).await?;
            Ok(Revision(committed.0 + lost))
        };
        self.through(Call::Commit, Some(lose), made).await
    }

    async fn entries(&self, desk: &DeskId, chat: ChatId, page: Page) -> Result<Vec<Entry>, StoreError> {
        self.through(Call::Entries, nothing_to_lose(), self.inner.entries(desk, chat, page)).await
    }

    async fn chat(&self, desk: &DeskId, chat: ChatId) -> Result<Option<ChatRecord>, StoreError> {
        self.through(Call::Chat, nothing_to_lose(), self.inner.chat(desk, chat)).await
    }

    async fn dedupe(
        &self,
        desk: &DeskId,
        chat: ChatId,
        author: AuthorKey,
        client_msg_id: &ClientMsgId,
    ) -> Result<Option<DedupeRow>, StoreError> {
        let made = self.inner.dedupe(desk, chat, author, client_msg_id);
        self.through(Call::Dedupe, nothing_to_lose(), made).await
    }

    async fn last_agent(&self, desk: &DeskId, customer: CustomerId) -> Result<Option<AgentId>, StoreError> {
        self.through(Call::LastAgent, nothing_to_lose(), self.inner.last_agent(desk, customer)).await
    }

    async fn events_after(&self, desk: &DeskId, after: EventNo, limit: usize) -> Result<Vec<Event>, StoreError> {
        self.through(Call::EventsAfter, nothing_to_lose(), self.inner.events_after(desk, after, limit)).await
    }

    async fn cursor(&self, desk: &DeskId, reader: &str) -> Result<EventNo, StoreError> {
        self.through(Call::Cursor, nothing_to_lose(), self.inner.cursor(desk, reader)).await
    }

    async fn set_cursor(&self, desk: &DeskId, reader: &str, at: EventNo) -> Result<(), StoreError> {
        self.through(Call::SetCursor, Some(|| ()), self.inner.set_cursor(desk, reader, at)).await
    }
}

#[cfg(test)]
mod tests;
