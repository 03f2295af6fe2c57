//! Agents while a record is read.

use std::collections::{BTreeMap, BTreeSet};

use chatter_core::{AgentState, CategoryId, OfferEnd, StateCause};

use super::recorded::RecordedAgent;
use crate::lab::record::Micros;

/// An agent so far.
#[derive(Debug, Default)]
pub(super) struct Staffer {
    pub(super) agent: RecordedAgent,
    pub(super) categories: BTreeSet<CategoryId>,
    since: Option<Micros>,
    /// Offers under way: when each was made.
    asked: BTreeMap<u64, Micros>,
}

impl Staffer {
    /// Their limits are set; true when that changes what an agent at work may do.
    pub(super) fn set(&mut self, max_chats: u32, categories: &BTreeSet<CategoryId>) -> bool {
        let changed = self.since.is_some() && (self.agent.max_chats != max_chats || self.categories != *categories);
        self.agent.max_chats = max_chats;
        self.categories.clone_from(categories);
        changed
    }

    /// They say something of themselves; true when the desk did, for missed offers, which a replay does by itself.
    pub(super) fn says(&mut self, at: Micros, state: AgentState, cause: StateCause) -> bool {
        if cause == StateCause::Missed {
            return true;
        }
        if state == AgentState::Online {
            self.since.get_or_insert(at);
        } else {
            self.rests(at);
        }
        false
    }

    /// They take no chats any more.
    pub(super) fn rests(&mut self, at: Micros) {
        if let Some(since) = self.since.take()
            && at > since
        {
            self.agent.online.push((since, at));
        }
    }

    pub(super) fn asked(&mut self, at: Micros, chat: u64) {
        self.agent.offers += 1;
        self.asked.insert(chat, at);
    }

    /// They took a chat, perhaps one they were asked to.
    pub(super) fn takes(&mut self, at: Micros, chat: u64) {
        if let Some(asked) = self.asked.remove(&chat) {
            self.agent.answers.push(at - asked);
        }
    }

    pub(super) fn lets_pass(&mut self, at: Micros, chat: u64, how: OfferEnd) {
        let asked = self.asked.remove(&chat);
        match how {
            OfferEnd::Declined { .. } => {
                self.agent.declined += 1;
                self.agent.answers.extend(asked.map(|asked| at - asked));
            }
            OfferEnd::Missed => self.agent.missed += 1,
            // Taken back: it says nothing of the agent. Kinds to come are taken for the same.
            OfferEnd::Withdrawn | _ => self.agent.offers = self.agent.offers.saturating_sub(1),
        }
    }
}
