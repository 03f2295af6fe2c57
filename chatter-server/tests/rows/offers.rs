//! Chats that agents are asked about before they get them (B7).

use serde_json::{Value, json};

use crate::stage::{ADA, BOB, FAST, Person, SALES, Stage, agent, category, message};

/// General at once, Sales by offer.
fn settings(more: &str) -> String {
    format!("{FAST}{more}{}{}", category("General", ""), category("Sales", "routing = 'offer'"))
}

fn accept(chat: u64) -> Value {
    json!({ "type": "accept_offer", "chat": chat })
}

/// Waits until the agent is asked to take a chat.
async fn asked(agent: &mut Person, chat: u64) -> Value {
    agent.until("offer", |frame| frame["offer"]["chat"] == chat).await["offer"].clone()
}

/// Waits until an offer is gone, and tells how it ended.
async fn gone(agent: &mut Person, chat: u64) -> Value {
    agent.until("offer_gone", |frame| frame["chat"] == chat).await["how"].clone()
}

/// Offers that have come and were not looked at.
fn offers_passed(agent: &Person, chat: u64) -> usize {
    let offers = agent.client.passed().iter();
    offers.filter(|frame| frame["type"] == "offer" && frame["offer"]["chat"] == chat).count()
}

#[tokio::test]
async fn b7_accepted_by_one_and_entered_by_nobody_else() {
    let stage = Stage::new(&settings(""), &[agent(ADA, 2, ""), agent(BOB, 2, "")]).await;
    let mut ada = stage.online("Ada").await;
    let mut tab = stage.again(&ada).await;
    let (mut sam, chat) = stage.joined("Sam", SALES).await;
    let offer = asked(&mut ada, chat).await;
    assert_eq!((&offer["customer_name"], &offer["category"]), (&json!("Sam"), &json!(SALES)), "{offer}");
    assert!(offer["until"].as_u64() > offer["arrived_at"].as_u64(), "{offer}");
    asked(&mut tab, chat).await;
    let mut late = stage.again(&ada).await;
    assert_eq!(late.ready["offers"], json!([offer]), "{}", late.ready);
    let place = sam.get("place", json!({ "type": "queue_status", "chat": chat })).await;
    assert_eq!(place["place"], 1, "it waits as long as nobody has accepted: {place}");
    let file = stage.file();
    let row = "SELECT status, agent FROM chats";
    assert_eq!(file.rows(row), json!([["open", ADA]]), "open, and Ada is asked");
    assert_eq!(file.events("chat_offered")[0]["agent"], ADA);

    let mut bob = stage.online("Bob").await;
    bob.refused("offer_gone", accept(chat)).await;
    bob.refused("not_waiting", json!({ "type": "assign_chat", "chat": chat })).await;
    let (one, two) = tokio::join!(ada.ask(accept(chat)), tab.ask(accept(chat)));
    let mut answers = [one["type"].as_str().unwrap(), two["type"].as_str().unwrap()];
    answers.sort_unstable();
    assert_eq!(answers, ["done", "error"], "{one} {two}");
    let refusal = if one["type"] == "error" { one } else { two };
    assert_eq!(refusal["code"], "offer_gone", "{refusal}");
    sam.sees(chat, "in_progress").await;
    assert_eq!(gone(&mut late, chat).await, "accepted");
    assert_eq!(late.sees(chat, "in_progress").await["agent"], ADA);
    bob.refused("unknown_chat", message(chat, "1", "Me too")).await;
    bob.refused("not_waiting", json!({ "type": "assign_chat", "chat": chat })).await;
    assert_eq!(file.rows(row), json!([["in_progress", ADA]]));
    let assigned = file.events("chat_assigned");
    assert_eq!((assigned.len(), &assigned[0]["choice"]["trigger"]), (1, &json!("accepted")), "{assigned:?}");
}

#[tokio::test]
async fn b7_declined_goes_on_to_the_next() {
    let stage = Stage::new(&settings(""), &[agent(ADA, 2, ""), agent(BOB, 2, "")]).await;
    let (mut ada, mut bob) = (stage.online("Ada").await, stage.online("Bob").await);
    let (mut sam, chat) = stage.joined("Sam", SALES).await;
    let first = asked(&mut ada, chat).await;
    ada.get("done", json!({ "type": "decline_offer", "chat": chat, "reason": "busy" })).await;
    assert_eq!(gone(&mut ada, chat).await, "declined");
    let second = asked(&mut bob, chat).await;
    assert_eq!(first["arrived_at"], second["arrived_at"], "the time it has waited stands");
    bob.get("done", json!({ "type": "decline_offer", "chat": chat })).await;
    bob.settled().await;
    ada.settled().await;
    assert_eq!((offers_passed(&ada, chat), offers_passed(&bob, chat)), (0, 0), "both let it pass a moment ago");
    ada.refused("offer_gone", json!({ "type": "decline_offer", "chat": chat })).await;
    let place = sam.get("place", json!({ "type": "queue_status", "chat": chat })).await;
    assert_eq!(place["place"], 1, "{place}");

    let file = stage.file();
    let ended = [
        json!({ "event": "offer_ended", "chat": chat, "agent": ADA, "how": "declined", "reason": "busy" }),
        json!({ "event": "offer_ended", "chat": chat, "agent": BOB, "how": "declined" }),
    ];
    assert_eq!(file.events("offer_ended"), ended);
    assert_eq!(file.rows("SELECT status, agent FROM chats"), json!([["open", null]]));
    assert_eq!(file.cell("SELECT state FROM agents WHERE agent = 1"), "online", "a no is no miss");
}

#[tokio::test]
async fn b7_two_misses_set_the_agent_away() {
    let stage = Stage::new(&settings("offer_timeout = '100ms'\n"), &[agent(ADA, 5, ""), agent(BOB, 5, "")]).await;
    let mut ada = stage.online("Ada").await;
    let (_sam, first) = stage.joined("Sam", SALES).await;
    asked(&mut ada, first).await;
    assert_eq!(gone(&mut ada, first).await, "missed");
    let file = stage.file();
    assert_eq!(file.cell("SELECT state FROM agents WHERE agent = 1"), "online", "one is not two");
    let (_tom, second) = stage.joined("Tom", SALES).await;
    asked(&mut ada, second).await;
    assert_eq!(gone(&mut ada, second).await, "missed");
    ada.until("agent", |frame| frame["agent"]["state"] == "away").await;
    assert_eq!(file.cell("SELECT state FROM agents WHERE agent = 1"), "away");
    let change = file.events("agent_state_changed").pop();
    assert_eq!(
        change,
        Some(json!({ "event": "agent_state_changed", "agent": ADA, "state": "away", "cause": "missed" }))
    );

    let (_uma, third) = stage.joined("Uma", SALES).await;
    ada.settled().await;
    assert_eq!(offers_passed(&ada, third), 0, "away is away");
    let mut again = stage.again(&ada).await;
    assert_eq!(again.ready["agent"]["state"], "away", "coming back does not clear it: {}", again.ready);
    again.state("online").await;
    asked(&mut ada, third).await;
    // Whoever comes gets what Ada let pass.
    let mut bob = stage.online("Bob").await;
    for chat in [first, second] {
        asked(&mut bob, chat).await;
    }
    assert_eq!(file.rows("SELECT DISTINCT status FROM chats"), json!([["open"]]));
}

#[tokio::test]
async fn b7_taken_back_from_who_leaves() {
    let stage = Stage::new(&settings(""), &[agent(ADA, 2, ""), agent(BOB, 2, "")]).await;
    let mut ada = stage.online("Ada").await;
    let mut bob = stage.online("Bob").await;
    let (mut sam, chat) = stage.joined("Sam", SALES).await;
    asked(&mut ada, chat).await;
    ada.state("away").await;
    assert_eq!(gone(&mut ada, chat).await, "withdrawn");
    asked(&mut bob, chat).await;
    sam.end(chat).await;
    assert_eq!(gone(&mut bob, chat).await, "withdrawn");
    bob.refused("offer_gone", accept(chat)).await;
    let file = stage.file();
    let ends: Vec<_> = file.events("offer_ended").iter().map(|event| event["how"].clone()).collect();
    assert_eq!(ends.first(), Some(&json!("withdrawn")), "{ends:?}");
    assert_eq!(file.rows("SELECT status, end_reason FROM chats"), json!([["resolved", "left_queue"]]));
    assert_eq!(file.events("chat_assigned"), [Value::Null; 0]);
}

#[tokio::test]
async fn b7_an_answer_begins_a_new_row_of_misses() {
    let stage = Stage::new(&settings("offer_timeout = '2s'\n"), &[agent(ADA, 5, "")]).await;
    let mut ada = stage.online("Ada").await;
    let mut people = Vec::new();
    for name in ["Sam", "Tom", "Uma"] {
        let (customer, chat) = stage.joined(name, SALES).await;
        asked(&mut ada, chat).await;
        if name == "Tom" {
            ada.get("done", accept(chat)).await;
        } else {
            assert_eq!(gone(&mut ada, chat).await, "missed");
        }
        people.push(customer);
    }
    ada.settled().await;
    let file = stage.file();
    let ends: Vec<_> = file.events("offer_ended").iter().map(|event| event["how"].clone()).collect();
    assert_eq!(ends, ["missed", "missed"]);
    assert_eq!(file.cell("SELECT state FROM agents"), "online", "two misses, but not in a row");
}

#[tokio::test]
async fn b7_unanswered_goes_on_to_the_next() {
    let stage = Stage::new(&settings("offer_timeout = '1s'\n"), &[agent(ADA, 2, ""), agent(BOB, 2, "")]).await;
    let (mut ada, mut bob) = (stage.online("Ada").await, stage.online("Bob").await);
    let (mut sam, chat) = stage.joined("Sam", SALES).await;
    asked(&mut ada, chat).await;
    asked(&mut bob, chat).await;
    assert_eq!(gone(&mut ada, chat).await, "missed");
    bob.get("done", accept(chat)).await;
    sam.sees(chat, "in_progress").await;
    ada.refused("offer_gone", accept(chat)).await;
    let file = stage.file();
    let moments = (file.moments("chat_offered"), file.moments("offer_ended"));
    assert!(moments.1[0] - moments.0[0] >= 1_000_000, "{moments:?}");
    assert_eq!(moments.0[1], moments.1[0], "at once");
    assert_eq!(file.rows("SELECT status, agent FROM chats"), json!([["in_progress", BOB]]));
}

#[tokio::test]
async fn b7_whoever_lost_the_connection_has_missed_nothing() {
    let more = "offer_timeout = '1s'\nmisses_until_away = 1\n";
    let stage = Stage::new(&settings(more), &[agent(ADA, 2, ""), agent(BOB, 2, "")]).await;
    let (mut ada, mut bob) = (stage.online("Ada").await, stage.online("Bob").await);
    let (_sam, chat) = stage.joined("Sam", SALES).await;
    asked(&mut ada, chat).await;
    let token = ada.token.clone();
    drop(ada);
    asked(&mut bob, chat).await;
    let ada = stage.with_token("agent", &token).await;
    assert_eq!(ada.ready["agent"]["state"], "online", "{}", ada.ready);
    let ended = json!({ "event": "offer_ended", "chat": chat, "agent": ADA, "how": "withdrawn" });
    assert_eq!(stage.file().events("offer_ended")[0], ended);
}

#[tokio::test]
async fn b7_an_offer_stands_over_a_restart() {
    let stage = Stage::new(&settings(""), &[agent(ADA, 2, "")]).await;
    let mut ada = stage.online("Ada").await;
    let (sam, chat) = stage.joined("Sam", SALES).await;
    asked(&mut ada, chat).await;
    let Stage { folder, server } = stage;
    server.kill().await;
    let stage = Stage { server: folder.start().await, folder };
    let mut sam = stage.again(&sam).await;
    let mut ada = stage.again(&ada).await;
    if ada.ready["offers"][0]["chat"] != chat {
        asked(&mut ada, chat).await;
    }
    ada.get("done", accept(chat)).await;
    sam.sees(chat, "in_progress").await;
    let row = stage.file().rows("SELECT status, agent FROM chats");
    assert_eq!(row, json!([["in_progress", ADA]]));
}
