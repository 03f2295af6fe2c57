//! Joining (B3), the place in line (B5), and the way from the queue into the chat (B6).

use serde_json::{Value, json};

use crate::stage::{ADA, FAST, GENERAL, Stage, agent, claims, number};

fn status(chat: u64) -> Value {
    json!({ "type": "queue_status", "chat": chat })
}

#[tokio::test]
async fn b3_names_tokens_and_the_limit() {
    let stage = Stage::new("", &[]).await;
    let mut chats = Vec::new();
    for _ in 0..3 {
        let mut sam = stage.customer().await;
        let queued = sam.get("queued", json!({ "type": "join_queue", "name": " Sam ", "subject": "My bill" })).await;
        assert_eq!((&queued["existing"], &queued["chat"]["customer_name"]), (&json!(false), &json!("Sam")), "{queued}");
        let token = claims(&queued["queue_token"]);
        assert_eq!((&token["name"], &token["chat"]), (&json!("Sam"), &queued["chat"]["chat"]), "{token}");
        assert!(token["iat"].as_u64().is_some_and(|issued| issued > 0), "{token}");
        chats.push((sam, queued));
    }
    let mut late = stage.customer().await;
    let refusal = late.refused("rate_limited", json!({ "type": "join_queue", "name": "Sam" })).await;
    assert!(number(&refusal["retry_after_ms"]) > 0, "{refusal}");

    let file = stage.file();
    let rows = file.rows("SELECT customer_name, subject, status, category FROM chats");
    let row = json!(["Sam", "My bill", "open", 1]);
    assert_eq!(rows, json!([row, row, row]), "the same name three times, and nothing of the fourth");
    assert_eq!(file.cell("SELECT count(DISTINCT customer) FROM chats"), 3);
}

#[tokio::test]
async fn b3_a_queue_token_is_for_its_chat_alone() {
    let stage = Stage::new(FAST, &[]).await;
    let mut sam = stage.customer().await;
    let queued = sam.join("Sam", GENERAL).await;
    let (_tom, other) = stage.joined("Tom", GENERAL).await;
    let mut holder = stage.with_token("customer", &queued["queue_token"]).await;
    let place = holder.get("place", status(number(&queued["chat"]["chat"]))).await;
    assert_eq!(place["place"], 1, "{place}");
    holder.refused("unknown_chat", status(other)).await;
    holder.refused("not_allowed", json!({ "type": "join_queue", "name": "Sam", "category": 2 })).await;
    let mut nobody = stage.server.connect().await;
    let bad = format!("{}x", queued["queue_token"].as_str().unwrap());
    let refusal = nobody.hello("customer", json!({ "token": bad })).await;
    assert_eq!(refusal["code"], "not_allowed", "{refusal}");
    assert_eq!(nobody.closed().await.code, Some(4101));
    assert_eq!(stage.file().cell("SELECT count(*) FROM chats"), 2);
}

#[tokio::test]
async fn b5_place_in_line_is_told_and_can_be_asked() {
    let stage = Stage::new(FAST, &[agent(ADA, 1, "")]).await;
    let mut ada = stage.agent("Ada").await;
    let (mut sam, first) = stage.joined("Sam", GENERAL).await;
    let (_tom, _) = stage.joined("Tom", GENERAL).await;
    let (mut uma, third) = stage.joined("Uma", GENERAL).await;
    let place = uma.get("place", status(third)).await;
    assert_eq!((&place["place"], &place["ahead"], &place["agents_online"]), (&json!(3), &json!(2), &json!(0)));
    assert!(place.get("estimated_wait_ms").is_none_or(|wait| number(wait) > 0), "absent, never zero: {place}");
    sam.end(first).await;
    let told = uma.until("place", |frame| frame["place"] == 2).await;
    assert_eq!((&told["ahead"], told.get("moved_back")), (&json!(1), None), "{told}");
    ada.state("online").await;
    uma.until("place", |frame| frame["place"] == 1 && frame["agents_online"] == 1).await;
    let gone = sam.refused("not_waiting", status(first)).await;
    assert_eq!(gone["status"], "resolved", "{gone}");
    let file = stage.file();
    let chats = file.rows("SELECT status, end_reason FROM chats ORDER BY chat");
    assert_eq!(chats, json!([["resolved", "left_queue"], ["in_progress", null], ["open", null]]));
    assert_eq!(file.cell("SELECT ended_by FROM chats WHERE chat = 1"), "customer");
}

#[tokio::test]
async fn b5_many_changes_are_one_frame() {
    let stage = Stage::new("joins_per_minute = 0\npush_interval = '1m'\n", &[]).await;
    let mut ahead = Vec::new();
    for name in ["Sam", "Tom", "Uma", "Vic", "Wes"] {
        ahead.push(stage.joined(name, GENERAL).await);
    }
    let (mut last, chat) = stage.joined("Xia", GENERAL).await;
    for (customer, chat) in &mut ahead {
        customer.end(*chat).await;
    }
    let place = last.get("place", status(chat)).await;
    assert_eq!(place["place"], 1, "asking answers at once: {place}");
    let pushed = last.client.passed().iter().filter(|frame| frame["type"] == "place").count();
    assert!(pushed <= 1, "one frame an interval at most: {:?}", last.client.passed());
}

#[tokio::test]
async fn b6_start_chat() {
    let stage = Stage::new(FAST, &[agent(ADA, 1, "")]).await;
    let mut ada = stage.agent("Ada").await;
    let (mut sam, first) = stage.joined("Sam", GENERAL).await;
    let (mut tom, second) = stage.joined("Tom", GENERAL).await;
    let start = |chat| json!({ "type": "start_chat", "chat": chat });
    let waits = tom.refused("still_waiting", start(second)).await;
    assert_eq!(waits["place"], 2, "{waits}");
    ada.state("online").await;
    let told = sam.until("customer_token", |frame| frame["chat"] == first).await;
    let asked = sam.get("customer_token", start(first)).await;
    for token in [&told["customer_token"], &asked["customer_token"]] {
        let claims = claims(token);
        assert_eq!((&claims["name"], &claims["chat"]), (&json!("Sam"), &json!(first)), "{claims}");
        let mut back = stage.with_token("customer", token).await;
        assert_eq!(back.ready["chats"][0]["chat"], first, "{}", back.ready);
        back.refused("unknown_chat", start(second)).await;
    }
    let waits = tom.refused("still_waiting", start(second)).await;
    assert_eq!(waits["place"], 1, "{waits}");
    sam.end(first).await;
    sam.refused("chat_resolved", start(first)).await;
    let chats = stage.file().rows("SELECT status, agent, last_agent FROM chats ORDER BY chat");
    assert_eq!(chats, json!([["resolved", null, 1], ["in_progress", 1, 1]]));
}
