//! Taking live sessions over to a desk that was loaded again after a failed write.

use std::collections::BTreeSet;

use super::input::Signal;
use super::pace::Hold;
use serde::{Deserialize, Serialize};

use super::{Answer, Change, Desk, DeskSettings, Facts, Out, Outcome, Stop, may};
use crate::protocol::Command;
use crate::{ChatId, ClientMsgId, Principal, SessionId, Time};

/// A session with the chats it follows, as its client was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LiveSession {
    session: SessionId,
    principal: Principal,
    subscriptions: BTreeSet<ChatId>,
}

/// A message that was refused for now, and that later ones of its session wait for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RefusedMessage {
    at: Time,
    session: SessionId,
    chat: ChatId,
    client_msg_id: ClientMsgId,
    /// Those that were refused after it, in order: each is waited for too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    later: Vec<ClientMsgId>,
}

impl RefusedMessage {
    /// Later messages of the session to the chat wait for this one as of `at`.
    #[must_use]
    pub const fn new(at: Time, session: SessionId, chat: ChatId, client_msg_id: ClientMsgId) -> Self {
        Self { at, session, chat, client_msg_id, later: Vec::new() }
    }

    /// What is waited for once these were taken back. What had been accepted was sent before anything that is waited
    /// for so far; what had been refused has its place there.
    #[must_use]
    pub fn taken_back(mut first: Vec<Self>, so_far: Vec<Self>) -> Vec<Self> {
        for known in so_far {
            match first.iter_mut().find(|it| (it.session, it.chat) == (known.session, known.chat)) {
                Some(first) => first.go_before(known),
                None => first.push(known),
            }
        }
        first
    }

    fn go_before(&mut self, known: Self) {
        let before: Vec<_> = std::iter::once(&self.client_msg_id).chain(&self.later).cloned().collect();
        let known: Vec<_> = std::iter::once(known.client_msg_id).chain(known.later).collect();
        let news = before.into_iter().filter(|id| !known.contains(id)).collect::<Vec<_>>();
        let mut all = news.into_iter().chain(known);
        if let Some(first) = all.next() {
            (self.client_msg_id, self.later) = (first, all.collect());
        }
    }

    /// Another message was refused after it.
    pub fn before(&mut self, client_msg_id: &ClientMsgId) {
        self.later.push(client_msg_id.clone());
    }

    /// Applies it to a desk, as of `at`.
    fn apply(self, at: Time, desk: &mut Desk) {
        let Self { session, chat, client_msg_id, later, .. } = self;
        for client_msg_id in std::iter::once(client_msg_id).chain(later) {
            desk.apply(&Change::Signal(Signal::MessageRefused { at, session, chat, client_msg_id }));
        }
    }
}

impl LiveSession {
    /// A session that has just begun.
    #[must_use]
    pub const fn new(session: SessionId, principal: Principal) -> Self {
        Self { session, principal, subscriptions: BTreeSet::new() }
    }

    /// It follows a chat.
    pub fn follow(&mut self, chat: ChatId) {
        self.subscriptions.insert(chat);
    }

    /// It follows a chat no more.
    pub fn leave(&mut self, chat: ChatId) {
        self.subscriptions.remove(&chat);
    }
}

impl Desk {
    /// The settings it runs with.
    #[must_use]
    pub const fn settings(&self) -> &DeskSettings {
        &self.settings
    }

    /// The sessions as they are now, for tests that take them over.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub fn sessions(&self) -> Vec<LiveSession> {
        let of = |(session, state): (SessionId, &super::state::Session)| LiveSession {
            session,
            principal: state.principal.clone(),
            subscriptions: state.subscriptions.iter().copied().collect(),
        };
        self.state.sessions.iter().map(of).collect()
    }

    /// The messages that later ones wait for, to take over.
    #[must_use]
    pub fn refused_messages(&self) -> Vec<RefusedMessage> {
        let of = |(session, state): (SessionId, &super::state::Session)| {
            let message = |(chat, hold): (&ChatId, &Hold)| {
                // None is waited for shorter than before: the newest refusal counts for all.
                let at = hold.refused().iter().map(|(_, at)| *at).max()?;
                let mut ids = hold.refused().iter().map(|(id, _)| id.clone());
                Some(RefusedMessage { at, session, chat: *chat, client_msg_id: ids.next()?, later: ids.collect() })
            };
            state.refused.iter().filter_map(message).collect::<Vec<_>>()
        };
        self.state.sessions.iter().flat_map(of).collect()
    }

    /// Takes sessions over. For the people nothing has happened; what has become possible is matched by the next step,
    /// and the next step tells agents of themselves: a wrap-up ended with the old desk, an offer has its full time anew.
    pub fn reattach(&mut self, now: Time, sessions: Vec<LiveSession>, refused: Vec<RefusedMessage>) {
        for LiveSession { session, principal, subscriptions } in sessions {
            if let Principal::Agent { agent, .. } = &principal
                && !self.state.agents.get(agent).is_some_and(|agent| agent.record.active)
            {
                continue;
            }
            if let Principal::Agent { agent, .. } = principal {
                self.pending.untold.note(agent);
            }
            let opened = Signal::SessionOpened { at: now, session, principal: principal.clone() };
            self.apply(&Change::Signal(opened));
            for chat in subscriptions {
                let followed = self.state.chats.get(&chat);
                let may_follow = match followed {
                    Some(followed) => may(&principal, super::Action::Subscribe, &followed.record),
                    None => self.team_chat(&principal, chat).is_some(),
                };
                if may_follow {
                    self.apply(&Change::Signal(Signal::Subscribed { session, chat }));
                    if matches!(principal, Principal::Agent { .. }) {
                        self.apply(&Change::Signal(Signal::CompanyUnknown { chat }));
                    }
                }
            }
        }
        for refused in refused {
            refused.clone().apply(refused.at, self);
        }
        self.apply(&Change::Signal(Signal::LobbyUntold));
        // Their clients know all of this.
        self.session_log.clear();
    }

    pub(super) fn tell_agents_anew(&mut self, out: &mut Out) {
        if self.pending.untold.is_empty() {
            return;
        }
        for agent in self.pending.untold.take() {
            self.tell_agent(agent, out);
            for offer in self.offers_of(agent) {
                self.tell_offer(offer.chat, agent, out);
            }
        }
    }

    /// A message was refused because the store could not write: later ones wait for it.
    pub fn note_refused(&mut self, now: Time, session: SessionId, chat: ChatId, client_msg_id: &ClientMsgId) {
        let mut out = Out::default();
        self.hold_later_messages(now, session, chat, client_msg_id, &mut out);
    }

    /// Those whose messages were refused are told only now, so what they sent later waits from now on.
    pub fn note_told_late(&mut self, now: Time) {
        for refused in self.refused_messages() {
            refused.apply(now, self);
        }
    }

    /// Answers a command that only reads, without doing what is due and without matching; `None` when the
    /// command does more than read.
    pub fn read(&mut self, now: Time, session: SessionId, command: &Command, facts: Option<&Facts>) -> Option<Outcome> {
        let reads = matches!(
            command,
            Command::QueueStatus { .. }
                | Command::StartChat { .. }
                | Command::Subscribe { .. }
                | Command::ReadHistory { .. }
                | Command::ReadQueue { .. }
                | Command::ReadTeam
                | Command::ExplainChat { .. }
                | Command::ExplainAgent { .. }
        );
        if !reads {
            return None;
        }
        let mut out = Out::default();
        let answer = match self.ask(now.max(self.state.now), session, command, facts, &mut out) {
            Ok(reply) => Answer::Reply(reply),
            Err(Stop::Refused(refusal)) => Answer::Refused(refusal),
            Err(Stop::Lookup(lookup)) => Answer::Lookup(lookup),
        };
        Some(out.finish(answer, self))
    }
}
