//! A policy of one's own: written outside the core, tried on a bare desk beside the default, then given to
//! an engine.
//!
//! `cargo run -p chatter-examples --bin custom_policy`

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use chatter_core::desk::{Answer, Change, Desk, DeskSettings, Input};
use chatter_core::engine::Engine;
use chatter_core::policy::{AgentFacts, AgentRank, AssignmentPolicy, ChatFacts, LineKey, LongestWait};
use chatter_core::protocol::{Command, JoinQueue};
use chatter_core::{
    AgentId, AgentState, CategoryId, CategoryRecord, ChatId, CustomerId, Fact, MemoryStore, Name, Principal, SessionId,
    Snapshot, Time,
};

/// Whoever came last is served first (those before may have given up already), by the agent who has been
/// without a new chat for longest.
#[derive(Debug)]
struct NewestFirst;

impl AssignmentPolicy for NewestFirst {
    fn name(&self) -> &str {
        "newest-first"
    }

    fn line_key(&self, chat: &ChatFacts) -> LineKey {
        let arrived = i64::try_from(chat.arrived_at.0).unwrap_or(i64::MAX);
        LineKey { level: 0, key: -arrived }
    }

    fn agent_rank(&self, agent: &AgentFacts) -> AgentRank {
        AgentRank::value(agent.last_assigned_at.0)
    }
}

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "an example shows what it does")]
async fn main() -> Result<(), Box<dyn Error>> {
    println!("longest-wait: {}", a_morning(Arc::new(LongestWait))?.join(", "));
    println!("newest-first: {}", a_morning(Arc::new(NewestFirst))?.join(", "));

    let engine = Engine::builder(Arc::new(MemoryStore::new())).policy(Arc::new(NewestFirst)).start().await?;
    engine.stop().await;
    Ok(())
}

/// Plays one morning on a desk with this policy, and tells who was served by whom.
fn a_morning(policy: Arc<dyn AssignmentPolicy>) -> Result<Vec<String>, Box<dyn Error>> {
    let mut trial = Trial::new(policy)?;
    for (minute, customer) in [(0, "Zoe"), (1, "Max"), (2, "Ida")] {
        trial.customer_joins(minute, customer)?;
    }
    trial.agent_comes(5, "Ada")?;
    trial.agent_comes(6, "Bob")?;
    trial.customer_joins(7, "Kim")?;
    trial.agent_ends(8, "Bob", "Kim")?;
    // Now Bob has no chat, but Ada was given her last one before Bob was given his.
    trial.customer_joins(9, "Lea")?;
    Ok(trial.served)
}

/// A desk without an engine: it needs no clock, store or runtime, so a policy is tried in a few lines.
struct Trial {
    desk: Desk,
    sessions: BTreeMap<&'static str, SessionId>,
    chats: BTreeMap<ChatId, &'static str>,
    served: Vec<String>,
}

const CATEGORY: CategoryId = CategoryId(1);
const AGENTS: [(AgentId, &str); 2] = [(AgentId(1), "Ada"), (AgentId(2), "Bob")];

impl Trial {
    fn new(policy: Arc<dyn AssignmentPolicy>) -> Result<Self, Box<dyn Error>> {
        // Nobody writes a word in this trial, which an agent must within three minutes unless this is switched off.
        let settings = DeskSettings { first_reply_within: None, ..DeskSettings::default() };
        let desk = Desk::restore(Snapshot::default(), Time(0), settings, policy);
        let mut trial = Self { desk, sessions: BTreeMap::new(), chats: BTreeMap::new(), served: Vec::new() };
        trial.tell(0, &Input::SetCategory(CategoryRecord::new(CATEGORY, Name::new("General")?)))?;
        for (agent, name) in AGENTS {
            let name = Name::new(name)?;
            trial.tell(0, &Input::SetAgent { agent, name, max_chats: 4, categories: [CATEGORY].into() })?;
        }
        Ok(trial)
    }

    fn customer_joins(&mut self, minute: u64, name: &'static str) -> Result<(), Box<dyn Error>> {
        let customer = CustomerId(self.sessions.len() as u128);
        let session = self.connect(minute, name, Principal::customer(customer))?;
        let command = Command::JoinQueue(JoinQueue::new(Name::new(name)?));
        self.tell(minute, &Input::Ask { session, command, facts: None })
    }

    fn agent_comes(&mut self, minute: u64, name: &'static str) -> Result<(), Box<dyn Error>> {
        let (agent, _) = AGENTS.into_iter().find(|(_, known)| *known == name).ok_or("no such agent")?;
        let session = self.connect(minute, name, Principal::agent(agent))?;
        let command = Command::SetAgentState { state: AgentState::Online };
        self.tell(minute, &Input::Ask { session, command, facts: None })
    }

    fn agent_ends(&mut self, minute: u64, agent: &str, customer: &str) -> Result<(), Box<dyn Error>> {
        let chat = self.chats.iter().find(|(_, name)| **name == customer).ok_or("no such chat")?;
        let command = Command::EndChat { chat: *chat.0 };
        self.tell(minute, &Input::Ask { session: self.sessions[agent], command, facts: None })
    }

    fn connect(&mut self, minute: u64, name: &'static str, principal: Principal) -> Result<SessionId, Box<dyn Error>> {
        let session = SessionId(self.sessions.len() as u64 + 1);
        self.sessions.insert(name, session);
        self.tell(minute, &Input::OpenSession { session, principal })?;
        Ok(session)
    }

    /// Hands an input to the desk and notes what it decided.
    fn tell(&mut self, minute: u64, input: &Input) -> Result<(), Box<dyn Error>> {
        let now = Time(0) + Duration::from_secs(60 * minute);
        let outcome = self.desk.handle(now, input);
        if let Answer::Refused(refusal) = outcome.answer {
            return Err(refusal.into());
        }
        for change in outcome.changes {
            let Change::Event(event, _) = change else { continue };
            if let Fact::ChatOpened { chat, customer, .. } = event.fact {
                let joined = usize::try_from(customer.0)?;
                let name = self.sessions.iter().find(|(_, session)| session.0 == joined as u64 + 1);
                self.chats.insert(chat, name.ok_or("nobody joined")?.0);
            } else if let Fact::ChatAssigned { chat, agent, .. } = event.fact {
                let name = AGENTS.into_iter().find(|(known, _)| *known == agent).ok_or("no such agent")?.1;
                self.served.push(format!("{} by {name}", self.chats[&chat]));
            }
        }
        Ok(())
    }
}
