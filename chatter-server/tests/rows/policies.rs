//! The three policies through the configuration (part of B16): in one scene each chooses otherwise.

use chatter_core::policy::NAMES;
use serde_json::json;

use crate::stage::{ADA, BOB, CLEO, FAST, GENERAL, Stage, agent};

/// Who is served first when two wait, and who takes a newcomer when two have room.
async fn choices(policy: &str) -> (u64, u64) {
    let agents = [agent(ADA, 2, ""), agent(BOB, 2, "categories = ['Sales']"), agent(CLEO, 6, "")];
    let stage = Stage::new(&format!("policy = '{policy}'\n{FAST}"), &agents).await;

    // Ada finds the second chat urgent and leaves, so both wait; then Cleo takes the first of them.
    let mut ada = stage.online("Ada").await;
    let (mut sam, first) = stage.joined("Sam", GENERAL).await;
    let (mut tom, second) = stage.joined("Tom", GENERAL).await;
    ada.sees(second, "in_progress").await;
    ada.get("done", json!({ "type": "set_priority", "chat": second, "priority": "urgent" })).await;
    ada.state("offline").await;
    sam.sees(first, "open").await;
    tom.sees(second, "open").await;
    let mut cleo = stage.online("Cleo").await;
    cleo.sees(first, "in_progress").await;
    cleo.sees(second, "in_progress").await;
    let file = stage.file();
    let served = file.events("chat_assigned")[2].clone();
    assert_eq!((&served["agent"], &served["choice"]["policy"]), (&json!(CLEO), &json!(policy)), "{served}");

    // Cleo has two of six, Bob one of two.
    cleo.state("away").await;
    let mut bob = stage.online("Bob").await;
    let (_uma, third) = stage.joined("Uma", 2).await;
    bob.sees(third, "in_progress").await;
    cleo.state("online").await;
    let (mut vic, fourth) = stage.joined("Vic", 2).await;
    vic.until("customer_token", |frame| frame["chat"] == fourth).await;
    let taken = file.cell(&format!("SELECT agent FROM chats WHERE chat = {fourth}"));
    (served["chat"].as_u64().unwrap(), taken.as_u64().unwrap())
}

#[tokio::test]
async fn b16_three_policies_choose_in_three_ways() {
    let (longest, ageing, least) =
        tokio::join!(choices("longest-wait"), choices("priority-ageing"), choices("least-loaded"));
    assert_eq!(longest, (1, BOB), "the first who came; the one with fewer chats");
    assert_eq!(ageing, (2, BOB), "the urgent one; the one with fewer chats");
    assert_eq!(least, (1, CLEO), "the first who came; the one with the smaller share in use");
    assert_eq!(NAMES.len(), 3, "a new policy needs its own line here");
}
