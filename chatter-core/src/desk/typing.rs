//! Saying that one types, and following a chat no more (rows C5, C22). Nothing of it is stored, and what somebody
//! types is in no state: it is handed on, or dropped.

use std::time::Duration;

use super::company::may_type;
use super::input::Signal;
use super::{Action, Desk, Out, Reply, Stop, may};
use crate::protocol::TypingView;
use crate::{ChatId, Principal, SessionId, Text, Time};

/// Who has not said for so long that they type has stopped.
pub(super) const TYPING_LASTS: Duration = Duration::from_secs(6);
/// The least time, in the long run, between two frames about one session's typing.
pub(super) const TYPING_INTERVAL: Duration = Duration::from_millis(200);
/// How many there can be at once.
const TYPING_BURST: u32 = 5;

impl Desk {
    /// Hands on that somebody types. It is never refused: who is late, too fast, or has nothing to say in the
    /// chat tells nobody anything, and learns nothing. Of what comes faster than five times a second some is
    /// dropped; that somebody has stopped never is, and typing that is not renewed ends by itself.
    #[expect(clippy::too_many_arguments, reason = "the parts of one command")]
    pub(super) fn typing(
        &mut self,
        now: Time,
        session: SessionId,
        principal: &Principal,
        chat: ChatId,
        typing: bool,
        text: Option<&Text>,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        let who = principal.author();
        let Some(state) = self.state.chats.get(&chat) else { return Ok(Reply::Done) };
        if !may_type(who, &state.record) || !may(principal, Action::Write, &state.record) {
            return Ok(Reply::Done);
        }
        if typing {
            let wait = self.session(session)?.typing_bucket.wait(now, TYPING_INTERVAL, TYPING_BURST);
            if wait.is_zero() {
                self.signal(Signal::Typing { at: now, session, chat, typing }, out);
                let text = text.filter(|_| self.settings.typing_preview).cloned();
                self.tell_typing(chat, self.agent_name(who), TypingView { typing, text }, out);
            }
        } else if self.session(session)?.typing.contains(&chat) {
            self.signal(Signal::Typing { at: now, session, chat, typing }, out);
        }
        Ok(Reply::Done)
    }

    /// Follows a chat no more. Who does not follow it has what they ask for.
    pub(super) fn unsubscribe(&mut self, session: SessionId, chat: ChatId, out: &mut Out) -> Result<Reply, Stop> {
        if self.session(session)?.subscriptions.contains(&chat) {
            self.signal(Signal::Unsubscribed { session, chat }, out);
        }
        Ok(Reply::Done)
    }
}
