//! Chats and agents as the simulator follows them.

use chatter_core::{AgentState, SessionId};

use super::customers::Newcomer;
use super::work::Bench;
use crate::lab::record::{CustomerRow, Micros};
use crate::lab::scenario::AgentGroup;

/// Where a chat is, as far as the simulator follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Waiting,
    Offered { agent: u32 },
    Held { agent: u32, assigned: Micros, first_reply: Micros },
    Over,
}

/// A customer with a chat.
#[derive(Clone, Debug)]
pub(super) struct Chat {
    pub(super) row: CustomerRow,
    pub(super) number: u32,
    pub(super) who: Newcomer,
    pub(super) session: SessionId,
    pub(super) phase: Phase,
    /// When they left without a word.
    pub(super) left: Option<Micros>,
    /// The work they brought, once somebody has begun it, and what is left of it.
    pub(super) work: Option<(Micros, Micros)>,
    /// How often it was offered, and how often it was assigned.
    pub(super) offers: u32,
    pub(super) turns: u32,
}

/// An agent.
#[derive(Debug)]
pub(super) struct Agent {
    pub(super) group: usize,
    pub(super) bench: Bench,
    pub(super) online: bool,
    /// What the shift says.
    pub(super) duty: AgentState,
    pub(super) held: u32,
    pub(super) changed: bool,
}

/// What the shifts of a group say, over a day.
pub(super) fn duties(group: &AgentGroup) -> Vec<(Micros, AgentState)> {
    let mut duties = Vec::new();
    for shift in &group.shifts {
        duties.push((shift.from, AgentState::Online));
        for (from, to) in &shift.breaks {
            duties.push((*from, AgentState::Away));
            duties.push((*to, AgentState::Online));
        }
        duties.push((shift.to, AgentState::LastCall));
    }
    duties
}
