//! Who takes chats (A6), what they serve (B2), who is served next by whom (B4), and the numbers of both (B8).

use serde_json::{Value, json};

use crate::stage::{ADA, BILLING, BOB, FAST, GENERAL, SALES, Stage, agent, number};

/// Waits for the numbers: signed in, online, and those of the general category.
async fn numbers(who: &mut crate::stage::Person, expected: [u64; 5]) {
    let told = |frame: &Value| {
        let (all, general) = (&frame["agents"], &frame["agents"]["categories"][0]);
        [&all["signed_in"], &all["online"], &general["signed_in"], &general["online"], &general["waiting"]]
            .map(|count| count.as_u64().unwrap_or_default())
    };
    who.client.newest("agents", |frame| told(frame) == expected).await;
}

#[tokio::test]
async fn a6_agent_states() {
    let stage = Stage::new(FAST, &[agent(ADA, 2, ""), agent(BOB, 2, "categories = ['Sales']")]).await;
    let mut watching = stage.agent("Bob").await;
    let mut ada = stage.agent("Ada").await;
    numbers(&mut watching, [2, 0, 1, 0, 0]).await;
    assert_eq!(ada.ready["agent"]["state"], "offline", "{}", ada.ready);
    ada.state("online").await;
    numbers(&mut watching, [2, 1, 1, 1, 0]).await;

    let (mut first, one) = stage.joined("Sam", GENERAL).await;
    ada.sees(one, "in_progress").await;
    ada.state("away").await;
    let (_second, two) = stage.joined("Tom", GENERAL).await;
    numbers(&mut watching, [2, 0, 1, 0, 1]).await;
    ada.say(one, "1", "away, and still yours").await;
    let file = stage.file();
    assert_eq!(file.rows("SELECT status, agent FROM chats ORDER BY chat"), json!([["in_progress", 1], ["open", null]]));
    assert_eq!(file.cell("SELECT state FROM agents WHERE agent = 1"), "away");

    ada.state("online").await;
    ada.sees(two, "in_progress").await;
    ada.state("last_call").await;
    let (mut third, three) = stage.joined("Uma", GENERAL).await;
    ada.end(one).await;
    first.sees(one, "resolved").await;
    third.settled().await;
    assert_eq!(file.cell("SELECT state FROM agents WHERE agent = 1"), "last_call", "one chat is left");
    ada.end(two).await;
    ada.until("agent", |frame| frame["agent"]["state"] == "offline" && frame["agent"]["load"] == 0).await;
    assert_eq!(file.cell("SELECT state FROM agents WHERE agent = 1"), "offline");
    assert_eq!(file.cell(&format!("SELECT status FROM chats WHERE chat = {three}")), "open", "no new one was taken");

    ada.state("online").await;
    third.sees(three, "in_progress").await;
    numbers(&mut watching, [2, 1, 1, 1, 0]).await;
    ada.state("offline").await;
    third.sees(three, "open").await;
    numbers(&mut watching, [2, 0, 1, 0, 1]).await;
    drop(ada);
    numbers(&mut watching, [1, 0, 0, 0, 1]).await;
    let changes = file.events("agent_state_changed");
    let causes: Vec<_> = changes.iter().map(|event| json!([event["state"], event["cause"]])).collect();
    let declared = |state| json!([state, "declared"]);
    let [online, away] = ["online", "away"].map(declared);
    assert_eq!(
        causes,
        [
            online.clone(),
            away,
            online.clone(),
            declared("last_call"),
            json!(["offline", "last_call_done"]),
            online,
            declared("offline")
        ]
    );
}

#[tokio::test]
async fn b2_categories_and_other() {
    let (sales, rest) = ("categories = ['Sales']", "categories = ['Technical', 'General']");
    let stage = Stage::new(FAST, &[agent(ADA, 5, sales), agent(BOB, 5, rest)]).await;
    let (mut ada, mut bob) = (stage.online("Ada").await, stage.online("Bob").await);
    let mut other = stage.customer().await;
    let general = other.get("queued", json!({ "type": "join_queue", "name": "Sam" })).await;
    assert_eq!(general["chat"]["category"], GENERAL, "whoever does not choose comes to the general one: {general}");
    bob.sees(number(&general["chat"]["chat"]), "in_progress").await;
    let (_tom, about_sales) = stage.joined("Tom", SALES).await;
    ada.sees(about_sales, "in_progress").await;
    let (mut uma, about_billing) = stage.joined("Uma", BILLING).await;
    let place = uma.get("place", json!({ "type": "queue_status", "chat": about_billing })).await;
    assert_eq!((&place["place"], &place["agents_online"]), (&json!(1), &json!(0)), "nobody serves it: {place}");
    let mut lost = stage.customer().await;
    lost.refused("unknown_category", json!({ "type": "join_queue", "name": "Lou", "category": 9 })).await;

    let file = stage.file();
    let chats = file.rows("SELECT category, status, agent FROM chats ORDER BY chat");
    assert_eq!(chats, json!([[1, "in_progress", 2], [2, "in_progress", 1], [3, "open", null]]));
    assert_eq!(file.rows("SELECT agent, categories FROM agents ORDER BY agent"), json!([[1, "[2]"], [2, "[1,4]"]]));
    let names = json!([["General"], ["Sales"], ["Billing"], ["Technical"]]);
    assert_eq!(file.rows("SELECT name FROM categories ORDER BY category"), names);
}

#[tokio::test]
async fn b4_longest_wait_over_all_categories() {
    let stage = Stage::new(FAST, &[agent(ADA, 1, "")]).await;
    let mut ada = stage.agent("Ada").await;
    let (_sam, first) = stage.joined("Sam", SALES).await;
    let (_tom, second) = stage.joined("Tom", GENERAL).await;
    let (_uma, third) = stage.joined("Uma", SALES).await;
    ada.state("online").await;
    for chat in [first, second, third] {
        let held = ada.sees(chat, "in_progress").await;
        assert_eq!(held["agent"], ADA, "{held}");
        ada.end(chat).await;
    }
    let file = stage.file();
    let given: Vec<_> = file.events("chat_assigned").iter().map(|event| number(&event["chat"])).collect();
    assert_eq!(given, [first, second, third]);
    let arrivals = file.rows("SELECT chat FROM chats ORDER BY arrived_at");
    assert_eq!(arrivals, json!([[first], [second], [third]]));
}

#[tokio::test]
async fn b4_least_loaded_takes_the_newcomer() {
    let stage = Stage::new(FAST, &[agent(ADA, 5, ""), agent(BOB, 5, "")]).await;
    let _ada = stage.online("Ada").await;
    let mut customers = vec![stage.joined("Sam", GENERAL).await];
    let _bob = stage.online("Bob").await;
    for name in ["Tom", "Uma", "Vic", "Wes"] {
        customers.push(stage.joined(name, GENERAL).await);
    }
    let file = stage.file();
    let given: Vec<_> = file.events("chat_assigned").iter().map(|event| number(&event["agent"])).collect();
    // One to one: whoever got their last one longest ago is next.
    assert_eq!(given, [ADA, BOB, ADA, BOB, ADA]);
}

#[tokio::test]
async fn b4_never_more_than_the_maximum() {
    let unlimited = agent(ADA, 0, "").replace("max_chats = 0\n", "");
    let stage = Stage::new(FAST, &[unlimited, agent(BOB, 1, "")]).await;
    let (mut ada, _bob) = (stage.online("Ada").await, stage.online("Bob").await);
    let mut customers = Vec::new();
    for name in ["Sam", "Tom", "Uma", "Vic"] {
        customers.push(stage.joined(name, GENERAL).await);
    }
    let file = stage.file();
    let held = "SELECT agent, count(*) FROM chats WHERE status = 'in_progress' GROUP BY agent ORDER BY agent";
    assert_eq!(file.rows("SELECT agent, max_chats FROM agents ORDER BY agent"), json!([[1, 2], [2, 1]]));
    assert_eq!(file.rows(held), json!([[1, 2], [2, 1]]));
    assert_eq!(file.cell("SELECT chat FROM chats WHERE status = 'open'"), customers[3].1);
    let one = file.cell("SELECT min(chat) FROM chats WHERE agent = 1");
    ada.end(number(&one)).await;
    customers[3].0.sees(4, "in_progress").await;
    assert_eq!(file.rows(held), json!([[1, 2], [2, 1]]));
}

#[tokio::test]
async fn b8_waiting_and_in_chats_are_counted() {
    let stage = Stage::new(FAST, &[agent(ADA, 1, "")]).await;
    let mut ada = stage.online("Ada").await;
    let (_sam, first) = stage.joined("Sam", GENERAL).await;
    ada.until("agent", |frame| frame["agent"]["load"] == 1).await;
    let (_tom, _) = stage.joined("Tom", GENERAL).await;
    let (_uma, _) = stage.joined("Uma", SALES).await;
    let waiting = |frame: &Value, category: usize| frame["agents"]["categories"][category]["waiting"].clone();
    ada.client.newest("agents", |frame| waiting(frame, 0) == 1 && waiting(frame, 1) == 1).await;
    ada.end(first).await;
    ada.client.newest("agents", |frame| waiting(frame, 0) == 0 && waiting(frame, 1) == 1).await;
    let open = stage.file().rows("SELECT category, count(*) FROM chats WHERE status = 'open' GROUP BY category");
    assert_eq!(open, json!([[SALES, 1]]));
}
