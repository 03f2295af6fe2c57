//! The record of a run replays to the same events (row G4).

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::{builder, customer, faulty, online_agent, set_up};
use chatter_core::engine::replay;
use chatter_core::policy::{LongestWait, Policies};
use chatter_core::protocol::Command;
use chatter_core::testing::{Call, Fault};
use chatter_core::{DeskId, EventNo, Store, StoreErrorKind};

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

    let policies = Policies::new(Arc::new(LongestWait));
    let replayed = replay(record.0.lock().unwrap().as_slice(), &policies).unwrap();
    let stored = memory.events_after(&DeskId::default(), EventNo(0), 10_000).await.unwrap();
    assert!(stored.len() > 20);
    // Events of the failed write come twice in the record, under the same numbers; the later ones stand.
    let mut standing = std::collections::BTreeMap::new();
    for event in replayed {
        standing.insert(event.no, event);
    }
    let replayed = serde_json::to_string(&standing.into_values().collect::<Vec<_>>()).unwrap();
    assert_eq!(replayed, serde_json::to_string(&stored).unwrap());
}
