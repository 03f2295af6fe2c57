//! Cold facts: read beside the engine, for a command that waits.

use std::collections::VecDeque;
use std::sync::Arc;

use super::envelope::{Envelope, Lane};
use super::task::Task;
use crate::desk::{EntryNumber, Facts, Lookup};
use crate::{Audience, Page, PageEnd, PublicSeq, Seq, StoreError, StoreErrorKind};

/// Facts that were asked for.
#[derive(Debug)]
pub(super) struct LookedUp {
    pub(super) lane: Lane,
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
    pub(super) fn look_up(&self, lane: Lane, lookup: Lookup) {
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
    let (store, desk) = (&shared.store, &shared.desk);
    match lookup {
        Lookup::Chat { chat, dedupe } => {
            let (mut at, mut facts) = (*chat, Facts { chat: store.chat(desk, *chat).await?, ..Facts::default() });
            let mut into = facts.chat.as_ref().and_then(|record| record.merged_into);
            loop {
                // Ids that were used under the number of a merged chat since are in the chat in which it went on.
                if let (Some((author, id)), None) = (dedupe, &facts.dedupe) {
                    facts.dedupe = store.dedupe(desk, at, *author, id).await?;
                }
                let Some(next) = into else { return Ok(facts) };
                facts.goes_on_in = into;
                (at, into) = (next, store.chat(desk, next).await?.and_then(|record| record.merged_into));
            }
        }
        Lookup::Entry { chat, target } => {
            let entry = store.entries(desk, *chat, only(*target)).await?.pop();
            Ok(Facts { chat: store.chat(desk, *chat).await?, entry, ..Facts::default() })
        }
        Lookup::LastAgent { customer } => {
            Ok(Facts { last_agent: store.last_agent(desk, *customer).await?, ..Facts::default() })
        }
    }
}

/// The page that holds one entry.
const fn only(target: EntryNumber) -> Page {
    let audience = match target {
        EntryNumber::Staff(seq) => Audience::Staff { after: Seq(seq.0.saturating_sub(1)), up_to: seq },
        EntryNumber::Customer(seq) => Audience::Customer { after: PublicSeq(seq.0.saturating_sub(1)), up_to: seq },
    };
    Page { audience, limit: 1, end: PageEnd::Oldest }
}
