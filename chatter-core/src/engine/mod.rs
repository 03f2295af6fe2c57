//! The async shell around the desk.

use std::sync::Arc;

use crate::policy::AssignmentPolicy;
use crate::{AgentId, CategoryId, DeskId, Invalid, Name, Refusal, Store, StoreError};

/// A handle on a running engine; clones share it.
#[derive(Clone, Debug)]
pub struct Engine {}

/// Settings of an engine, before it starts.
#[derive(Debug)]
pub struct EngineBuilder {
    _store: Arc<dyn Store>,
}

/// An agent as an embedder or operator sets them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain settings")]
pub struct AgentSettings {
    /// Their number, chosen by whoever keeps the accounts.
    pub agent: AgentId,
    /// The name customers see.
    pub name: Name,
    /// The most chats at once, 1 to 1,000.
    pub max_chats: u32,
    /// The categories they serve.
    pub categories: Vec<CategoryId>,
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
}

impl Engine {
    /// An engine on a store, with default settings.
    #[must_use]
    pub fn builder(store: Arc<dyn Store>) -> EngineBuilder {
        EngineBuilder { _store: store }
    }

    /// Makes or renames a category; durable when it returns.
    ///
    /// # Errors
    /// A refusal, as for any command.
    pub async fn set_category(&self, category: CategoryId, name: Name) -> Result<(), Refusal> {
        let _ = (category, name);
        unimplemented!()
    }

    /// Makes or changes an agent; durable when it returns.
    ///
    /// # Errors
    /// A refusal, as for any command.
    pub async fn set_agent(&self, agent: AgentSettings) -> Result<(), Refusal> {
        let _ = agent;
        unimplemented!()
    }

    /// Removes an agent: what they hold goes back to its queue, their names in transcripts stay.
    ///
    /// # Errors
    /// A refusal, as for any command.
    pub async fn remove_agent(&self, agent: AgentId) -> Result<(), Refusal> {
        let _ = agent;
        unimplemented!()
    }

    /// Everybody the desk knows: all categories and the agents that were not removed.
    ///
    /// # Errors
    /// When the engine has stopped.
    pub async fn roster(&self) -> Result<Roster, Refusal> {
        unimplemented!()
    }

    /// Stops: what was accepted becomes durable and is answered, then every session is closed with
    /// `restarting`.
    pub async fn stop(&self) {
        unimplemented!()
    }

    /// Waits until the engine has ended, for whatever reason.
    pub async fn stopped(&self) -> Arc<Stopped> {
        unimplemented!()
    }
}

/// Everybody the desk knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Roster {
    /// All categories.
    pub categories: Vec<crate::CategoryRecord>,
    /// The agents that were not removed.
    pub agents: Vec<crate::AgentRecord>,
}

impl EngineBuilder {
    /// The desk to run; `main` by default.
    #[must_use]
    pub fn desk(self, desk: DeskId) -> Self {
        let _ = desk;
        self
    }

    /// How chats and agents are matched; longest wait by default.
    #[must_use]
    pub fn policy(self, policy: Arc<dyn AssignmentPolicy>) -> Self {
        let _ = policy;
        self
    }

    /// Records every command to a writer, one JSON object a line, for replay (row G4).
    #[must_use]
    pub fn record(self, writer: Box<dyn std::io::Write + Send>) -> Self {
        let _ = writer;
        self
    }

    /// Acquires the desk, loads it and runs.
    ///
    /// # Errors
    /// When the desk is held by another owner, or cannot be read.
    pub async fn start(self) -> Result<Engine, StoreError> {
        unimplemented!()
    }
}

#[expect(dead_code, reason = "placeholder")]
const fn _invalid(_: Invalid) {}
