//! While the store takes no writes: reads are answered and commands refused at once, however the tries to write end.

use std::time::Duration;

use crate::support::{Agent, Customer, pair};
use chatter_core::desk::DeskSettings;
use chatter_core::engine::{Engine, Stopped};
use chatter_core::protocol::{Command, JoinQueue};
use chatter_core::testing::{Call, Fault, Faults};
use chatter_core::{ChatId, CloseReason, CustomerId, Name, StoreErrorKind};

/// Longer than anything takes that does not hang.
const SOON: Duration = Duration::from_secs(5);

/// Ada and Zoe in a chat, over a store that could not write just now.
async fn degraded() -> (Engine, Faults, Agent, Customer, ChatId) {
    let (engine, faults, _, ada, mut zoe, chat) = pair().await;
    faults.next(Call::Commit, Fault::Fail(StoreErrorKind::Retryable));
    zoe.send(chat, "1", "lost").await;
    assert_eq!(zoe.any("error").await["code"], "retry_later");
    (engine, faults, ada, zoe, chat)
}

/// Holds the next try to write, and waits until it has begun.
async fn hold_the_probe(faults: &Faults) {
    let begun = faults.begun(Call::Commit);
    faults.hold(Call::Commit);
    faults.until_begun(Call::Commit, begun + 1).await;
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_hangs_keeps_nobody_waiting() {
    let (engine, faults, mut ada, mut zoe, chat) = degraded().await;
    hold_the_probe(&faults).await;
    let tried = faults.begun(Call::Commit);
    tokio::time::timeout(SOON, zoe.subscribe(chat, None)).await.expect("a read does not wait for the probe");
    assert_eq!(zoe.any("page").await["entries"].as_array().unwrap().len(), 1);
    ada.ask(Command::ReadTeam).await;
    ada.any("team").await;
    ada.send(chat, "a", "not now").await;
    assert_eq!(ada.any("error").await["code"], "retry_later");
    let newcomer = tokio::time::timeout(SOON, engine.connect_customer(CustomerId(9))).await;
    assert_eq!(newcomer.expect("neither does a refusal").err(), Some(CloseReason::TryLater));
    assert_eq!(faults.begun(Call::Commit), tried, "there is one try at a time");

    faults.open(Call::Commit);
    tokio::time::sleep(Duration::from_secs(3)).await;
    ada.send(chat, "a", "now").await;
    assert_eq!(ada.any("accepted").await["seq"], 2);
    zoe.send(chat, "1", "not lost").await;
    assert_eq!(zoe.any("accepted").await["public_seq"], 3);
}

/// A chat that was closed is not in memory, so the desk asks the store for it before it answers.
#[tokio::test(start_paused = true)]
async fn what_the_store_alone_knows_is_read_too() {
    let (_engine, faults, _, mut ada, mut zoe, chat) = pair().await;
    zoe.ask(Command::EndChat { chat }).await;
    tokio::time::sleep(DeskSettings::default().close_after + SOON).await;
    faults.always(Call::Commit, Fault::Fail(StoreErrorKind::Retryable));
    zoe.ask(Command::JoinQueue(JoinQueue::new(Name::new("Zoe").unwrap()))).await;
    assert_eq!(zoe.any("error").await["code"], "retry_later");

    let read = faults.begun(Call::Chat);
    ada.ask(Command::ReadHistory { chat, before: 100, limit: 10 }).await;
    assert_eq!(ada.any("page").await["chat"], chat.0);
    ada.subscribe(chat, None).await;
    assert_eq!(ada.any("page").await["chat"], chat.0);
    assert_eq!(faults.begun(Call::Chat), read + 2);
    // What cannot be read either is refused for now, like what cannot be written.
    faults.next(Call::Chat, Fault::Fail(StoreErrorKind::Retryable));
    ada.ask(Command::ReadHistory { chat, before: 100, limit: 10 }).await;
    assert_eq!(ada.any("error").await["code"], "retry_later");
}

#[tokio::test(start_paused = true)]
async fn an_engine_whose_probe_hangs_can_be_stopped() {
    let (engine, faults, _ada, mut zoe, _) = degraded().await;
    hold_the_probe(&faults).await;
    tokio::time::timeout(SOON, engine.stop()).await.expect("nothing was decided that could be written");
    assert!(matches!(&*engine.stopped().await, Stopped::Asked));
    assert_eq!(zoe.closed().await, CloseReason::Restarting);
}

/// However a try to write fails, the next one comes a second later, and others get their turn.
#[tokio::test(start_paused = true)]
async fn probes_are_a_second_apart_however_they_fail() {
    for fault in [
        Fault::Fail(StoreErrorKind::Retryable),
        Fault::Fail(StoreErrorKind::UnknownOutcome),
        Fault::FailAfter(StoreErrorKind::UnknownOutcome),
        Fault::Fail(StoreErrorKind::Conflict),
    ] {
        let (_engine, faults, _ada, mut zoe, chat) = degraded().await;
        faults.always(Call::Commit, fault);
        let begun = faults.begun(Call::Commit);
        tokio::time::sleep(Duration::from_millis(10_500)).await;
        let tries = faults.begun(Call::Commit) - begun;
        assert!((9..=11).contains(&tries), "{fault:?}: {tries}");
        let read = zoe.ask(Command::ReadHistory { chat, before: 100, limit: 10 });
        tokio::time::timeout(SOON, read).await.expect("a read is answered");
        zoe.any("page").await;
        faults.heal(Call::Commit);
        tokio::time::sleep(Duration::from_secs(3)).await;
        zoe.send(chat, "1", "not lost").await;
        assert_eq!(zoe.any("accepted").await["public_seq"], 2, "{fault:?}");
    }
}
