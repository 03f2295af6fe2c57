//! A store that takes its time: before it does what it is asked, and before it tells what came of it. A crash in
//! between finds the write undone, or done and untold.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chatter_core::testing::Dice;
use chatter_core::{
    Acquired, AgentId, AuthorKey, Batch, ChatId, ChatRecord, ClientMsgId, CustomerId, DedupeRow, DeskId, Entry, Event,
    EventNo, Fence, Loaded, Page, Revision, Store, StoreError, StoreErrorKind,
};

use crate::judge::Bench;

/// How fast the store is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// The most that a call usually takes, twice.
    pub(crate) usual: Duration,
    /// One in so many calls takes up to `long`.
    pub(crate) seldom: u64,
    pub(crate) long: Duration,
}

#[derive(Debug)]
pub(crate) struct Dawdler {
    inner: Arc<dyn Store>,
    bench: Bench,
    draws: Mutex<(Dice, Pace)>,
}

impl Dawdler {
    pub(crate) const fn new(inner: Arc<dyn Store>, bench: Bench, dice: Dice, pace: Pace) -> Self {
        Self { inner, bench, draws: Mutex::new((dice, pace)) }
    }

    pub(crate) fn set_pace(&self, pace: Pace) {
        self.draws.lock().unwrap_or_else(PoisonError::into_inner).1 = pace;
    }

    async fn pause(&self) {
        let time = {
            let (dice, pace) = &mut *self.draws.lock().unwrap_or_else(PoisonError::into_inner);
            let most = if dice.once_in(pace.seldom) { pace.long } else { pace.usual };
            let micros = dice.below(u64::try_from(most.as_micros()).unwrap_or(u64::MAX));
            // Many calls of a store in memory do not wait at all.
            if dice.once_in(3) { Duration::ZERO } else { Duration::from_micros(micros) }
        };
        if !time.is_zero() {
            tokio::time::sleep(time).await;
        }
    }

    async fn slowly<R>(&self, what: &str, made: impl Future<Output = Result<R, StoreError>>) -> Result<R, StoreError> {
        self.pause().await;
        let result = made.await;
        self.pause().await;
        match &result {
            Ok(_) => self.bench.note(format_args!("  store: {what}")),
            Err(error) => {
                self.bench.note(format_args!("  store: {what} fails: {:?}", error.kind()));
                self.bench.saw(format_args!("store {:?}", error.kind()));
                let now = self.bench.clock().now();
                let mut judge = self.bench.judge();
                judge.store_gave_up |= error.kind() == StoreErrorKind::Fatal;
                if what == "commit" {
                    judge.write_failed_at = Some(now);
                }
            }
        }
        result
    }
}

#[async_trait]
impl Store for Dawdler {
    async fn acquire(&self, desk: &DeskId) -> Result<Acquired, StoreError> {
        self.slowly("acquire", self.inner.acquire(desk)).await
    }

    async fn load(&self, desk: &DeskId) -> Result<Loaded, StoreError> {
        self.slowly("load", self.inner.load(desk)).await
    }

    async fn commit(
        &self,
        desk: &DeskId,
        fence: Fence,
        revision: Revision,
        batch: Arc<Batch>,
    ) -> Result<Revision, StoreError> {
        self.slowly("commit", self.inner.commit(desk, fence, revision, batch)).await
    }

    async fn entries(&self, desk: &DeskId, chat: ChatId, page: Page) -> Result<Vec<Entry>, StoreError> {
        self.slowly("entries", self.inner.entries(desk, chat, page)).await
    }

    async fn chat(&self, desk: &DeskId, chat: ChatId) -> Result<Option<ChatRecord>, StoreError> {
        self.slowly("chat", self.inner.chat(desk, chat)).await
    }

    async fn dedupe(
        &self,
        desk: &DeskId,
        chat: ChatId,
        author: AuthorKey,
        client_msg_id: &ClientMsgId,
    ) -> Result<Option<DedupeRow>, StoreError> {
        self.bench.saw("lookup");
        self.slowly("dedupe", self.inner.dedupe(desk, chat, author, client_msg_id)).await
    }

    async fn last_agent(&self, desk: &DeskId, customer: CustomerId) -> Result<Option<AgentId>, StoreError> {
        self.inner.last_agent(desk, customer).await
    }

    async fn events_after(&self, desk: &DeskId, after: EventNo, limit: usize) -> Result<Vec<Event>, StoreError> {
        self.inner.events_after(desk, after, limit).await
    }

    async fn cursor(&self, desk: &DeskId, reader: &str) -> Result<EventNo, StoreError> {
        self.inner.cursor(desk, reader).await
    }

    async fn set_cursor(&self, desk: &DeskId, reader: &str, at: EventNo) -> Result<(), StoreError> {
        self.inner.set_cursor(desk, reader, at).await
    }
}
