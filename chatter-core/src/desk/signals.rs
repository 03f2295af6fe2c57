//! Applying what is not stored: sessions, subscriptions, pushes, graces.

use super::authority::in_scope;
use super::customers::{Customer, CustomerRow};
use super::deadlines::Deadlines;
use super::input::Signal;
use super::lobby::Lobby;
use super::state::{Agent, Bucket, Session};
use super::{Desk, SessionChange, Timer};
use crate::protocol::PlaceView;
use crate::{AgentId, CategoryId, ChatId, CustomerId, Principal, SessionId, Time};

impl Agent {
    /// An agent on whom nobody counts any more needs no grace.
    pub(super) fn end_idle_grace(&mut self, deadlines: &mut Deadlines) {
        if !self.takes_part()
            && let Some(until) = self.grace_until.take()
        {
            deadlines.clear(until, Timer::AgentGrace(self.record.agent));
        }
    }
}

impl Desk {
    #[inline(always)]
    pub(super) fn apply_signal(&mut self, signal: &Signal) {
        match signal {
            Signal::SessionOpened { at, session, principal } => {
                self.state.now = self.state.now.max(*at);
                self.state.sessions.insert(*session, Session::new(principal.clone()));
                self.session_log.push(SessionChange::Opened { session: *session, principal: principal.clone() });
                match *principal {
                    Principal::Customer { customer, chat } => {
                        self.customer_came(customer, *session, chat);
                        self.enter_lobby(*session);
                    }
                    Principal::Agent { agent, .. } => self.agent_came(agent, *session),
                }
            }
            Signal::SessionClosed { at, session } => {
                self.state.now = self.state.now.max(*at);
                self.session_closed(*session);
            }
            Signal::AllSessionsLost { at } => {
                self.state.now = self.state.now.max(*at);
                self.all_sessions_lost();
            }
            Signal::Subscribed { session, chat } => self.subscribed(*session, *chat),
            Signal::Unsubscribed { session, chat } => self.unsubscribed(*session, *chat),
            Signal::MessageRefused { at, session, chat, client_msg_id } => {
                self.message_refused(*at, *session, *chat, client_msg_id);
            }
            Signal::MessageResent { session, chat, client_msg_id } => {
                self.message_resent(*session, *chat, client_msg_id);
            }
            Signal::TimerFired { at, timer } => {
                self.state.now = self.state.now.max(*at);
                self.timer_fired(*at, *timer);
            }
            Signal::PlacePushed { chat, place, to_all } => {
                if let Some(chat) = self.state.chats.get_mut(chat) {
                    let moved_back = place.moved_back && !to_all;
                    (chat.pushed, chat.untold) = (Some(PlaceView { moved_back, ..*place }), !to_all);
                }
            }
            Signal::PushRound { at, category, next } => {
                self.push_round_done(self.state.now.max(*at), *category, *next);
            }
            Signal::StickyHeld { chat, agent, until } => self.sticky_held(*chat, *agent, *until),
            Signal::StickyEnded { chat } => {
                self.end_sticky(*chat);
                self.refresh_ready(*chat);
            }
            Signal::WrapUpEnded { at, agent } => {
                self.state.now = self.state.now.max(*at);
                self.wrap_up_ended(*agent);
            }
            Signal::PolicySet { at, name } => {
                self.state.now = self.state.now.max(*at);
                self.policy_set(name);
            }
            Signal::LobbyUntold => self.lobby_untold(),
            Signal::Typing { at, session, chat, typing } => self.typing_changed(*at, *session, *chat, *typing),
            Signal::CompanyUnknown { chat } => self.company_unknown(*chat),
            Signal::CompanyTold { chat } => self.company_told(*chat),
            Signal::AvailabilityPushed { at, categories } => self.availability_pushed(*at, categories),
            Signal::AgentsPushed { at, agents } => self.state.agents_pushed = Some((*at, Some(agents.clone()))),
        }
    }

    fn timer_fired(&mut self, at: Time, timer: Timer) {
        self.state.deadlines.clear(at, timer);
        match timer {
            Timer::AgentGrace(agent) => {
                if let Some(agent) = self.state.agents.get_mut(&agent) {
                    agent.grace_until = None;
                }
            }
            Timer::CustomerGrace(chat) => {
                if let Some(chat) = self.state.chats.get_mut(&chat) {
                    chat.grace_until = None;
                }
            }
            Timer::PlacePush(category) => {
                if let Some(category) = self.state.categories.get_mut(&category) {
                    category.push_at = None;
                }
            }
            Timer::AgentsPush => self.state.agents_push_at = None,
            Timer::AvailabilityPush => self.state.lobby.push_at = None,
            Timer::Cooled(agent, chat) => self.cooled(agent, chat),
            Timer::Rested(agent) => self.rested(agent),
            Timer::WrapUp(agent, chat) => self.wrapped_up(agent, chat),
            Timer::Sticky(chat) => {
                self.end_sticky(chat);
                self.refresh_ready(chat);
            }
            Timer::Typing(chat) => self.typing_ran_out(chat),
            Timer::Silence(chat) => self.stage_over(chat),
            Timer::Hours(category) => self.schedule_hours(category),
            Timer::CloseChat(_) | Timer::Offer(_) | Timer::Overflow(_) | Timer::MaxWait(_) | Timer::FirstReply(_) => {}
        }
    }

    fn push_round_done(&mut self, now: Time, category: CategoryId, next: Option<(u8, i64, ChatId)>) {
        let Some(state) = self.state.categories.get_mut(&category) else { return };
        state.pushed_at = Some(now);
        state.push_next = next;
        let again = next.is_none() && std::mem::take(&mut state.push_again);
        let at = match next {
            // The rest of the round follows at once, after whatever came in meanwhile.
            Some(_) => now,
            None if again => now + self.settings.push_interval,
            None => return,
        };
        if state.push_at.is_none() {
            state.push_at = Some(at);
            self.state.deadlines.set(at, Timer::PlacePush(category));
        }
    }

    fn customer_came(&mut self, customer: CustomerId, session: SessionId, scope: Option<ChatId>) {
        let (row, owner) = self.state.customers.enter(customer);
        owner.sessions.insert(session);
        if let Some(state) = self.state.sessions.get_mut(&session) {
            state.owner = Some(row);
        }
        let sees = |chat: &ChatId| self.state.chats.get(chat).is_some_and(|it| in_scope(scope, &it.record));
        let chats: Vec<_> = owner.chats.iter().copied().filter(sees).collect();
        for chat in chats {
            if let Some(state) = self.state.chats.get_mut(&chat) {
                state.customer_sessions.insert(session);
            }
            self.customer_is_back(chat);
        }
    }

    /// A session of the customer came that sees the chat: it is served again, and told its place.
    pub(super) fn customer_is_back(&mut self, chat: ChatId) {
        self.end_customer_grace(chat);
        self.refresh_ready(chat);
        let Some(state) = self.state.chats.get_mut(&chat) else { return };
        // Also while an agent is asked: the place is told when the chat waits again.
        state.untold |= state.spot.is_some() || state.record.offered_to().is_some();
        if state.spot.is_some() {
            let category = state.record.category;
            self.line_changed(category);
        }
    }

    fn customer_went(&mut self, customer: CustomerId, row: Option<CustomerRow>, session: SessionId) {
        let went = |owner: &mut Customer| _ = owner.sessions.remove(&session);
        let Some(owner) = self.state.customers.leave(customer, row, went) else { return };
        for chat in owner.chats.clone() {
            let Some(state) = self.state.chats.get_mut(&chat) else { continue };
            state.customer_sessions.remove(&session);
            if !state.customer_is_there() {
                self.refresh_ready(chat);
                self.start_customer_grace(chat);
            }
        }
    }

    fn agent_came(&mut self, agent: AgentId, session: SessionId) {
        self.state.staff.insert(session);
        if let Some(state) = self.state.agents.get_mut(&agent) {
            state.sessions.insert(session);
            if let Some(until) = state.grace_until.take() {
                self.state.deadlines.clear(until, Timer::AgentGrace(agent));
            }
        }
        self.refresh_agent(agent, true);
        let online = self.agents_online();
        if let Some((_, told)) = self.state.agents_pushed.as_mut().filter(|(_, told)| *told != Some(online)) {
            // The others have not been told what this session is told: everybody is, next time.
            *told = None;
        }
    }

    fn session_closed(&mut self, session: SessionId) {
        let Some(closed) = self.state.sessions.remove(&session) else { return };
        self.session_log.push(SessionChange::Closed { session });
        for chat in &closed.typing {
            self.stop_typing(*chat, closed.principal.author());
        }
        for chat in &closed.subscriptions {
            self.company_changed(*chat);
            self.drop_subscriber(session, *chat);
        }
        match closed.principal {
            Principal::Customer { customer, .. } => {
                self.leave_lobby(session);
                self.customer_went(customer, closed.owner, session);
            }
            Principal::Agent { agent, .. } => {
                self.state.staff.remove(&session);
                if let Some(state) = self.state.agents.get_mut(&agent) {
                    state.sessions.remove(&session);
                }
                self.start_agent_grace(agent);
                self.refresh_agent(agent, false);
            }
        }
    }

    fn start_agent_grace(&mut self, agent: AgentId) {
        let Some(state) = self.state.agents.get_mut(&agent) else { return };
        if state.sessions.is_empty() && state.takes_part() && state.grace_until.is_none() {
            let until = self.state.now + self.settings.agent_grace;
            state.grace_until = Some(until);
            self.state.deadlines.set(until, Timer::AgentGrace(agent));
        }
    }

    /// The same for an agent by number.
    pub(super) fn end_idle_grace(&mut self, agent: AgentId) {
        if let Some(state) = self.state.agents.get_mut(&agent) {
            state.end_idle_grace(&mut self.state.deadlines);
        }
    }

    fn subscribed(&mut self, session: SessionId, chat: ChatId) {
        let Some(state) = self.state.sessions.get_mut(&session) else { return };
        let followers = match (&state.principal, self.state.chats.get_mut(&chat)) {
            (Principal::Customer { .. }, Some(followed)) => &mut followed.customer_subscribers,
            (Principal::Agent { .. }, Some(followed)) => &mut followed.staff_subscribers,
            (_, None) => match self.state.team_chats.get_mut(&chat) {
                Some(team) => &mut team.subscribers,
                None => return,
            },
        };
        followers.insert(session);
        if state.subscriptions.insert(chat) {
            self.session_log.push(SessionChange::Follows { session, chat });
        }
        self.company_changed(chat);
    }

    fn unsubscribed(&mut self, session: SessionId, chat: ChatId) {
        self.forget_subscription(session, chat);
        self.drop_subscriber(session, chat);
    }

    fn drop_subscriber(&mut self, session: SessionId, chat: ChatId) {
        if let Some(chat) = self.state.chats.get_mut(&chat) {
            chat.customer_subscribers.remove(&session);
            chat.staff_subscribers.remove(&session);
        }
        if let Some(team) = self.state.team_chats.get_mut(&chat) {
            team.subscribers.remove(&session);
        }
        self.company_changed(chat);
    }

    /// Downtime is nobody's silence: everyone is disconnected as of now, every grace starts anew.
    fn all_sessions_lost(&mut self) {
        self.pending = super::Pending::default();
        self.state.sessions.clear();
        self.state.staff.clear();
        self.state.lobby = Lobby::default();
        self.state.agents_pushed = None;
        self.state.agents_push_at = None;
        self.state.lines.clear_ready();
        self.state.deadlines.retain(|timer| matches!(timer, Timer::CloseChat(_)));
        self.volatile_lost();
        for category in self.state.categories.values_mut() {
            (category.pushed_at, category.push_at, category.push_next) = (None, None, None);
            category.push_again = false;
            category.assigned.clear();
        }
        for chat in self.state.chats.values_mut() {
            chat.customer_sessions.clear();
            chat.customer_subscribers.clear();
            chat.staff_subscribers.clear();
            (chat.pushed, chat.untold, chat.grace_until) = (None, false, None);
            chat.sticky = None;
            chat.passed.clear();
            (chat.company, chat.changed) = (None, None);
            chat.dedupe.forget_older();
        }
        self.state.customers.retain(|customer| {
            customer.sessions.clear();
            customer.bucket = Bucket::default();
            !customer.chats.is_empty()
        });
        for chat in self.state.chats.keys().collect::<Vec<_>>() {
            self.start_customer_grace(chat);
            self.restart_chat_timers(chat);
        }
        for agent in self.state.agents.keys().collect::<Vec<_>>() {
            self.agent_lost_all(agent);
        }
        // Nobody is there to be told anything; what the loops above scheduled is void.
        self.state.deadlines.retain(|timer| !matches!(timer, Timer::PlacePush(_) | Timer::AgentsPush));
        for category in self.state.categories.values_mut() {
            category.push_at = None;
        }
        self.state.agents_push_at = None;
    }

    fn agent_lost_all(&mut self, agent: AgentId) {
        if let Some(state) = self.state.agents.get_mut(&agent) {
            state.sessions.clear();
            state.grace_until = None;
            state.bucket = Bucket::default();
            state.wrap_ups.clear();
            state.sticky.clear();
            state.cooling.clear();
            (state.misses, state.resting) = (0, false);
        }
        self.start_agent_grace(agent);
        self.refresh_agent(agent, false);
    }
}
