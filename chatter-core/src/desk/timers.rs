//! What is done when something becomes due.

use super::input::Signal;
use super::{Desk, Out, Timer};
use crate::protocol::PartyState;
use crate::{AgentId, ChatId, ChatState, CustomerId, EndReason, Fact, RequeueCause, Side, Time};

impl Desk {
    /// Does everything due at or before `now`, each at its own deadline, so that it does not matter when
    /// the timer was looked at.
    pub(super) fn run_due(&mut self, now: Time, out: &mut Out) {
        while let Some((deadline, timer)) = self.state.deadlines.due(now) {
            let at = deadline.max(self.state.now);
            self.signal(Signal::TimerFired { at: deadline, timer }, out);
            match timer {
                Timer::AgentGrace(agent) => self.agent_grace_ended(at, agent, out),
                Timer::CustomerGrace(customer) => self.customer_grace_ended(at, customer, out),
                Timer::CloseChat(chat) => self.close_chat(at, chat, out),
                Timer::PlacePush(category) => self.push_places(at, category, out),
                Timer::AgentsPush => self.push_agents(at, out),
            }
            self.dispatch(at, out);
        }
    }

    /// After the grace nothing stays with someone who cannot answer.
    fn agent_grace_ended(&mut self, now: Time, agent: AgentId, out: &mut Out) {
        self.requeue_all(now, agent, RequeueCause::AgentLost, out);
    }

    /// Who waited has abandoned; who was in a chat has left it.
    fn customer_grace_ended(&mut self, now: Time, customer: CustomerId, out: &mut Out) {
        let Some(owner) = self.state.customers.get(&customer) else { return };
        for chat in owner.chats.clone() {
            match self.state.chats.get(&chat).map(|chat| chat.record.state.clone()) {
                Some(ChatState::Waiting) => self.resolve(now, chat, Side::System, EndReason::Abandoned, out),
                Some(ChatState::Active { .. }) => self.tell_customer_presence(chat, PartyState::Left, out),
                Some(ChatState::Resolved { .. } | ChatState::Closed { .. }) | None => {}
            }
        }
    }

    fn close_chat(&mut self, now: Time, chat: ChatId, out: &mut Out) {
        let audience = self.chat_audience(chat);
        self.emit(now, Fact::ChatClosed { chat }, super::Words::None, out);
        self.tell_closed(chat, audience, out);
    }
}
