//! A policy that was swapped stays for as long as the engine lives, whatever the store does; one whose swap was taken
//! back does not.

use std::time::Duration;

use crate::support::{Customer, builder, customer, faulty, online_agent, set_up};
use chatter_core::engine::Engine;
use chatter_core::testing::{Call, Fault, Faults};
use chatter_core::{ChatId, DeskId, EventNo, Fact, MemoryStore, Refusal, Store, StoreErrorKind};

/// An engine over a store that does as it is told, and a customer whose chat waits.
async fn desk() -> (Engine, Faults, MemoryStore, Customer, ChatId) {
    let (store, faults, memory) = faulty();
    let engine = builder(store).start().await.unwrap();
    set_up(&engine).await;
    let mut zoe = customer(&engine, 1).await;
    let chat = zoe.join("Zoe").await;
    (engine, faults, memory, zoe, chat)
}

/// The policies by which chats were assigned, in order.
async fn chosen_by(memory: &MemoryStore) -> Vec<String> {
    let events = memory.events_after(&DeskId::default(), EventNo(0), 10_000).await.unwrap();
    let policy =
        |fact| if let Fact::ChatAssigned { choice, .. } = fact { Some(choice.policy.to_string()) } else { None };
    events.into_iter().filter_map(|event| policy(event.fact)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_swapped_policy_outlives_a_failed_write() {
    for fault in [
        Fault::Fail(StoreErrorKind::Conflict),
        Fault::Fail(StoreErrorKind::Retryable),
        Fault::Fail(StoreErrorKind::UnknownOutcome),
        Fault::FailAfter(StoreErrorKind::UnknownOutcome),
    ] {
        let (engine, faults, memory, zoe, chat) = desk().await;
        engine.set_policy("gc-mu").await.unwrap();
        faults.next(Call::Commit, fault);
        zoe.send(chat, "1", "hello").await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        let _ada = online_agent(&engine, 1).await;
        assert_eq!(chosen_by(&memory).await, ["gc-mu"], "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_swap_that_was_refused_does_not_come_back() {
    let (engine, faults, memory, zoe, chat) = desk().await;
    // The swap waits behind a message, and is lost with it.
    faults.next(Call::Commit, Fault::Fail(StoreErrorKind::Conflict));
    faults.hold(Call::Commit);
    let begun = faults.begun(Call::Commit);
    zoe.send(chat, "1", "hello").await;
    faults.until_begun(Call::Commit, begun + 1).await;
    let (swapped, ()) = tokio::join!(engine.set_policy("gc-mu"), async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        faults.open(Call::Commit);
    });
    assert!(matches!(swapped, Err(Refusal::RetryLater { .. })), "{swapped:?}");
    // And another failure, so that the desk is loaded again once more.
    faults.next(Call::Commit, Fault::Fail(StoreErrorKind::Conflict));
    zoe.send(chat, "1", "hello").await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let _ada = online_agent(&engine, 1).await;
    assert_eq!(chosen_by(&memory).await, ["longest-wait"]);
}
