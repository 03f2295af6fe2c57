//! How fast one person may write, and that nothing overtakes a message that was refused for now.

use std::time::Duration;

use super::input::Signal;
use super::messages::Post;
use super::{Desk, Out};
use crate::{Author, ChatId, ClientMsgId, Principal, Refusal, SessionId, Time};

/// How long later messages wait for a refused one that never comes again.
pub(super) const REFUSED_FOR: Duration = Duration::from_secs(30);

impl Desk {
    /// At most so many a second; and once one was refused, later ones of the same session and chat wait
    /// for it to come again, so that nothing overtakes it.
    pub(super) fn check_order_and_rate(&mut self, now: Time, post: &Post<'_>, out: &mut Out) -> Result<(), Refusal> {
        let session = self.session(post.session)?;
        if let Some((at, first)) = session.refused.get(&post.chat)
            && first != post.client_msg_id
            && now - *at < REFUSED_FOR
        {
            return Err(Refusal::OutOfOrder { first: first.clone() });
        }
        let rate = self.check_rate(now, post.principal);
        if rate.is_err() {
            self.hold_later_messages(now, post.session, post.chat, post.client_msg_id, out);
        }
        rate
    }

    /// At most so many a second, of whatever somebody writes.
    pub(super) fn check_rate(&self, now: Time, principal: &Principal) -> Result<(), Refusal> {
        if self.settings.messages_per_second == 0 {
            return Ok(());
        }
        let bucket = match principal {
            Principal::Customer { customer, .. } => self.state.customers.get(customer).map(|it| it.bucket),
            Principal::Agent { agent, .. } => self.state.agents.get(agent).map(|it| it.bucket),
        };
        let burst = self.settings.messages_burst.max(1);
        let wait = bucket.unwrap_or_default().wait(now, self.message_interval(), burst);
        if wait.is_zero() {
            return Ok(());
        }
        let retry_after_ms = u64::try_from(wait.as_micros().div_ceil(1_000)).unwrap_or(u64::MAX);
        Err(Refusal::RateLimited { retry_after_ms })
    }

    pub(super) fn take_from_bucket(&mut self, author: &Author, at: Time) {
        let interval = self.message_interval();
        let bucket = match author {
            Author::Customer { customer, .. } => self.state.customers.get_mut(customer).map(|it| &mut it.bucket),
            Author::Agent { agent, .. } => self.state.agents.get_mut(agent).map(|it| &mut it.bucket),
            Author::System => None,
        };
        if let Some(bucket) = bucket {
            bucket.take(at, interval);
        }
    }

    /// Remembers the first message of a session that was refused for now, in an open chat, or a
    /// conversation, of its own.
    pub(super) fn hold_later_messages(
        &mut self,
        now: Time,
        session: SessionId,
        chat: ChatId,
        first: &ClientMsgId,
        out: &mut Out,
    ) {
        let Some(asker) = self.state.sessions.get(&session) else { return };
        let known = match self.state.chats.get(&self.goes_on_in(chat)) {
            Some(state) => super::authority::knows(&asker.principal, &state.record),
            None => self.team_chat(&asker.principal, chat).is_some(),
        };
        let free = asker.refused.get(&chat).is_none_or(|(at, id)| id == first || now - *at >= REFUSED_FOR);
        if free && known {
            let client_msg_id = first.clone();
            self.signal(Signal::MessageRefused { at: now, session, chat, client_msg_id }, out);
        }
    }

    /// The message that later ones wait for is settled, or is waited for no more.
    pub(super) fn signal_resent(&mut self, now: Time, post: &Post<'_>, out: &mut Out) {
        let (session, chat) = (post.session, post.chat);
        let held = self.state.sessions.get(&session).and_then(|session| session.refused.get(&chat));
        if held.is_some_and(|(at, first)| first == post.client_msg_id || now - *at >= REFUSED_FOR) {
            self.signal(Signal::MessageResent { session, chat }, out);
        }
    }

    /// How long one message takes to drip out of a sender's bucket.
    pub(super) fn message_interval(&self) -> Duration {
        match self.settings.messages_per_second {
            0 => Duration::ZERO,
            rate => Duration::from_secs(1) / rate,
        }
    }
}
