//! Returning customers and the agent they had last (row B14, rule 10).

use super::input::Signal;
use super::{Desk, Facts, Lookup, Out, Stop, Timer};
use crate::{AgentId, CategoryId, ChatId, CustomerId, Time, Trigger};

impl Desk {
    /// Whom a customer who opens a chat in this category should go to, if the category cares. Asks for cold
    /// facts where they are needed.
    pub(super) fn last_agent_of(
        &self,
        customer: CustomerId,
        category: CategoryId,
        facts: Option<&Facts>,
    ) -> Result<Option<AgentId>, Stop> {
        let settings = self.state.categories.get(&category).map(|it| &it.record.settings);
        if settings.is_none_or(|it| it.sticky_wait.is_none()) {
            return Ok(None);
        }
        // What is live wins over what is stored.
        let chats = self.state.customers.get(&customer).into_iter().flat_map(|it| it.chats.iter().rev());
        let live = chats.filter_map(|chat| self.state.chats.get(chat)).find_map(|chat| chat.record.last_agent);
        match (live, facts) {
            (Some(agent), _) => Ok(Some(agent)),
            (None, Some(facts)) => Ok(facts.last_agent),
            (None, None) => Err(Stop::Lookup(Lookup::LastAgent { customer })),
        }
    }

    /// Gives a waiting chat to the agent whom its customer had last, or lets it wait for them, as long as they
    /// are routable and the category wants it. Otherwise it waits like any other.
    pub(super) fn prefer(&mut self, now: Time, chat: ChatId, agent: AgentId, out: &mut Out) {
        let Some(state) = self.state.chats.get(&chat).filter(|it| it.spot.is_some()) else { return };
        let Some(wait) = self.sticky_wait(state.record.category) else { return };
        let Some(last) = self.state.agents.get(&agent) else { return };
        let serves = last.record.categories.contains(&state.record.category);
        if !serves || !last.is_routable() || last.cooling.contains(&chat) {
            return;
        }
        if last.has_room() && state.can_be_served() {
            self.give(now, chat, agent, Trigger::Sticky, out);
        } else if !wait.is_zero() {
            self.signal(Signal::StickyHeld { chat, agent, until: now + wait }, out);
        }
    }

    fn sticky_wait(&self, category: CategoryId) -> Option<std::time::Duration> {
        self.state.categories.get(&category)?.record.settings.sticky_wait
    }

    pub(super) fn sticky_held(&mut self, chat: ChatId, agent: AgentId, until: Time) {
        let Some(state) = self.state.chats.get_mut(&chat) else { return };
        state.sticky = Some(agent);
        if let Some(state) = self.state.agents.get_mut(&agent) {
            state.sticky.insert(chat);
        }
        self.state.deadlines.put(Timer::Sticky(chat), until);
        self.refresh_ready(chat);
    }

    /// An agent's categories changed: nobody waits for them in one that they do not serve.
    pub(super) fn release_unserved_sticky(&mut self, agent: AgentId) {
        let Some(state) = self.state.agents.get(&agent) else { return };
        let category = |chat: &ChatId| self.state.chats.get(chat).map(|it| it.record.category);
        let served = |chat: &ChatId| category(chat).is_some_and(|it| state.record.categories.contains(&it));
        let unserved: Vec<_> = state.sticky.iter().copied().filter(|chat| !served(chat)).collect();
        for chat in unserved {
            self.end_sticky(chat);
            self.refresh_ready(chat);
        }
    }

    /// An agent takes no chats now: nobody waits for them.
    pub(super) fn release_sticky(&mut self, agent: AgentId) {
        let chats = self.state.agents.get_mut(&agent).map(|it| std::mem::take(&mut it.sticky)).unwrap_or_default();
        for chat in chats {
            self.end_sticky(chat);
            self.refresh_ready(chat);
        }
    }
}
