//! The production desk with the people of a scenario before it: sessions, commands and virtual time, and nothing that
//! decides.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use chatter_core::desk::{Answer, Desk, DeskSettings, Input, Outcome};
use chatter_core::policy::{AssignmentPolicy, Policies};
use chatter_core::protocol::{Command, JoinQueue, SendMessage};
use chatter_core::{
    AgentId, AgentState, CategoryRecord, ChatId, ClientMsgId, CustomerId, Name, Principal, Priority, SessionId,
    Snapshot, Text, Time,
};
use serde::Serialize;

use super::RunError;
use crate::lab::policy;
use crate::lab::record::Micros;
use crate::lab::scenario::{Scenario, category_id};

/// Virtual time 0 as the desk sees it; any will do that is far from 0.
const START: u64 = 1_767_225_600_000_000;

/// The desk.
#[derive(Debug)]
pub(super) struct Front {
    desk: Desk,
    sessions: u64,
    /// Connections whose customers have gone: their chats are closed as they end.
    idle: VecDeque<SessionId>,
    supervisor: SessionId,
    name: Name,
    text: Text,
    message: ClientMsgId,
    /// What the desk was asked, in the form in which a server records it.
    pub(super) asked: Option<Vec<u8>>,
}

impl Front {
    /// The desk of a scenario, with every agent connected and nobody online.
    pub(super) fn new(
        scenario: &Scenario,
        policy: &Arc<dyn AssignmentPolicy>,
        recorded: bool,
    ) -> Result<Self, RunError> {
        let mut policies = Policies::new(Arc::clone(policy));
        for category in &scenario.categories {
            if let Some(name) = &category.settings.policy
                && !policies.has(name.as_str())
            {
                policies = policies.with(policy::parse(name.as_str())?);
            }
        }
        // Nobody reads what the desk would tell, and nobody stores its rows; what it decides is the same.
        let desk = Desk::restore(Snapshot::default(), Time(START), scenario.desk.clone(), policies).unstored();
        let agents = u64::from(scenario.agents());
        let mut front = Self {
            desk,
            sessions: agents + 1,
            idle: VecDeque::new(),
            supervisor: SessionId(agents + 1),
            name: Name::new("Somebody").expect("a good name"),
            text: Text::new("Hello").expect("a good text"),
            message: ClientMsgId::new("1").expect("a good id"),
            asked: recorded.then(Vec::new),
        };
        front.note(&Line::Restored {
            now: Time(START),
            settings: &scenario.desk,
            policy: policy.name(),
            snapshot: &Snapshot::default(),
            sessions: [],
            refused: [],
        });
        front.open(scenario)?;
        Ok(front)
    }

    fn open(&mut self, scenario: &Scenario) -> Result<(), RunError> {
        let plain = |index: usize| {
            let category = &scenario.categories[index];
            let name = Name::new(&category.name).expect("names have been checked");
            let settings = category.settings.clone();
            CategoryRecord { category: category_id(index), name, settings }
        };
        // First without overflow: a stage names a category that must be there.
        for index in 0..scenario.categories.len() {
            let mut record = plain(index);
            record.settings.overflow.clear();
            drop(self.must(0, &Input::SetCategory(record), "a category")?);
        }
        for index in (0..scenario.categories.len()).filter(|it| !scenario.categories[*it].settings.overflow.is_empty())
        {
            drop(self.must(0, &Input::SetCategory(plain(index)), "an overflow")?);
        }
        let name = self.name.clone();
        for (agent, group) in scenario.group_of_agents().into_iter().enumerate() {
            let (agent, group) = (AgentId(agent as u64 + 1), &scenario.groups[group]);
            let categories = group.skills.iter().map(|skill| category_id(*skill)).collect();
            let set = Input::SetAgent { agent, name: name.clone(), max_chats: group.max_chats, categories };
            drop(self.must(0, &set, "an agent")?);
            let open = Input::OpenSession { session: SessionId(agent.0), principal: Principal::agent(agent) };
            drop(self.must(0, &open, "an agent's session")?);
        }
        let supervisor = AgentId(self.supervisor.0);
        let categories = std::iter::once(category_id(0)).collect();
        drop(self.must(0, &Input::SetAgent { agent: supervisor, name, max_chats: 1, categories }, "a supervisor")?);
        let open = Input::OpenSession { session: self.supervisor, principal: Principal::supervisor(supervisor) };
        drop(self.must(0, &open, "a supervisor's session")?);
        Ok(())
    }

    /// An outcome is done with.
    pub(super) fn done(&mut self, outcome: Outcome) {
        self.desk.reuse(outcome);
    }

    /// When the desk next does something by itself.
    pub(super) fn next(&self) -> Option<Micros> {
        self.desk.poll_timeout().map(|at| at.0.saturating_sub(START))
    }

    /// The desk does what is due.
    pub(super) fn due(&mut self, now: Micros) -> Outcome {
        self.note(&Line::Due { now: Time(START + now) });
        self.desk.handle_timeout(Time(START + now))
    }

    /// A connection for a customer who comes: one that an earlier customer has left, or a new one with what it led to.
    /// Who somebody is matters to no decision here, since nobody prefers an agent they had.
    pub(super) fn connect(&mut self, now: Micros) -> Result<(SessionId, Option<Outcome>), RunError> {
        if let Some(session) = self.idle.pop_front() {
            return Ok((session, None));
        }
        self.sessions += 1;
        let session = SessionId(self.sessions);
        // Spread as random ids are.
        let customer = CustomerId(u128::from(self.sessions).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835));
        let outcome =
            self.must(now, &Input::OpenSession { session, principal: Principal::customer(customer) }, "come")?;
        Ok((session, Some(outcome)))
    }

    /// A customer has gone; the connection may serve another.
    pub(super) fn leave(&mut self, session: SessionId) {
        self.idle.push_back(session);
    }

    /// A customer joins a category; may be refused.
    pub(super) fn join(&mut self, now: Micros, session: SessionId, category: usize) -> Outcome {
        let join = JoinQueue::new(self.name.clone()).with_category(category_id(category));
        self.give(now, &ask(session, Command::JoinQueue(join)))
    }

    /// A supervisor sets a priority, 0 the lowest.
    pub(super) fn prioritise(&mut self, now: Micros, chat: u64, priority: u8) -> Result<Outcome, RunError> {
        let priority = match priority {
            0 => Priority::Low,
            1 => Priority::Medium,
            2 => Priority::High,
            _ => Priority::Urgent,
        };
        let command = Command::SetPriority { chat: ChatId(chat), priority };
        self.must(now, &ask(self.supervisor, command), "a priority")
    }

    /// Somebody ends a chat, or leaves the queue.
    pub(super) fn end(&mut self, now: Micros, session: SessionId, chat: u64) -> Result<Outcome, RunError> {
        self.must(now, &ask(session, Command::EndChat { chat: ChatId(chat) }), "end a chat")
    }

    /// An agent answers an offer.
    pub(super) fn answer(&mut self, now: Micros, agent: u32, chat: u64, accepts: bool) -> Result<Outcome, RunError> {
        let chat = ChatId(chat);
        let command =
            if accepts { Command::AcceptOffer { chat } } else { Command::DeclineOffer { chat, reason: None } };
        self.must(now, &ask(agent_session(agent), command), "answer an offer")
    }

    /// Somebody writes.
    pub(super) fn say(&mut self, now: Micros, session: SessionId, chat: u64) -> Result<Outcome, RunError> {
        let message = SendMessage::new(ChatId(chat), self.message.clone(), self.text.clone());
        self.must(now, &ask(session, Command::SendMessage(message)), "write")
    }

    /// An agent says whether they take chats.
    pub(super) fn declare(&mut self, now: Micros, agent: u32, state: AgentState) -> Result<Outcome, RunError> {
        self.must(now, &ask(agent_session(agent), Command::SetAgentState { state }), "change state")
    }

    fn must(&mut self, now: Micros, input: &Input, what: &'static str) -> Result<Outcome, RunError> {
        let outcome = self.give(now, input);
        match &outcome.answer {
            Answer::Reply(_) => Ok(outcome),
            Answer::Refused(refusal) => Err(RunError::Refused { what, at: now, refusal: format!("{refusal:?}") }),
            Answer::Lookup(lookup) => Err(RunError::Refused { what, at: now, refusal: format!("{lookup:?}") }),
        }
    }

    fn give(&mut self, now: Micros, input: &Input) -> Outcome {
        self.note(&Line::Input { now: Time(START + now), of: input });
        self.desk.handle(Time(START + now), input)
    }

    fn note(&mut self, line: &Line<'_>) {
        if let Some(asked) = &mut self.asked {
            serde_json::to_writer(&mut *asked, line).expect("memory takes it");
            asked.push(b'\n');
        }
    }
}

/// A line of a record, as [`chatter_core::engine::replay`] reads it.
#[derive(Serialize)]
#[serde(tag = "line", rename_all = "snake_case")]
enum Line<'a> {
    Restored {
        now: Time,
        settings: &'a DeskSettings,
        policy: &'a str,
        snapshot: &'a Snapshot,
        sessions: [(); 0],
        refused: [(); 0],
    },
    Input {
        now: Time,
        of: &'a Input,
    },
    Due {
        now: Time,
    },
}

/// The virtual time of an event.
pub(super) const fn at(time: Time) -> Micros {
    time.0.saturating_sub(START)
}

/// The session of an agent.
pub(super) const fn agent_session(agent: u32) -> SessionId {
    SessionId(agent as u64 + 1)
}

/// Whole microseconds of a setting.
pub(super) fn micros(duration: Duration) -> Micros {
    Micros::try_from(duration.as_micros()).unwrap_or(Micros::MAX)
}

fn ask(session: SessionId, command: Command) -> Input {
    Input::Ask { session, command, facts: None }
}
