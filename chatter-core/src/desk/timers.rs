//! What is done when something becomes due.

use super::input::Signal;
use super::{Desk, Out, Timer};
use crate::protocol::PartyState;
use crate::{AgentId, ChatId, ChatState, EndReason, Fact, RequeueCause, Side, Time};

/// How many waiting chats one step looks at to tell places: longer lines are told in several steps, so
/// that a push never delays a command for long.
const PLACES_A_STEP: usize = 512;

impl Desk {
    /// Does everything due at or before `now`, each at its own deadline, so that it does not matter when
    /// the timer was looked at. Only pushes of places can be left over: one step tells so many, and the
    /// deadline of the rest has passed already.
    pub(super) fn run_due(&mut self, now: Time, out: &mut Out) {
        let mut places_left = PLACES_A_STEP;
        while let Some((deadline, timer)) = self.state.deadlines.due(now, places_left > 0) {
            let at = deadline.max(self.state.now);
            self.signal(Signal::TimerFired { at: deadline, timer }, out);
            match timer {
                Timer::AgentGrace(agent) => self.agent_grace_ended(at, agent, out),
                Timer::CustomerGrace(chat) => self.customer_grace_ended(at, chat, out),
                Timer::CloseChat(chat) => self.close_chat(at, chat, out),
                Timer::Offer(chat) => self.offer_ran_out(at, chat, out),
                Timer::Overflow(chat) => self.overflow_chat(at, chat, out),
                Timer::MaxWait(chat) => self.wait_ran_out(at, chat, out),
                Timer::FirstReply(chat) => self.reply_ran_out(at, chat, out),
                Timer::Silence(chat) => self.silence_went_on(at, chat, out),
                Timer::AvailabilityPush => self.push_availability(at, out),
                Timer::WrapUp(agent, _) | Timer::Rested(agent) => self.tell_agent(agent, out),
                // What follows from these is matched and told below.
                Timer::Sticky(_) | Timer::Cooled(..) | Timer::Hours(_) | Timer::Typing(_) => {}
                Timer::PlacePush(category) => self.push_places(at, category, &mut places_left, out),
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
    fn customer_grace_ended(&mut self, now: Time, chat: ChatId, out: &mut Out) {
        match self.state.chats.get(&chat).map(|chat| &chat.record.state) {
            Some(ChatState::Waiting | ChatState::Offered { .. }) => {
                self.resolve(now, chat, Side::System, EndReason::Abandoned, out)
            }
            Some(ChatState::Active { .. }) => self.tell_customer_presence(chat, PartyState::Left, out),
            Some(ChatState::Resolved { .. } | ChatState::Closed { .. }) | None => {}
        }
    }

    pub(super) fn close_chat(&mut self, now: Time, chat: ChatId, out: &mut Out) {
        let audience = self.chat_audience(chat);
        self.emit(now, Fact::ChatClosed { chat }, super::Words::None, out);
        self.tell_closed(chat, audience, out);
    }
}
