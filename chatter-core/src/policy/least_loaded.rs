use super::{AgentFacts, AgentRank, AssignmentPolicy, ChatFacts, LineKey, arrival_key};

/// The chat that has waited longest goes first; of several agents with room, the one with the smallest
/// share of their own limit in use takes it. One chat of a limit of six is less than one of two.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has no settings")]
pub struct LeastLoaded;

impl AssignmentPolicy for LeastLoaded {
    fn name(&self) -> &str {
        "least-loaded"
    }

    fn line_key(&self, chat: &ChatFacts) -> LineKey {
        LineKey { level: 0, key: arrival_key(chat.arrived_at) }
    }

    fn agent_rank(&self, agent: &AgentFacts) -> AgentRank {
        AgentRank::ratio(u64::from(agent.load), u64::from(agent.max_chats))
    }
}
