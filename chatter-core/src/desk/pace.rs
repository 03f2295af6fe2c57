//! How fast one person may write, and that nothing overtakes a message that was refused for now.
//!
//! Later messages of the same session and chat wait for those that were refused: for each until it comes again,
//! whether it is taken then or refused for good, and no longer than half a minute after it was refused last. All of
//! them are waited for, not the first alone: they were sent at once, and what is said once the first is taken would
//! overtake the others. Whoever loses the chat gives up what they wanted to say in it.

use std::time::Duration;

use super::input::Signal;
use super::messages::Post;
use super::{Desk, Out, Stop};
use crate::{Author, ChatId, ClientMsgId, Principal, Refusal, SessionId, Time};

/// How long later messages wait for a refused one that never comes again.
const REFUSED_FOR: Duration = Duration::from_secs(30);

/// So many of the messages that were refused are waited for; a client that goes on in spite of as many refusals is
/// closed long before by the limits of its connection.
const AWAITED_MAX: usize = 256;

/// What later messages of a session to a chat wait for: those that were refused for now, in the order in which they
/// were sent, each with the time of its last refusal.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hold {
    refused: Vec<(ClientMsgId, Time)>,
}

impl Hold {
    pub(super) fn new(at: Time, first: ClientMsgId) -> Self {
        Self { refused: vec![(first, at)] }
    }

    pub(super) fn refused(&self) -> &[(ClientMsgId, Time)] {
        &self.refused
    }

    /// The place of the one that comes first now: the first that can still be expected.
    fn turn(&self, now: Time) -> Option<usize> {
        self.refused.iter().position(|(_, at)| now - *at < REFUSED_FOR)
    }

    fn place(&self, id: &ClientMsgId) -> Option<usize> {
        self.refused.iter().position(|(refused, _)| refused == id)
    }

    /// The message that comes first; none when nothing is waited for any more.
    fn awaited(&self, now: Time) -> Option<&ClientMsgId> {
        self.turn(now).map(|turn| &self.refused[turn].0)
    }

    pub(super) fn is_over(&self, now: Time) -> bool {
        self.turn(now).is_none()
    }

    /// True when this one need not wait for another: it is the one, or was before it and comes late.
    fn lets_pass(&self, id: &ClientMsgId, now: Time) -> bool {
        self.turn(now).is_none_or(|turn| self.place(id).is_some_and(|place| place <= turn))
    }

    /// The same after another message was refused, or one of these again.
    pub(super) fn behind(&self, at: Time, id: &ClientMsgId) -> Self {
        if self.is_over(at) {
            return Self::new(at, id.clone());
        }
        let mut hold = self.clone();
        match hold.place(id) {
            Some(place) => hold.refused[place].1 = at,
            None if hold.refused.len() < AWAITED_MAX => hold.refused.push((id.clone(), at)),
            None => {}
        }
        hold
    }

    /// What is still waited for once this one was let pass; those before it are given up.
    pub(super) fn after(&self, id: &ClientMsgId) -> Option<Self> {
        let rest = self.refused.get(self.place(id)? + 1..)?;
        (!rest.is_empty()).then(|| Self { refused: rest.to_vec() })
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

    /// Remembers the messages of a session that were refused for now, in an open chat, or a conversation, of its own.
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

    /// A message that later ones wait for is settled, or is waited for no more.
    pub(super) fn signal_resent(&mut self, now: Time, post: &Post<'_>, out: &mut Out) {
        let (session, chat) = (post.session, post.chat);
        let held = self.state.sessions.get(&session).and_then(|session| session.refused.get(&chat));
        if held.is_some_and(|hold| hold.lets_pass(post.client_msg_id, now)) {
            self.signal(Signal::MessageResent { session, chat, client_msg_id: post.client_msg_id.clone() }, out);
        }
    }

    pub(super) fn message_refused(&mut self, at: Time, session: SessionId, chat: ChatId, id: &ClientMsgId) {
        if let Some(session) = self.state.sessions.get_mut(&session) {
            session.refused.retain(|_, hold| !hold.is_over(at));
            let hold = session.refused.entry(chat);
            hold.and_modify(|hold| *hold = hold.behind(at, id)).or_insert_with(|| Hold::new(at, id.clone()));
        }
    }

    pub(super) fn message_resent(&mut self, session: SessionId, chat: ChatId, id: &ClientMsgId) {
        if let Some(session) = self.state.sessions.get_mut(&session)
            && let Some(hold) = session.refused.remove(&chat)
            && let Some(rest) = hold.after(id)
        {
            session.refused.insert(chat, rest);
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
