//! The record of a run replays to the same events (row G4).

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::{Customer, agent, builder, customer, faulty, online_agent, set_up};
use chatter_core::desk::DeskSettings;
use chatter_core::engine::{Engine, replay};
use chatter_core::policy::{AgentFacts, AgentRank, AssignmentPolicy, ChatFacts, LineKey, LongestWait, Policies};
use chatter_core::protocol::Command;
use chatter_core::testing::{Call, Fault, FaultStore, Faults};
use chatter_core::{AgentId, AgentState, ChatId, DeskId, Event, EventNo, MemoryStore, Priority, Store, StoreErrorKind};

/// A file in memory that can be read while it is written.
#[derive(Clone, Debug, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Shared {
    /// Asserts that the record replays to what is stored after an event, byte for byte. Events of a failed write come
    /// twice in it, under the same numbers; the later ones stand.
    async fn replays_to(&self, memory: &MemoryStore, after: EventNo, policies: &Policies) {
        let replayed = replay(self.0.lock().unwrap().as_slice(), policies).unwrap();
        let standing: BTreeMap<_, Event> = replayed.into_iter().map(|event| (event.no, event)).collect();
        let stored = memory.events_after(&DeskId::default(), after, 10_000).await.unwrap();
        assert!(stored.len() >= 2);
        let replayed = serde_json::to_string(&standing.into_values().collect::<Vec<_>>()).unwrap();
        assert_eq!(replayed, serde_json::to_string(&stored).unwrap());
    }
}

/// An engine that is recorded, over a store that does as it is told.
async fn recorded(memory: &MemoryStore, policies: Policies) -> (Engine, Faults, Shared, EventNo) {
    let store = Arc::new(FaultStore::new(Arc::new(memory.clone())));
    let (faults, record) = (store.faults(), Shared::default());
    let settings = DeskSettings { messages_per_second: 0, ..DeskSettings::default() };
    let before = memory.events_after(&DeskId::default(), EventNo(0), 10_000).await.unwrap();
    let builder = builder(store).settings(settings).policies(policies).record(Box::new(record.clone()));
    (builder.start().await.unwrap(), faults, record, before.last().map_or(EventNo(0), |event| event.no))
}

fn shipped() -> Policies {
    Policies::new(Arc::new(LongestWait))
}

#[tokio::test(start_paused = true)]
async fn a_record_replays_to_the_same_events() {
    let (store, faults, memory) = faulty();
    let record = Shared::default();
    let engine = builder(store).record(Box::new(record.clone())).start().await.unwrap();
    set_up(&engine).await;
    let mut ada = online_agent(&engine, 1).await;
    let mut chats = Vec::new();
    for number in 1..=5 {
        let mut zoe = customer(&engine, number).await;
        let chat = zoe.join("Zoe").await;
        zoe.send(chat, "1", "hello").await;
        zoe.any("accepted").await;
        let text = Some(crate::support::text("unsent-canary"));
        zoe.ask(Command::Typing { chat, typing: true, text }).await;
        chats.push((zoe, chat));
    }
    ada.ask(Command::EndChat { chat: chats[0].1 }).await;
    ada.until("chat", |frame| frame["chat"]["status"] == "resolved").await;
    drop(chats.split_off(3));
    tokio::time::sleep(Duration::from_secs(90)).await;
    drop(ada);
    tokio::time::sleep(Duration::from_secs(90)).await;
    // A write that fails is in the record too: the desk goes on from what is stored.
    faults.next(Call::Commit, Fault::Fail(StoreErrorKind::Conflict));
    let (zoe, chat) = &mut chats[0];
    zoe.send(*chat, "2", "again").await;
    zoe.any("error").await;
    zoe.send(*chat, "2", "again").await;
    zoe.any("accepted").await;
    engine.stop().await;
    let written = String::from_utf8(record.0.lock().unwrap().clone()).unwrap();
    assert!(written.contains("typing") && !written.contains("unsent-canary"), "what is typed is kept nowhere");

    record.replays_to(&memory, EventNo(0), &shipped()).await;
}

/// The next answer: `accepted`, or the code of the refusal.
async fn answer(customer: &mut Customer) -> String {
    loop {
        match customer.next().await.unwrap().unwrap() {
            frame if frame["type"] == "accepted" => return "accepted".to_owned(),
            frame if frame["type"] == "error" => return frame["code"].as_str().unwrap().to_owned(),
            _ => {}
        }
    }
}

/// A message that is refused because the store could not be asked holds back the next one in the replay, too.
#[tokio::test(start_paused = true)]
async fn a_failed_cold_read_replays() {
    let memory = MemoryStore::new();
    let (engine, ..) = recorded(&memory, shipped()).await;
    set_up(&engine).await;
    let mut zoe = customer(&engine, 1).await;
    let chat = zoe.join("Zoe").await;
    for number in 1..=300 {
        zoe.send(chat, &number.to_string(), "text").await;
        zoe.any("accepted").await;
    }
    engine.stop().await;
    // Of ids past the newest ones the new desk knows nothing, so the store is asked for each.
    let (engine, faults, record, before) = recorded(&memory, shipped()).await;
    let mut zoe = customer(&engine, 1).await;
    faults.next(Call::Dedupe, Fault::Fail(StoreErrorKind::Retryable));
    zoe.send(chat, "m1", "first").await;
    zoe.send(chat, "m2", "second").await;
    assert_eq!((answer(&mut zoe).await, answer(&mut zoe).await), ("retry_later".into(), "out_of_order".into()));
    tokio::time::sleep(Duration::from_secs(1)).await;
    zoe.send(chat, "m1", "first").await;
    zoe.send(chat, "m2", "second").await;
    assert_eq!((answer(&mut zoe).await, answer(&mut zoe).await), ("accepted".into(), "accepted".into()));
    engine.stop().await;
    record.replays_to(&memory, before, &shipped()).await;
}

/// What stood when the engine was started is in the record, a conversation of agents too.
#[tokio::test(start_paused = true)]
async fn a_record_that_begins_with_a_conversation_replays() {
    let memory = MemoryStore::new();
    let (engine, ..) = recorded(&memory, shipped()).await;
    set_up(&engine).await;
    let ask = Command::OpenTeamChat { agent: AgentId(2) };
    agent(&engine, 1).await.ask(ask.clone()).await;
    engine.stop().await;
    let (engine, _, record, before) = recorded(&memory, shipped()).await;
    let mut ada = agent(&engine, 1).await;
    ada.ask(ask).await;
    let chat = ChatId(ada.any("team_chat").await["team_chat"]["chat"].as_u64().unwrap());
    for id in ["1", "2"] {
        ada.send(chat, id, "hello").await;
        ada.any("accepted").await;
    }
    engine.stop().await;
    record.replays_to(&memory, before, &shipped()).await;
}

/// What was refused while it was being settled whether a write stands is refused in the replay, too.
#[tokio::test(start_paused = true)]
async fn a_settled_unknown_outcome_replays() {
    let memory = MemoryStore::new();
    let (engine, faults, record, _) = recorded(&memory, shipped()).await;
    set_up(&engine).await;
    let mut zoe = customer(&engine, 1).await;
    let chat = zoe.join("Zoe").await;
    // Longer than a message is waited for: whoever sent it is told of its refusal only then.
    faults.always(Call::Acquire, Fault::Fail(StoreErrorKind::Retryable));
    faults.next(Call::Commit, Fault::FailAfter(StoreErrorKind::UnknownOutcome));
    zoe.send(chat, "1", "it stands").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    zoe.send(chat, "2", "second").await;
    tokio::time::sleep(Duration::from_secs(40)).await;
    faults.heal(Call::Acquire);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!((answer(&mut zoe).await, answer(&mut zoe).await), ("accepted".into(), "retry_later".into()));
    zoe.send(chat, "3", "third").await;
    assert_eq!(answer(&mut zoe).await, "out_of_order");
    tokio::time::sleep(Duration::from_secs(1)).await;
    zoe.send(chat, "2", "second").await;
    zoe.send(chat, "3", "third").await;
    assert_eq!((answer(&mut zoe).await, answer(&mut zoe).await), ("accepted".into(), "accepted".into()));
    engine.stop().await;
    record.replays_to(&memory, EventNo(0), &shipped()).await;
}

/// A policy with a bug: nobody has thought of urgent chats.
#[derive(Debug)]
struct NoUrgency;

impl AssignmentPolicy for NoUrgency {
    fn name(&self) -> &str {
        "no-urgency"
    }

    fn line_key(&self, chat: &ChatFacts) -> LineKey {
        assert_ne!(chat.priority, Priority::Urgent, "a bug that a test asked for");
        LongestWait.line_key(chat)
    }

    fn agent_rank(&self, agent: &AgentFacts) -> AgentRank {
        LongestWait.agent_rank(agent)
    }
}

/// The input that the desk broke at is in the record; the replay goes on from where the engine went on.
#[tokio::test(start_paused = true)]
async fn a_panic_of_the_desk_replays() {
    let memory = MemoryStore::new();
    let policies = Policies::new(Arc::new(NoUrgency));
    let (engine, _, record, _) = recorded(&memory, policies.clone()).await;
    set_up(&engine).await;
    let mut ada = online_agent(&engine, 1).await;
    let mut zoe = customer(&engine, 1).await;
    let chat: ChatId = zoe.join("Zoe").await;
    ada.ask(Command::SetPriority { chat, priority: Priority::Urgent }).await;
    ada.any("done").await;
    ada.ask(Command::UnassignChat { chat }).await;
    assert_eq!(ada.any("error").await["code"], "internal");
    tokio::time::sleep(Duration::from_secs(1)).await;
    ada.ask(Command::SetPriority { chat, priority: Priority::Low }).await;
    ada.any("done").await;
    zoe.send(chat, "1", "hello").await;
    assert_eq!(answer(&mut zoe).await, "accepted");
    ada.ask(Command::SetAgentState { state: AgentState::Offline }).await;
    ada.until("agent", |frame| frame["agent"]["state"] == "offline").await;
    engine.stop().await;
    record.replays_to(&memory, EventNo(0), &policies).await;
}
