//! A store that reports every batch that has become durable, and checks that a desk can go on from it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use async_trait::async_trait;
use chatter_core::desk::{Desk, DeskSettings};
use chatter_core::policy::AssignmentPolicy;
use chatter_core::{
    Acquired, AgentId, AuthorKey, Batch, ChatId, ChatRecord, ClientMsgId, CustomerId, DedupeRow, DeskId, Entry, Event,
    EventNo, Fence, Loaded, MemoryStore, Page, Revision, Store, StoreError,
};

use crate::judge::{Bench, Promise};
use crate::store::at_once;

#[derive(Debug)]
pub(crate) struct Ledger {
    memory: MemoryStore,
    bench: Bench,
    settings: DeskSettings,
    policy: Arc<dyn AssignmentPolicy>,
}

impl Ledger {
    pub(crate) const fn new(
        memory: MemoryStore,
        bench: Bench,
        settings: DeskSettings,
        policy: Arc<dyn AssignmentPolicy>,
    ) -> Self {
        Self { memory, bench, settings, policy }
    }

    /// A desk that would be started now keeps every rule.
    fn check_restart(&self, desk: &DeskId) {
        let Ok(Loaded { snapshot, .. }) = at_once(self.memory.load(desk)) else { return };
        let restored = catch_unwind(AssertUnwindSafe(|| {
            let now = snapshot.last_event_at;
            Desk::restore(snapshot, now, self.settings.clone(), Arc::clone(&self.policy)).check();
        }));
        if let Err(panic) = restored {
            self.bench.breaks(Promise::Rules, format_args!("after a restart: {}", crate::said(&*panic)));
        }
    }
}

#[async_trait]
impl Store for Ledger {
    async fn acquire(&self, desk: &DeskId) -> Result<Acquired, StoreError> {
        self.memory.acquire(desk).await
    }

    async fn load(&self, desk: &DeskId) -> Result<Loaded, StoreError> {
        self.memory.load(desk).await
    }

    async fn commit(
        &self,
        desk: &DeskId,
        fence: Fence,
        revision: Revision,
        batch: Arc<Batch>,
    ) -> Result<Revision, StoreError> {
        let committed = self.memory.commit(desk, fence, revision, Arc::clone(&batch)).await?;
        self.bench.judge().stored(&batch);
        self.check_restart(desk);
        Ok(committed)
    }

    async fn entries(&self, desk: &DeskId, chat: ChatId, page: Page) -> Result<Vec<Entry>, StoreError> {
        self.memory.entries(desk, chat, page).await
    }

    async fn chat(&self, desk: &DeskId, chat: ChatId) -> Result<Option<ChatRecord>, StoreError> {
        self.memory.chat(desk, chat).await
    }

    async fn dedupe(
        &self,
        desk: &DeskId,
        chat: ChatId,
        author: AuthorKey,
        client_msg_id: &ClientMsgId,
    ) -> Result<Option<DedupeRow>, StoreError> {
        self.memory.dedupe(desk, chat, author, client_msg_id).await
    }

    async fn last_agent(&self, desk: &DeskId, customer: CustomerId) -> Result<Option<AgentId>, StoreError> {
        self.memory.last_agent(desk, customer).await
    }

    async fn events_after(&self, desk: &DeskId, after: EventNo, limit: usize) -> Result<Vec<Event>, StoreError> {
        self.memory.events_after(desk, after, limit).await
    }

    async fn cursor(&self, desk: &DeskId, reader: &str) -> Result<EventNo, StoreError> {
        self.memory.cursor(desk, reader).await
    }

    async fn set_cursor(&self, desk: &DeskId, reader: &str, at: EventNo) -> Result<(), StoreError> {
        self.memory.set_cursor(desk, reader, at).await
    }
}
