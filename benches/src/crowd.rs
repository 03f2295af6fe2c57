use std::collections::VecDeque;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chatter_core::desk::{Answer, Change, Desk, DeskSettings, Input, Outcome};
use chatter_core::policy::{AssignmentPolicy, LongestWait};
use chatter_core::protocol::{Command, JoinQueue};
use chatter_core::{
    AgentId, AgentState, CategoryId, CategoryRecord, ChatId, CustomerId, Fact, Name, Principal, SessionId, Snapshot,
    Time,
};

/// How many operations of a kind are timed together, so that reading the clock costs nothing; also how
/// many agents there are.
pub const BATCH: usize = 64;

const CATEGORIES: u32 = 4;
/// Between a customer's chat being ended and its being forgotten, so that the crowd stays as it is.
const CLOSE_AFTER: Duration = Duration::from_millis(1);
const TICK: Duration = Duration::from_millis(2);
/// Between two inputs: no two arrivals tie.
const STEP: Duration = Duration::from_micros(1);

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "what is measured")]
pub enum Operation {
    /// A customer joins the queue.
    Join,
    /// A customer who has just joined asks for the place in line.
    Place,
    /// Any customer of the crowd asks for it. With a large crowd nothing that is needed lies in the
    /// processor's caches, so this shows what memory costs rather than what the desk does.
    PlaceOfAny,
    /// An agent who takes no chats ends one.
    End,
    /// An agent takes chats again and is given the longest waiting.
    Assign,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Join, Self::Place, Self::PlaceOfAny, Self::End, Self::Assign];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Join => "join",
            Self::Place => "place",
            Self::PlaceOfAny => "place_of_any",
            Self::End => "end",
            Self::Assign => "assign",
        }
    }
}

/// What [`BATCH`] operations came to.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "what is measured")]
pub struct Batch {
    /// How long they took.
    pub took: Duration,
    /// How many changes and effects they had: none should depend on how many wait.
    pub consequences: usize,
}

#[derive(Clone, Copy, Debug)]
struct Customer {
    session: SessionId,
    chat: ChatId,
}

/// A desk with a crowd waiting before it, always of one size: whoever joins makes room for one who is
/// served, has ended and is forgotten.
#[derive(Debug)]
pub struct Crowd {
    desk: Desk,
    now: Time,
    next: u64,
    waiting: VecDeque<Customer>,
    /// Whom each agent holds; agent `n` has the session `n` and is away between cycles.
    held: Vec<Customer>,
    picked: usize,
}

impl Crowd {
    /// A crowd of this size before [`BATCH`] agents, each with one chat.
    #[must_use]
    pub fn new(size: usize) -> Self {
        Self::served_by(size, Arc::new(LongestWait))
    }

    /// The same under another policy that serves equal customers in the order of coming.
    #[must_use]
    pub fn served_by(size: usize, policy: Arc<dyn AssignmentPolicy>) -> Self {
        let settings = DeskSettings { close_after: CLOSE_AFTER, ..DeskSettings::default() };
        let now = Time(1_767_225_600_000_000);
        let desk = Desk::restore(Snapshot::default(), now, settings, policy);
        let mut crowd = Self { desk, now, next: BATCH as u64, waiting: VecDeque::new(), held: Vec::new(), picked: 0 };
        for category in 1..=CATEGORIES {
            crowd.done(&Input::SetCategory(CategoryRecord::new(CategoryId(category), name("Category"))));
        }
        for agent in Self::agents() {
            let categories = (1..=CATEGORIES).map(CategoryId).collect();
            crowd.done(&Input::SetAgent { agent, name: name("Agent"), max_chats: 1, categories });
            crowd.done(&Input::OpenSession { session: SessionId(agent.0), principal: Principal::agent(agent) });
        }
        for _ in 0..size + BATCH {
            let session = crowd.come();
            let outcome = crowd.handle(&join(session));
            crowd.waiting.push_back(Customer { session, chat: opened(&outcome) });
        }
        for agent in Self::agents() {
            let outcome = crowd.handle(&state(agent, AgentState::Online));
            crowd.serve(&outcome);
            crowd.done(&state(agent, AgentState::Away));
        }
        crowd.desk.take_rows();
        assert_eq!(crowd.waiting.len(), size, "the crowd has its size");
        crowd
    }

    /// Does [`BATCH`] of each operation and tells about the batch of this one.
    ///
    /// # Panics
    /// When the desk refuses anything: then nothing sensible is measured.
    pub fn cycle(&mut self, operation: Operation) -> Batch {
        self.tick();
        let sessions: Vec<_> = (0..BATCH).map(|_| self.come()).collect();
        let joins: Vec<_> = sessions.iter().map(|session| join(*session)).collect();
        let (joined, outcomes) = self.timed(&joins);
        let opened =
            sessions.iter().zip(&outcomes).map(|(session, it)| Customer { session: *session, chat: opened(it) });
        self.waiting.extend(opened);

        let last: Vec<_> = self.waiting.range(self.waiting.len() - BATCH..).copied().collect();
        let (placed, _) = self.timed(&last.into_iter().map(place).collect::<Vec<_>>());
        let any: Vec<_> = (0..BATCH).map(|_| self.pick()).collect();
        let (placed_any, _) = self.timed(&any.into_iter().map(place).collect::<Vec<_>>());

        let left = std::mem::take(&mut self.held);
        let ends: Vec<_> = Self::agents()
            .zip(&left)
            .map(|(agent, it)| ask(SessionId(agent.0), Command::EndChat { chat: it.chat }))
            .collect();
        let (ended, _) = self.timed(&ends);

        let online: Vec<_> = Self::agents().map(|agent| state(agent, AgentState::Online)).collect();
        let (assigned, outcomes) = self.timed(&online);
        outcomes.iter().for_each(|outcome| self.serve(outcome));

        for agent in Self::agents() {
            self.done(&state(agent, AgentState::Away));
        }
        for customer in left {
            self.done(&Input::CloseSession { session: customer.session });
        }
        self.tick();
        match operation {
            Operation::Join => joined,
            Operation::Place => placed,
            Operation::PlaceOfAny => placed_any,
            Operation::End => ended,
            Operation::Assign => assigned,
        }
    }

    /// How many wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// How many chats the desk has that are not closed.
    #[must_use]
    pub fn open_chats(&self) -> usize {
        self.desk.open_chats()
    }

    fn agents() -> impl Iterator<Item = AgentId> {
        (1..=BATCH as u64).map(AgentId)
    }

    /// Lets time pass, so that what is due by the clock is not counted to an operation.
    fn tick(&mut self) {
        self.now = self.now + TICK;
        drop(black_box(self.desk.handle_timeout(self.now)));
        drop(black_box(self.desk.take_rows()));
    }

    /// A new customer connects.
    fn come(&mut self) -> SessionId {
        self.next += 1;
        let session = SessionId(self.next);
        let principal = Principal::customer(CustomerId(u128::from(self.next).wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        self.done(&Input::OpenSession { session, principal });
        session
    }

    /// Someone of the crowd, far from whoever was picked before.
    fn pick(&mut self) -> Customer {
        self.picked = (self.picked + 7_919 * 101) % self.waiting.len();
        self.waiting[self.picked]
    }

    fn timed(&mut self, inputs: &[Input]) -> (Batch, Vec<Outcome>) {
        let mut outcomes = Vec::with_capacity(inputs.len());
        let start = Instant::now();
        for input in inputs {
            self.now = self.now + STEP;
            outcomes.push(self.desk.handle(self.now, input));
        }
        let took = start.elapsed();
        assert!(outcomes.iter().all(|it| matches!(it.answer, Answer::Reply(_))), "refused: {outcomes:?}");
        let consequences = outcomes.iter().map(|it| it.changes.len() + it.effects.len()).sum();
        (Batch { took, consequences }, outcomes)
    }

    fn handle(&mut self, input: &Input) -> Outcome {
        self.now = self.now + STEP;
        let outcome = self.desk.handle(self.now, input);
        assert!(matches!(outcome.answer, Answer::Reply(_)), "refused: {outcome:?}");
        outcome
    }

    fn done(&mut self, input: &Input) {
        drop(self.handle(input));
    }

    /// Whoever was given to an agent waits no more; the longest waiting is, so the crowd is a queue.
    fn serve(&mut self, outcome: &Outcome) {
        let assigned =
            facts(outcome).find_map(|fact| if let Fact::ChatAssigned { chat, .. } = fact { Some(*chat) } else { None });
        let first = self.waiting.pop_front().expect("somebody waits");
        assert_eq!(assigned, Some(first.chat), "the longest waiting is served");
        self.held.push(first);
    }
}

fn facts(outcome: &Outcome) -> impl Iterator<Item = &Fact> {
    outcome.changes.iter().filter_map(|change| match change {
        Change::Event(event, _) => Some(&event.fact),
        Change::Signal(_) => None,
    })
}

fn opened(outcome: &Outcome) -> ChatId {
    let opened =
        facts(outcome).find_map(|fact| if let Fact::ChatOpened { chat, .. } = fact { Some(*chat) } else { None });
    opened.expect("joining opens a chat")
}

fn name(text: &str) -> Name {
    Name::new(text).expect("a good name")
}

fn ask(session: SessionId, command: Command) -> Input {
    Input::Ask { session, command, facts: None }
}

fn join(session: SessionId) -> Input {
    let category = CategoryId(u32::try_from(session.0 % u64::from(CATEGORIES)).expect("below four") + 1);
    ask(session, Command::JoinQueue(JoinQueue::new(name("Customer")).with_category(category)))
}

fn place(customer: Customer) -> Input {
    ask(customer.session, Command::QueueStatus { chat: customer.chat })
}

fn state(agent: AgentId, state: AgentState) -> Input {
    ask(SessionId(agent.0), Command::SetAgentState { state })
}

#[cfg(test)]
mod tests {
    use super::{BATCH, Crowd, Operation};

    #[test]
    fn the_crowd_keeps_its_size() {
        let mut crowd = Crowd::new(300);
        for operation in Operation::ALL.into_iter().cycle().take(40) {
            crowd.cycle(operation);
            assert_eq!(crowd.waiting(), 300);
            assert_eq!(crowd.open_chats(), 300 + BATCH);
        }
    }

    /// The cost of an operation is the work of the desk and what follows from it; this holds the second
    /// without a clock: nobody is told of something because many wait.
    #[test]
    fn what_follows_from_an_operation_does_not_depend_on_the_crowd() {
        let [few, many] = [100, 5_000].map(|size| {
            let mut crowd = Crowd::new(size);
            Operation::ALL.map(|operation| crowd.cycle(operation).consequences)
        });
        for ((operation, few), many) in Operation::ALL.into_iter().zip(few).zip(many) {
            match operation {
                // Whoever is told a place for the first time since it changed is remembered: once, or not.
                Operation::PlaceOfAny => assert!(many <= BATCH, "{operation:?}: {many}"),
                Operation::Join | Operation::Place | Operation::End | Operation::Assign => {
                    assert_eq!(few, many, "{operation:?}");
                }
            }
        }
    }
}
