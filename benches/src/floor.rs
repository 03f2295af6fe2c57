use std::hint::black_box;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chatter_core::desk::{Answer, Change, Desk, DeskSettings, Input, Outcome};
use chatter_core::policy::LongestWait;
use chatter_core::protocol::{Command, JoinQueue};
use chatter_core::{
    AgentId, AgentState, CategoryId, CategoryRecord, ChatId, CustomerId, Fact, Name, Principal, SessionId, Snapshot,
    Time,
};

const START: Time = Time(1_767_225_600_000_000);
/// Between two inputs.
const STEP: Duration = Duration::from_micros(1);
const BETWEEN_PUSHES: Duration = Duration::from_secs(3_600);

/// How big a floor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "what is measured")]
pub struct FloorSize {
    /// How many agents there are, each with one chat at most and three categories.
    pub agents: NonZeroUsize,
    /// How many categories there are.
    pub categories: u32,
    /// How many customers wait before the first is served.
    pub waiting: usize,
}

/// A desk with many agents, many categories and a crowd: goal P7's. Every agent who ends a chat is at once
/// given the longest waiting out of their categories, so that each end makes one assignment.
#[derive(Debug)]
pub struct Floor {
    desk: Desk,
    now: Time,
    /// What each agent holds; agent `n` has the session `n`.
    held: Vec<Option<ChatId>>,
    next: usize,
}

impl Floor {
    /// A floor of this size, on which every agent is busy.
    ///
    /// # Panics
    /// When there are no categories, or fewer customers wait than there are agents.
    #[must_use]
    pub fn new(size: FloorSize) -> Self {
        assert!(size.categories > 0 && size.waiting > size.agents.get(), "a floor that is busy");
        // Telling places is work for each who waits, whoever is assigned; here only assigning is measured.
        let settings = DeskSettings { push_interval: BETWEEN_PUSHES, ..DeskSettings::default() };
        let desk = Desk::restore(Snapshot::default(), START, settings, Arc::new(LongestWait));
        let mut floor = Self { desk, now: START, held: vec![None; size.agents.get()], next: 0 };
        for category in 1..=size.categories {
            let record = CategoryRecord::new(CategoryId(category), name("Category"));
            drop(floor.handle(&Input::SetCategory(record)));
        }
        for agent in 0..size.agents.get() as u64 {
            let categories = (0..3).map(|step| category(agent + step * 7, size.categories)).collect();
            let agent = AgentId(agent + 1);
            drop(floor.handle(&Input::SetAgent { agent, name: name("Agent"), max_chats: 1, categories }));
            drop(floor.handle(&Input::OpenSession { session: SessionId(agent.0), principal: Principal::agent(agent) }));
        }
        for customer in 0..size.waiting as u64 {
            let session = SessionId(size.agents.get() as u64 + 1 + customer);
            let principal =
                Principal::customer(CustomerId(u128::from(customer + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)));
            drop(floor.handle(&Input::OpenSession { session, principal }));
            let join = JoinQueue::new(name("Customer")).with_category(category(customer, size.categories));
            drop(floor.handle(&ask(session, Command::JoinQueue(join))));
            floor.forget_rows(customer);
        }
        for agent in 1..=size.agents.get() as u64 {
            let online = ask(SessionId(agent), Command::SetAgentState { state: AgentState::Online });
            let outcome = floor.handle(&online);
            floor.note(&outcome);
        }
        floor
    }

    /// Ends so many chats, each by the next agent, and returns how long it took and how many chats were
    /// assigned by that.
    pub fn serve(&mut self, chats: usize) -> (Duration, usize) {
        let mut took = Duration::ZERO;
        let mut assigned = 0;
        for number in 0..chats {
            let agent = self.next;
            self.next = (agent + 1) % self.held.len();
            let Some(chat) = self.held[agent].take() else { continue };
            let end = ask(SessionId(agent as u64 + 1), Command::EndChat { chat });
            let start = Instant::now();
            let outcome = self.handle(&end);
            took += start.elapsed();
            assigned += self.note(&outcome);
            self.forget_rows(number as u64);
        }
        (took, assigned)
    }

    fn handle(&mut self, input: &Input) -> Outcome {
        self.now = self.now + STEP;
        let outcome = self.desk.handle(self.now, input);
        assert!(matches!(outcome.answer, Answer::Reply(_)), "refused: {outcome:?}");
        outcome
    }

    /// What a store would have taken; now and then, as the engine does by batches.
    fn forget_rows(&mut self, number: u64) {
        if number.is_multiple_of(256) {
            drop(black_box(self.desk.take_rows()));
        }
    }

    /// Remembers who was given what; returns how many were.
    fn note(&mut self, outcome: &Outcome) -> usize {
        let mut assigned = 0;
        for change in &outcome.changes {
            if let Change::Event(event, _) = change
                && let Fact::ChatAssigned { chat, agent, .. } = &event.fact
            {
                self.held[agent.0 as usize - 1] = Some(*chat);
                assigned += 1;
            }
        }
        assigned
    }
}

fn category(number: u64, categories: u32) -> CategoryId {
    CategoryId(u32::try_from(number % u64::from(categories)).expect("below the number of categories") + 1)
}

fn name(text: &str) -> Name {
    Name::new(text).expect("a good name")
}

fn ask(session: SessionId, command: Command) -> Input {
    Input::Ask { session, command, facts: None }
}

#[cfg(test)]
mod tests {
    use super::{Floor, FloorSize};

    #[test]
    fn each_end_makes_an_assignment() {
        let agents = 20.try_into().expect("not zero");
        let mut floor = Floor::new(FloorSize { agents, categories: 10, waiting: 500 });
        let (_, assigned) = floor.serve(300);
        assert_eq!(assigned, 300);
    }
}
