//! Customers who come again, and the agent they had last (B14).

use serde_json::{Value, json};

use crate::stage::{ADA, BOB, FAST, GENERAL, Person, SALES, Stage, agent, category};

/// Chats close soon after they end, so that who comes again opens a new one.
async fn stage(sticky_wait: &str, limit: u64) -> Stage {
    let categories = [category("General", sticky_wait), category("Sales", "")].concat();
    let settings = format!("{FAST}close_after = '1s'\n{categories}");
    Stage::new(&settings, &[agent(ADA, limit, ""), agent(BOB, 5, "")]).await
}

/// Sam is served by Ada, the chat is over, and Bob has come since.
async fn served_by_ada(stage: &Stage, category: u64) -> (Person, Person, Person) {
    let mut ada = stage.online("Ada").await;
    let (sam, chat) = stage.joined("Sam", category).await;
    ada.sees(chat, "in_progress").await;
    ada.end(chat).await;
    stage.file().until("SELECT status, agent, last_agent FROM chats", json!([["closed", null, ADA]])).await;
    (ada, stage.agent("Bob").await, sam)
}

async fn joins(customer: &mut Person, category: u64) -> u64 {
    let queued = customer.join("Sam", category).await;
    assert_eq!(queued["existing"], false, "{queued}");
    queued["chat"]["chat"].as_u64().unwrap()
}

/// Who got a chat, and what made it possible.
fn assigned(stage: &Stage, chat: u64) -> Value {
    let events = stage.file().events("chat_assigned");
    let event = events.iter().rfind(|event| event["chat"] == chat).expect("it was assigned");
    json!([event["agent"], event["choice"]["trigger"]])
}

#[tokio::test]
async fn b14_back_to_the_agent_they_had() {
    let stage = stage("sticky_wait = '0s'", 3).await;
    let (mut ada, mut bob, mut sam) = served_by_ada(&stage, GENERAL).await;
    let (_tom, other) = stage.joined("Tom", GENERAL).await;
    ada.sees(other, "in_progress").await;
    bob.state("online").await;
    let again = joins(&mut sam, GENERAL).await;
    ada.sees(again, "in_progress").await;
    assert_eq!(assigned(&stage, again), json!([ADA, "sticky"]), "although Bob has fewer chats");
    // Somebody new, and Sam where nobody cares, go to whoever has fewer.
    let (_uma, new) = stage.joined("Uma", GENERAL).await;
    bob.sees(new, "in_progress").await;
    let elsewhere = joins(&mut sam, SALES).await;
    bob.sees(elsewhere, "in_progress").await;
    assert_eq!(assigned(&stage, elsewhere), json!([BOB, "chat_ready"]));
}

#[tokio::test]
async fn b14_waits_for_a_full_agent() {
    let stage = stage("sticky_wait = '1h'", 1).await;
    let (mut ada, mut bob, mut sam) = served_by_ada(&stage, GENERAL).await;
    let (_tom, other) = stage.joined("Tom", GENERAL).await;
    ada.sees(other, "in_progress").await;
    bob.state("online").await;
    let again = joins(&mut sam, GENERAL).await;
    let (_uma, new) = stage.joined("Uma", GENERAL).await;
    bob.sees(new, "in_progress").await;
    let file = stage.file();
    let row = format!("SELECT status, agent FROM chats WHERE chat = {again}");
    assert_eq!(file.rows(&row), json!([["open", null]]), "Bob has room, and Sam waits for Ada");
    ada.end(other).await;
    ada.sees(again, "in_progress").await;
    assert_eq!(assigned(&stage, again), json!([ADA, "sticky"]));
    assert_eq!(file.rows(&row), json!([["in_progress", ADA]]));
}

#[tokio::test]
async fn b14_no_longer_than_the_set_time() {
    let stage = stage("sticky_wait = '200ms'", 1).await;
    let (mut ada, mut bob, mut sam) = served_by_ada(&stage, GENERAL).await;
    let (_tom, other) = stage.joined("Tom", GENERAL).await;
    ada.sees(other, "in_progress").await;
    bob.state("online").await;
    let again = joins(&mut sam, GENERAL).await;
    bob.sees(again, "in_progress").await;
    assert_eq!(assigned(&stage, again), json!([BOB, "chat_ready"]));
    let waited = stage.file().events("chat_assigned").last().unwrap()["choice"]["waited"].as_u64().unwrap();
    assert!(waited >= 200_000, "it waited for Ada first: {waited} µs");
}

#[tokio::test]
async fn b14_not_for_an_agent_who_is_not_there() {
    let stage = stage("sticky_wait = '1h'", 1).await;
    let (mut ada, mut bob, mut sam) = served_by_ada(&stage, GENERAL).await;
    ada.state("offline").await;
    bob.state("online").await;
    let again = joins(&mut sam, GENERAL).await;
    bob.sees(again, "in_progress").await;
    assert_eq!(assigned(&stage, again), json!([BOB, "chat_ready"]));

    // Nor any more when they leave meanwhile.
    bob.end(again).await;
    stage.file().until("SELECT count(*) FROM chats WHERE status = 'closed'", json!([[2]])).await;
    for name in ["Tom", "Uma", "Vic", "Wes", "Xia"] {
        let (_gone, chat) = stage.joined(name, GENERAL).await;
        bob.sees(chat, "in_progress").await;
    }
    let third = joins(&mut sam, GENERAL).await;
    ada.state("online").await;
    sam.settled().await;
    let row = format!("SELECT status, agent FROM chats WHERE chat = {third}");
    assert_eq!(stage.file().rows(&row), json!([["open", null]]), "Sam waits for Bob, who is full");
    bob.state("away").await;
    ada.sees(third, "in_progress").await;
}
