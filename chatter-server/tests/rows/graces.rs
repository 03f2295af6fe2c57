//! Lost connections (B9) and presence (C13).

use serde_json::{Value, json};

use crate::stage::{ADA, BOB, FAST, GENERAL, Stage, agent, number};

/// The two parties of a chat that a lost connection must reach in time, whatever the machine does.
const SHORT: &str = "agent_grace = '100ms'\ncustomer_grace = '100ms'\n";

#[tokio::test]
async fn b9_a_customer_in_grace_keeps_the_place_and_is_skipped() {
    let stage = Stage::new(FAST, &[agent(ADA, 1, "")]).await;
    let mut ada = stage.agent("Ada").await;
    let (sam, first) = stage.joined("Sam", GENERAL).await;
    let (mut tom, second) = stage.joined("Tom", GENERAL).await;
    let (mut uma, third) = stage.joined("Uma", GENERAL).await;
    let token = sam.token.clone();
    drop(sam);
    // A chat whose customer is lost is not handed out; that the next one is shows that the loss was noticed.
    stage.server.has_logged("connection ends").await;
    ada.state("online").await;
    tom.sees(second, "in_progress").await;
    uma.until("place", |frame| frame["place"] == 2).await;
    let file = stage.file();
    let row = format!("SELECT status, agent, ended_at FROM chats WHERE chat = {first}");
    assert_eq!(file.rows(&row), json!([["open", null, null]]));

    let mut sam = stage.with_token("customer", &token).await;
    let place = sam.get("place", json!({ "type": "queue_status", "chat": first })).await;
    assert_eq!(place["place"], 1, "{place}");
    ada.end(second).await;
    sam.sees(first, "in_progress").await;
    uma.client.newest("place", |frame| frame["place"] == 1).await;
    let chats = file.rows("SELECT status FROM chats ORDER BY chat");
    assert_eq!(chats, json!([["in_progress"], ["resolved"], ["open"]]));
    assert_eq!(third, 3);
}

#[tokio::test]
async fn b9_a_customer_who_stays_away_has_abandoned() {
    let stage = Stage::new(&format!("{FAST}{SHORT}"), &[]).await;
    let (sam, first) = stage.joined("Sam", GENERAL).await;
    let (mut tom, second) = stage.joined("Tom", GENERAL).await;
    let token = sam.token.clone();
    drop(sam);
    tom.until("place", |frame| frame["place"] == 1).await;
    let file = stage.file();
    let ends = file.rows("SELECT status, ended_by, end_reason, ended_at > arrived_at FROM chats ORDER BY chat");
    assert_eq!(ends, json!([["resolved", "system", "abandoned", 1], ["open", null, null, null]]));
    assert_eq!(file.transcript(first), json!([[1, 1, "system", "chat_ended"]]));
    let sam = stage.with_token("customer", &token).await;
    assert_eq!(sam.ready["chats"][0]["end"]["reason"], "abandoned", "{}", sam.ready);
    tom.end(second).await;
}

#[tokio::test]
async fn b9_an_agent_who_returns_in_time_keeps_the_chats() {
    let stage = Stage::new(FAST, &[agent(ADA, 2, ""), agent(BOB, 2, "")]).await;
    let ada = stage.online("Ada").await;
    let (mut sam, chat) = stage.joined("Sam", GENERAL).await;
    sam.sees(chat, "in_progress").await;
    let mut bob = stage.online("Bob").await;
    let token = ada.token.clone();
    drop(ada);
    sam.until("presence", |frame| frame["agent"] == "connection_lost").await;
    let (_tom, other) = stage.joined("Tom", GENERAL).await;
    bob.sees(other, "in_progress").await;
    let mut ada = stage.with_token("agent", &token).await;
    assert_eq!(ada.ready["chats"][0]["chat"], chat, "{}", ada.ready);
    sam.until("presence", |frame| frame["agent"] == "joined").await;
    ada.say(chat, "1", "Here I am again").await;
    sam.hears(chat, "Here I am again").await;
    let file = stage.file();
    assert_eq!(file.events("chat_requeued"), [Value::Null; 0], "nothing was changed");
    assert_eq!(file.rows("SELECT agent FROM chats ORDER BY chat"), json!([[ADA], [BOB]]));
}

#[tokio::test]
async fn b9_after_the_grace_the_chats_return_to_the_head_of_the_queue() {
    let stage = Stage::new(&format!("{FAST}agent_grace = '100ms'\n"), &[agent(ADA, 2, ""), agent(BOB, 1, "")]).await;
    let ada = stage.online("Ada").await;
    let mut people = Vec::new();
    for name in ["Sam", "Tom", "Uma"] {
        people.push(stage.joined(name, GENERAL).await);
    }
    let file = stage.file();
    let arrivals = file.rows("SELECT arrived_at FROM chats ORDER BY chat");
    let token = ada.token.clone();
    drop(ada);
    for (customer, chat) in &mut people[..2] {
        customer.hears(*chat, "agent_lost").await;
        customer.hears(*chat, "back_in_queue").await;
        customer.sees(*chat, "open").await;
    }
    // Behind those who came before, and told why.
    people[2].0.until("place", |frame| frame["place"] == 3 && frame["moved_back"] == true).await;
    let ada = stage.with_token("agent", &token).await;
    // Ada has said that she is online, and is: she gets back what has waited longest.
    let mut bob = stage.agent("Bob").await;
    bob.state("online").await;
    bob.sees(3, "in_progress").await;
    assert_eq!(file.rows("SELECT arrived_at FROM chats ORDER BY chat"), arrivals);
    let requeued: Vec<_> =
        file.events("chat_requeued").iter().map(|event| json!([event["chat"], event["cause"]])).collect();
    assert_eq!(requeued, [json!([1, "agent_lost"]), json!([2, "agent_lost"])]);
    assert_eq!(file.rows("SELECT agent FROM chats ORDER BY chat"), json!([[ADA], [ADA], [BOB]]));
    let codes = json!([["agent_joined"], ["agent_lost"], ["back_in_queue"], ["agent_joined"]]);
    assert_eq!(file.rows("SELECT line ->> 'code' FROM entries WHERE chat = 1 ORDER BY seq"), codes);
    drop(ada);
}

#[tokio::test]
async fn b9_a_chat_that_returns_without_its_customer_waits_for_them() {
    let stage = Stage::new(FAST, &[agent(ADA, 2, ""), agent(BOB, 2, "")]).await;
    let mut ada = stage.online("Ada").await;
    let (sam, first) = stage.joined("Sam", GENERAL).await;
    ada.sees(first, "in_progress").await;
    let token = sam.token.clone();
    drop(sam);
    ada.until("presence", |frame| frame["customer"] == "connection_lost").await;
    let mut bob = stage.online("Bob").await;
    ada.state("offline").await;
    let (_tom, second) = stage.joined("Tom", GENERAL).await;
    bob.sees(second, "in_progress").await;
    let file = stage.file();
    let chats = "SELECT status, agent, ended_at FROM chats ORDER BY chat";
    assert_eq!(file.rows(chats), json!([["open", null, null], ["in_progress", BOB, null]]), "Bob has room for both");
    let mut sam = stage.with_token("customer", &token).await;
    sam.sees(first, "in_progress").await;
    bob.sees(first, "in_progress").await;
    assert_eq!(file.rows(chats), json!([["in_progress", BOB, null], ["in_progress", BOB, null]]));
}

#[tokio::test]
async fn c13_presence_of_the_customer() {
    let stage = Stage::new(FAST, &[agent(ADA, 2, "")]).await;
    let mut ada = stage.online("Ada").await;
    let (sam, chat) = stage.joined("Sam", GENERAL).await;
    let held = ada.sees(chat, "in_progress").await;
    assert_eq!(held["customer_presence"], "joined", "{held}");
    let second = stage.again(&sam).await;
    let token = sam.token.clone();
    drop(sam);
    drop(second);
    ada.until("presence", |frame| frame["chat"] == chat && frame["customer"] == "connection_lost").await;
    let mut sam = stage.with_token("customer", &token).await;
    ada.until("presence", |frame| frame["chat"] == chat && frame["customer"] == "joined").await;
    ada.settled().await;
    let told = ada.client.passed().iter().filter(|frame| frame["type"] == "presence").count();
    assert_eq!(told, 0, "the second connection was no news: {:?}", ada.client.passed());
    sam.say(chat, "1", "Back").await;
    assert_eq!(stage.file().cell("SELECT status FROM chats"), "in_progress");
}

#[tokio::test]
async fn c13_who_stays_away_has_left() {
    let stage = Stage::new(&format!("{FAST}{SHORT}"), &[agent(ADA, 2, "")]).await;
    let mut ada = stage.online("Ada").await;
    let (sam, chat) = stage.joined("Sam", GENERAL).await;
    ada.sees(chat, "in_progress").await;
    drop(sam);
    ada.until("presence", |frame| frame["customer"] == "left").await;
    ada.say(chat, "1", "Are you there?").await;
    let file = stage.file();
    assert_eq!(file.rows("SELECT status, agent FROM chats"), json!([["in_progress", ADA]]), "the agent still has it");

    let (mut tom, other) = stage.joined("Tom", GENERAL).await;
    tom.sees(other, "in_progress").await;
    drop(ada);
    tom.until("presence", |frame| frame["agent"] == "connection_lost").await;
    tom.hears(other, "agent_lost").await;
    let lines = file.transcript(other);
    assert_eq!(
        lines,
        json!([[1, 1, "system", "agent_joined"], [2, 2, "system", "agent_lost"], [3, 3, "system", "back_in_queue"]])
    );
}

#[tokio::test]
async fn c13_leaving_on_purpose_is_told_as_leaving() {
    let stage = Stage::new(FAST, &[agent(ADA, 2, "")]).await;
    let mut ada = stage.online("Ada").await;
    let (mut sam, chat) = stage.joined("Sam", GENERAL).await;
    sam.sees(chat, "in_progress").await;
    ada.get("done", json!({ "type": "sign_out", "all": false })).await;
    assert_eq!(ada.client.closed().await.code, Some(4102));
    let line = sam.hears(chat, "agent_left").await;
    assert_eq!(line["body"]["line"]["name"], "Ada", "{line}");
    let open = sam.sees(chat, "open").await;
    assert_eq!(number(&open["last_public_seq"]), 3, "{open}");
    let file = stage.file();
    assert_eq!(file.rows("SELECT status, agent, last_agent FROM chats"), json!([["open", null, ADA]]));
    assert_eq!(file.cell("SELECT state FROM agents WHERE agent = 1"), "offline");
}
