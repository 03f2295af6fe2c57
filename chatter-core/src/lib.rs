//! The Chatter live-chat engine: customers wait in queues, agents are assigned by policy, both chat, and
//! everything that was acknowledged survives.
//!
//! A whole desk within one process, without a socket. In earnest the store would be
//! `chatter-store-sqlite`, and the connections would come through a transport.
//!
//! ```
//! use std::sync::Arc;
//!
//! use chatter_core::engine::{AgentSettings, Engine};
//! use chatter_core::protocol::{Command, CustomerBody, CustomerFrame, JoinQueue, SendMessage, StaffFrame};
//! use chatter_core::{AgentId, AgentState, CategoryId, CategoryRecord, ClientMsgId, CustomerId, MemoryStore, Name, Text};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let engine = Engine::builder(Arc::new(MemoryStore::new())).start().await?;
//! let general = CategoryId(1);
//! engine.set_category(CategoryRecord::new(general, Name::new("General")?)).await?;
//! let name = Name::new("Ada")?;
//! engine.set_agent(AgentSettings { agent: AgentId(1), name, max_chats: 3, categories: vec![general] }).await?;
//!
//! let (zoe, mut to_zoe) = engine.connect_customer(CustomerId(42)).await?;
//! let (ada, mut to_ada) = engine.connect_agent(AgentId(1)).await?;
//! let _ = zoe.receive(Command::JoinQueue(JoinQueue::new(Name::new("Zoe")?))).await;
//! let _ = ada.receive(Command::SetAgentState { state: AgentState::Online }).await;
//! let chat = loop {
//!     if let StaffFrame::Chat { chat } = to_ada.next().await?.frame() {
//!         break chat.chat;
//!     }
//! };
//! let words = Text::new("Hello Zoe, how can I help?")?;
//! let _ = ada.receive(Command::SendMessage(SendMessage::new(chat, ClientMsgId::new("1")?, words))).await;
//! let told = loop {
//!     if let CustomerFrame::Entry { entry, .. } = to_zoe.next().await?.frame()
//!         && let CustomerBody::Message { text } = &entry.body
//!     {
//!         break text.clone();
//!     }
//! };
//! assert_eq!(told.as_str(), "Hello Zoe, how can I help?");
//! # Ok(())
//! # }
//! ```
//!
//! - [`desk`] decides: pure, deterministic, replayable.
//! - [`engine`] runs it: durability, batching, failures.
//! - [`session`] connects people: [`Door`](session::Door), [`Gatekeeper`](session::Gatekeeper).
//! - [`Store`], [`Transport`] and [`policy::AssignmentPolicy`] are the seams; the feature `testing` holds a
//!   conformance suite for the first two.
//! - [`protocol`] is the wire: the same types for every transport.
//!
//! Without the default feature `engine` the crate is the desk alone, with no tokio.

mod category;
pub mod desk;
mod entry;
mod event;
mod few;
#[cfg(test)]
mod golden;
pub mod hours;
mod id_map;
mod ids;
mod people;
mod permissions;
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
mod team;
mod text;
mod time;
mod transport;

pub use category::{CategorySettings, CategoryWeight, OverflowStage, Routing};
pub use entry::{Body, DedupeRow, EndReason, Entry, Overwrite, Side, SystemLine};
pub use event::{
    Choice, DeclineReason, EntryKind, Event, Fact, OfferEnd, PassedOver, Receipt, RequeueCause, StateCause, Trigger,
};
pub use few::Few;
pub use ids::{
    AgentId, CategoryId, ChatId, ClientMsgId, CustomerId, DeskId, EventNo, Fence, HistoryId, PublicSeq, Revision, Seq,
    SessionId,
};
pub use people::{AgentState, Author, AuthorKey, Principal};
pub use permissions::{Permission, Permissions};
pub use record::{
    AgentRecord, CategoryRecord, ChatRecord, ChatState, ChatStatus, LastMessage, LoadedChat, Priority, Receipts,
    Snapshot,
};
pub use refusal::{Refusal, Unavailable};
#[cfg(feature = "engine")]
pub use store::{Acquired, Audience, Batch, Loaded, Page, PageEnd, Rows, Store, StoreError, StoreErrorKind};
#[cfg(feature = "engine")]
pub use store_memory::MemoryStore;
pub use team::{LoadedTeamChat, TeamChatRecord, TeamMember, TeamMessage};
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
