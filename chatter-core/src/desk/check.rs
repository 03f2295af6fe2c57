//! Every rule of the desk, stated once. O(n): for tests, property tests and the simulator.

use std::collections::{BTreeMap, BTreeSet};

use super::pool::Availability;
use super::{Desk, Pending, Timer, indexes};
use crate::policy::LineFacts;
use crate::{AgentState, ChatState, Principal};

impl Desk {
    /// Checks every rule that holds between steps.
    ///
    /// # Panics
    /// When one is broken, saying which.
    pub fn check(&self) {
        assert_eq!(self.pending, Pending::default(), "a step leaves nothing to match");
        self.check_one_place();
        self.check_numbers();
        self.check_capacity();
        self.check_work_conserving();
        self.check_lines();
        self.check_people();
        self.check_deadlines();
    }

    /// Two desks are the same when every later decision is.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        self.state == other.state
    }

    /// The state for a message in a failed test.
    #[must_use]
    pub fn dump(&self) -> String {
        format!("{:#?}", self.state)
    }

    /// Rule 1: a chat is in exactly one place. Rule 13: one open chat per customer and category.
    fn check_one_place(&self) {
        let lined: BTreeSet<_> = self.state.lines.iter().map(|(_, _, chat, _)| chat).collect();
        let mut held = BTreeMap::new();
        for (agent, state) in &self.state.agents {
            for chat in &state.chats {
                assert!(held.insert(*chat, *agent).is_none(), "{chat} is held once");
            }
        }
        let mut owned = BTreeSet::new();
        for (number, chat) in self.state.chats.iter() {
            let record = &chat.record;
            assert_eq!(number, record.chat, "a chat is under its number");
            assert_eq!(lined.contains(&number), record.state == ChatState::Waiting, "rule 1: {number} in line");
            assert_eq!(held.get(&number).copied(), record.agent(), "rule 1: {number} held");
            assert_eq!(chat.line.is_some(), record.state == ChatState::Waiting, "rule 1: {number} has a key");
            assert!(!matches!(record.state, ChatState::Closed { .. }), "closed chats are not in memory");
            assert!(owned.insert((record.customer, record.category)), "rule 13: one open chat per category");
            let owner = self.state.customers.get(&record.customer).expect("a chat has its customer");
            assert!(owner.chats.contains(&number), "a customer lists their chats");
            assert_eq!(chat.customer_sessions, self.sessions_that_see(record), "{number} knows who sees it");
        }
        assert!(lined.iter().all(|chat| self.state.chats.contains_key(chat)), "lines hold known chats");
        let listed: usize = self.state.customers.values().map(|customer| customer.chats.len()).sum();
        assert_eq!(listed, self.state.chats.len(), "customers list open chats only");
    }

    /// Numbers are dense and marks are in order.
    fn check_numbers(&self) {
        for chat in self.state.chats.values() {
            let record = &chat.record;
            assert!(record.last_public_seq.0 <= record.last_seq.0, "public entries are entries");
            let customer = record.customer_receipts;
            assert!(customer.read <= customer.delivered && customer.delivered <= record.last_public_seq, "P-D8");
            let staff = record.staff_receipts;
            assert!(staff.read <= staff.delivered && staff.delivered <= record.last_seq, "P-D8");
            let seen = record.staff_receipts_for_customer;
            assert!(seen.read <= seen.delivered && seen.delivered <= record.last_public_seq, "P-D8, translated");
            let seen = record.customer_receipts_for_staff;
            assert!(seen.read <= seen.delivered && seen.delivered <= record.last_seq, "P-D8, translated");
            assert!(chat.dedupe.len() as u64 <= record.client_ids, "client ids are counted");
            assert!(chat.dedupe.len() <= crate::LoadedChat::DEDUPE_MAX, "client ids in memory are bounded");
        }
    }

    /// Rule 2: assignments never exceed a limit. A limit that was lowered takes nothing away, so only an
    /// agent with room is checked: room means less than the limit.
    fn check_capacity(&self) {
        for (number, agent) in &self.state.agents {
            let says_online = agent.record.active && agent.record.state == AgentState::Online;
            let routable = says_online && !agent.sessions.is_empty();
            let room = routable && agent.load() < agent.record.max_chats;
            assert_eq!(agent.availability == Availability::Room, room, "rule 2: {number} has room");
            assert_eq!(agent.pool_key.is_some(), room, "the pool holds those with room");
            assert!(agent.record.active || agent.chats.is_empty(), "a removed agent holds nothing");
            assert!(
                agent.record.state != AgentState::Offline || agent.chats.is_empty(),
                "rule 8: nothing stays with {number} who is offline"
            );
            assert!(
                agent.record.state != AgentState::LastCall || !agent.chats.is_empty(),
                "a last call ends with the last chat"
            );
        }
        let pooled = self.state.pool.keys().count();
        assert_eq!(pooled, self.state.agents.values().filter(|it| it.pool_key.is_some()).count(), "the pool is exact");
        for (set, key) in self.state.pool.keys() {
            let agent = &self.state.agents[&key.agent];
            assert!(agent.pool_key == Some(key) && agent.record.categories == *set, "the pool is exact");
        }
    }

    /// Rule 3: no ready chat waits while an eligible agent has room.
    fn check_work_conserving(&self) {
        for (category, _, chat, ready) in self.state.lines.iter() {
            if ready {
                assert!(self.state.pool.best(category).is_none(), "rule 3: {chat} waits while an agent has room");
            }
        }
    }

    /// Lines are in the policy's order, ready means connected, and places count those ahead (rule 12).
    fn check_lines(&self) {
        let mut ahead = BTreeMap::new();
        for (category, key, chat, ready) in self.state.lines.iter() {
            let state = &self.state.chats[&chat];
            assert_eq!(state.line, Some(key), "a chat knows its key");
            assert_eq!(key, indexes::line_key(&*self.policy, &state.record), "keys come from stored facts");
            assert_eq!(category, state.record.category, "a line is of one category");
            let connected = state.customer_is_there();
            assert_eq!(ready, connected, "rule 12: only the connected are served");
            let before = ahead.entry(category).or_insert(0_u64);
            assert_eq!(self.state.lines.ahead(category, key, chat), *before, "rule 12: place is exact");
            *before += 1;
            let facts = LineFacts::new(key, 1);
            assert!(self.policy.line_rank(&facts) == self.policy.line_rank(&facts), "a policy is pure");
        }
        for (category, count) in ahead {
            assert_eq!(self.state.lines.waiting(category), count, "waiting is counted");
        }
    }

    /// Sessions, subscriptions and who they belong to.
    fn check_people(&self) {
        for (number, session) in self.state.sessions.iter() {
            match &session.principal {
                Principal::Customer { customer, .. } => {
                    assert!(self.state.customers[customer].sessions.contains(&number), "a customer lists sessions");
                }
                Principal::Agent { agent } => {
                    assert!(self.state.agents[agent].sessions.contains(&number), "an agent lists sessions");
                    assert!(self.state.staff.contains(&number), "staff lists sessions");
                }
            }
            for chat in &session.subscriptions {
                let followed = &self.state.chats[chat];
                let may = super::may(&session.principal, super::Action::Subscribe, &followed.record);
                assert!(may, "rule 9: nobody follows a chat that is not theirs");
            }
        }
        let listed: usize = self.state.customers.values().map(|it| it.sessions.len()).sum();
        assert_eq!(listed + self.state.staff.len(), self.state.sessions.len(), "every session is somebody's");
        for customer in self.state.customers.values() {
            assert!(!customer.sessions.is_empty() || !customer.chats.is_empty(), "who is gone is forgotten");
        }
    }

    /// Every deadline belongs to something that waits for it, and the other way round.
    fn check_deadlines(&self) {
        let mut expected = BTreeSet::new();
        for (number, agent) in &self.state.agents {
            expected.extend(agent.grace_until.map(|at| (at, Timer::AgentGrace(*number))));
            let needed = agent.sessions.is_empty() && !agent.chats.is_empty();
            assert_eq!(agent.grace_until.is_some(), needed, "rule 8: a grace runs exactly when it must");
        }
        for (number, chat) in self.state.chats.iter() {
            expected.extend(chat.grace_until.map(|at| (at, Timer::CustomerGrace(number))));
            let end = chat.record.end().map(|(at, ..)| at + self.settings.close_after);
            expected.extend(end.map(|at| (at, Timer::CloseChat(number))));
            let absent = !chat.customer_is_there();
            let (grace, over) = (chat.grace_until.is_some(), end.is_some());
            assert!(!grace || absent && !over, "a grace is for the absent");
            assert!(chat.record.state != ChatState::Waiting || !absent || grace, "who waits and is gone has a grace");
        }
        for (number, category) in &self.state.categories {
            expected.extend(category.push_at.map(|at| (at, Timer::PlacePush(*number))));
        }
        expected.extend(self.state.agents_push_at.map(|at| (at, Timer::AgentsPush)));
        assert_eq!(self.state.deadlines.iter().collect::<BTreeSet<_>>(), expected, "deadlines are exact");
    }
}
