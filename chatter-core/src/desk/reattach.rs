//! Taking live sessions over to a desk that was loaded again after a failed write.

use std::collections::BTreeSet;

use super::input::Signal;
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
}

impl RefusedMessage {
    /// Later messages of the session to the chat wait for this one as of `at`.
    #[must_use]
    pub const fn new(at: Time, session: SessionId, chat: ChatId, client_msg_id: ClientMsgId) -> Self {
        Self { at, session, chat, client_msg_id }
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
            let refused = state.refused.iter();
            refused
                .map(|(chat, (at, id))| RefusedMessage { at: *at, session, chat: *chat, client_msg_id: id.clone() })
                .collect::<Vec<_>>()
        };
        self.state.sessions.iter().flat_map(of).collect()
    }

    /// Takes sessions over. Nobody is told anything: for the people nothing has happened. What becomes
    /// possible is matched by the next step.
    pub fn reattach(&mut self, now: Time, sessions: Vec<LiveSession>, refused: Vec<RefusedMessage>) {
        for LiveSession { session, principal, subscriptions } in sessions {
            if let Principal::Agent { agent, .. } = &principal
                && !self.state.agents.get(agent).is_some_and(|agent| agent.record.active)
            {
                continue;
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
        for RefusedMessage { at, session, chat, client_msg_id } in refused {
            self.apply(&Change::Signal(Signal::MessageRefused { at, session, chat, client_msg_id }));
        }
        self.apply(&Change::Signal(Signal::LobbyUntold));
        // Their clients know all of this.
        self.session_log.clear();
    }

    /// A message was refused because the store could not write: later ones wait for it.
    pub fn note_refused(&mut self, now: Time, session: SessionId, chat: ChatId, client_msg_id: &ClientMsgId) {
        let mut out = Out::default();
        self.hold_later_messages(now, session, chat, client_msg_id, &mut out);
    }

    /// Those whose messages were refused are told only now, so what they sent later waits from now on.
    pub fn note_told_late(&mut self, now: Time) {
        for RefusedMessage { session, chat, client_msg_id, .. } in self.refused_messages() {
            self.apply(&Change::Signal(Signal::MessageRefused { at: now, session, chat, client_msg_id }));
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
