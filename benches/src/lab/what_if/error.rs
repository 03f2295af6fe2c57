//! Why a store says nothing about what might have been.

use std::path::PathBuf;

/// Why a store cannot be replayed.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {rule}", path = .path.display())]
#[non_exhaustive]
pub struct WhatIfError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    #[source]
    pub rule: WhatIfRule,
}

/// What is wrong with a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WhatIfRule {
    /// SQLite cannot read it.
    #[error("{0}")]
    Sqlite(#[from] rusqlite::Error),
    /// It is a database, but not one of Chatter's.
    #[error("this is no Chatter store: its application id is {0:#x}")]
    NotChatter(i64),
    /// It was written by a newer Chatter.
    #[error("the store has version {found}, the lab reads versions 1 to {known}")]
    Newer {
        /// Its version.
        found: i64,
        /// The newest that is known.
        known: i64,
    },
    /// An event that cannot be read.
    #[error("event {number} cannot be read: {source}")]
    Event {
        /// Which.
        number: i64,
        /// Why.
        source: serde_json::Error,
    },
    /// A row that cannot be read.
    #[error("{what} cannot be read: {source}")]
    Row {
        /// Which.
        what: &'static str,
        /// Why.
        source: serde_json::Error,
    },
    /// Nobody has come yet.
    #[error("nobody has joined a queue in this store: there is nothing to replay")]
    Nobody,
    /// Nobody was online.
    #[error("no agent of this store was ever online: there is nobody to serve")]
    NoAgents,
}
