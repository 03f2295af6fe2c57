//! Explanations say what dispatch does.

use super::Desk;
use crate::Trigger;
use crate::protocol::{WhyIdle, WhyWaiting};

/// How many chats and how many agents are asked about: each answer looks at all agents, or at all lines.
const ASKED_MAX: usize = 16;

impl Desk {
    /// Whoever is named first without a reason is whom dispatch would choose, held back or not; and what an agent
    /// would choose from first is what dispatch would give them.
    pub(super) fn check_explanations(&self) {
        let now = self.state.now;
        for (_, number, ready) in self.state.lines.iter().take(ASKED_MAX) {
            let explanation = self.chat_explanation(now, &self.state.chats[&number]);
            let first = explanation.candidates.first().filter(|nearest| nearest.reason.is_none());
            assert_eq!(first.map(|nearest| nearest.agent), self.best_agent(number), "B18: who is next for {number}");
            assert!(explanation.why != WhyWaiting::AboutToBeServed, "B18: something holds {number}");
            let nobody = [WhyWaiting::NobodyServes, WhyWaiting::NobodyThere, WhyWaiting::NobodyFree];
            assert_eq!(nobody.contains(&explanation.why), ready, "B18: {number} is held by what is named");
        }
        for (number, agent) in self.state.agents.iter().filter(|(_, it)| it.record.active).take(ASKED_MAX) {
            let explanation = self.agent_explanation(now, number, agent);
            let unavailable = matches!(explanation.why, WhyIdle::Unavailable { .. });
            assert_eq!(unavailable, !agent.has_room(), "B18: why {number} gets none");
            assert!(explanation.why != WhyIdle::AboutToGetOne, "B18: something holds {number}");
            let best = self.best_chat(now, number, false);
            let head = explanation.lines.first().and_then(|line| line.head);
            match best {
                Some(best) if best.trigger == Trigger::AgentFree => {
                    assert_eq!(head, Some(best.chat), "B18: what {number} would choose");
                }
                Some(best) => assert!(agent.sticky.contains(&best.chat), "B18: {} waits for {number}", best.chat),
                None => assert_eq!(head, None, "B18: there is nothing that {number} could choose"),
            }
        }
    }
}
