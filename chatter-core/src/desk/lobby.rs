//! The lobby: sessions of customers without a chat under way. They are told what they can join when that changes, all
//! at once and at most once per interval.
//!
//! What changes schedules a push, in O(log n); the push looks at each category once. Whoever comes into the lobby by
//! opening a session was told everything on opening; whoever comes into it since their chat ended is told everything by
//! the next push.

use std::collections::BTreeMap;
use std::time::Duration;

use super::customers::Customer;
use super::deadlines::Deadlines;
use super::input::Signal;
use super::state::{Chat, State};
use super::{Desk, Effect, Out, Timer, indexes};
use crate::id_map::IdMap;
use crate::protocol::{Availability, CategoryView, CustomerFrame};
use crate::{CategoryId, ChatId, Principal, SessionId, Time};

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Lobby {
    /// Who is in it.
    pub(super) sessions: IdMap<SessionId, ()>,
    /// Those of them who may not know what the others know.
    pub(super) untold: IdMap<SessionId, ()>,
    /// What all the others know, by category; absent where they know different things.
    pub(super) told: BTreeMap<CategoryId, Availability>,
    /// When they were last told.
    pub(super) pushed_at: Option<Time>,
    /// When they are told next, if a change waits to be told.
    pub(super) push_at: Option<Time>,
}

impl Lobby {
    pub(super) fn leave(&mut self, session: SessionId, deadlines: &mut Deadlines) {
        if self.sessions.remove(&session).is_none() {
            return;
        }
        self.untold.remove(&session);
        if self.sessions.is_empty()
            && let Some(at) = self.push_at.take()
        {
            deadlines.clear(at, Timer::AvailabilityPush);
        }
    }

    fn schedule_push(&mut self, now: Time, interval: Duration, deadlines: &mut Deadlines) {
        if self.sessions.is_empty() || self.push_at.is_some() {
            return;
        }
        let earliest = self.pushed_at.map_or(now, |at| at + interval).max(now);
        self.push_at = Some(earliest);
        deadlines.set(earliest, Timer::AvailabilityPush);
    }
}

fn has_chat_under_way(chats: &IdMap<ChatId, Chat>, principal: &Principal, owner: &Customer) -> bool {
    let mut chats = owner.chats.iter().filter_map(|chat| chats.get(chat));
    chats.any(|it| indexes::is_unfinished(&it.record) && super::authority::knows(principal, &it.record))
}

impl Desk {
    /// True for a customer's session without a chat under way that it may see.
    pub(super) fn is_in_lobby(&self, session: SessionId) -> bool {
        let Some(it) = self.state.sessions.get(&session) else { return false };
        self.state
            .customers
            .at(it.owner)
            .is_some_and(|owner| !has_chat_under_way(&self.state.chats, &it.principal, owner))
    }

    /// A chat began again or ended: its customer's sessions come into the lobby or leave it.
    pub(super) fn refresh_lobby_of(&mut self, chat: ChatId) {
        let interval = self.settings.push_interval;
        let State { customers, sessions, chats, lobby, deadlines, now, .. } = &mut self.state;
        let Some(owner) = chats.get(&chat).and_then(|it| customers.at(it.owner)) else { return };
        for session in &owner.sessions {
            let busy = sessions.get(session).is_some_and(|it| has_chat_under_way(chats, &it.principal, owner));
            if busy {
                lobby.leave(*session, deadlines);
            } else if lobby.sessions.insert(*session, ()).is_none() {
                lobby.untold.insert(*session, ());
                lobby.schedule_push(*now, interval, deadlines);
            }
        }
    }

    pub(super) fn leave_lobby(&mut self, session: SessionId) {
        self.state.lobby.leave(session, &mut self.state.deadlines);
    }

    /// A session has just opened: it is told what each category is now.
    pub(super) fn enter_lobby(&mut self, session: SessionId) {
        if !self.is_in_lobby(session) {
            return;
        }
        let first = self.state.lobby.sessions.is_empty();
        self.state.lobby.sessions.insert(session, ());
        let mut told = std::mem::take(&mut self.state.lobby.told);
        let mut news = false;
        for category in self.state.categories.keys() {
            let now = self.availability(category);
            if first {
                told.insert(category, now);
            } else if told.get(&category) != Some(&now) {
                // The others have not been told yet, and may never be if it changes back: everybody is, next time.
                told.remove(&category);
                news = true;
            }
        }
        self.state.lobby.told = told;
        if news {
            self.schedule_availability_push();
        }
    }

    /// What a category can be joined for may have changed.
    pub(super) fn schedule_availability_push(&mut self) {
        let (now, interval) = (self.state.now, self.settings.push_interval);
        self.state.lobby.schedule_push(now, interval, &mut self.state.deadlines);
    }

    /// A category is not what it was: everybody in the lobby is told of it again.
    pub(super) fn category_untold(&mut self, category: CategoryId) {
        self.state.lobby.told.remove(&category);
        self.schedule_availability_push();
    }

    /// Nobody in the lobby is known to know anything.
    pub(super) fn lobby_untold(&mut self) {
        self.state.lobby.untold.clone_from(&self.state.lobby.sessions);
        self.schedule_availability_push();
    }

    /// Tells the lobby what changed.
    pub(super) fn push_availability(&mut self, now: Time, out: &mut Out) {
        let lobby = &self.state.lobby;
        let untold: Vec<_> = lobby.untold.keys().collect();
        let others: Vec<_> = lobby.sessions.keys().filter(|session| !lobby.untold.contains_key(session)).collect();
        let all = self.category_views();
        let is_news = |view: &&CategoryView| lobby.told.get(&view.category) != Some(&view.availability);
        let news: Vec<_> = all.iter().filter(is_news).cloned().collect();
        if news.is_empty() && untold.is_empty() {
            return;
        }
        let changed = news.iter().map(|view| (view.category, view.availability)).collect();
        self.signal(Signal::AvailabilityPushed { at: now, categories: changed }, out);
        for (to, categories) in [(others, news), (untold, all)] {
            if !to.is_empty() && !categories.is_empty() {
                out.effects.push(Effect::ToCustomers { to, frame: CustomerFrame::Availability { categories } });
            }
        }
    }

    pub(super) fn availability_pushed(&mut self, at: Time, categories: &[(CategoryId, Availability)]) {
        let lobby = &mut self.state.lobby;
        lobby.told.extend(categories.iter().copied());
        lobby.untold.clear();
        lobby.pushed_at = Some(at);
    }
}
