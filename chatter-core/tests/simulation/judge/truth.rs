//! What is stored: the measure of everything that is seen.

use std::collections::{BTreeMap, BTreeSet};

use chatter_core::protocol::{CustomerEntry, StaffEntry};
use chatter_core::{AgentId, AgentRecord, ChatRecord, Entry};
use serde_json::Value;

use super::Who;

#[derive(Debug, Default)]
pub(crate) struct Truth {
    pub(crate) chats: BTreeMap<u64, Transcript>,
    pub(crate) agents: BTreeMap<AgentId, AgentRecord>,
}

/// One chat with its lines as either side is shown them.
#[derive(Debug)]
pub(crate) struct Transcript {
    pub(crate) record: ChatRecord,
    pub(crate) entries: Vec<Entry>,
    /// Agents who were asked to take it: they may have read it then.
    asked: BTreeSet<AgentId>,
    staff: Vec<Value>,
    customer: Vec<Value>,
}

impl Transcript {
    pub(crate) const fn new(record: ChatRecord) -> Self {
        Self { record, entries: Vec::new(), asked: BTreeSet::new(), staff: Vec::new(), customer: Vec::new() }
    }

    /// The chat is as told; gives what it was before.
    pub(super) fn replace(&mut self, record: &ChatRecord) -> ChatRecord {
        self.asked.extend(record.offered_to().into_iter().chain(record.transfer_to));
        std::mem::replace(&mut self.record, record.clone())
    }

    pub(crate) fn push(&mut self, entry: &Entry) {
        self.staff.push(shown(&StaffEntry::from(entry)));
        self.customer.extend(CustomerEntry::of(entry).as_ref().map(shown));
        self.entries.push(entry.clone());
    }

    /// The lines that this side sees, as it is shown them; the first has the number 1.
    pub(crate) fn lines(&self, who: Who) -> &[Value] {
        match who {
            Who::Customer(_) => &self.customer,
            Who::Agent(_) => &self.staff,
        }
    }

    pub(crate) fn last(&self, who: Who) -> u64 {
        self.lines(who).len() as u64
    }

    pub(crate) fn at(&self, who: Who, number: u64) -> Option<&Value> {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        self.lines(who).get(index)
    }

    /// May this person know of the chat?
    pub(crate) fn is_known_to(&self, who: Who) -> bool {
        match who {
            Who::Customer(customer) => self.record.customer == customer,
            Who::Agent(agent) => self.record.agents.contains(&agent) || self.asked.contains(&agent),
        }
    }
}

impl Truth {
    pub(crate) fn chat(&self, chat: u64) -> Option<&Transcript> {
        self.chats.get(&chat)
    }
}

fn shown(entry: &impl serde::Serialize) -> Value {
    serde_json::to_value(entry).expect("entries are plain data")
}
