//! Telling people what changed: places at most once a second each, numbers to staff, states of chats.

use super::input::Signal;
use super::state::Chat;
use super::{Desk, Effect, Out};
use crate::Few;
use crate::protocol::{CustomerFrame, PartyState, PlaceView, StaffFrame};
use crate::{AgentId, CategoryId, ChatId, SessionId, Time};

impl Desk {
    /// Tells customers of a category their places, where they changed: as many as this step has left.
    pub(super) fn push_places(&mut self, now: Time, category: CategoryId, left: &mut usize, out: &mut Out) {
        let mut next = self.state.categories.get(&category).and_then(|category| category.push_next);
        while *left > 0 {
            let Some(place) = self.state.lines.after(category, next) else {
                self.signal(Signal::PushRound { at: now, category, next: None }, out);
                return;
            };
            next = Some(place);
            *left -= 1;
            self.push_place(now, place.2, out);
        }
        self.signal(Signal::PushRound { at: now, category, next }, out);
    }

    fn push_place(&mut self, now: Time, chat: ChatId, out: &mut Out) {
        let Some(state) = self.state.chats.get(&chat).filter(|state| state.customer_is_there()) else { return };
        let mut place = self.place_view(now, state);
        let told = state.pushed.map(|told| PlaceView { moved_back: false, ..told });
        if told == Some(place) && !state.untold {
            return;
        }
        place.moved_back = moved_back(state, place);
        let to = if self.silent { Vec::new() } else { state.customer_sessions.to_vec() };
        self.signal(Signal::PlacePushed { chat, place, to_all: true }, out);
        out.effects.push(Effect::ToCustomers { to, frame: CustomerFrame::Place { reference: None, chat, place } });
    }

    /// The place that a session is told because it asks. What it hears must be remembered, or a push that
    /// leads back to what was pushed before would seem to tell nothing new.
    pub(super) fn place_for_asker(&mut self, now: Time, chat: ChatId, out: &mut Out) -> Option<PlaceView> {
        let state =
            self.state.chats.get(&chat).filter(|state| state.spot.is_some() || state.record.offered_to().is_some())?;
        let mut place = self.place_view(now, state);
        place.moved_back = moved_back(state, place);
        let order = |place: PlaceView| (place.place, place.agents_online);
        if state.pushed.map(order) != Some(order(place)) {
            let to_all = state.customer_sessions.len() == 1;
            self.signal(Signal::PlacePushed { chat, place, to_all }, out);
        }
        Some(place)
    }

    /// Tells all staff how many agents are there and how many customers wait.
    pub(super) fn push_agents(&mut self, now: Time, out: &mut Out) {
        let agents = self.agents_online();
        if self.state.agents_pushed.as_ref().is_some_and(|(_, told)| told.as_ref() == Some(&agents)) {
            return;
        }
        let to: Vec<_> = self.state.staff.iter().copied().collect();
        if !to.is_empty() {
            self.signal(Signal::AgentsPushed { at: now, agents: agents.clone() }, out);
            out.effects.push(Effect::ToStaff { to, frame: StaffFrame::Agents { agents } });
        }
    }

    /// The customer's sessions that may see a chat, to tell them something.
    pub(super) fn customer_sessions(&self, chat: ChatId) -> Vec<SessionId> {
        if self.silent {
            return Vec::new();
        }
        self.state.chats.get(&chat).map(|state| state.customer_sessions.to_vec()).unwrap_or_default()
    }

    /// The staff sessions that are told of a chat: those of the holder and of whoever joined, and those that
    /// follow it.
    pub(super) fn staff_audience(&self, chat: ChatId) -> Few<SessionId> {
        if self.silent { Few::new() } else { self.staff_in(chat) }
    }

    /// The staff sessions that have to do with a chat, told or not.
    fn staff_in(&self, chat: ChatId) -> Few<SessionId> {
        let Some(state) = self.state.chats.get(&chat) else { return Few::new() };
        let parties = state.record.agent().into_iter().chain(state.record.joined.iter().copied());
        let sessions = parties.filter_map(|agent| self.state.agents.get(&agent)).flat_map(|agent| &agent.sessions);
        sessions.chain(&state.staff_subscribers).copied().collect()
    }

    /// Tells both sides the state of a chat.
    pub(super) fn tell_chat(&self, chat: ChatId, out: &mut Out) {
        if self.silent {
            return;
        }
        let to = self.customer_sessions(chat);
        if let Some(state) = self.state.chats.get(&chat).filter(|_| !to.is_empty()) {
            let frame = CustomerFrame::Chat { chat: self.customer_chat(state) };
            out.effects.push(Effect::ToCustomers { to, frame });
        }
        self.tell_staff_of_chat(chat, out);
    }

    /// A customer's other sessions learn of a chat that one of them opened.
    pub(super) fn tell_other_sessions(&self, session: SessionId, chat: ChatId, out: &mut Out) {
        if self.silent {
            return;
        }
        let to: Vec<_> = self.customer_sessions(chat).into_iter().filter(|other| *other != session).collect();
        if let Some(state) = self.state.chats.get(&chat).filter(|_| !to.is_empty()) {
            let frame = CustomerFrame::Chat { chat: self.customer_chat(state) };
            out.effects.push(Effect::ToCustomers { to, frame });
        }
    }

    pub(super) fn tell_staff_of_chat(&self, chat: ChatId, out: &mut Out) {
        if self.silent {
            return;
        }
        let to = self.staff_audience(chat).to_vec();
        if let Some(state) = self.state.chats.get(&chat).filter(|_| !to.is_empty()) {
            out.effects.push(Effect::ToStaff { to, frame: StaffFrame::Chat { chat: self.staff_chat(state) } });
        }
    }

    /// Tells an agent the end of a chat that they held, also on sessions that did not follow it.
    pub(super) fn tell_chat_to_agent(&self, chat: ChatId, agent: AgentId, out: &mut Out) {
        if self.silent {
            return;
        }
        let (Some(state), Some(holder)) = (self.state.chats.get(&chat), self.state.agents.get(&agent)) else { return };
        let to = holder.sessions.without(&state.staff_subscribers).to_vec();
        if !to.is_empty() {
            out.effects.push(Effect::ToStaff { to, frame: StaffFrame::Chat { chat: self.staff_chat(state) } });
        }
    }

    pub(super) fn tell_chat_gone(&self, chat: ChatId, to: &Few<SessionId>, out: &mut Out) {
        if !to.is_empty() && !self.silent {
            out.effects.push(Effect::ToStaff { to: to.to_vec(), frame: StaffFrame::ChatGone { chat } });
        }
    }

    /// Tells an agent their own state and load.
    pub(super) fn tell_agent(&self, agent: AgentId, out: &mut Out) {
        if self.silent {
            return;
        }
        let to = self.sessions_of(agent);
        if !to.is_empty() {
            out.effects.push(Effect::ToStaff { to, frame: StaffFrame::Agent { agent: self.agent_view(agent) } });
        }
    }

    /// Tells staff whether the customer is there.
    pub(super) fn tell_customer_presence(&self, chat: ChatId, customer: PartyState, out: &mut Out) {
        // Staff can have to do with a chat that waits too: whoever has joined or watches it.
        let over = self.state.chats.get(&chat).is_none_or(|state| state.record.end().is_some());
        if over || self.silent {
            return;
        }
        let to = self.staff_audience(chat).to_vec();
        if !to.is_empty() {
            out.effects.push(Effect::ToStaff { to, frame: StaffFrame::Presence { chat, customer } });
        }
    }

    /// The staff sessions that may still show a resolved chat: those that follow it, and all of the agent
    /// who had it last.
    pub(super) fn former_audience(&self, chat: ChatId) -> Few<SessionId> {
        let last = self.state.chats.get(&chat).and_then(|chat| chat.record.last_agent);
        let last = last.and_then(|agent| self.state.agents.get(&agent));
        let sessions = last.into_iter().flat_map(|agent| agent.sessions.iter().copied());
        sessions.chain(self.staff_in(chat)).collect()
    }

    /// Who is to be told that a chat was closed; taken before it is.
    pub(super) fn chat_audience(&self, chat: ChatId) -> (Vec<SessionId>, Few<SessionId>) {
        if self.silent {
            return (Vec::new(), Few::new());
        }
        (self.customer_sessions(chat), self.former_audience(chat))
    }

    /// The last word on a chat: its customer sees it closed, staff drops it.
    pub(super) fn tell_closed(&self, chat: ChatId, audience: (Vec<SessionId>, Few<SessionId>), out: &mut Out) {
        if self.silent {
            return;
        }
        let (customers, staff) = audience;
        let closed = self.touched.last_form(chat);
        if let Some(record) = closed.filter(|_| !customers.is_empty()) {
            let frame = CustomerFrame::Chat { chat: self.customer_chat(&Chat::new(record.clone())) };
            out.effects.push(Effect::ToCustomers { to: customers, frame });
        }
        self.tell_chat_gone(chat, &staff, out);
    }
}

/// Has the place risen since it was told, or since it was told to all if only one session was?
fn moved_back(chat: &Chat, place: PlaceView) -> bool {
    chat.pushed.is_some_and(|told| told.place < place.place || chat.untold && told.moved_back)
}
