//! The reference implementation of [`Store`]: everything in memory.

mod kept;

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::{
    Acquired, AgentId, AuthorKey, Batch, ChatId, ChatRecord, ClientMsgId, CustomerId, DedupeRow, DeskId, Entry, Event,
    EventNo, Fence, HistoryId, Loaded, Page, Revision, Store, StoreError, StoreErrorKind,
};
#[cfg(all(test, feature = "testing"))]
pub(crate) use kept::Kept;
#[cfg(not(all(test, feature = "testing")))]
use kept::Kept;

/// A [`Store`] in memory, for tests, examples and embedders who can do without their past.
///
/// It keeps any number of desks. Clones share the same data, so a second engine on a clone sees what a
/// restarted process would see; [`MemoryStore::fork`] gives an independent copy, as a backup would be.
///
/// Nothing tells it that an owner has died, so [`acquire`](Store::acquire) never answers
/// [`Held`](StoreErrorKind::Held): the newest owner supersedes the one before, whose commits are refused as
/// [`Stale`](StoreErrorKind::Stale) from then on. A batch that repeats an event's or an entry's number is refused
/// with [`Conflict`](StoreErrorKind::Conflict), like a repeated client id. Of a desk that nobody has acquired yet
/// it reads nothing, and refuses to keep a cursor for it.
#[derive(Clone, Default)]
pub struct MemoryStore {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    history: Option<HistoryId>,
    desks: Mutex<BTreeMap<DeskId, Kept>>,
}

impl MemoryStore {
    /// An empty store. Each desk draws its own [`HistoryId`] when it is made.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty store whose desks all have this history, for tests that repeat exactly.
    #[must_use]
    pub fn with_history(history: HistoryId) -> Self {
        Self { shared: Arc::new(Shared { history: Some(history), desks: Mutex::default() }) }
    }

    /// An independent copy of all that is committed: neither sees what is written to the other later.
    #[must_use]
    pub fn fork(&self) -> Self {
        let desks = Mutex::new(self.desks().clone());
        Self { shared: Arc::new(Shared { history: self.shared.history, desks }) }
    }

    /// An independent copy as if restored from a backup: what was acknowledged after the copy may be lost, so all
    /// desks go on in another history.
    #[must_use]
    pub fn restored(&self, history: HistoryId) -> Self {
        let mut desks = self.desks().clone();
        for kept in desks.values_mut() {
            kept.history = history;
        }
        Self { shared: Arc::new(Shared { history: Some(history), desks: Mutex::new(desks) }) }
    }

    /// Runs `change` on what is kept of a desk, so that tests can build stores that break the contract.
    #[cfg(all(test, feature = "testing"))]
    pub(crate) fn tamper<R>(&self, desk: &DeskId, change: impl FnOnce(&mut Kept) -> R) -> Option<R> {
        self.desks().get_mut(desk).map(change)
    }

    // A std mutex: held for work in memory, never over an await. A commit checks everything before it changes
    // anything, so a poisoned lock guards whole batches only.
    fn desks(&self) -> MutexGuard<'_, BTreeMap<DeskId, Kept>> {
        self.shared.desks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<R: Default>(&self, desk: &DeskId, read: impl FnOnce(&Kept) -> R) -> R {
        self.desks().get(desk).map(read).unwrap_or_default()
    }
}

/// A history that nobody else has.
///
/// The keys of std's hasher are the only randomness at hand without a dependency: the operating system seeds
/// them for each thread and every new state differs. That is enough here, because a history must be unique,
/// not secret.
fn draw_history() -> HistoryId {
    let half = || u128::from(RandomState::new().build_hasher().finish());
    HistoryId(half() << 64 | half())
}

#[async_trait]
impl Store for MemoryStore {
    async fn acquire(&self, desk: &DeskId) -> Result<Acquired, StoreError> {
        let mut desks = self.desks();
        let kept =
            desks.entry(desk.clone()).or_insert_with(|| Kept::new(self.shared.history.unwrap_or_else(draw_history)));
        kept.fence = kept.fence.next();
        Ok(Acquired { fence: kept.fence, history: kept.history })
    }

    async fn load(&self, desk: &DeskId) -> Result<Loaded, StoreError> {
        let desks = self.desks();
        Ok(desks.get(desk).map_or_else(
            || Loaded { snapshot: crate::Snapshot::default(), revision: Revision::default() },
            |kept| Loaded { snapshot: kept.snapshot(), revision: kept.revision },
        ))
    }

    async fn commit(
        &self,
        desk: &DeskId,
        fence: Fence,
        revision: Revision,
        batch: Arc<Batch>,
    ) -> Result<Revision, StoreError> {
        let mut desks = self.desks();
        let Some(kept) = desks.get_mut(desk).filter(|kept| kept.fence == fence && kept.revision == revision) else {
            return Err(StoreErrorKind::Stale.into());
        };
        if let Some(repeated) = kept.repeated(&batch) {
            return Err(StoreError::new(StoreErrorKind::Conflict, repeated));
        }
        kept.put(&batch);
        kept.revision = revision.next();
        Ok(kept.revision)
    }

    async fn entries(&self, desk: &DeskId, chat: ChatId, page: Page) -> Result<Vec<Entry>, StoreError> {
        Ok(self.read(desk, |kept| kept.page(chat, page)))
    }

    async fn chat(&self, desk: &DeskId, chat: ChatId) -> Result<Option<ChatRecord>, StoreError> {
        Ok(self.read(desk, |kept| kept.chats.get(&chat).cloned()))
    }

    async fn dedupe(
        &self,
        desk: &DeskId,
        chat: ChatId,
        author: AuthorKey,
        client_msg_id: &ClientMsgId,
    ) -> Result<Option<DedupeRow>, StoreError> {
        let key = (chat, author, client_msg_id.clone());
        Ok(self.read(desk, |kept| kept.client_ids.get(&key).map(|row| DedupeRow::clone(row))))
    }

    async fn last_agent(&self, desk: &DeskId, customer: CustomerId) -> Result<Option<AgentId>, StoreError> {
        Ok(self.read(desk, |kept| kept.last_agent(customer)))
    }

    async fn events_after(&self, desk: &DeskId, after: EventNo, limit: usize) -> Result<Vec<Event>, StoreError> {
        Ok(self.read(desk, |kept| kept.events_after(after, limit)))
    }

    async fn cursor(&self, desk: &DeskId, reader: &str) -> Result<EventNo, StoreError> {
        Ok(self.read(desk, |kept| kept.cursors.get(reader).copied().unwrap_or_default()))
    }

    async fn set_cursor(&self, desk: &DeskId, reader: &str, at: EventNo) -> Result<(), StoreError> {
        let mut desks = self.desks();
        let kept = desks
            .get_mut(desk)
            .ok_or_else(|| StoreError::new(StoreErrorKind::Unsupported, "nobody has acquired this desk yet"))?;
        kept.cursors.insert(reader.to_owned(), at);
        Ok(())
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryStore")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn clones_share_and_forks_do_not() {
        let store = MemoryStore::new();
        let desk = DeskId::default();
        let first = store.acquire(&desk).await.unwrap();
        let fork = store.fork();
        let second = store.clone().acquire(&desk).await.unwrap();
        assert_eq!(second, Acquired { fence: first.fence.next(), history: first.history });

        let empty = Arc::new(Batch::default());
        let late = store.commit(&desk, first.fence, Revision(0), Arc::clone(&empty)).await;
        assert_eq!(late.unwrap_err().kind(), StoreErrorKind::Stale);
        assert_eq!(store.commit(&desk, second.fence, Revision(0), Arc::clone(&empty)).await.unwrap(), Revision(1));
        assert_eq!(fork.commit(&desk, first.fence, Revision(0), empty).await.unwrap(), Revision(1));
    }

    #[tokio::test]
    async fn histories_differ_unless_given() {
        let desk = DeskId::default();
        let [one, other] = [MemoryStore::new(), MemoryStore::new()];
        assert_ne!(one.acquire(&desk).await.unwrap().history, other.acquire(&desk).await.unwrap().history);
        let given = MemoryStore::with_history(HistoryId(7));
        assert_eq!(given.acquire(&desk).await.unwrap().history, HistoryId(7));
        assert_eq!(given.fork().acquire(&desk).await.unwrap().history, HistoryId(7));
        assert_eq!(given.restored(HistoryId(8)).acquire(&desk).await.unwrap().history, HistoryId(8));
    }

    #[tokio::test]
    async fn a_desk_nobody_made_is_empty() {
        let store = MemoryStore::new();
        let desk = DeskId::default();
        assert_eq!(store.load(&desk).await.unwrap().revision, Revision(0));
        assert_eq!(store.cursor(&desk, "outbox").await.unwrap(), EventNo(0));
        let kept = store.set_cursor(&desk, "outbox", EventNo(1)).await;
        assert_eq!(kept.unwrap_err().kind(), StoreErrorKind::Unsupported);
    }
}
