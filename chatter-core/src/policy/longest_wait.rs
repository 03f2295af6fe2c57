use super::{AgentFacts, AgentRank, AssignmentPolicy, ChatFacts, LineKey, arrival_key};

/// The default: the chat that has waited longest goes first, whatever its priority; of several agents
/// with room, the one with the fewest chats takes it.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has no settings")]
pub struct LongestWait;

impl AssignmentPolicy for LongestWait {
    fn name(&self) -> &str {
        "longest-wait"
    }

    fn line_key(&self, chat: &ChatFacts) -> LineKey {
        LineKey { level: 0, key: arrival_key(chat.arrived_at) }
    }

    fn agent_rank(&self, agent: &AgentFacts) -> AgentRank {
        AgentRank::value(u64::from(agent.load))
    }
}
