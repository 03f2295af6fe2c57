//! Cold facts: read beside the engine, for a command that waits.

use std::collections::VecDeque;
use std::sync::Arc;

use super::envelope::Envelope;
use super::task::Task;
use crate::desk::{Facts, Lookup};
use crate::{ChatId, SessionId, StoreError, StoreErrorKind};

/// Facts that were asked for.
#[derive(Debug)]
pub(super) struct LookedUp {
    pub(super) lane: (SessionId, ChatId),
    pub(super) facts: Result<Facts, StoreError>,
}

impl Task {
    /// Puts a command aside until its facts are there. Later commands of the same session and chat wait
    /// behind it; their number is bounded by what a session may have under way.
    pub(super) fn park(&mut self, envelope: Envelope) {
        if let Some(lane) = envelope.lane() {
            self.parked.insert(lane, VecDeque::from([envelope]));
        }
    }

    /// Puts a command behind the parked one of the same session and chat; gives it back when there is none.
    pub(super) fn wait_behind(&mut self, envelope: Envelope) -> Option<Envelope> {
        match envelope.lane().and_then(|lane| self.parked.get_mut(&lane)) {
            Some(queue) => {
                queue.push_back(envelope);
                None
            }
            None => Some(envelope),
        }
    }

    /// Reads the facts a parked command needs.
    pub(super) fn look_up(&self, lane: (SessionId, ChatId), lookup: Lookup) {
        let (shared, answers) = (Arc::clone(&self.shared), self.looked_up.0.clone());
        tokio::spawn(async move {
            // A task of its own, so that a store that panics fails this read and nothing else.
            let reading = tokio::spawn(async move { read(&shared, &lookup).await });
            let facts = reading.await.unwrap_or_else(|panic| Err(StoreError::new(StoreErrorKind::Fatal, panic)));
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
