//! The store that keeps all clauses but one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::Breaks;
use crate::{
    Acquired, AgentId, Audience, AuthorKey, Batch, Body, ChatId, ChatRecord, ClientMsgId, CustomerId, DedupeRow,
    DeskId, Entry, Event, EventNo, Fence, HistoryId, Loaded, MemoryStore, Page, PageEnd, Revision, Seq, Store,
    StoreError, StoreErrorKind,
};

#[derive(Debug)]
pub(super) struct Broken {
    pub(super) inner: MemoryStore,
    pub(super) breaks: Option<Breaks>,
    pub(super) earlier: Arc<Mutex<Option<MemoryStore>>>,
    /// What customers were shown of each entry first.
    pub(super) first: Mutex<BTreeMap<(DeskId, ChatId, Seq), Body>>,
}

impl Broken {
    pub(super) fn is(&self, breaks: Breaks) -> bool {
        self.breaks == Some(breaks)
    }

    fn desk(&self, desk: &DeskId) -> DeskId {
        if self.is(Breaks::OneDesk) { DeskId::default() } else { desk.clone() }
    }

    fn cursor_desk(&self, desk: &DeskId) -> DeskId {
        if self.is(Breaks::SharedCursors) { DeskId::default() } else { self.desk(desk) }
    }

    fn reader<'a>(&self, reader: &'a str) -> &'a str {
        if self.is(Breaks::OneCursor) { "all" } else { reader }
    }
}

#[async_trait]
impl Store for Broken {
    async fn acquire(&self, desk: &DeskId) -> Result<Acquired, StoreError> {
        if self.is(Breaks::ReadsRefusedDesks) && *desk != DeskId::default() {
            return Err(StoreErrorKind::Unsupported.into());
        }
        let desk = self.desk(desk);
        let acquired = self.inner.acquire(&desk).await?;
        let bent = self.inner.tamper(&desk, |kept| {
            if self.is(Breaks::KeepsFence) {
                kept.fence = Fence(1);
            }
            if self.is(Breaks::NewHistory) {
                kept.history = HistoryId(kept.history.0.wrapping_add(1));
            }
            Acquired { fence: kept.fence, history: kept.history }
        });
        Ok(bent.unwrap_or(acquired))
    }

    async fn load(&self, desk: &DeskId) -> Result<Loaded, StoreError> {
        let desk = self.desk(desk);
        let mut loaded = self.inner.load(&desk).await?;
        self.load_bent(&desk, &mut loaded);
        Ok(loaded)
    }

    async fn commit(
        &self,
        desk: &DeskId,
        fence: Fence,
        revision: Revision,
        batch: Arc<Batch>,
    ) -> Result<Revision, StoreError> {
        let desk = self.desk(desk);
        let now = self.inner.tamper(&desk, |kept| (kept.fence, kept.revision)).unwrap_or((fence, revision));
        let fence = if self.is(Breaks::IgnoresFence) { now.0 } else { fence };
        let revision = if self.is(Breaks::IgnoresRevision) { now.1 } else { revision };
        if self.is(Breaks::SkipsEmpty) && batch.is_empty() {
            return Ok(revision);
        }
        if self.is(Breaks::UniquePerChat) && self.used_by_another(&desk, &batch) {
            return Err(StoreErrorKind::Conflict.into());
        }
        if self.is(Breaks::ShowsEventsFirst) {
            self.show_events(&desk, &batch).await;
        }
        if self.is(Breaks::LosesTheLast) {
            *self.earlier.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.inner.fork());
        }
        let bent = Arc::new(self.bend(&desk, &batch));
        let before = self.inner.tamper(&desk, |kept| kept.clone());
        let outcome = self.inner.commit(&desk, fence, revision, bent).await;
        if let Some(before) = before.filter(|_| outcome.is_ok()) {
            self.bend_overwritten(&desk, &batch, &before);
        }
        let conflict = outcome.as_ref().is_err_and(|error| error.kind() == StoreErrorKind::Conflict);
        if conflict && self.is(Breaks::KeepsRowsOfRefused) {
            self.inner.tamper(&desk, |kept| kept.put_rows(&batch.rows));
        }
        if conflict && self.is(Breaks::KeepsOverwritesOfRefused) {
            self.keep_overwrites(&desk, &batch);
        }
        if conflict && self.is(Breaks::ConflictIsRetryable) {
            return Err(StoreErrorKind::Retryable.into());
        }
        outcome
    }

    async fn entries(&self, desk: &DeskId, chat: ChatId, mut page: Page) -> Result<Vec<Entry>, StoreError> {
        let desk = self.desk(desk);
        let mut public_only = false;
        let public_bounds = matches!(page.audience, Audience::Customer { .. });
        match &mut page.audience {
            Audience::Staff { up_to, .. } => {
                if self.is(Breaks::NewestIsOldest) {
                    page.end = PageEnd::Oldest;
                }
                if self.is(Breaks::ExclusiveUpTo) {
                    *up_to = Seq(up_to.0.saturating_sub(1));
                }
            }
            Audience::Customer { after, up_to } => {
                public_only = self.is(Breaks::CustomerBoundsAreStaffs);
                if public_only || self.is(Breaks::ShowsNotes) {
                    page.audience = Audience::Staff { after: Seq(after.0), up_to: Seq(up_to.0) };
                }
            }
        }
        let mut entries = self.inner.entries(&desk, chat, page).await?;
        if public_only {
            entries.retain(|entry| entry.public_seq.is_some());
        }
        if public_bounds && self.is(Breaks::ShowsOldToCustomers) {
            self.show_first(&desk, &mut entries);
        }
        if self.is(Breaks::NewestDescends) && page.end == PageEnd::Newest {
            entries.reverse();
        }
        Ok(entries)
    }

    async fn chat(&self, desk: &DeskId, chat: ChatId) -> Result<Option<ChatRecord>, StoreError> {
        let desk = self.desk(desk);
        if self.is(Breaks::HidesClosed) && self.is_closed(&desk, chat) {
            return Ok(None);
        }
        self.inner.chat(&desk, chat).await
    }

    async fn dedupe(
        &self,
        desk: &DeskId,
        chat: ChatId,
        author: AuthorKey,
        client_msg_id: &ClientMsgId,
    ) -> Result<Option<DedupeRow>, StoreError> {
        let desk = self.desk(desk);
        if self.is(Breaks::ForgetsIdsOfClosed) && self.is_closed(&desk, chat) {
            return Ok(None);
        }
        let found = self.inner.dedupe(&desk, chat, author, client_msg_id).await?;
        let forgets = self.is(Breaks::ForgetsOldIds) || self.is(Breaks::ForgetsTeamIds);
        Ok(found.filter(|row| !forgets || !self.is_forgotten(&desk, row)))
    }

    async fn last_agent(&self, desk: &DeskId, customer: CustomerId) -> Result<Option<AgentId>, StoreError> {
        let desk = self.desk(desk);
        match self.last_agent_bent(&desk, customer) {
            Some(bent) => Ok(bent),
            None => self.inner.last_agent(&desk, customer).await,
        }
    }

    async fn events_after(&self, desk: &DeskId, after: EventNo, limit: usize) -> Result<Vec<Event>, StoreError> {
        let after = if self.is(Breaks::IncludesAfter) { EventNo(after.0.saturating_sub(1)) } else { after };
        let limit = if self.is(Breaks::IgnoresLimit) { usize::MAX } else { limit };
        let mut events = self.inner.events_after(&self.desk(desk), after, limit).await?;
        if self.is(Breaks::SortsAsWords) {
            events.sort_by_key(|event| event.no.to_string());
        }
        Ok(events)
    }

    async fn cursor(&self, desk: &DeskId, reader: &str) -> Result<EventNo, StoreError> {
        self.inner.cursor(&self.cursor_desk(desk), self.reader(reader)).await
    }

    async fn set_cursor(&self, desk: &DeskId, reader: &str, at: EventNo) -> Result<(), StoreError> {
        let desk = self.cursor_desk(desk);
        let before = self.inner.cursor(&desk, self.reader(reader)).await?;
        let at = if self.is(Breaks::CursorsOnlyRise) { at.max(before) } else { at };
        self.inner.set_cursor(&desk, self.reader(reader), at).await
    }
}
