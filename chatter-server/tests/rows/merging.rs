//! Two chats of one customer go on as one (C21): linked, forwarded, both numbers valid.

use serde_json::{Value, json};

use crate::stage::{ADA, BOB, FAST, GENERAL, Person, SALES, Stage, agent, message, number};

fn merge(chat: u64, into: u64) -> Value {
    json!({ "type": "merge_chats", "chat": chat, "into": into })
}

/// Sam with a chat in each of two categories, both with Ada.
async fn scene(stage: &Stage) -> (Person, Person, u64, u64) {
    let mut ada = stage.online("Ada").await;
    let (mut sam, old) = stage.joined("Sam", GENERAL).await;
    let new = number(&sam.join("Sam", SALES).await["chat"]["chat"]);
    for chat in [old, new] {
        ada.sees(chat, "in_progress").await;
        sam.sees(chat, "in_progress").await;
        ada.follow(chat).await;
    }
    (ada, sam, old, new)
}

#[tokio::test]
async fn c21_merged_chats_are_linked_and_forwarded_even_after_a_restart() {
    let stage = Stage::new(FAST, &[agent(ADA, 5, "")]).await;
    let (mut ada, mut sam, old, new) = scene(&stage).await;
    let customer = sam.until("customer_token", |frame| frame["chat"] == old).await["customer_token"].clone();
    sam.say(old, "1", "in the old one").await;
    sam.say(new, "1", "in the new one").await;
    ada.hears(old, "in the old one").await;
    ada.get("done", merge(old, new)).await;
    ada.get("done", merge(old, new)).await;
    let line = sam.hears(new, "merged_from").await;
    assert_eq!(line["body"]["line"]["from"], old, "{line}");
    let line = sam.hears(old, "merged_into").await;
    assert_eq!(line["body"]["line"]["into"], new, "{line}");
    let told = sam.until("chat", |frame| frame["chat"]["merged_into"] == new).await;
    assert_eq!((&told["chat"]["chat"], &told["chat"]["status"]), (&json!(old), &json!("closed")), "{told}");
    // What is sent to the old number is carried out in the new one.
    sam.say(old, "2", "to the old number").await;
    ada.hears(new, "to the old number").await;

    let stage = stage.restarted().await;
    let mut ada = stage.again(&ada).await;
    ada.follow(new).await;
    // So it is for whoever has only the token of the old one.
    let mut sam = stage.with_token("customer", &customer).await;
    let shown: Vec<_> = sam.ready["chats"].as_array().unwrap().iter().map(|chat| chat["chat"].clone()).collect();
    assert_eq!(shown, [json!(new)], "{}", sam.ready);
    let again = sam.get("accepted", message(old, "1", "in the old one")).await;
    assert_eq!(again["duplicate"], true, "{again}");
    assert_eq!(sam.get("accepted", message(old, "2", "to the old number")).await["duplicate"], true);
    sam.say(old, "3", "after the restart").await;
    ada.hears(new, "after the restart").await;
    let page = sam.history(old).await;
    let entries = page["entries"].as_array().unwrap();
    assert_eq!((entries.len(), &entries[1]["body"]["text"]), (3, &json!("in the old one")), "{page}");
    sam.get("done", json!({ "type": "end_chat", "chat": old })).await;

    let file = stage.file();
    let links = file.rows("SELECT chat, status, end_reason, merged_into, merged_from FROM chats ORDER BY chat");
    let from = format!("[{old}]");
    assert_eq!(links, json!([[old, "closed", "merged", new, "[]"], [new, "resolved", "customer_ended", null, from]]));
    let words = [
        json!([1, 1, "system", "agent_joined"]),
        json!([2, 2, "Sam", "in the old one"]),
        json!([3, 3, "system", "merged_into"]),
    ];
    assert_eq!(file.transcript(old), json!(words), "nothing is renumbered");
    let words: Vec<_> = file.transcript(new).as_array().unwrap().iter().map(|row| row[3].clone()).collect();
    let all = ["agent_joined", "in the new one", "merged_from", "to the old number", "after the restart", "chat_ended"];
    assert_eq!(words, all);
}

#[tokio::test]
async fn c21_only_chats_of_one_customer_are_merged_by_who_has_them() {
    let agents = [agent(ADA, 5, ""), agent(BOB, 5, "")];
    let stage = Stage::new(FAST, &agents).await;
    let (mut ada, mut sam, old, new) = scene(&stage).await;
    let (_zoe, other) = stage.joined("Zoe", GENERAL).await;
    ada.sees(other, "in_progress").await;
    let events = stage.file().cell("SELECT count(*) FROM events");
    for (chat, into) in [(old, other), (other, old), (old, old)] {
        ada.refused("cannot_merge", merge(chat, into)).await;
    }
    ada.refused("unknown_chat", merge(old, 9_999)).await;
    sam.refused("not_allowed", merge(old, new)).await;
    let mut bob = stage.agent("Bob").await;
    bob.refused("unknown_chat", merge(old, new)).await;
    assert_eq!(stage.file().cell("SELECT count(*) FROM events"), events);
    ada.end(new).await;
    let refusal = ada.refused("chat_resolved", merge(old, new)).await;
    assert_eq!(refusal["chat"], new, "nobody would answer there: {refusal}");
    ada.get("done", merge(new, old)).await;
    assert_eq!(stage.file().cell(&format!("SELECT merged_into FROM chats WHERE chat = {new}")), old);
}
