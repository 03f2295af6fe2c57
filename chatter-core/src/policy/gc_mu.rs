use super::{AgentFacts, AgentRank, AssignmentPolicy, ChatFacts, LineFacts, LineKey, arrival_key};

/// The generalised cμ rule: a freed agent takes the head of the line whose waiting costs most per unit of their time.
/// With a cost of cost · wait² / 2 a customer, that is the largest cost · wait / handle time (Van Mieghem, Ann. Appl.
/// Prob. 5(3), 1995; Mandelbaum and Stolyar, Oper. Res. 52(6), 2004). Within a category the longest wait goes first; of
/// several agents with room, the one with the fewest chats takes an arriving chat. It compares whole categories by
/// [`CategoryWeight`](crate::CategoryWeight), so it matters as the policy of the desk.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has no settings")]
pub struct GcMu;

impl AssignmentPolicy for GcMu {
    fn name(&self) -> &str {
        "gc-mu"
    }

    fn line_key(&self, chat: &ChatFacts) -> LineKey {
        LineKey { level: 0, key: arrival_key(chat.arrived_at) }
    }

    fn line_rank(&self, line: &LineFacts) -> i128 {
        // Scaled so that whole numbers keep the order of the fractions: 32 bits below the point.
        let handle = line.weight.handle_time.as_micros().max(1).cast_signed();
        let urgency = (i128::from(line.weight.cost) * i128::from(line.waited)) << 32;
        -(urgency / handle)
    }

    fn weighs_waits(&self) -> bool {
        true
    }

    fn agent_rank(&self, agent: &AgentFacts) -> AgentRank {
        AgentRank::value(u64::from(agent.load))
    }
}
