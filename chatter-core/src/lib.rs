//! The Chatter live-chat engine.

pub mod desk;
mod entry;
mod event;
#[cfg(test)]
mod golden;
mod ids;
mod people;
pub mod policy;
pub mod protocol;
mod rank_tree;
mod record;
mod refusal;
#[cfg(any(test, feature = "testing"))]
#[doc(hidden)]
pub mod steps;
#[cfg(not(any(test, feature = "testing")))]
mod steps;
#[cfg(feature = "engine")]
mod store;
#[cfg(feature = "engine")]
mod store_memory;
mod text;
mod time;
mod transport;

pub use entry::{Body, DedupeRow, EndReason, Entry, Side, SystemLine};
pub use event::{Choice, EntryKind, Event, Fact, PassedOver, Receipt, RequeueCause, StateCause, Trigger};
pub use ids::{
    AgentId, CategoryId, ChatId, ClientMsgId, CustomerId, DeskId, EventNo, Fence, HistoryId, PublicSeq, Revision, Seq,
    SessionId,
};
pub use people::{AgentState, Author, AuthorKey, Principal};
pub use record::{
    AgentRecord, CategoryRecord, ChatKind, ChatRecord, ChatState, ChatStatus, LastMessage, LoadedChat, Priority,
    Receipts, Snapshot,
};
pub use refusal::Refusal;
#[cfg(feature = "engine")]
pub use store::{Acquired, Audience, Batch, Loaded, Page, PageEnd, Rows, Store, StoreError, StoreErrorKind};
#[cfg(feature = "engine")]
pub use store_memory::MemoryStore;
pub use text::{Invalid, Name, Subject, Text};
pub use time::Time;
pub use transport::{CloseReason, Handed, Reconnect, Transport};

#[cfg(feature = "engine")]
pub mod engine;
#[cfg(feature = "engine")]
mod outbox;
#[cfg(feature = "engine")]
pub mod session;
#[cfg(feature = "testing")]
pub mod testing;

#[cfg(feature = "engine")]
pub use outbox::{Delivery, Outbox, OutboxLimits, OutboxSender, Weigh, outbox};
