use std::collections::{BTreeMap, BTreeSet};

use super::input::Signal;
use super::state::{Agent, Category, Chat, State};
use super::team::Team;
use super::{Change, Desk, DeskSettings, Pending, Timer, Touched};
use crate::id_map::IdMap;
use crate::policy::Policies;
use crate::{ChatId, Few, Snapshot, Time};

impl Desk {
    /// A desk that goes on from a snapshot, with everybody disconnected as of `now`. An empty snapshot
    /// makes a new desk.
    ///
    /// For any sequence of inputs, restoring what a store gives back equals the live desk after
    /// [`Signal::AllSessionsLost`] at the same time.
    #[must_use]
    pub fn restore(snapshot: Snapshot, now: Time, settings: DeskSettings, policies: impl Into<Policies>) -> Self {
        let policies = policies.into();
        let mut state = State::empty(&snapshot, now);
        state.policies.insert(policies.desk_ix());
        let mut desk = Self {
            settings,
            policies,
            state,
            pending: Pending::default(),
            touched: Touched::default(),
            session_log: Vec::new(),
            silent: false,
            spare: super::Out::default(),
            spare_entries: Vec::new(),
            scratch: super::dispatch::Scratch::default(),
        };
        for record in snapshot.categories {
            let policy = desk.policy_for(&record.settings);
            desk.state.categories.insert(record.category, Category::new(record, policy));
        }
        desk.categories_changed(BTreeSet::new());
        for record in snapshot.agents {
            let agent = record.agent;
            desk.state.agents.insert(agent, Agent::new(record));
            desk.learn_lines(agent);
            desk.refresh_agent(agent, false);
        }
        for loaded in snapshot.chats {
            desk.take_up(Chat::loaded(loaded));
        }
        for loaded in snapshot.team_chats {
            desk.take_up_team(Team::loaded(loaded));
        }
        desk.apply(&Change::Signal(Signal::AllSessionsLost { at: now }));
        desk.session_log.clear();
        desk
    }

    fn take_up(&mut self, mut chat: Chat) {
        let (number, customer, agent) = (chat.record.chat, chat.record.customer, chat.record.agent());
        let (end, parked) = (chat.record.end(), chat.record.parked);
        let (offered, transfer) = (chat.record.offered_to(), chat.record.transfer_to);
        let joined = chat.record.joined.clone();
        let waits = agent.is_none() && end.is_none() && offered.is_none();
        self.state.merged.extend(chat.record.merged_from.iter().map(|from| (*from, number)));
        let (row, owner) = self.state.customers.enter(customer);
        owner.chats.insert(number);
        chat.owner = Some(row);
        self.state.chats.insert(number, chat);
        if let Some(agent) = agent {
            if let Some(holder) = self.state.agents.get_mut(&agent) {
                holder.chats.insert(number);
                holder.parked += u32::from(parked);
            }
            self.refresh_agent(agent, false);
        }
        for (asked, transferred) in [(offered, false), (transfer, true)] {
            let Some(agent) = asked else { continue };
            if let Some(asked) = self.state.agents.get_mut(&agent) {
                if transferred {
                    asked.reserved.insert(number)
                } else {
                    asked.offers.insert(number)
                };
            }
            self.refresh_agent(agent, false);
        }
        for agent in joined {
            if let Some(agent) = self.state.agents.get_mut(&agent) {
                agent.joined.insert(number);
            }
        }
        if let Some((at, ..)) = end {
            self.state.deadlines.set(at + self.settings.close_after, Timer::CloseChat(number));
        }
        if waits {
            self.enqueue(number);
        }
    }
}

impl Desk {
    /// What nobody waits for any more once everybody is gone, beside what [`Signal::AllSessionsLost`] clears
    /// itself.
    pub(super) fn volatile_lost(&mut self) {
        for team in self.state.team_chats.values_mut() {
            team.subscribers.clear();
            team.dedupe.forget_older();
        }
        for category in self.state.categories.keys().collect::<Vec<_>>() {
            self.schedule_hours(category);
        }
    }

    /// Downtime is nobody's silence: the deadlines of a chat start anew, in full. Only the overflow counts from
    /// the arrival, which nobody loses by.
    pub(super) fn restart_chat_timers(&mut self, chat: ChatId) {
        let now = self.state.now;
        let Some(state) = self.state.chats.get_mut(&chat) else { return };
        state.waits_since = now;
        let asked = state.record.offered_to().or(state.record.transfer_to);
        if state.spot.is_some() {
            self.schedule_wait(chat);
        }
        if asked.is_some() {
            self.state.deadlines.put(Timer::Offer(chat), now + self.settings.offer_timeout);
        }
        self.restart_silence(chat);
    }
}

impl State {
    fn empty(snapshot: &Snapshot, now: Time) -> Self {
        Self {
            now: now.max(snapshot.last_event_at),
            last_event: snapshot.last_event,
            last_chat: snapshot.last_chat,
            categories: IdMap::new(),
            agents: IdMap::new(),
            chats: IdMap::new(),
            merged: BTreeMap::new(),
            customers: super::customers::Customers::default(),
            team_chats: BTreeMap::new(),
            policies: Few::new(),
            sessions: IdMap::new(),
            staff: BTreeSet::new(),
            lines: super::lines::Lines::default(),
            pool: super::pool::Pool::default(),
            deadlines: super::deadlines::Deadlines::default(),
            lobby: super::lobby::Lobby::default(),
            agents_pushed: None,
            agents_push_at: None,
        }
    }
}
