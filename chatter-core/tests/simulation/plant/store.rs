//! Stores that break their contract.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use chatter_core::testing::Dice;
use chatter_core::{
    Acquired, AgentId, AuthorKey, Batch, Body, ChatId, ChatRecord, ClientMsgId, CustomerId, DedupeRow, DeskId, Entry,
    Event, EventNo, Fence, Loaded, Page, Revision, Seq, Store, StoreError, Subject, Text,
};

use super::Plant;
use crate::judge::TYPED_MARK;

#[derive(Debug)]
pub(super) struct Planted {
    plant: Plant,
    inner: Arc<dyn Store>,
    dice: Mutex<Dice>,
    commits: AtomicU64,
    /// Acknowledged, and not carried out yet.
    late: Mutex<Option<(Fence, Revision, Arc<Batch>)>>,
    /// Every entry as it was at first.
    first: Mutex<BTreeMap<(ChatId, Seq), Entry>>,
}

impl Planted {
    pub(super) fn new(plant: Plant, inner: Arc<dyn Store>, seed: u64) -> Self {
        Self {
            plant,
            inner,
            dice: Mutex::new(Dice::new(seed)),
            commits: AtomicU64::new(0),
            late: Mutex::default(),
            first: Mutex::default(),
        }
    }

    fn hits(&self, sides: u64) -> bool {
        self.dice.lock().unwrap_or_else(PoisonError::into_inner).once_in(sides)
    }

    /// What is written in place of a batch.
    fn bent(&self, batch: Arc<Batch>) -> Arc<Batch> {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        first.extend(batch.entries.iter().map(|entry| ((entry.chat, entry.seq), entry.clone())));
        let mut bent = Batch::clone(&batch);
        match self.plant {
            Plant::LostOverwrite => bent.overwrites.clear(),
            Plant::OtherEdit => {
                for overwrite in &mut bent.overwrites {
                    if let Body::Message { text } = &mut overwrite.body {
                        *text = Text::new("other words").expect("it is short");
                    }
                }
            }
            Plant::KeptWords => {
                for (chat, last) in
                    bent.rows.chats.iter_mut().filter_map(|it| Some((it.chat, it.last_message.as_mut()?)))
                {
                    let kept = first.get(&(chat, last.seq)).and_then(|entry| entry.body.text());
                    last.text = last.text.take().or_else(|| kept.cloned());
                }
            }
            Plant::StoredTyping => {
                for chat in bent.rows.chats.iter_mut().filter(|it| it.last_seq.0 > 5) {
                    chat.subject = Some(Subject::new(TYPED_MARK).expect("it is short"));
                }
            }
            _ => return batch,
        }
        Arc::new(bent)
    }

    /// Carries out what was acknowledged before.
    async fn catch_up(&self, desk: &DeskId) {
        let late = self.late.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((fence, revision, batch)) = late {
            let _ = self.inner.commit(desk, fence, revision, batch).await;
        }
    }
}

#[async_trait]
impl Store for Planted {
    async fn acquire(&self, desk: &DeskId) -> Result<Acquired, StoreError> {
        self.inner.acquire(desk).await
    }

    async fn load(&self, desk: &DeskId) -> Result<Loaded, StoreError> {
        let mut loaded = self.inner.load(desk).await?;
        let chats = &mut loaded.snapshot.chats;
        match self.plant {
            Plant::ForgottenReceipts => {
                for chat in chats {
                    chat.record.customer_receipts = chatter_core::Receipts::default();
                    chat.record.staff_receipts = chatter_core::Receipts::default();
                }
            }
            Plant::ForgottenChat => drop(chats.pop()),
            Plant::ForgottenIds => {
                for chat in chats {
                    chat.dedupe.clear();
                }
            }
            _ => {}
        }
        Ok(loaded)
    }

    async fn commit(
        &self,
        desk: &DeskId,
        fence: Fence,
        revision: Revision,
        batch: Arc<Batch>,
    ) -> Result<Revision, StoreError> {
        self.catch_up(desk).await;
        let batch = self.bent(batch);
        let commits = self.commits.fetch_add(1, Ordering::Relaxed);
        if self.plant == Plant::Silence && commits > 150 {
            std::future::pending::<()>().await;
        }
        if self.plant == Plant::EarlyAck && commits > 30 && self.hits(10) {
            *self.late.lock().unwrap_or_else(PoisonError::into_inner) = Some((fence, revision, batch));
            return Ok(revision.next());
        }
        self.inner.commit(desk, fence, revision, batch).await
    }

    async fn entries(&self, desk: &DeskId, chat: ChatId, page: Page) -> Result<Vec<Entry>, StoreError> {
        let mut entries = self.inner.entries(desk, chat, page).await?;
        if self.plant == Plant::HoleInPage && entries.len() > 2 {
            entries.remove(entries.len() / 2);
        }
        if self.plant == Plant::OldWords {
            let first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
            for entry in &mut entries {
                *entry = first.get(&(entry.chat, entry.seq)).unwrap_or(entry).clone();
            }
        }
        Ok(entries)
    }

    async fn chat(&self, desk: &DeskId, chat: ChatId) -> Result<Option<ChatRecord>, StoreError> {
        self.inner.chat(desk, chat).await
    }

    async fn dedupe(
        &self,
        desk: &DeskId,
        chat: ChatId,
        author: AuthorKey,
        client_msg_id: &ClientMsgId,
    ) -> Result<Option<DedupeRow>, StoreError> {
        if self.plant == Plant::ForgottenIds {
            return Ok(None);
        }
        self.inner.dedupe(desk, chat, author, client_msg_id).await
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
