//! Every rule of the desk, stated once. O(n): for tests, property tests and the simulator.

use std::collections::{BTreeMap, BTreeSet};

use super::lines::Spot;
use super::pool::{Availability, Counts};
use super::silence::{self, Turn};
use super::state::Agent;
use super::{Desk, Pending, Timer, indexes};
use crate::hours::HoursState;
use crate::policy::LineKey;
use crate::{AgentId, AgentState, CategoryId, ChatId, ChatState, Few, Principal};

impl Desk {
    /// Checks every rule that holds between steps.
    ///
    /// # Panics
    /// When one is broken, saying which.
    pub fn check(&self) {
        assert_eq!(self.pending, Pending::default(), "a step leaves nothing to match");
        assert!(self.scratch.is_empty(), "nobody keeps a turn for a later step, when they may have no room");
        self.check_one_place();
        self.check_merged();
        self.check_numbers();
        self.check_capacity();
        self.check_work_conserving();
        self.check_lines();
        self.check_people();
        self.check_turns();
        self.check_availability();
        self.check_teams();
        self.check_explanations();
        self.check_company();
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
        let lined: BTreeSet<_> = self.state.lines.iter().map(|(_, chat, _)| chat).collect();
        let mut held = BTreeMap::new();
        for (agent, state) in self.state.agents.iter() {
            for chat in &state.chats {
                assert!(held.insert(*chat, agent).is_none(), "{chat} is held once");
            }
        }
        let mut owned = BTreeSet::new();
        for (number, chat) in self.state.chats.iter() {
            let record = &chat.record;
            assert_eq!(number, record.chat, "a chat is under its number");
            assert_eq!(lined.contains(&number), record.state == ChatState::Waiting, "rule 1: {number} in line");
            assert_eq!(held.get(&number).copied(), record.agent(), "rule 1: {number} held");
            assert_eq!(chat.spot.is_some(), record.state == ChatState::Waiting, "rule 1: {number} has a key");
            let asked = record.offered_to();
            let asks = |agent: &Agent| agent.offers.contains(&number);
            assert_eq!(self.agents_who(asks), Vec::from_iter(asked), "rule 1: {number} is offered to one");
            let reserves = |agent: &Agent| agent.reserved.contains(&number);
            assert_eq!(self.agents_who(reserves), Vec::from_iter(record.transfer_to), "rule 1: {number} transfer");
            assert!(record.transfer_to.is_none() || record.agent().is_some(), "rule 1: a transfer is of a held chat");
            assert!(record.transfer_to.is_none() || record.transfer_to != record.agent(), "a transfer is to another");
            let waits_for = |agent: &Agent| agent.sticky.contains(&number);
            assert_eq!(self.agents_who(waits_for), Vec::from_iter(chat.sticky), "rule 10: {number} waits for one");
            assert!(chat.sticky.is_none() || chat.spot.is_some(), "rule 10: who waits for one waits");
            assert!(!record.parked || record.end().is_none(), "a chat that is over is not parked");
            assert!(
                chat.passed.is_empty() || record.agent().is_none() && record.end().is_none(),
                "passes are of a wait"
            );
            assert!(!matches!(record.state, ChatState::Closed { .. }), "closed chats are not in memory");
            assert!(owned.insert((record.customer, record.category)), "rule 13: one open chat per category");
            let owner = self.state.customers.get(&record.customer).expect("a chat has its customer");
            assert_eq!(self.state.customers.at(chat.owner), Some(owner), "{number} knows whose it is");
            assert!(owner.chats.contains(&number), "a customer lists their chats");
            assert_eq!(chat.customer_sessions, self.sessions_that_see(record), "{number} knows who sees it");
        }
        assert!(lined.iter().all(|chat| self.state.chats.contains_key(chat)), "lines hold known chats");
        let listed: usize = self.state.customers.values().map(|customer| customer.chats.len()).sum();
        assert_eq!(listed, self.state.chats.len(), "customers list open chats only");
    }

    /// Rule 13: a merged chat is closed, and one open chat knows that it goes on there.
    fn check_merged(&self) {
        let mut merged = BTreeMap::new();
        for (number, chat) in self.state.chats.iter() {
            assert_eq!(chat.record.merged_into, None, "rule 13: {number} is open, so it goes on by itself");
            for from in &chat.record.merged_from {
                assert!(!self.state.chats.contains_key(from), "rule 13: {from} is closed");
                assert_eq!(merged.insert(*from, number), None, "rule 13: {from} goes on in one chat");
            }
        }
        assert_eq!(self.state.merged, merged, "rule 13: what is sent to merged chats finds where they go on");
    }

    fn agents_who(&self, which: impl Fn(&Agent) -> bool) -> Vec<AgentId> {
        self.state.agents.iter().filter(|(_, agent)| which(agent)).map(|(number, _)| number).collect()
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
            assert!(chat.dedupe.is_bounded(record.client_ids), "client ids in memory are counted and bounded");
        }
    }

    /// Rule 2: assignments never exceed a limit. A limit that was lowered takes nothing away, so only an
    /// agent with room is checked: room means less than the limit.
    fn check_capacity(&self) {
        for (number, agent) in self.state.agents.iter() {
            let parked = agent.chats.iter().filter(|chat| self.state.chats[chat].record.parked).count();
            assert_eq!(agent.parked as usize, parked, "{number}'s parked chats are counted");
            let active = agent.chats.len() - parked;
            let load = active + agent.offers.len() + agent.reserved.len() + agent.wrap_ups.len();
            assert_eq!(agent.load() as usize, load, "rule 2: slots of {number}");
            let room = agent.is_routable() && agent.load() < agent.record.max_chats && !agent.resting;
            assert_eq!(agent.availability == Availability::Room, room, "rule 2: {number} has room");
            assert_eq!(agent.has_room(), room, "the pool holds those with room");
            assert!(agent.record.active || agent.chats.is_empty(), "a removed agent holds nothing");
            let online = agent.record.state == AgentState::Online;
            assert!(online || agent.offers.is_empty() && agent.reserved.is_empty(), "{number} is asked while online");
            assert!(agent.is_routable() || agent.sticky.is_empty(), "rule 10: nobody waits for {number} in vain");
            let serves = |chat| agent.record.categories.contains(&self.state.chats[chat].record.category);
            assert!(agent.sticky.iter().all(serves), "rule 10: {number} serves who waits for them");
            assert!(
                agent.record.state != AgentState::Offline || agent.chats.is_empty(),
                "rule 8: nothing stays with {number} who is offline"
            );
            assert!(
                agent.record.state != AgentState::LastCall || !agent.chats.is_empty(),
                "a last call ends with the last chat"
            );
        }
        let mut pooled: Vec<_> =
            self.state.pool.keys().map(|(policy, set, key)| (key.agent, policy, set, key)).collect();
        pooled.sort_unstable_by_key(|(agent, policy, ..)| (*agent, *policy));
        let agents = self.state.agents.iter();
        let expected: Vec<_> = agents
            .flat_map(|(number, agent)| {
                agent.pool_keys.iter().map(move |(policy, key)| (number, *policy, &agent.set, *key))
            })
            .collect();
        assert_eq!(pooled, expected, "the pool is exact");
        for (number, agent) in self.state.agents.iter() {
            assert!(agent.set.iter().eq(&agent.record.categories), "{number} is pooled by their categories");
            assert_eq!(agent.serves, self.lines_served(number), "the lines that {number} serves are known");
            assert_eq!(agent.availability, agent.availability_now(), "{number} counts as what they are");
        }
        let counts = |serves: &dyn Fn(&Agent) -> bool| {
            let mut counts = Counts::default();
            for agent in self.state.agents.values().filter(|agent| serves(agent)) {
                counts.shift(Availability::Out, agent.availability);
            }
            counts
        };
        assert_eq!(self.state.pool.total(), counts(&|_| true), "all agents are counted");
        for number in self.state.categories.keys() {
            let serves = |agent: &Agent| agent.record.categories.contains(&number);
            assert_eq!(self.state.pool.counts(number), counts(&serves), "the agents of {number} are counted");
        }
        let in_use: Few<_> =
            self.state.categories.values().map(|it| it.policy).chain([self.policies.desk_ix()]).collect();
        assert_eq!(self.state.policies, in_use, "the policies in use are known");
    }

    /// Rule 3: no ready chat waits while an eligible agent has room. The named holds: a cool-down; what keeps a
    /// chat from being ready (grace, silence, a sticky wait) or an agent from having room (the breathing gap).
    fn check_work_conserving(&self) {
        for (spot, chat, ready) in self.state.lines.iter() {
            if ready {
                let best = self.best_agent(chat);
                assert!(best.is_none(), "rule 3: {chat} of {} waits while {best:?} has room", spot.category);
            }
            let state = &self.state.chats[&chat];
            if let Some(agent) = state.sticky.filter(|_| state.can_be_served()) {
                assert!(!self.state.agents[&agent].has_room(), "rule 3: {chat} waits for {agent} who has room");
            }
        }
    }

    /// Lines are in the policy's order, ready means connected, and places count those ahead (rule 12).
    fn check_lines(&self) {
        let mut order: BTreeMap<CategoryId, Vec<(LineKey, ChatId, Spot)>> = BTreeMap::new();
        for (spot, chat, ready) in self.state.lines.iter() {
            let state = &self.state.chats[&chat];
            assert_eq!(state.spot, Some(spot), "a chat knows its place");
            let policy = self.policies.get(self.policy_of(spot.category));
            assert_eq!(spot.key, indexes::line_key(&**policy, &state.record), "keys come from stored facts");
            assert_eq!(spot.category, state.record.category, "a line is of one category");
            assert_eq!(spot.stage, state.record.overflow, "a line is of one stage");
            let served = state.customer_is_there() && !state.record.parked && state.sticky.is_none();
            assert_eq!(ready, served, "rule 12: only who is there and not held back is served");
            order.entry(spot.category).or_default().push((spot.key, chat, spot));
        }
        for (category, mut chats) in order {
            chats.sort_unstable_by_key(|(key, chat, _)| (*key, *chat));
            for (ahead, (_, chat, spot)) in (0..).zip(&chats) {
                assert_eq!(self.state.lines.ahead(*spot, *chat), ahead, "rule 12: place is exact");
            }
            assert_eq!(self.state.lines.waiting(category), chats.len() as u64, "waiting is counted");
        }
    }

    /// Sessions, subscriptions and who they belong to.
    fn check_people(&self) {
        for (number, session) in self.state.sessions.iter() {
            match &session.principal {
                Principal::Customer { customer, .. } => {
                    let owner = self.state.customers.at(session.owner).expect("a session has its customer");
                    assert_eq!(self.state.customers.get(customer), Some(owner), "a session knows whose it is");
                    assert!(owner.sessions.contains(&number), "a customer lists sessions");
                }
                Principal::Agent { agent, .. } => {
                    assert!(self.state.agents[agent].sessions.contains(&number), "an agent lists sessions");
                    assert!(self.state.staff.contains(&number), "staff lists sessions");
                }
            }
            for chat in &session.subscriptions {
                let follows = super::Action::Subscribe;
                let may = match (self.state.chats.get(chat), self.state.team_chats.get(chat)) {
                    (Some(followed), None) => super::may(&session.principal, follows, &followed.record),
                    (None, Some(team)) => super::may_in_team(&session.principal, follows, &team.record),
                    (Some(_), Some(_)) | (None, None) => false,
                };
                assert!(may, "rule 9: nobody follows a chat that is not theirs");
            }
        }
        let listed: usize = self.state.customers.values().map(|it| it.sessions.len()).sum();
        assert_eq!(listed + self.state.staff.len(), self.state.sessions.len(), "every session is somebody's");
        assert!(self.state.customers.in_step(), "every row is a customer's");
        for customer in self.state.customers.values() {
            assert!(!customer.sessions.is_empty() || !customer.chats.is_empty(), "who is gone is forgotten");
        }
    }

    /// Rule 15: timers know whose turn it is.
    fn check_turns(&self) {
        for (number, chat) in self.state.chats.iter() {
            let record = &chat.record;
            let silent = silence::turn(record) == Turn::Customer;
            assert_eq!(chat.silence.is_some(), silent, "rule 15: {number} waits for its customer");
            assert!(chat.silence.is_none_or(|it| it.since <= self.state.now), "rule 15: no silence from the future");
            assert!(chat.waits_since <= self.state.now, "B15: no wait from the future");
        }
    }

    /// Rule 11: hours are as of now; the lobby is exact; who is in it knows what is true or is about to be told.
    fn check_availability(&self) {
        for (number, category) in self.state.categories.iter() {
            let hours = category.record.settings.hours.as_ref().map(|hours| hours.at(self.state.now));
            assert_eq!(category.hours, hours, "rule 11: {number} is open or closed as of now");
        }
        let lobby = &self.state.lobby;
        for session in self.state.sessions.keys() {
            assert_eq!(
                lobby.sessions.contains_key(&session),
                self.is_in_lobby(session),
                "rule 11: {session} in the lobby"
            );
        }
        assert!(
            lobby.sessions.keys().all(|it| self.state.sessions.contains_key(&it)),
            "rule 11: the lobby is of sessions"
        );
        assert!(lobby.untold.keys().all(|it| lobby.sessions.contains_key(&it)), "rule 11: who is to be told is there");
    }

    /// True when somebody in the lobby may believe what is not so.
    fn lobby_is_behind(&self) -> bool {
        let lobby = &self.state.lobby;
        let stale = |category| lobby.told.get(&category) != Some(&self.availability(category));
        let told = lobby.sessions.len() > lobby.untold.len();
        !lobby.untold.is_empty() || told && self.state.categories.keys().any(stale)
    }

    /// Every deadline belongs to something that waits for it, and the other way round.
    fn check_deadlines(&self) {
        let mut expected = BTreeSet::new();
        for (number, agent) in self.state.agents.iter() {
            expected.extend(agent.grace_until.map(|at| (at, Timer::AgentGrace(number))));
            let needed = agent.sessions.is_empty() && agent.takes_part();
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
        for (number, category) in self.state.categories.iter() {
            expected.extend(category.push_at.map(|at| (at, Timer::PlacePush(number))));
        }
        expected.extend(self.state.agents_push_at.map(|at| (at, Timer::AgentsPush)));
        expected.extend(self.state.lobby.push_at.map(|at| (at, Timer::AvailabilityPush)));
        let (found, known): (Vec<_>, Vec<_>) = self.state.deadlines.iter().partition(|(_, timer)| is_found(*timer));
        assert_eq!(known.into_iter().collect::<BTreeSet<_>>(), expected, "deadlines are exact");
        let found: BTreeSet<_> = found
            .into_iter()
            .map(|(at, timer)| {
                assert_eq!(
                    self.state.deadlines.of(timer),
                    Some(at),
                    "a timer that is found by itself has one deadline"
                );
                timer
            })
            .collect();
        assert_eq!(found, self.timers_needed(), "timers run exactly when they must");
    }

    /// The timers that are found by themselves and must run now.
    fn timers_needed(&self) -> BTreeSet<Timer> {
        let mut needed = BTreeSet::new();
        for (number, agent) in self.state.agents.iter() {
            needed.extend(agent.wrap_ups.iter().map(|chat| Timer::WrapUp(number, *chat)));
            needed.extend(agent.cooling.iter().map(|chat| Timer::Cooled(number, *chat)));
            needed.extend(agent.resting.then_some(Timer::Rested(number)));
        }
        for (number, chat) in self.state.chats.iter() {
            let record = &chat.record;
            let asked = record.offered_to().is_some() || record.transfer_to.is_some();
            needed.extend(asked.then_some(Timer::Offer(number)));
            needed.extend(chat.sticky.map(|_| Timer::Sticky(number)));
            let types = chat.company.as_ref().is_some_and(|company| !company.typing.is_empty());
            needed.extend(types.then_some(Timer::Typing(number)));
            let settings = &self.state.categories[&record.category].record.settings;
            match silence::turn(record) {
                Turn::FirstReply => {
                    needed.extend(self.settings.first_reply_within.map(|_| Timer::FirstReply(number)));
                }
                Turn::Customer => {
                    let stages = silence::stages(&self.settings).len();
                    let more = chat.silence.is_some_and(|it| it.stages_over < stages);
                    needed.extend(more.then_some(Timer::Silence(number)));
                }
                Turn::Nobody => {}
            }
            if chat.spot.is_some() {
                let stages = settings.overflow.len();
                needed.extend((usize::from(record.overflow) < stages).then_some(Timer::Overflow(number)));
                needed.extend(settings.max_wait.map(|_| Timer::MaxWait(number)));
            }
        }
        for (number, category) in self.state.categories.iter() {
            needed.extend(category.hours.and_then(HoursState::until).map(|_| Timer::Hours(number)));
        }
        // A push may find that nothing changed after all.
        let push = self.state.lobby.push_at.is_some();
        assert!(push || !self.lobby_is_behind(), "rule 11: what changed is told");
        assert!(!push || !self.state.lobby.sessions.is_empty(), "rule 11: nobody is told nothing");
        needed
    }
}

/// True for timers that the table of deadlines finds by themselves.
const fn is_found(timer: Timer) -> bool {
    match timer {
        Timer::AgentGrace(_)
        | Timer::CustomerGrace(_)
        | Timer::CloseChat(_)
        | Timer::AvailabilityPush
        | Timer::PlacePush(_)
        | Timer::AgentsPush => false,
        Timer::Offer(_)
        | Timer::Overflow(_)
        | Timer::MaxWait(_)
        | Timer::Sticky(_)
        | Timer::FirstReply(_)
        | Timer::Silence(_)
        | Timer::WrapUp(..)
        | Timer::Rested(_)
        | Timer::Cooled(..)
        | Timer::Typing(_)
        | Timer::Hours(_) => true,
    }
}
