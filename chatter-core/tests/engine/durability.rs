//! Nothing leaves the engine before what it depends on is durable, and a store that fails loses nothing
//! that was acknowledged.

use std::sync::Arc;

use crate::support::{builder, customer, pair};
use chatter_core::engine::Stopped;
use chatter_core::protocol::Command;
use chatter_core::testing::{Call, Fault};
use chatter_core::{
    AgentState, Body, ChatId, CloseReason, DeskId, MemoryStore, Page, PageEnd, Seq, Store, StoreErrorKind,
};

/// The texts in the store, in order.
async fn transcript(store: &MemoryStore, chat: ChatId) -> Vec<String> {
    let audience = chatter_core::Audience::Staff { after: Seq(0), up_to: Seq(1_000_000) };
    let page = Page { audience, limit: 10_000, end: PageEnd::Oldest };
    let entries = store.entries(&DeskId::default(), chat, page).await.unwrap();
    let text = |body| if let Body::Message { text } = body { Some(text.as_str().to_owned()) } else { None };
    entries.into_iter().filter_map(|entry| text(entry.body)).collect()
}

#[tokio::test(start_paused = true)]
async fn nothing_leaves_before_its_commit() {
    let (_engine, faults, memory, mut ada, mut zoe, chat) = pair().await;
    faults.hold(Call::Commit);
    let begun = faults.begun(Call::Commit);
    zoe.send(chat, "1", "held").await;
    faults.until_begun(Call::Commit, begun + 1).await;

    // A read of newer state, a refusal, and a message of the other side, all behind the held commit.
    zoe.ask(Command::QueueStatus { chat }).await;
    ada.ask(Command::EndChat { chat: ChatId(99) }).await;
    ada.send(chat, "a", "me too").await;
    assert_eq!(zoe.drain().await, Vec::<serde_json::Value>::new(), "no ack, no read");
    assert_eq!(ada.drain().await, Vec::<serde_json::Value>::new(), "no entry, no refusal");
    assert!(transcript(&memory, chat).await.is_empty());

    faults.release(Call::Commit, 1);
    let accepted = zoe.any("accepted").await;
    assert_eq!(accepted["public_seq"], 2);
    assert_eq!(zoe.any("error").await["code"], "not_waiting", "the read was of the state that is durable now");
    let entry = ada.any("entry").await;
    assert_eq!(entry["entry"]["body"]["text"], "held");
    assert_eq!(ada.any("error").await["code"], "unknown_chat");
    let later: Vec<_> = zoe.drain().await;
    assert!(
        later.iter().all(|frame| frame["type"] != "entry"),
        "the second message waits for its own commit: {later:?}"
    );

    faults.open(Call::Commit);
    assert_eq!(ada.any("accepted").await["seq"], 3);
    assert_eq!(zoe.any("entry").await["entry"]["body"]["text"], "me too");
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_refuses_and_recovers() {
    let (engine, faults, memory, mut ada, mut zoe, chat) = pair().await;
    faults.always(Call::Commit, Fault::Fail(StoreErrorKind::Retryable));
    zoe.send(chat, "1", "first").await;
    zoe.send(chat, "2", "second").await;
    for client_msg_id in ["1", "2"] {
        let refused = zoe.any("error").await;
        assert_eq!((&refused["code"], &refused["client_msg_id"]), (&"retry_later".into(), &client_msg_id.into()));
    }
    assert!(ada.drain().await.iter().all(|frame| frame["type"] != "entry"), "nobody saw it");

    // Reads go on, commands are refused, newcomers are sent away for now.
    zoe.ask(Command::ReadHistory { chat, before: 100, limit: 10 }).await;
    assert_eq!(zoe.any("page").await["entries"].as_array().unwrap().len(), 1);
    ada.ask(Command::EndChat { chat }).await;
    assert_eq!(ada.any("error").await["code"], "retry_later");
    assert_eq!(engine.connect_customer(chatter_core::CustomerId(9)).await.err(), Some(CloseReason::TryLater));

    faults.heal(Call::Commit);
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    // What was refused first must come first, so that the order holds.
    zoe.send(chat, "2", "second").await;
    let refused = zoe.any("error").await;
    assert_eq!((&refused["code"], &refused["first"]), (&"out_of_order".into(), &"1".into()));
    zoe.send(chat, "1", "first").await;
    zoe.send(chat, "2", "second").await;
    assert_eq!(zoe.any("accepted").await["public_seq"], 2);
    assert_eq!(zoe.any("accepted").await["public_seq"], 3);
    assert_eq!(ada.any("entry").await["entry"]["seq"], 2, "the agent's subscription goes on without a hole");
    assert_eq!(ada.any("entry").await["entry"]["seq"], 3);
    assert_eq!(transcript(&memory, chat).await, ["first", "second"]);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_outcome_is_settled_by_looking() {
    for (fault, stands) in
        [(Fault::FailAfter(StoreErrorKind::UnknownOutcome), true), (Fault::Fail(StoreErrorKind::UnknownOutcome), false)]
    {
        let (_engine, faults, memory, mut ada, mut zoe, chat) = pair().await;
        faults.next(Call::Commit, fault);
        zoe.send(chat, "1", "hello").await;
        if stands {
            assert_eq!(zoe.any("accepted").await["public_seq"], 2);
        } else {
            assert_eq!(zoe.any("error").await["code"], "retry_later");
            zoe.send(chat, "1", "hello").await;
            assert_eq!(zoe.any("accepted").await["public_seq"], 2);
        }
        assert_eq!(ada.any("entry").await["entry"]["body"]["text"], "hello");
        zoe.send(chat, "2", "again").await;
        assert_eq!(zoe.any("accepted").await["public_seq"], 3);
        assert_eq!(transcript(&memory, chat).await, ["hello", "again"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_violated_key_fails_the_batch_and_retries_settle_it() {
    let (_engine, faults, memory, _ada, mut zoe, chat) = pair().await;
    faults.next(Call::Commit, Fault::Fail(StoreErrorKind::Conflict));
    zoe.send(chat, "1", "hello").await;
    assert_eq!(zoe.any("error").await["code"], "retry_later");
    zoe.send(chat, "1", "hello").await;
    assert_eq!(zoe.any("accepted").await["public_seq"], 2);
    assert_eq!(transcript(&memory, chat).await, ["hello"]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_sync_stops_the_engine() {
    let (engine, faults, _memory, mut ada, mut zoe, chat) = pair().await;
    faults.next(Call::Commit, Fault::Fail(StoreErrorKind::Fatal));
    zoe.send(chat, "1", "hello").await;
    assert!(matches!(&*engine.stopped().await, Stopped::StoreFailed(error) if error.kind() == StoreErrorKind::Fatal));
    assert_eq!(zoe.closed().await, CloseReason::Restarting);
    assert_eq!(ada.closed().await, CloseReason::Restarting);
    assert!(engine.roster().await.is_err(), "a stopped engine answers nothing");
}

#[tokio::test(start_paused = true)]
async fn a_superseded_engine_steps_down() {
    let (engine, _faults, memory, _ada, mut zoe, chat) = pair().await;
    let second = builder(Arc::new(memory.clone())).start().await.unwrap();
    zoe.send(chat, "1", "from the old owner's customer").await;
    assert!(matches!(&*engine.stopped().await, Stopped::Superseded));
    assert_eq!(zoe.closed().await, CloseReason::Restarting, "no ack came before");
    assert!(transcript(&memory, chat).await.is_empty());
    second.stop().await;
}

#[tokio::test(start_paused = true)]
async fn stopping_answers_what_was_accepted() {
    let (engine, _faults, memory, _ada, mut zoe, chat) = pair().await;
    for number in 0..8 {
        zoe.send(chat, &number.to_string(), &format!("m{number}")).await;
    }
    engine.stop().await;
    let frames = zoe.drain().await;
    let accepted = frames.iter().filter(|frame| frame["type"] == "accepted").count();
    assert_eq!(transcript(&memory, chat).await.len(), accepted);
    assert_eq!(accepted, 8);
}

/// Which decisions were lost must not show: whoever followed a chat follows it still.
#[tokio::test(start_paused = true)]
async fn lost_decisions_do_nothing_to_sessions() {
    for kind in [StoreErrorKind::Retryable, StoreErrorKind::Conflict, StoreErrorKind::UnknownOutcome] {
        let (_engine, faults, _memory, mut ada, mut zoe, chat) = pair().await;
        for command in [Command::SetAgentState { state: AgentState::Offline }, Command::SignOut { all: true }] {
            faults.next(Call::Commit, Fault::Fail(kind));
            ada.ask(command).await;
            assert_eq!(ada.any("error").await["code"], "retry_later");
            tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        }
        zoe.send(chat, "1", "still there?").await;
        assert_eq!(ada.any("entry").await["entry"]["body"]["text"], "still there?");
        ada.send(chat, "1", "of course").await;
        assert_eq!(ada.any("accepted").await["seq"], 3);
        assert_eq!(zoe.any("entry").await["entry"]["body"]["text"], "of course");
    }
}

/// A client that sends ahead keeps its order, whatever was refused on the way, and for whatever reason.
#[tokio::test(start_paused = true)]
async fn a_lost_batch_keeps_the_order_of_who_sends_ahead() {
    let (_engine, faults, memory, _ada, mut zoe, chat) = pair().await;
    faults.next(Call::Commit, Fault::Fail(StoreErrorKind::Conflict));
    faults.hold(Call::Commit);
    let mut unsent: std::collections::VecDeque<_> = (1..=14).collect();
    for number in &unsent {
        zoe.send(chat, &number.to_string(), &format!("m{number}")).await;
    }
    faults.open(Call::Commit);
    // The client resends the first that was refused, again and again.
    for _ in 0..14 {
        let answer = zoe.until("error", |_| true).await;
        assert!(["retry_later", "rate_limited", "out_of_order"].contains(&answer["code"].as_str().unwrap()));
    }
    while let Some(number) = unsent.front() {
        zoe.send(chat, &number.to_string(), &format!("m{number}")).await;
        match zoe.next().await.unwrap().unwrap() {
            frame if frame["type"] == "accepted" => drop(unsent.pop_front()),
            frame if frame["code"] == "rate_limited" => {
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            }
            frame if frame["type"] == "error" => panic!("{number} is next, but {frame}"),
            _ => {}
        }
    }
    let expected: Vec<_> = (1..=14).map(|number| format!("m{number}")).collect();
    assert_eq!(transcript(&memory, chat).await, expected);
}

/// Downtime is nobody's silence: who could not come back while the disk was full has not abandoned.
#[tokio::test(start_paused = true)]
async fn nobody_abandons_while_the_disk_is_full() {
    let (engine, faults, _memory, _ada, zoe, chat) = pair().await;
    let mut yan = customer(&engine, 2).await;
    let _ = yan.join("Yan").await;
    let mut xia = customer(&engine, 3).await;
    let waiting = xia.join("Xia").await;
    drop(xia);
    faults.always(Call::Commit, Fault::Fail(StoreErrorKind::Retryable));
    zoe.send(chat, "1", "lost").await;
    tokio::time::sleep(std::time::Duration::from_secs(300)).await;
    faults.heal(Call::Commit);
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    let mut xia = customer(&engine, 3).await;
    let ready = xia.any("ready").await;
    assert_eq!((&ready["chats"][0]["chat"], &ready["chats"][0]["status"]), (&waiting.0.into(), &"open".into()));
}

/// While it is not known whether a write stands, commands are refused, and the engine can be stopped.
#[tokio::test(start_paused = true)]
async fn settling_does_not_make_the_engine_deaf() {
    let (engine, faults, _memory, mut ada, mut zoe, chat) = pair().await;
    faults.always(Call::Acquire, Fault::Fail(StoreErrorKind::Retryable));
    faults.next(Call::Commit, Fault::FailAfter(StoreErrorKind::UnknownOutcome));
    zoe.send(chat, "1", "does it stand?").await;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    ada.send(chat, "1", "hello").await;
    assert_eq!(ada.any("error").await["code"], "retry_later");
    engine.stop().await;
    assert!(matches!(&*engine.stopped().await, Stopped::Asked));
    let answers = zoe.drain().await;
    assert!(answers.iter().all(|frame| frame["type"] != "accepted" && frame["type"] != "error"), "{answers:?}");
}

/// Answers come in the order of asking, refusals while it is being settled whether a write stands included.
#[tokio::test(start_paused = true)]
async fn a_refusal_does_not_overtake_what_is_being_settled() {
    for stands in [true, false] {
        let (_engine, faults, _memory, mut ada, mut zoe, chat) = pair().await;
        let unknown = StoreErrorKind::UnknownOutcome;
        faults.next(Call::Commit, if stands { Fault::FailAfter(unknown) } else { Fault::Fail(unknown) });
        faults.script(Call::Acquire, [Some(Fault::Fail(StoreErrorKind::Retryable))]);
        zoe.send(chat, "1", "first").await;
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        zoe.send(chat, "2", "second").await;
        ada.send(chat, "1", "hello").await;
        assert_eq!(ada.any("error").await["code"], "retry_later", "who waits for nothing is told at once");
        let ours = |frame: &serde_json::Value| frame["type"] == "accepted" || frame["type"] == "error";
        assert!(!zoe.drain().await.iter().any(ours), "nothing is known yet");
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        let answers: Vec<_> = zoe.drain().await.into_iter().filter(ours).collect();
        let said = |at: usize| (answers[at]["type"].as_str().unwrap(), answers[at]["client_msg_id"].as_str().unwrap());
        assert_eq!(answers.len(), 2);
        assert_eq!(said(0), (if stands { "accepted" } else { "error" }, "1"));
        assert_eq!(said(1), ("error", "2"));
    }
}

/// However long it takes to settle a write: what was sent behind a message that was refused meanwhile does not
/// overtake it, since its sender is told of the refusal only then.
#[tokio::test(start_paused = true)]
async fn settling_for_long_keeps_the_order() {
    let (_engine, faults, memory, _ada, mut zoe, chat) = pair().await;
    faults.always(Call::Acquire, Fault::Fail(StoreErrorKind::Retryable));
    faults.next(Call::Commit, Fault::FailAfter(StoreErrorKind::UnknownOutcome));
    zoe.send(chat, "1", "first").await;
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    zoe.send(chat, "2", "second").await;
    tokio::time::sleep(std::time::Duration::from_secs(40)).await;
    faults.heal(Call::Acquire);
    tokio::time::sleep(std::time::Duration::from_millis(950)).await;
    // Sent before the refusal of the second is there.
    zoe.send(chat, "3", "third").await;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    assert_eq!(zoe.any("accepted").await["client_msg_id"], "1");
    assert_eq!(zoe.any("error").await["client_msg_id"], "2");
    assert_eq!(zoe.any("error").await["client_msg_id"], "3");
    zoe.send(chat, "4", "fourth").await;
    assert_eq!(zoe.any("error").await["first"], "2");
    assert_eq!(transcript(&memory, chat).await, ["first"]);
}

/// A message that was refused because of something that was then lost is to be sent again before later ones.
#[tokio::test(start_paused = true)]
async fn what_a_lost_decision_refused_keeps_its_turn() {
    let (_engine, faults, memory, ada, mut zoe, chat) = pair().await;
    faults.next(Call::Commit, Fault::Fail(StoreErrorKind::Conflict));
    faults.hold(Call::Commit);
    ada.ask(Command::SetPriority { chat, priority: chatter_core::Priority::High }).await;
    zoe.ask(Command::SignOut { all: false }).await;
    zoe.send(chat, "1", "first").await;
    zoe.send(chat, "2", "second").await;
    faults.open(Call::Commit);
    for _ in 0..3 {
        assert_eq!(zoe.any("error").await["code"], "retry_later");
    }
    zoe.send(chat, "3", "third").await;
    assert_eq!(zoe.any("error").await["first"], "1");
    for (id, words) in [("1", "first"), ("2", "second"), ("3", "third")] {
        zoe.send(chat, id, words).await;
    }
    zoe.drain().await;
    assert_eq!(transcript(&memory, chat).await, ["first", "second", "third"]);
}
