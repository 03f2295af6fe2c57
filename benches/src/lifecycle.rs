use std::collections::VecDeque;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use chatter_core::desk::{Answer, Change, Desk, DeskSettings, Input, Outcome};
use chatter_core::policy::LongestWait;
use chatter_core::protocol::{Command, JoinQueue};
use chatter_core::{
    AgentId, AgentState, CategoryId, CategoryRecord, ChatId, CustomerId, Fact, Name, Principal, SessionId, Snapshot,
    Time,
};

const START: Time = Time(1_767_225_600_000_000);
/// Between two customers: three seconds, as with ten agents, chats of 27 seconds and 0.9 of their time taken.
const BETWEEN: Duration = Duration::from_secs(3);
const CATEGORY: CategoryId = CategoryId(1);
/// Telling places and numbers once a second is work for every second that passes, not for a customer.
const BETWEEN_PUSHES: Duration = Duration::from_secs(1_000_000_000);
/// Short, since a resolved chat is of no use to whoever simulates; not zero, so that the deadline is measured too.
const CLOSE_AFTER: Duration = Duration::from_millis(1);

/// A small desk in a steady state: one customer after another connects, joins the queue, is served in their turn, has
/// their chat ended by the agent and leaves.
#[derive(Debug)]
pub struct Lifecycle {
    desk: Desk,
    now: Time,
    agents: u64,
    /// How many have come.
    customers: u64,
    name: Name,
    /// Who holds which chat, the longest first.
    held: VecDeque<(AgentId, ChatId)>,
    served: u64,
}

impl Lifecycle {
    /// A desk with so many agents of one chat each, all busy, and so many customers who wait.
    ///
    /// # Panics
    /// Without agents.
    #[must_use]
    pub fn new(agents: u64, waiting: u64) -> Self {
        assert!(agents > 0, "somebody serves");
        let settings = DeskSettings {
            push_interval: BETWEEN_PUSHES,
            close_after: CLOSE_AFTER,
            first_reply_within: None,
            park_after: None,
            ..DeskSettings::default()
        };
        let desk = Desk::restore(Snapshot::default(), START, settings, Arc::new(LongestWait)).silent();
        let name = Name::new("Somebody").expect("a good name");
        let mut it = Self { desk, now: START, agents, customers: 0, name, held: VecDeque::new(), served: 0 };
        it.tell(&Input::SetCategory(CategoryRecord::new(CATEGORY, it.name.clone())));
        for agent in (1..=agents).map(AgentId) {
            let name = it.name.clone();
            it.tell(&Input::SetAgent { agent, name, max_chats: 1, categories: [CATEGORY].into() });
            it.tell(&Input::OpenSession { session: SessionId(agent.0), principal: Principal::agent(agent) });
            it.tell(&ask(SessionId(agent.0), Command::SetAgentState { state: AgentState::Online }));
        }
        for _ in 0..agents + waiting {
            it.arrive();
        }
        it
    }

    /// Lets so many customers come, and as many be served and leave.
    pub fn run(&mut self, customers: u64) {
        for _ in 0..customers {
            self.arrive();
            self.end();
        }
    }

    /// How many chats the desk has that are not closed.
    #[must_use]
    pub fn open_chats(&self) -> usize {
        self.desk.open_chats()
    }

    /// How many chats were given to an agent.
    #[must_use]
    pub const fn served(&self) -> u64 {
        self.served
    }

    fn arrive(&mut self) {
        self.now = self.now + BETWEEN;
        self.customers += 1;
        let session = self.session_of(ChatId(self.customers));
        let principal = Principal::customer(CustomerId(u128::from(self.customers)));
        self.tell(&Input::OpenSession { session, principal });
        let join = JoinQueue::new(self.name.clone()).with_category(CATEGORY);
        self.tell(&ask(session, Command::JoinQueue(join)));
        // What a store would have taken; now and then, as the engine does by batches.
        if self.customers.is_multiple_of(64) {
            drop(black_box(self.desk.take_rows()));
        }
    }

    /// The agent who has had a chat the longest ends it, and its customer leaves.
    fn end(&mut self) {
        let Some((agent, chat)) = self.held.pop_front() else { return };
        self.tell(&ask(SessionId(agent.0), Command::EndChat { chat }));
        self.tell(&Input::CloseSession { session: self.session_of(chat) });
    }

    /// Each customer opens one session and then one chat, so both are counted alike, after the agents' sessions.
    const fn session_of(&self, chat: ChatId) -> SessionId {
        SessionId(self.agents + chat.0)
    }

    fn tell(&mut self, input: &Input) {
        let outcome = self.desk.handle(self.now, input);
        assert!(matches!(outcome.answer, Answer::Reply(_)), "refused: {outcome:?}");
        self.note(&outcome);
        self.desk.reuse(black_box(outcome));
    }

    fn note(&mut self, outcome: &Outcome) {
        for change in &outcome.changes {
            if let Change::Event(event, _) = change
                && let Fact::ChatAssigned { chat, agent, .. } = &event.fact
            {
                self.held.push_back((*agent, *chat));
                self.served += 1;
            }
        }
    }
}

fn ask(session: SessionId, command: Command) -> Input {
    Input::Ask { session, command, facts: None }
}

#[cfg(test)]
mod tests {
    use super::Lifecycle;

    #[test]
    fn everybody_is_served_in_turn_and_nothing_is_left_behind() {
        let mut lifecycle = Lifecycle::new(10, 9);
        assert_eq!(lifecycle.served(), 10);
        lifecycle.run(500);
        assert_eq!(lifecycle.served(), 510);
        // Those who are served, those who wait, and the one who was just served and is forgotten next.
        assert_eq!(lifecycle.open_chats(), 10 + 9 + 1);
    }
}
