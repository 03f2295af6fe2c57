//! The async shell around the desk: one task decides, batches, writes, and lets out what is durable.
//!
//! ```text
//!            decide                cut                    commit Ok
//!  inbox ──────────▶ pending ──────────▶ in flight ──────────────────▶ released: answers, frames
//!            (desk)   events, entries      one write      (or refused, by the kind of the failure)
//! ```
//!
//! While a write is in flight the desk goes on deciding, up to a limit: the write is the batching window,
//! so group commit needs no timer. An answer that reads newer state than is durable waits behind the write
//! that makes it so. The task never reads the store, parses, serialises, or waits for a client.

pub(crate) mod answer;
mod builder;
mod clock;
mod degraded;
pub(crate) mod envelope;
mod failure;
pub(crate) mod link;
#[cfg(feature = "testing")]
mod lookout;
mod lookup;
mod record;
mod release;
mod task;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use crate::desk::{Input, Reply};
use crate::{
    AgentId, AgentRecord, CategoryId, CategoryRecord, DeskId, Fence, HistoryId, Invalid, Name, Refusal, SessionId,
    Store, StoreError,
};

pub use builder::EngineBuilder;
pub use record::replay;

use envelope::{Answered, Envelope, ReplyTo};
use task::Message;

/// How long the engine waits before it tries a store again that could not write.
const PROBE_INTERVAL: Duration = Duration::from_secs(1);

/// A handle on a running engine; clones share it. The engine ends when it is stopped, or when the last
/// handle and session are gone.
#[derive(Clone, Debug)]
pub struct Engine {
    shared: Arc<Shared>,
    inbox: mpsc::Sender<Message>,
    stopped: watch::Receiver<Option<Arc<Stopped>>>,
}

/// What the engine's task and its handles share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) desk: DeskId,
    pub(crate) history: HistoryId,
    /// The fence that frames carry: the first that this engine got. Acquiring again after a write of unknown
    /// outcome raises the one that commits carry, but clients have nothing to tell apart by it.
    pub(crate) fence: Fence,
    next_session: AtomicU64,
}

/// An agent as an embedder or operator sets them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain settings")]
pub struct AgentSettings {
    /// Their number, 1 and up, chosen by whoever keeps the accounts.
    pub agent: AgentId,
    /// The name customers see.
    pub name: Name,
    /// The most chats at once, 1 to 1,000.
    pub max_chats: u32,
    /// The categories they serve.
    pub categories: Vec<CategoryId>,
}

/// Everybody the desk knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Roster {
    /// All categories.
    pub categories: Vec<CategoryRecord>,
    /// The agents that were not removed.
    pub agents: Vec<AgentRecord>,
}

/// How an engine ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Stopped {
    /// It was asked to.
    #[error("the engine was stopped")]
    Asked,
    /// The store failed for good. The process should exit; restarting it recovers what is durable.
    #[error("the store failed for good")]
    StoreFailed(#[source] Arc<StoreError>),
    /// Someone else owns the desk now.
    #[error("another owner has taken the desk")]
    Superseded,
    /// Its task ended by a bug, or with the runtime it ran on. What is durable is not harmed.
    #[error("the engine broke")]
    Broken,
}

impl Engine {
    /// An engine on a store, with default settings.
    #[must_use]
    pub fn builder(store: Arc<dyn Store>) -> EngineBuilder {
        EngineBuilder::new(store)
    }

    /// Makes or changes a category; durable when it returns.
    ///
    /// # Errors
    /// A refusal, as for any command.
    pub async fn set_category(&self, category: CategoryRecord) -> Result<(), Refusal> {
        self.call(Input::SetCategory(category)).await.map(drop)
    }

    /// Puts another policy in the place of the desk's own, for the chats that wait too. It lasts until the
    /// engine ends.
    ///
    /// # Errors
    /// When there is no policy of that name.
    pub async fn set_policy(&self, name: &str) -> Result<(), Refusal> {
        let name = Name::new(name).map_err(|invalid| Invalid::new("policy", invalid.rule))?;
        self.call(Input::SetPolicy { name }).await.map(drop)
    }

    /// Makes or changes an agent; durable when it returns.
    ///
    /// # Errors
    /// A refusal, as for any command.
    pub async fn set_agent(&self, agent: AgentSettings) -> Result<(), Refusal> {
        let AgentSettings { agent, name, max_chats, categories } = agent;
        let categories = categories.into_iter().collect();
        self.call(Input::SetAgent { agent, name, max_chats, categories }).await.map(drop)
    }

    /// Removes an agent: what they hold goes back to its queue, their names in transcripts stay.
    ///
    /// # Errors
    /// A refusal, as for any command.
    pub async fn remove_agent(&self, agent: AgentId) -> Result<(), Refusal> {
        self.call(Input::RemoveAgent { agent }).await.map(drop)
    }

    /// Everybody the desk knows: all categories and the agents that were not removed.
    ///
    /// # Errors
    /// When the engine has stopped.
    pub async fn roster(&self) -> Result<Roster, Refusal> {
        let Reply::Roster { categories, agents } = self.call(Input::Roster).await? else {
            return Err(Refusal::Internal);
        };
        Ok(Roster { categories, agents })
    }

    /// Stops: what was accepted becomes durable and is answered, then every session is closed with
    /// `restarting`. Returns when that is done.
    pub async fn stop(&self) {
        let (done, stopped) = oneshot::channel();
        if self.inbox.send(Message::Stop(done)).await.is_ok() {
            // The task may have ended meanwhile, for another reason.
            let _ = stopped.await;
        }
    }

    /// Waits until the engine has ended, for whatever reason.
    pub async fn stopped(&self) -> Arc<Stopped> {
        let mut stopped = self.stopped.clone();
        match stopped.wait_for(Option::is_some).await.map(|ended| ended.clone()) {
            Ok(Some(ended)) => ended,
            Ok(None) | Err(_) => Arc::new(Stopped::Broken),
        }
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(crate) fn next_session(&self) -> SessionId {
        SessionId(self.shared.next_session.fetch_add(1, Ordering::Relaxed))
    }

    /// Hands over an input; waits only while the engine has too many.
    pub(crate) async fn submit(&self, envelope: Envelope) -> Result<(), Refusal> {
        self.inbox.send(Message::Decide(envelope)).await.map_err(|_| Refusal::Unavailable)
    }

    /// Says that a connection has ended, from where nothing can be awaited.
    pub(crate) fn submit_close(&self, session: SessionId) {
        let envelope = Envelope::new(Input::CloseSession { session }, ReplyTo::Nobody);
        if let Err(mpsc::error::TrySendError::Full(message)) = self.inbox.try_send(Message::Decide(envelope))
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let inbox = self.inbox.clone();
            // Ends when the engine has room again, or has ended.
            runtime.spawn(async move { inbox.send(message).await });
        }
    }

    /// Hands over an input and waits for its answer.
    pub(crate) async fn call(&self, input: Input) -> Answered {
        let (sender, answer) = oneshot::channel();
        self.submit(Envelope::new(input, ReplyTo::Channel(sender))).await?;
        answer.await.unwrap_or(Err(Refusal::Unavailable))
    }
}
