//! People for tests of the engine: sessions within one process, frames as JSON, and what they may wait for.

use std::sync::Arc;
use std::time::Duration;

use chatter_core::engine::{AgentSettings, Engine, EngineBuilder};
use chatter_core::protocol::{Command, CustomerFrame, JoinQueue, SendMessage, StaffFrame};
use chatter_core::session::{Flow, Inbox, Session};
use chatter_core::testing::{FaultStore, Faults};
use chatter_core::{
    AgentId, AgentState, CategoryId, CategoryRecord, ChatId, ClientMsgId, CloseReason, CustomerId, HistoryId,
    MemoryStore, Name, Store, Text, Time, Weigh,
};
use serde_json::Value;

/// A wall time for tests that replay.
pub(crate) const START: Time = Time(1_700_000_000_000_000);
/// Longer than anything that is under way in a test takes; tests run on a paused clock, where it costs nothing.
const SOON: Duration = Duration::from_secs(20);

pub(crate) fn text(text: &str) -> Text {
    Text::new(text).unwrap()
}

pub(crate) fn id(id: &str) -> ClientMsgId {
    ClientMsgId::new(id).unwrap()
}

pub(crate) fn builder(store: Arc<dyn Store>) -> EngineBuilder {
    Engine::builder(store).wall_time(START)
}

/// A store that does as it is told, what tells it, and what it keeps.
pub(crate) fn faulty() -> (Arc<FaultStore<MemoryStore>>, Faults, MemoryStore) {
    let memory = MemoryStore::new();
    let store = Arc::new(FaultStore::new(Arc::new(memory.clone())));
    let faults = store.faults();
    (store, faults, memory)
}

/// Two categories, and two agents for the first of them.
pub(crate) async fn set_up(engine: &Engine) {
    engine.set_category(CategoryRecord::new(CategoryId(1), Name::new("General").unwrap())).await.unwrap();
    engine.set_category(CategoryRecord::new(CategoryId(2), Name::new("Sales").unwrap())).await.unwrap();
    for (agent, name) in [(1, "Ada"), (2, "Bob")] {
        let categories = vec![CategoryId(1)];
        let settings =
            AgentSettings { agent: AgentId(agent), name: Name::new(name).unwrap(), max_chats: 2, categories };
        engine.set_agent(settings).await.unwrap();
    }
}

/// Someone with one connection.
#[derive(Debug)]
pub(crate) struct Peer<F> {
    pub(crate) session: Session,
    pub(crate) inbox: Inbox<F>,
    /// What was seen and not asked for yet.
    seen: Vec<Value>,
}

pub(crate) type Customer = Peer<CustomerFrame>;
pub(crate) type Agent = Peer<StaffFrame>;

pub(crate) async fn customer(engine: &Engine, number: u128) -> Customer {
    let (session, inbox) = engine.connect_customer(CustomerId(number)).await.unwrap();
    Peer { session, inbox, seen: Vec::new() }
}

pub(crate) async fn agent(engine: &Engine, number: u64) -> Agent {
    let (session, inbox) = engine.connect_agent(AgentId(number)).await.unwrap();
    Peer { session, inbox, seen: Vec::new() }
}

/// An agent who takes chats.
pub(crate) async fn online_agent(engine: &Engine, number: u64) -> Agent {
    let mut agent = agent(engine, number).await;
    agent.ask(Command::SetAgentState { state: AgentState::Online }).await;
    agent.until("agent", |frame| frame["agent"]["state"] == "online").await;
    agent
}

/// Ada and Zoe in a chat, over a store that does as it is told.
pub(crate) async fn pair() -> (Engine, Faults, MemoryStore, Agent, Customer, ChatId) {
    let (store, faults, memory) = faulty();
    let engine = builder(store).start().await.unwrap();
    set_up(&engine).await;
    let mut ada = online_agent(&engine, 1).await;
    let mut zoe = customer(&engine, 1).await;
    let chat = zoe.join("Zoe").await;
    ada.subscribe(chat, None).await;
    ada.any("page").await;
    ada.drain().await;
    zoe.drain().await;
    (engine, faults, memory, ada, zoe, chat)
}

impl<F: Weigh + serde::Serialize> Peer<F> {
    pub(crate) async fn ask(&self, command: Command) {
        assert_eq!(self.session.receive(command).await, Flow::Continue);
    }

    pub(crate) async fn send(&self, chat: ChatId, client_msg_id: &str, words: &str) {
        let message = SendMessage::new(chat, id(client_msg_id), text(words));
        self.ask(Command::SendMessage(message)).await;
    }

    pub(crate) async fn subscribe(&self, chat: ChatId, position: Option<(HistoryId, u64)>) {
        let (history, after) = position.unzip();
        self.ask(Command::Subscribe { chat, history, after }).await;
    }

    /// The next frame, or why there is none any more; `None` when nothing comes.
    pub(crate) async fn next(&mut self) -> Option<Result<Value, CloseReason>> {
        if !self.seen.is_empty() {
            return Some(Ok(self.seen.remove(0)));
        }
        let next = tokio::time::timeout(SOON, self.inbox.next()).await.ok()?;
        Some(next.map(|frame| serde_json::from_str(frame.json()).unwrap()))
    }

    /// The first frame of this type that fits; those of other types before it are dropped.
    pub(crate) async fn until(&mut self, kind: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let mut passed = Vec::new();
        loop {
            match self.next().await {
                Some(Ok(frame)) if frame["type"] == kind && fits(&frame) => return frame,
                Some(Ok(frame)) => passed.push(frame),
                other => panic!("no {kind} came but {other:?}, after {passed:#?}"),
            }
        }
    }

    pub(crate) async fn any(&mut self, kind: &str) -> Value {
        self.until(kind, |_| true).await
    }

    /// Everything that has come and comes while nothing else happens.
    pub(crate) async fn drain(&mut self) -> Vec<Value> {
        let mut frames = Vec::new();
        while let Ok(next) = tokio::time::timeout(Duration::from_millis(1), self.inbox.next()).await {
            match next {
                Ok(frame) => frames.push(serde_json::from_str(frame.json()).unwrap()),
                Err(_) => break,
            }
        }
        frames
    }

    /// Why the connection was closed.
    pub(crate) async fn closed(&mut self) -> CloseReason {
        loop {
            match self.next().await {
                Some(Ok(_)) => {}
                Some(Err(reason)) => return reason,
                None => panic!("the connection stays open"),
            }
        }
    }
}

impl Customer {
    /// Joins the general queue and gives the chat.
    pub(crate) async fn join(&mut self, name: &str) -> ChatId {
        self.ask(Command::JoinQueue(JoinQueue::new(Name::new(name).unwrap()))).await;
        let queued = self.any("queued").await;
        ChatId(queued["chat"]["chat"].as_u64().unwrap())
    }
}
