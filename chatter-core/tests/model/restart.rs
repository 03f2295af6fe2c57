//! What is left after the process or its store has failed.

use std::collections::BTreeSet;

use chatter_core::{AgentId, Time};

use crate::world::World;

impl World {
    /// The process ended and began again: everybody is disconnected as of now, and every live deadline is anew.
    pub(crate) fn restart(&mut self, now: Time) {
        self.facts.clear();
        self.now = self.now.max(now);
        let now = self.now;
        let settings = self.settings.clone();
        self.sessions.clear();
        self.desk_policy = self.first_policy;
        let holding: BTreeSet<AgentId> =
            self.agents.iter().map(|it| it.id).filter(|it| self.has_to_lose(*it)).collect();
        for agent in &mut self.agents {
            (agent.misses, agent.rests_until) = (0, None);
            agent.wrap_ups.clear();
            agent.lost_at = holding.contains(&agent.id).then(|| now + settings.agent_grace);
        }
        for chat in &mut self.chats {
            chat.cooling.clear();
            chat.passed.clear();
            (chat.sticky, chat.warned) = (None, false);
            chat.grace_until = chat.under_way().then(|| now + settings.customer_grace);
            chat.waits_since = now;
            chat.offer_until = chat.offered_to().map(|_| now + settings.offer_timeout);
            chat.transfer = chat.transfer.map(|(to, _)| (to, now + settings.offer_timeout));
            let unanswered = chat.holder().is_some() && !chat.replied && !chat.parked;
            chat.reply_until = settings.first_reply_within.filter(|_| unanswered).map(|within| now + within);
            chat.silent_since = chat.silent_since.map(|_| now);
        }
    }

    /// The desk is loaded again while everybody stays connected: what is not stored is forgotten, nobody has left.
    pub(crate) fn reload(&mut self, now: Time) {
        let sessions = self.sessions.clone();
        self.restart(now);
        self.sessions = sessions;
        let there: Vec<AgentId> = self.agents.iter().map(|it| it.id).filter(|it| self.connected(*it)).collect();
        self.agents.iter_mut().filter(|it| there.contains(&it.id)).for_each(|it| it.lost_at = None);
        self.returned();
    }
}
