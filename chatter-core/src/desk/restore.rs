use std::collections::BTreeMap;
use std::sync::Arc;

use super::input::Signal;
use super::state::{Agent, Category, Chat, State};
use super::{Change, Desk, DeskSettings, Pending, Timer, Touched};
use crate::id_map::IdMap;
use crate::policy::AssignmentPolicy;
use crate::{Snapshot, Time};

impl Desk {
    /// A desk that goes on from a snapshot, with everybody disconnected as of `now`. An empty snapshot
    /// makes a new desk.
    ///
    /// For any sequence of inputs, restoring what a store gives back equals the live desk after
    /// [`Signal::AllSessionsLost`] at the same time.
    #[must_use]
    pub fn restore(snapshot: Snapshot, now: Time, settings: DeskSettings, policy: Arc<dyn AssignmentPolicy>) -> Self {
        let state = State::empty(&snapshot, now);
        let mut desk = Self {
            settings,
            policy,
            state,
            pending: Pending::default(),
            touched: Touched::default(),
            session_log: Vec::new(),
        };
        for record in snapshot.categories {
            desk.state.categories.insert(record.category, Category::new(record));
        }
        for record in snapshot.agents {
            let agent = record.agent;
            desk.state.agents.insert(agent, Agent::new(record));
            desk.refresh_agent(agent, false);
        }
        for loaded in snapshot.chats {
            desk.take_up(Chat::loaded(loaded));
        }
        desk.apply(&Change::Signal(Signal::AllSessionsLost { at: now }));
        desk.session_log.clear();
        desk
    }

    fn take_up(&mut self, chat: Chat) {
        let (number, customer, agent) = (chat.record.chat, chat.record.customer, chat.record.agent());
        let end = chat.record.end();
        let waits = agent.is_none() && end.is_none();
        self.state.chats.insert(number, chat);
        self.state.customers.entry(customer).or_default().chats.insert(number);
        if let Some(agent) = agent {
            if let Some(holder) = self.state.agents.get_mut(&agent) {
                holder.chats.insert(number);
            }
            self.refresh_agent(agent, false);
        }
        if let Some((at, ..)) = end {
            self.state.deadlines.set(at + self.settings.close_after, Timer::CloseChat(number));
        }
        if waits {
            self.enqueue(number);
        }
    }
}

impl State {
    fn empty(snapshot: &Snapshot, now: Time) -> Self {
        Self {
            now: now.max(snapshot.last_event_at),
            last_event: snapshot.last_event,
            last_chat: snapshot.last_chat,
            categories: BTreeMap::new(),
            agents: BTreeMap::new(),
            chats: IdMap::new(),
            customers: BTreeMap::new(),
            sessions: IdMap::new(),
            staff: std::collections::BTreeSet::new(),
            lines: super::lines::Lines::default(),
            pool: super::pool::Pool::default(),
            deadlines: super::deadlines::Deadlines::default(),
            agents_pushed: None,
            agents_push_at: None,
        }
    }
}
