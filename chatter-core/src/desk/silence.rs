//! Timers that know whose turn it is (row B19, rule 15), and the longest wait (row B15).
//!
//! While an agent holds a chat, it is somebody's turn, and what is stored says whose:
//!
//! - **The agent's**, until they have sent a first message: [`Timer::FirstReply`] runs.
//! - **The customer's**, when the newest message is staff's: [`Timer::Silence`] runs through its stages, parking,
//!   warning, resolving, in the order of their durations. A further message of staff starts it again. It is also
//!   the customer's turn as long as the chat is parked, whoever holds it by now.
//! - **Nobody's**, once the customer has answered: an agent who thinks is not hurried.
//!
//! Whether the customer is connected does not matter. A parked chat that goes back to its line keeps waiting until
//! its customer speaks; then it is served again.

use std::time::Duration;

use super::deadlines::Deadlines;
use super::state::Chat;
use super::{Desk, DeskSettings, Out, Timer, Words};
use crate::{Author, Body, ChatId, ChatRecord, EndReason, Entry, Fact, RequeueCause, Side, SystemLine, Time};

impl Chat {
    /// Nobody is waited for in it.
    pub(super) fn end_turn(&mut self, deadlines: &mut Deadlines) {
        self.silence = None;
        deadlines.cancel(Timer::FirstReply(self.record.chat));
        deadlines.cancel(Timer::Silence(self.record.chat));
    }
}

/// How far the silence of a customer has gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Silence {
    /// When it began.
    pub(super) since: Time,
    /// How many of its stages are over.
    pub(super) stages_over: usize,
}

/// What is done about a silence. At equal times in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Park,
    Warn,
    Resolve,
}

/// Whose turn it is in a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// The agent owes a first reply.
    FirstReply,
    /// The customer owes an answer.
    Customer,
    /// Nobody is waited for by a timer.
    Nobody,
}

/// Whose turn it is: by stored facts alone, so that it is the same after a restart.
pub(super) fn turn(record: &ChatRecord) -> Turn {
    let staff_spoke = record.last_message.as_ref().is_some_and(|last| matches!(last.author, Author::Agent { .. }));
    match (record.agent(), record.parked, record.replied) {
        (None, ..) => Turn::Nobody,
        (Some(_), true, _) => Turn::Customer,
        (Some(_), false, false) => Turn::FirstReply,
        (Some(_), false, true) if staff_spoke => Turn::Customer,
        (Some(_), false, true) => Turn::Nobody,
    }
}

/// The stages of a silence, in order.
pub(super) fn stages(settings: &DeskSettings) -> Vec<(Duration, Stage)> {
    let all = [
        (settings.park_after, Stage::Park),
        (settings.warn_after, Stage::Warn),
        (settings.resolve_after, Stage::Resolve),
    ];
    let mut stages: Vec<_> = all.into_iter().filter_map(|(after, stage)| Some((after?, stage))).collect();
    stages.sort_unstable();
    stages
}

impl Desk {
    /// A customer has waited for as long as the category allows.
    pub(super) fn wait_ran_out(&mut self, now: Time, chat: ChatId, out: &mut Out) {
        if self.state.chats.get(&chat).is_some_and(|it| it.spot.is_some()) {
            self.resolve(now, chat, Side::System, EndReason::WaitedTooLong, out);
        }
    }

    /// The agent who got a chat has not replied in time.
    pub(super) fn reply_ran_out(&mut self, now: Time, chat: ChatId, out: &mut Out) {
        let holder = self.state.chats.get(&chat).and_then(|it| it.record.agent());
        let Some(agent) = holder else { return };
        let Some(name) = self.state.agents.get(&agent).map(|it| it.record.name.clone()) else { return };
        self.requeue(now, chat, agent, &name, RequeueCause::NoFirstReply, out);
        self.last_call_done(now, agent, out);
        self.tell_agent(agent, out);
    }

    /// The customer has been silent for another stage.
    pub(super) fn silence_went_on(&mut self, now: Time, chat: ChatId, out: &mut Out) {
        let Some(state) = self.state.chats.get(&chat) else { return };
        let Some(silence) = state.silence else { return };
        let stages = stages(&self.settings);
        let Some((_, stage)) = silence.stages_over.checked_sub(1).and_then(|over| stages.get(over)) else { return };
        match stage {
            Stage::Park if state.record.parked => {}
            Stage::Park => {
                self.emit(now, Fact::ChatParked { chat }, Words::None, out);
                self.tell_slot(chat, out);
            }
            Stage::Warn => self.add_system_line(now, chat, SystemLine::SilenceWarning, out),
            Stage::Resolve => self.resolve(now, chat, Side::System, EndReason::CustomerSilent, out),
        }
    }

    /// The customer of a chat has spoken: if it was parked, it takes room again, even past the agent's limit, or can
    /// be served again if it waits.
    pub(super) fn unpark(&mut self, now: Time, chat: ChatId, out: &mut Out) {
        let Some(record) = self.state.chats.get(&chat).map(|it| &it.record).filter(|it| it.parked) else { return };
        let holder = record.agent().and_then(|agent| self.state.agents.get(&agent));
        let over_limit = holder.is_some_and(|it| it.load() >= it.record.max_chats);
        self.emit(now, Fact::ChatUnparked { chat, over_limit }, Words::None, out);
        self.tell_slot(chat, out);
    }

    /// Staff learns that a chat is parked or not any more, and its agent what room that leaves.
    fn tell_slot(&self, chat: ChatId, out: &mut Out) {
        self.tell_staff_of_chat(chat, out);
        if let Some(agent) = self.state.chats.get(&chat).and_then(|it| it.record.agent()) {
            self.tell_agent(agent, out);
        }
    }

    /// Somebody has just got a chat, or the desk was loaded: the clock of whoever's turn it is starts at `at`.
    pub(super) fn start_turn(&mut self, chat: ChatId, at: Time) {
        let Some(state) = self.state.chats.get_mut(&chat) else { return };
        state.end_turn(&mut self.state.deadlines);
        match turn(&state.record) {
            Turn::Nobody => {}
            Turn::FirstReply => {
                if let Some(within) = self.settings.first_reply_within {
                    self.state.deadlines.put(Timer::FirstReply(chat), at + within);
                }
            }
            Turn::Customer => {
                state.silence = Some(Silence { since: at, stages_over: 0 });
                self.schedule_stage(chat);
            }
        }
    }

    /// The clock goes on to the next stage.
    pub(super) fn stage_over(&mut self, chat: ChatId) {
        if let Some(silence) = self.state.chats.get_mut(&chat).and_then(|it| it.silence.as_mut()) {
            silence.stages_over += 1;
        }
        self.schedule_stage(chat);
    }

    fn schedule_stage(&mut self, chat: ChatId) {
        let Some(silence) = self.state.chats.get(&chat).and_then(|it| it.silence) else { return };
        if let Some((after, _)) = stages(&self.settings).get(silence.stages_over) {
            self.state.deadlines.put(Timer::Silence(chat), silence.since + *after);
        }
    }

    /// Somebody wrote: whose turn it is changes. What only staff sees is no word to the customer.
    pub(super) fn somebody_spoke(&mut self, chat: ChatId, entry: &Entry) {
        if !matches!(entry.body, Body::Message { .. }) {
            return;
        }
        let holder = self.state.chats.get(&chat).and_then(|it| it.record.agent());
        match entry.author {
            Author::Agent { agent, .. } if holder.is_some() => {
                if holder == Some(agent) {
                    self.change_chat_for_staff(chat, |record| record.replied = true);
                }
                // Somebody who has joined does not reply for the holder, who owes it since they got the chat.
                let owed = self.state.chats.get(&chat).is_some_and(|it| turn(&it.record) == Turn::FirstReply);
                if !owed {
                    self.start_turn(chat, entry.at);
                }
            }
            Author::Customer { .. } => {
                // A first reply that is owed is owed since the agent got the chat.
                if let Some(state) = self.state.chats.get_mut(&chat)
                    && state.silence.take().is_some()
                {
                    self.state.deadlines.cancel(Timer::Silence(chat));
                }
            }
            Author::Agent { .. } | Author::System => {}
        }
    }

    /// Downtime is nobody's silence: the deadlines of a chat start anew.
    pub(super) fn restart_silence(&mut self, chat: ChatId) {
        self.start_turn(chat, self.state.now);
    }

    pub(super) fn apply_parked(&mut self, chat: ChatId) {
        self.change_chat_for_staff(chat, |record| record.parked = true);
        let Some(agent) = self.state.chats.get(&chat).and_then(|it| it.record.agent()) else { return };
        if let Some(holder) = self.state.agents.get_mut(&agent) {
            holder.parked += 1;
        }
        self.refresh_agent(agent, true);
    }

    pub(super) fn apply_unparked(&mut self, chat: ChatId, at: Time) {
        self.change_chat_for_staff(chat, |record| record.parked = false);
        let Some(agent) = self.state.chats.get(&chat).and_then(|it| it.record.agent()) else {
            self.refresh_ready(chat);
            return;
        };
        if let Some(holder) = self.state.agents.get_mut(&agent) {
            holder.parked -= 1;
        }
        self.refresh_agent(agent, false);
        self.start_turn(chat, at);
    }
}
