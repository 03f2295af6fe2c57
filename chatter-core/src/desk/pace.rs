//! How fast one person may write, and that nothing overtakes a message that was refused for now.
//!
//! Later messages of the same session and chat wait for the one that was refused: until it comes again, whether it
//! is taken then or refused for good, and no longer than half a minute. If it never comes, the next of those that
//! were refused for it is waited for in its place. Otherwise the half minute would end between two messages that
//! were sent at once, and the second would overtake the first. Whoever loses the chat gives up what they wanted to
//! say in it.

use std::time::Duration;

use super::input::Signal;
use super::messages::Post;
use super::{Desk, Out, Stop};
use crate::{Author, ChatId, ClientMsgId, Principal, Refusal, SessionId, Time};

/// How long later messages wait for a refused one that never comes again.
const REFUSED_FOR: Duration = Duration::from_secs(30);

/// So many of the messages that were refused are waited for one after the other.
const AWAITED_MAX: usize = 4;

/// What later messages of a session to a chat wait for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hold {
    /// When the first was refused.
    at: Time,
    /// Those that were refused, in order: each comes first when those before it have not come in time.
    refused: Vec<ClientMsgId>,
}

impl Hold {
    pub(super) fn new(at: Time, first: ClientMsgId) -> Self {
        Self { at, refused: vec![first] }
    }

    pub(super) const fn at(&self) -> Time {
        self.at
    }

    pub(super) fn refused(&self) -> &[ClientMsgId] {
        &self.refused
    }

    /// The place of the one that comes first now; past the end when nothing is waited for any more.
    fn turn(&self, now: Time) -> usize {
        let turn = (now - self.at).as_micros() / REFUSED_FOR.as_micros();
        usize::try_from(turn).unwrap_or(usize::MAX)
    }

    /// The message that comes first; none when nothing is waited for any more.
    fn awaited(&self, now: Time) -> Option<&ClientMsgId> {
        self.refused.get(self.turn(now))
    }

    pub(super) fn is_over(&self, now: Time) -> bool {
        self.awaited(now).is_none()
    }

    /// True when this one need not wait for another: it is the one, or was before it and comes late.
    fn lets_pass(&self, id: &ClientMsgId, now: Time) -> bool {
        let place = self.refused.iter().position(|refused| refused == id);
        self.is_over(now) || place.is_some_and(|place| place <= self.turn(now))
    }

    /// The same after another message was refused, or one of these again.
    pub(super) fn behind(&self, at: Time, id: &ClientMsgId) -> Self {
        if self.is_over(at) {
            return Self::new(at, id.clone());
        }
        let mut hold = self.clone();
        match hold.refused.iter().position(|refused| refused == id) {
            Some(place) if place <= self.turn(at) => {
                hold.refused.drain(..place);
                hold.at = at;
            }
            Some(_) => {}
            None if hold.refused.len() < AWAITED_MAX => hold.refused.push(id.clone()),
            None => {}
        }
        hold
    }
}

impl Desk {
    /// At most so many a second; and once one was refused, later ones of the same session and chat wait
    /// for it to come again, so that nothing overtakes it.
    pub(super) fn check_order_and_rate(&mut self, now: Time, post: &Post<'_>, out: &mut Out) -> Result<(), Refusal> {
        let hold = self.session(post.session)?.refused.get(&post.chat);
        if let Some(hold) = hold.filter(|hold| !hold.lets_pass(post.client_msg_id, now))
            && let Some(first) = hold.awaited(now).cloned()
        {
            self.hold_later_messages(now, post.session, post.chat, post.client_msg_id, out);
            return Err(Refusal::OutOfOrder { first });
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

    /// Remembers the first message of a session that was refused for now, and the next, in an open chat, or a
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
        let news = asker.refused.get(&chat).is_none_or(|hold| hold.behind(now, first) != *hold);
        if news && known {
            let client_msg_id = first.clone();
            self.signal(Signal::MessageRefused { at: now, session, chat, client_msg_id }, out);
        }
    }

    /// A message is refused. If it will not come again, later ones need not wait for it.
    pub(super) fn refused_post(&mut self, now: Time, post: &Post<'_>, stop: &Stop, out: &mut Out) {
        if let Stop::Refused(refusal) = stop
            && !refusal.is_for_now()
        {
            self.signal_resent(now, post, out);
        }
    }

    /// The message that later ones wait for is settled, or is waited for no more.
    pub(super) fn signal_resent(&mut self, now: Time, post: &Post<'_>, out: &mut Out) {
        let (session, chat) = (post.session, post.chat);
        let held = self.state.sessions.get(&session).and_then(|session| session.refused.get(&chat));
        if held.is_some_and(|hold| hold.lets_pass(post.client_msg_id, now)) {
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
