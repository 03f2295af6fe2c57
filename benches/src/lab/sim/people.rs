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
    /// When their patience ends if they wait on, once they have waited.
    pub(super) leaves: Option<Micros>,
    /// How often it was offered, and how often it was assigned.
    pub(super) offers: u32,
    pub(super) turns: u32,
    /// What is kept of earlier turns, where the chat has gone back to its queue.
    pub(super) earlier: Option<Earlier>,
}

/// The turns of agents who lost a chat.
#[derive(Clone, Copy, Debug)]
pub(super) struct Earlier {
    /// When the chat was first assigned, and to whom.
    pub(super) assigned: Micros,
    pub(super) agent: u32,
    /// How long they had it, all together.
    pub(super) handled: Micros,
    /// When the first of them wrote, if one did.
    pub(super) replied: Option<Micros>,
}

impl Earlier {
    /// What there is to keep when an agent loses a chat, with what was kept before.
    pub(super) fn with(before: Option<Self>, turn: (u32, Micros, Micros), lost: Micros) -> Self {
        let (agent, assigned, first_reply) = turn;
        let mut all = before.unwrap_or(Self { assigned, agent, handled: 0, replied: None });
        all.handled += lost - assigned;
        // A reply that is planned for the moment of the loss comes too late.
        all.replied = all.replied.or_else(|| (first_reply < lost).then_some(first_reply));
        all
    }
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
