//! Wrap-up, the breathing gap, and cooling down (row B17, rule 5): agents who could, but not now.

use std::time::Duration;

use super::{Desk, Out, Reply, Stop, Timer};
use crate::{AgentId, CategoryId, ChatId, Principal, Refusal, Time};

use super::input::Signal;

/// However short the settings are, a chat and an agent who lets it pass do not spin (rule 5).
pub(super) const COOL_DOWN_MIN: Duration = Duration::from_secs(1);

impl Desk {
    /// The agent's slot stays taken for the wrap-up of a chat that ended.
    pub(super) fn wrap_up(&mut self, agent: AgentId, chat: ChatId, category: CategoryId, at: Time) {
        let category = self.state.categories.get(&category);
        let Some(wrap_up) = category.map(|it| it.record.settings.wrap_up).filter(|it| !it.is_zero()) else { return };
        if let Some(state) = self.state.agents.get_mut(&agent) {
            state.wrap_ups.insert(chat);
            self.state.deadlines.put(Timer::WrapUp(agent, chat), at + wrap_up);
        }
    }

    /// The wrap-up after one chat is over.
    pub(super) fn wrapped_up(&mut self, agent: AgentId, chat: ChatId) {
        self.state.deadlines.cancel(Timer::WrapUp(agent, chat));
        if let Some(state) = self.state.agents.get_mut(&agent)
            && state.wrap_ups.remove(&chat)
        {
            self.refresh_agent(agent, true);
        }
    }

    /// All wrap-ups of an agent are over.
    pub(super) fn wrap_up_ended(&mut self, agent: AgentId) {
        let chats = self.state.agents.get(&agent).map(|state| state.wrap_ups.clone()).unwrap_or_default();
        for chat in chats {
            self.wrapped_up(agent, chat);
        }
    }

    pub(super) fn end_wrap_up(&mut self, now: Time, principal: &Principal, out: &mut Out) -> Result<Reply, Stop> {
        let Principal::Agent { agent, .. } = *principal else { return Err(Refusal::NotAllowed.into()) };
        if self.state.agents.get(&agent).is_some_and(|it| !it.wrap_ups.is_empty()) {
            self.signal(Signal::WrapUpEnded { at: now, agent }, out);
            self.tell_agent(agent, out);
        }
        Ok(Reply::Done)
    }

    /// The agent rests after an assignment or an offer.
    pub(super) fn rest(&mut self, agent: AgentId, at: Time) {
        let gap = self.settings.breathing_gap;
        if gap.is_zero() {
            return;
        }
        if let Some(state) = self.state.agents.get_mut(&agent) {
            state.resting = true;
            self.state.deadlines.put(Timer::Rested(agent), at + gap);
        }
    }

    pub(super) fn rested(&mut self, agent: AgentId) {
        if let Some(state) = self.state.agents.get_mut(&agent) {
            state.resting = false;
        }
        self.refresh_agent(agent, true);
    }

    /// The agent may be given again what they let pass.
    pub(super) fn cooled(&mut self, agent: AgentId, chat: ChatId) {
        let Some(state) = self.state.agents.get_mut(&agent) else { return };
        state.cooling.remove(&chat);
        if state.has_room() {
            self.pending.freed.note(agent);
        }
    }
}
