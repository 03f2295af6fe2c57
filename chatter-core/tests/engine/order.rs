//! Answers come in the order of asking, also those that nothing has to be decided for.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::support::{builder, customer, faulty, online_agent, set_up};
use chatter_core::engine::Engine;
use chatter_core::protocol::{Command, CustomerFrame, JoinQueue};
use chatter_core::session::{Admitted, Credential, Denied, Door, Gatekeeper, Identity, Session};
use chatter_core::testing::{Call, Faults};
use chatter_core::{CustomerId, Delivery, Name, Outbox, OutboxLimits, Principal, outbox};
use serde_json::Value;

async fn engine() -> (Engine, Faults) {
    let (store, faults, _) = faulty();
    let engine = builder(store).start().await.unwrap();
    set_up(&engine).await;
    (engine, faults)
}

/// The answers among these frames: refusals by their code.
fn answers(frames: &[Value]) -> Vec<&str> {
    let answer = |frame: &'_ Value| frame["type"] == "accepted" || frame["type"] == "error";
    frames.iter().filter(|frame| answer(frame)).map(|it| it["code"].as_str().unwrap_or("accepted")).collect()
}

#[tokio::test(start_paused = true)]
async fn what_the_adapter_refuses_keeps_its_place() {
    let (engine, faults) = engine().await;
    let mut zoe = customer(&engine, 1).await;
    let chat = zoe.join("Zoe").await;
    faults.hold(Call::Commit);
    zoe.send(chat, "1", "first").await;
    let message = format!(r#"{{"type":"send_message","chat":{chat},"client_msg_id":"2","text":"second"}}"#);
    zoe.session.limit_json(message.as_bytes(), 200).await;
    zoe.session.limit_json(br#"{"type":"ping","ref":"p"}"#, 200).await;
    zoe.send(chat, "3", "third").await;
    assert_eq!(answers(&zoe.drain().await), Vec::<&str>::new(), "all of it waits for the first message");
    faults.open(Call::Commit);
    let frames = zoe.drain().await;
    assert_eq!(answers(&frames), ["accepted", "rate_limited", "rate_limited", "out_of_order"]);
    let errors: Vec<_> = frames.iter().filter(|frame| frame["type"] == "error").collect();
    assert_eq!((&errors[0]["client_msg_id"], &errors[1]["ref"]), (&"2".into(), &"p".into()));
    assert_eq!(errors[2]["first"], "2", "what was refused is waited for");
}

/// A flood of such refusals stays in the socket, like a flood of commands.
#[tokio::test(start_paused = true)]
async fn refusals_of_a_flood_wait_like_commands() {
    let (engine, faults) = engine().await;
    let mut zoe = customer(&engine, 1).await;
    let chat = zoe.join("Zoe").await;
    faults.hold(Call::Commit);
    zoe.send(chat, "1", "first").await;
    let flood = async {
        for _ in 0..1_000 {
            zoe.session.limit_json(br#"{"type":"ping"}"#, 200).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(1), flood).await.is_err(), "it does not go on for ever");
    faults.open(Call::Commit);
    let frames = zoe.drain().await;
    assert!((100..=200).contains(&answers(&frames).len()), "{}", answers(&frames).len());
    assert_eq!(answers(&frames)[..2], ["accepted", "rate_limited"]);
}

#[tokio::test(start_paused = true)]
async fn what_staff_has_no_use_for_is_refused_in_its_place() {
    let (engine, faults) = engine().await;
    let mut zoe = customer(&engine, 1).await;
    let chat = zoe.join("Zoe").await;
    let mut ada = online_agent(&engine, 1).await;
    ada.subscribe(chat, None).await;
    ada.drain().await;
    faults.hold(Call::Commit);
    ada.send(chat, "1", "first").await;
    ada.ask(join()).await;
    ada.ask(Command::StartChat { chat }).await;
    let read = Command::ReadHistory { chat, before: 9, limit: 0 };
    ada.ask(read).await;
    assert_eq!(answers(&ada.drain().await), Vec::<&str>::new());
    faults.open(Call::Commit);
    assert_eq!(answers(&ada.drain().await), ["accepted", "not_allowed", "not_allowed", "invalid"]);
}

fn join() -> Command {
    Command::JoinQueue(JoinQueue::new(Name::new("Zoe").unwrap()))
}

/// Lets everybody in, and nobody join again.
#[derive(Debug)]
struct Strict;

#[async_trait::async_trait]
impl Gatekeeper for Strict {
    async fn authenticate(&self, _: Credential, _: Option<IpAddr>) -> Result<Identity, Denied> {
        Ok(Identity::known(Principal::customer(CustomerId(1))))
    }

    fn admit_join(&self, _: Option<IpAddr>) -> Result<(), Denied> {
        Err(Denied::TooMany { retry_after_ms: 5_000 })
    }
}

async fn enter(engine: &Engine) -> (Session, Outbox<CustomerFrame>) {
    let door = Door::new(engine.clone(), Arc::new(Strict));
    let hello = br#"{"type":"hello","protocol":1,"role":"customer"}"#;
    let Ok(Admitted::Customer(admission)) = door.knock_json(hello, None).await else { panic!("everybody is let in") };
    let (sender, outbox) = outbox(OutboxLimits::default());
    (admission.enter(sender).await.unwrap(), outbox)
}

async fn frames(outbox: &mut Outbox<CustomerFrame>) -> Vec<Value> {
    let mut all = Vec::new();
    while let Ok(Delivery::Frames(frames)) = tokio::time::timeout(Duration::from_millis(1), outbox.next()).await {
        all.extend(frames.iter().map(|frame| serde_json::from_str::<Value>(frame.json()).unwrap()));
    }
    all
}

#[tokio::test(start_paused = true)]
async fn whom_the_gatekeeper_denies_is_refused_in_its_place() {
    let (engine, faults) = engine().await;
    let mut zoe = customer(&engine, 1).await;
    let chat = zoe.join("Zoe").await;
    let (session, mut outbox) = enter(&engine).await;
    frames(&mut outbox).await;
    faults.hold(Call::Commit);
    let message =
        chatter_core::protocol::SendMessage::new(chat, crate::support::id("1"), crate::support::text("first"));
    let _ = session.receive(Command::SendMessage(message)).await;
    let _ = session.receive(join()).await;
    assert_eq!(answers(&frames(&mut outbox).await), Vec::<&str>::new());
    faults.open(Call::Commit);
    assert_eq!(answers(&frames(&mut outbox).await), ["accepted", "rate_limited"]);
}
