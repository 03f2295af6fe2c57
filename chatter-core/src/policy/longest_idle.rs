use super::{AgentFacts, AgentRank, AssignmentPolicy, ChatFacts, LineKey, arrival_key};

/// Above every time there is, so that busy agents come after idle ones.
const BUSY: u64 = 1 << 62;

/// The chat that has waited longest goes first; of several agents with room, whoever has had no chat for longest
/// takes it, and only if all have one, whoever was given one longest ago. Known as longest-idle-server-first; among
/// policies that use no forecast it spreads idleness most evenly (Atar, "A diffusion regime with nondegenerate
/// slowdown", Oper. Res. 60(2), 2012; Ward and Armony, "Blind fair routing", Oper. Res. 61(1), 2013).
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has no settings")]
pub struct LongestIdle;

impl AssignmentPolicy for LongestIdle {
    fn name(&self) -> &str {
        "longest-idle"
    }

    fn line_key(&self, chat: &ChatFacts) -> LineKey {
        LineKey { level: 0, key: arrival_key(chat.arrived_at) }
    }

    fn agent_rank(&self, agent: &AgentFacts) -> AgentRank {
        if agent.load == 0 {
            AgentRank::value(agent.last_released_at.0)
        } else {
            AgentRank::value(BUSY + agent.last_assigned_at.0)
        }
    }
}
