//! The seam to durable storage. The engine fills every batch, so an implementation writes rows and
//! knows no rules.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    AgentId, AgentRecord, AuthorKey, CategoryRecord, ChatId, ChatRecord, ClientMsgId, CustomerId, DedupeRow, DeskId,
    Entry, Event, EventNo, Fence, HistoryId, Overwrite, PublicSeq, Revision, Seq, Snapshot, TeamChatRecord,
};

/// Durable storage of desks.
///
/// # Contract
/// To be correct, an implementation must keep every clause; each has a test in `testing::store`, named
/// as here.
///
/// - `commit_is_atomic`: a batch is visible whole or not at all, to every method, at any time.
/// - `commit_is_durable`: once [`commit`](Store::commit) has returned `Ok`, the batch survives what the
///   store promises to survive (a crash of the process; of the machine, on honest disks).
/// - `commit_counts_revisions`: each `Ok` returns the revision given plus one, also for an empty batch.
/// - `stale_revision_is_refused`: a commit whose revision is not the current one changes nothing and
///   fails with [`StoreErrorKind::Stale`].
/// - `stale_fence_is_refused`: likewise for a fence that is not the newest handed out.
/// - `acquire_raises_the_fence`: every [`acquire`](Store::acquire) returns a higher fence than any before it.
/// - `history_is_kept`: `acquire` returns the same history until acknowledged entries may have been lost.
/// - `load_changes_nothing`: [`load`](Store::load) gives the state after the newest commit, and two in a
///   row are equal.
/// - `load_leaves_out_closed`: a chat whose row is closed is not loaded, but still found by
///   [`chat`](Store::chat).
/// - `load_limits_dedupe`: a loaded chat carries its newest 256 client ids, oldest first.
/// - `rows_replace`: a row replaces the one with the same key, fields that became absent included.
/// - `entries_are_paged_in_order`: [`entries`](Store::entries) gives ascending numbers without a hole,
///   from both ends.
/// - `customers_never_see_notes`: for [`Audience::Customer`] only entries with a public number are given.
/// - `client_ids_are_unique`: a second dedupe row with the same (chat, author, client id) fails the whole
///   batch with [`StoreErrorKind::Conflict`].
/// - `client_ids_are_kept`: [`dedupe`](Store::dedupe) finds every row ever committed, of closed chats too.
/// - `overwrites_replace_entries`: after an overwrite the entry reads back in its new form, wherever it is read,
///   and numbers, author and time are those it had.
/// - `last_agents_are_found`: [`last_agent`](Store::last_agent) looks at the newest chat of the customer that has
///   one.
/// - `events_are_dense`: [`events_after`](Store::events_after) gives the committed events in order.
/// - `cursors_are_kept`: a cursor reads back as last set, per desk and reader, zero before.
/// - `desks_are_apart`: nothing of one desk is seen through another. A store that keeps a single desk
///   refuses others with [`StoreErrorKind::Unsupported`].
///
/// It may delay any call, and may lose everything that was never acknowledged. Callers must not commit
/// concurrently for one desk; they may read concurrently with anything.
#[async_trait]
pub trait Store: Send + Sync + fmt::Debug {
    /// Becomes the owner of a desk, making it if it does not exist.
    ///
    /// # Errors
    /// [`StoreErrorKind::Held`] while another owner has it.
    async fn acquire(&self, desk: &DeskId) -> Result<Acquired, StoreError>;

    /// The state to go on from.
    ///
    /// # Errors
    /// When the store cannot be read; never an empty state instead of an unreadable one.
    async fn load(&self, desk: &DeskId) -> Result<Loaded, StoreError>;

    /// Makes a batch durable, if `fence` and `revision` are current. Returns the new revision.
    ///
    /// # Errors
    /// By kind; only [`StoreErrorKind::UnknownOutcome`] leaves open whether the batch stands.
    async fn commit(
        &self,
        desk: &DeskId,
        fence: Fence,
        revision: Revision,
        batch: Arc<Batch>,
    ) -> Result<Revision, StoreError>;

    /// A page of a chat's entries for one audience, ascending.
    ///
    /// # Errors
    /// When the store cannot be read. An unknown chat has no entries.
    async fn entries(&self, desk: &DeskId, chat: ChatId, page: Page) -> Result<Vec<Entry>, StoreError>;

    /// One chat, closed ones too.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn chat(&self, desk: &DeskId, chat: ChatId) -> Result<Option<ChatRecord>, StoreError>;

    /// The first result of a client id.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn dedupe(
        &self,
        desk: &DeskId,
        chat: ChatId,
        author: AuthorKey,
        client_msg_id: &ClientMsgId,
    ) -> Result<Option<DedupeRow>, StoreError>;

    /// Who last held the newest of a customer's chats that anybody held, closed ones too.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn last_agent(&self, desk: &DeskId, customer: CustomerId) -> Result<Option<AgentId>, StoreError>;

    /// Up to `limit` events with a number above `after`, ascending.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn events_after(&self, desk: &DeskId, after: EventNo, limit: usize) -> Result<Vec<Event>, StoreError>;

    /// How far a named reader of the events has come.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn cursor(&self, desk: &DeskId, reader: &str) -> Result<EventNo, StoreError>;

    /// Remembers durably how far a named reader of the events has come.
    ///
    /// # Errors
    /// By kind, as for a commit.
    async fn set_cursor(&self, desk: &DeskId, reader: &str, at: EventNo) -> Result<(), StoreError>;
}

/// What becoming the owner of a desk gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "stores build it")]
pub struct Acquired {
    /// Higher than any before.
    pub fence: Fence,
    /// The history that positions belong to.
    pub history: HistoryId,
}

/// A desk's state and the revision it stands at.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "stores build it")]
pub struct Loaded {
    /// What the desk goes on from.
    pub snapshot: Snapshot,
    /// The number of batches committed so far.
    pub revision: Revision,
}

/// What one commit makes durable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a new field must break every store")]
pub struct Batch {
    /// New events, ascending and dense after those before.
    pub events: Vec<Event>,
    /// New entries.
    pub entries: Vec<Entry>,
    /// New forms of entries that are there already or come with this batch, to be put in place after the new
    /// entries and in this order. What an entry said before is gone from everything the store gives.
    pub overwrites: Vec<Overwrite>,
    /// Rows that replace those with the same key.
    pub rows: Rows,
    /// New client ids, in the order of use.
    pub dedupe: Vec<Arc<DedupeRow>>,
}

/// Rows that replace those with the same key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a new field must break every store")]
pub struct Rows {
    /// Chats that changed.
    pub chats: Vec<ChatRecord>,
    /// Agents that changed.
    pub agents: Vec<AgentRecord>,
    /// Categories that changed.
    pub categories: Vec<CategoryRecord>,
    /// Conversations of agents that changed.
    pub team_chats: Vec<TeamChatRecord>,
}

impl Batch {
    /// True when there is nothing to make durable.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.events.is_empty()
            && self.entries.is_empty()
            && self.overwrites.is_empty()
            && self.dedupe.is_empty()
            && self.rows.chats.is_empty()
            && self.rows.agents.is_empty()
            && self.rows.categories.is_empty()
            && self.rows.team_chats.is_empty()
    }
}

/// A page of entries: for whom, from which end, how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a new field must break every store")]
pub struct Page {
    /// For whom, with the bounds in that audience's numbers.
    pub audience: Audience,
    /// The most entries to give.
    pub limit: usize,
    /// Which entries, when there are more than `limit`.
    pub end: PageEnd,
}

/// For whom a page is, and between which of their numbers (both bounds exclusive below, inclusive above).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a new audience must break every store")]
pub enum Audience {
    /// Everything, by staff number.
    Staff {
        /// Entries above this one.
        after: Seq,
        /// Entries up to and with this one.
        up_to: Seq,
    },
    /// Public entries, by public number.
    Customer {
        /// Entries above this one.
        after: PublicSeq,
        /// Entries up to and with this one.
        up_to: PublicSeq,
    },
}

/// Which end of a range a page takes. Either way the page ascends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there are two ends")]
pub enum PageEnd {
    /// The lowest numbers.
    Oldest,
    /// The highest numbers.
    Newest,
}

/// A failed call of a store: a kind that the engine acts on, and the cause for people.
#[derive(Debug, thiserror::Error)]
#[error("{kind}")]
pub struct StoreError {
    kind: StoreErrorKind,
    #[source]
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl StoreError {
    /// A failure of this kind, with its cause.
    pub fn new(kind: StoreErrorKind, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { kind, source: Some(source.into()) }
    }

    /// What the engine acts on.
    #[must_use]
    pub const fn kind(&self) -> StoreErrorKind {
        self.kind
    }
}

impl From<StoreErrorKind> for StoreError {
    fn from(kind: StoreErrorKind) -> Self {
        Self { kind, source: None }
    }
}

/// What a failure means for the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// Nothing was written and the store works: later it may go (disk full, busy).
    #[error("the store cannot write now, nothing was changed")]
    Retryable,
    /// The batch may or may not stand; acquiring and loading again tells.
    #[error("the outcome of the write is unknown")]
    UnknownOutcome,
    /// The store must not be used any more (a failed fsync, corruption).
    #[error("the store failed for good")]
    Fatal,
    /// Someone else owns the desk by now, or the caller's revision is not the current one.
    #[error("the desk has another owner or has moved on")]
    Stale,
    /// Someone else owns the desk.
    #[error("the desk is held by another owner")]
    Held,
    /// A unique key was violated: the whole batch was refused.
    #[error("the batch violates a unique key")]
    Conflict,
    /// The store cannot do this at all (another desk, a newer format).
    #[error("the store does not support this")]
    Unsupported,
}
