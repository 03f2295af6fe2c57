//! Chats that their agents give away (B10).

use serde_json::{Value, json};

use crate::stage::{ADA, BILLING, BOB, FAST, GENERAL, Person, SALES, Stage, agent, category, message};

fn to_agent(chat: u64, agent: u64) -> Value {
    json!({ "type": "transfer_chat", "chat": chat, "to_agent": agent })
}

fn to_category(chat: u64, category: u64) -> Value {
    json!({ "type": "transfer_chat", "chat": chat, "to_category": category })
}

fn with_note(mut transfer: Value, note: &str) -> Value {
    transfer["note"] = json!(note);
    transfer
}

/// Ada asks Bob to take over her chat with Sam, in a category where chats are offered.
async fn offered(settings: &str) -> (Stage, [Person; 3], u64) {
    let categories = [category("General", ""), category("Sales", "routing = 'offer'")].concat();
    let settings = format!("{settings}{categories}");
    let stage = Stage::new(&settings, &[agent(ADA, 2, ""), agent(BOB, 1, "")]).await;
    let mut ada = stage.agent("Ada").await;
    ada.state("away").await;
    let (sam, chat) = stage.joined("Sam", SALES).await;
    ada.get("done", json!({ "type": "assign_chat", "chat": chat })).await;
    let bob = stage.online("Bob").await;
    ada.get("done", to_agent(chat, BOB)).await;
    (stage, [ada, bob, sam], chat)
}

/// The words of a page.
fn words(page: &Value) -> Vec<&str> {
    let entries = page["entries"].as_array().unwrap().iter();
    entries
        .filter_map(|entry| entry["body"]["text"].as_str().or_else(|| entry["body"]["line"]["code"].as_str()))
        .collect()
}

#[tokio::test]
async fn b10_to_an_agent_with_the_transcript_and_a_note() {
    let stage = Stage::new(FAST, &[agent(ADA, 2, ""), agent(BOB, 2, "categories = ['Sales']")]).await;
    let mut ada = stage.online("Ada").await;
    let (mut sam, chat) = stage.joined("Sam", GENERAL).await;
    ada.sees(chat, "in_progress").await;
    sam.say(chat, "1", "My bill is wrong").await;
    let mut bob = stage.online("Bob").await;
    bob.refused("unknown_chat", json!({ "type": "read_history", "chat": chat, "before": 9, "limit": 9 })).await;
    ada.get("done", with_note(to_agent(chat, BOB), "A regular")).await;
    ada.until("chat_gone", |frame| frame["chat"] == chat).await;
    let taken = bob.sees(chat, "in_progress").await;
    assert_eq!((&taken["agent"], &taken["category"]), (&json!(BOB), &json!(GENERAL)), "of whatever category: {taken}");
    let page = bob.history(chat).await;
    assert_eq!(words(&page), ["agent_joined", "My bill is wrong", "A regular", "transferred_to_agent"]);
    sam.hears(chat, "transferred_to_agent").await;
    sam.until("chat", |frame| frame["chat"]["agent"] == "Bob").await;
    let page = sam.history(chat).await;
    assert_eq!(words(&page), ["agent_joined", "My bill is wrong", "transferred_to_agent"], "{page}");

    sam.say(chat, "2", "For Bob alone").await;
    bob.follow(chat).await;
    ada.refused("not_your_chat", message(chat, "1", "Still me")).await;
    ada.settled().await;
    let heard = ada.client.passed().iter().any(|frame| frame["entry"]["body"]["text"] == "For Bob alone");
    assert!(!heard, "the source hears nothing more");
    let file = stage.file();
    assert_eq!(file.rows("SELECT status, agent, last_agent FROM chats"), json!([["in_progress", BOB, BOB]]));
    let over = json!({ "event": "chat_transferred", "chat": chat, "from": ADA, "to": BOB });
    assert_eq!(file.events("chat_transferred"), [over]);
    let note = "SELECT seq, public_seq, author_name FROM entries WHERE text = 'A regular'";
    assert_eq!(file.rows(note), json!([[3, null, "Ada"]]));
}

#[tokio::test]
async fn b10_refused_with_the_reason() {
    let stage = Stage::new(FAST, &[agent(ADA, 3, ""), agent(BOB, 1, "")]).await;
    let mut ada = stage.online("Ada").await;
    let (_sam, chat) = stage.joined("Sam", GENERAL).await;
    ada.sees(chat, "in_progress").await;
    let why = async |ada: &mut Person, to: u64| {
        let refusal = ada.refused("agent_unavailable", with_note(to_agent(chat, to), "Not kept")).await;
        assert_eq!(refusal["agent"], to, "{refusal}");
        refusal["reason"].clone()
    };
    assert_eq!(why(&mut ada, BOB).await, "offline", "never signed in");
    let mut bob = stage.agent("Bob").await;
    assert_eq!(why(&mut ada, BOB).await, "offline", "signed in");
    bob.state("away").await;
    assert_eq!(why(&mut ada, BOB).await, "away");
    bob.state("online").await;
    ada.state("away").await;
    let (_tom, other) = stage.joined("Tom", GENERAL).await;
    bob.sees(other, "in_progress").await;
    assert_eq!(why(&mut ada, BOB).await, "full");
    bob.state("last_call").await;
    assert_eq!(why(&mut ada, BOB).await, "last_call");
    assert_eq!(why(&mut ada, ADA).await, "holds");
    ada.refused("unknown_agent", to_agent(chat, 77)).await;
    bob.refused("unknown_chat", to_agent(chat, BOB)).await;
    ada.refused("unknown_category", to_category(chat, 77)).await;
    ada.refused("invalid", to_category(chat, GENERAL)).await;
    let file = stage.file();
    assert_eq!(file.rows("SELECT agent FROM chats ORDER BY chat"), json!([[ADA], [BOB]]));
    assert_eq!(file.transcript(chat), json!([[1, 1, "system", "agent_joined"]]), "and no note");
    assert_eq!(file.events("chat_transferred"), [Value::Null; 0]);
}

#[tokio::test]
async fn b10_to_a_category_with_the_original_arrival() {
    let stage = Stage::new(FAST, &[agent(ADA, 3, "categories = ['General']"), agent(BOB, 1, "")]).await;
    let mut ada = stage.online("Ada").await;
    let (mut sam, chat) = stage.joined("Sam", GENERAL).await;
    ada.sees(chat, "in_progress").await;
    let (mut tom, other) = stage.joined("Tom", SALES).await;
    let file = stage.file();
    let arrivals = file.rows("SELECT arrived_at FROM chats ORDER BY chat");
    ada.get("done", with_note(to_category(chat, SALES), "Wants to buy")).await;
    ada.until("chat_gone", |frame| frame["chat"] == chat).await;
    sam.hears(chat, "transferred_to_category").await;
    let told = sam.sees(chat, "open").await;
    assert_eq!(told["category"], SALES, "{told}");
    sam.client.newest("place", |frame| frame["place"] == 1).await;
    tom.until("place", |frame| frame["place"] == 2 && frame["moved_back"] == true).await;
    assert_eq!(file.rows("SELECT arrived_at FROM chats ORDER BY chat"), arrivals);
    assert_eq!(file.rows("SELECT category, status, agent FROM chats WHERE chat = 1"), json!([[SALES, "open", null]]));
    let moved = json!({ "event": "chat_moved", "chat": chat, "from": ADA, "category": SALES });
    assert_eq!(file.events("chat_moved"), [moved]);

    let mut bob = stage.online("Bob").await;
    bob.sees(chat, "in_progress").await;
    assert_eq!(
        words(&bob.history(chat).await),
        ["agent_joined", "Wants to buy", "transferred_to_category", "agent_joined"]
    );
    bob.end(chat).await;
    tom.sees(other, "in_progress").await;
    // A customer has one chat in a category.
    let third = sam.join("Sam", GENERAL).await["chat"]["chat"].clone();
    ada.sees(third.as_u64().unwrap(), "in_progress").await;
    let refusal = ada.refused("customer_has_chat", to_category(third.as_u64().unwrap(), SALES)).await;
    assert_eq!(refusal["chat"], chat, "{refusal}");
    ada.get("done", to_category(third.as_u64().unwrap(), BILLING)).await;
}

#[tokio::test]
async fn b10_by_offer_the_source_keeps_it_until_accepted() {
    let (stage, [mut ada, mut bob, mut sam], chat) = offered(FAST).await;
    let offer = bob.until("offer", |frame| frame["offer"]["chat"] == chat).await;
    assert_eq!(offer["offer"]["from"], ADA, "{offer}");
    bob.until("agent", |frame| frame["agent"]["load"] == 1).await;
    ada.until("chat", |frame| frame["chat"]["transfer_to"] == BOB).await;
    ada.say(chat, "1", "I am with you until Bob is").await;
    bob.refused("not_your_chat", message(chat, "1", "Not yet")).await;
    let file = stage.file();
    let holder = "SELECT status, agent FROM chats";
    assert_eq!(file.rows(holder), json!([["in_progress", ADA]]));

    bob.get("done", json!({ "type": "decline_offer", "chat": chat, "reason": "wrong_category" })).await;
    let failed = ada.until("transfer_failed", |frame| frame["chat"] == chat).await;
    assert_eq!((&failed["to_agent"], &failed["how"]), (&json!(BOB), &json!("declined")), "{failed}");
    assert_eq!(file.rows(holder), json!([["in_progress", ADA]]));
    ada.get("done", to_agent(chat, BOB)).await;
    bob.get("done", json!({ "type": "accept_offer", "chat": chat })).await;
    ada.until("chat_gone", |frame| frame["chat"] == chat).await;
    bob.sees(chat, "in_progress").await;
    sam.until("chat", |frame| frame["chat"]["agent"] == "Bob").await;
    assert_eq!(file.rows(holder), json!([["in_progress", BOB]]));
    let kinds = "SELECT body ->> 'event' FROM events WHERE body ->> 'event' LIKE '%transfer%' ORDER BY no";
    let told = json!([["transfer_offered"], ["transfer_ended"], ["transfer_offered"], ["chat_transferred"]]);
    assert_eq!(file.rows(kinds), told);
}

#[tokio::test]
async fn b10_a_missed_transfer_stays_with_the_source() {
    let (stage, [mut ada, mut bob, mut sam], chat) = offered(&format!("{FAST}offer_timeout = '100ms'\n")).await;
    let failed = ada.until("transfer_failed", |frame| frame["chat"] == chat).await;
    assert_eq!(failed["how"], "missed", "{failed}");
    bob.until("offer_gone", |frame| frame["how"] == "missed").await;
    bob.until("agent", |frame| frame["agent"]["load"] == 0).await;
    ada.say(chat, "1", "Nobody else, so me").await;
    sam.hears(chat, "Nobody else, so me").await;
    assert_eq!(stage.file().rows("SELECT status, agent FROM chats"), json!([["in_progress", ADA]]));
}
