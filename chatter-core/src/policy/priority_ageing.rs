use std::time::Duration;

use super::{AgentFacts, AgentRank, AssignmentPolicy, ChatFacts, LineKey, arrival_key};
use crate::Priority;

/// Urgent chats first, and nobody starves: a priority is worth a credit of waiting time. A chat is
/// served as if it had arrived earlier by its credit, so a low one waits behind later urgent ones for
/// at most the difference of the two credits. (One accumulation rate with head starts: the static-key
/// form of ageing, since the order of two keys never changes.)
#[derive(Clone, Copy, Debug)]
pub struct PriorityAgeing {
    credits: [Duration; 4],
}

impl PriorityAgeing {
    /// The credits of low, medium, high and urgent chats.
    #[must_use]
    pub const fn new(credits: [Duration; 4]) -> Self {
        Self { credits }
    }

    /// How much earlier a chat of this priority counts as having arrived.
    #[must_use]
    pub const fn credit(&self, priority: Priority) -> Duration {
        match priority {
            Priority::Low => self.credits[0],
            Priority::Medium => self.credits[1],
            Priority::High => self.credits[2],
            Priority::Urgent => self.credits[3],
        }
    }
}

impl Default for PriorityAgeing {
    /// Five minutes a step.
    fn default() -> Self {
        Self::new([0, 5, 10, 15].map(|minutes| Duration::from_secs(60 * minutes)))
    }
}

impl AssignmentPolicy for PriorityAgeing {
    fn name(&self) -> &str {
        "priority-ageing"
    }

    fn line_key(&self, chat: &ChatFacts) -> LineKey {
        let credit = i64::try_from(self.credit(chat.priority).as_micros()).unwrap_or(i64::MAX);
        LineKey { level: 0, key: arrival_key(chat.arrived_at).saturating_sub(credit) }
    }

    fn agent_rank(&self, agent: &AgentFacts) -> AgentRank {
        AgentRank::value(u64::from(agent.load))
    }
}
