use super::{AgentFacts, AgentRank, AssignmentPolicy, ChatFacts, LineKey, arrival_key};

/// The chat that has waited longest goes first; of several agents with room, the one who serves the fewest categories
/// takes it, then the one with the fewest chats: generalists stay free for chats that nobody else can take. (Specialists
/// first, as in Chevalier, Shumsky and Tabordon, "Routing and staffing in large call centers with specialized and
/// fully flexible servers", 2004.)
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has no settings")]
pub struct MostSpecialisedFirst;

impl AssignmentPolicy for MostSpecialisedFirst {
    fn name(&self) -> &str {
        "most-specialised-first"
    }

    fn line_key(&self, chat: &ChatFacts) -> LineKey {
        LineKey { level: 0, key: arrival_key(chat.arrived_at) }
    }

    fn agent_rank(&self, agent: &AgentFacts) -> AgentRank {
        AgentRank::value(u64::from(agent.categories) << 32 | u64::from(agent.load))
    }
}
