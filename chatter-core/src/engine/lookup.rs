//! Cold facts: read beside the engine, for a command that waits.

use std::collections::VecDeque;
use std::sync::Arc;

use super::envelope::Envelope;
use super::task::Task;
use crate::desk::{Facts, Lookup};
use crate::{ChatId, SessionId, StoreError};

/// Facts that were asked for.
#[derive(Debug)]
pub(super) struct LookedUp {
    pub(super) lane: (SessionId, ChatId),
    pub(super) facts: Result<Facts, StoreError>,
}

impl Task {
    /// Reads the facts a command needs. Until they are there, later commands of the same session and chat
    /// wait behind it; their number is bounded by what a session may have under way.
    pub(super) fn look_up(&mut self, lookup: Lookup, envelope: Envelope) {
        let Some(lane) = envelope.lane() else { return };
        self.parked.insert(lane, VecDeque::from([envelope]));
        let (shared, answers) = (Arc::clone(&self.shared), self.looked_up.0.clone());
        tokio::spawn(async move {
            let facts = read(&shared, &lookup).await;
            // The engine has stopped if nobody listens.
            let _ = answers.send(LookedUp { lane, facts });
        });
    }
}

async fn read(shared: &super::Shared, lookup: &Lookup) -> Result<Facts, StoreError> {
    let dedupe = match &lookup.dedupe {
        Some((author, id)) => shared.store.dedupe(&shared.desk, lookup.chat, *author, id).await?,
        None => None,
    };
    Ok(Facts { chat: shared.store.chat(&shared.desk, lookup.chat).await?, dedupe })
}
