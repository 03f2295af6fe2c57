//! The life of a chat: ended, reopened, closed (C6).

use serde_json::{Value, json};

use crate::stage::{ADA, BOB, FAST, GENERAL, Stage, agent, message};

/// What the file keeps of the end of chat 1.
const STATE: &str =
    "SELECT status, agent, episode, ended_by, end_reason, ended_at IS NOT NULL FROM chats WHERE chat = 1";

fn reopen(chat: u64) -> Value {
    json!({ "type": "reopen_chat", "chat": chat })
}

#[tokio::test]
async fn c6_ended_by_either_side_and_taken_up_by_either() {
    let stage = Stage::new(FAST, &[agent(ADA, 2, ""), agent(BOB, 2, "")]).await;
    let mut ada = stage.online("Ada").await;
    let (mut sam, chat) = stage.joined("Sam", GENERAL).await;
    ada.sees(chat, "in_progress").await;
    let _bob = stage.online("Bob").await;
    let file = stage.file();
    sam.end(chat).await;
    for told in [sam.sees(chat, "resolved").await, ada.sees(chat, "resolved").await] {
        assert_eq!((&told["end"]["by"], &told["end"]["reason"]), (&json!("customer"), &json!("customer_ended")));
    }
    assert_eq!(file.rows(STATE), json!([["resolved", null, 1, "customer", "customer_ended", 1]]));
    ada.refused("chat_resolved", message(chat, "1", "wait")).await;

    // To Ada again, although Bob holds nothing.
    sam.say(chat, "1", "One more thing").await;
    let taken = ada.until("chat", |frame| frame["chat"]["episode"] == 2 && frame["chat"]["agent"] == ADA).await;
    assert_eq!(taken["chat"]["status"], "in_progress", "{taken}");
    sam.until("chat", |frame| frame["chat"]["episode"] == 2 && frame["chat"]["agent"] == "Ada").await;
    assert_eq!(file.rows(STATE), json!([["in_progress", ADA, 2, null, null, 0]]));

    ada.end(chat).await;
    let told = sam.until("chat", |frame| frame["chat"]["end"]["reason"] == "agent_ended").await;
    assert_eq!((&told["chat"]["status"], &told["chat"]["end"]["by"]), (&json!("resolved"), &json!("staff")), "{told}");
    assert_eq!(file.rows(STATE), json!([["resolved", null, 2, "staff", "agent_ended", 1]]));
    sam.refused("not_allowed", reopen(chat)).await;
    ada.get("done", reopen(chat)).await;
    sam.until("chat", |frame| frame["chat"]["episode"] == 3 && frame["chat"]["status"] == "in_progress").await;
    ada.refused("chat_not_resolved", reopen(chat)).await;
    assert_eq!(file.rows(STATE), json!([["in_progress", ADA, 3, null, null, 0]]));
    assert_eq!(
        file.transcript(chat),
        json!([
            [1, 1, "system", "agent_joined"],
            [2, 2, "system", "chat_ended"],
            [3, 3, "system", "chat_reopened"],
            [4, 4, "Sam", "One more thing"],
            [5, 5, "system", "agent_joined"],
            [6, 6, "system", "chat_ended"],
            [7, 7, "system", "chat_reopened"],
            [8, 8, "system", "agent_joined"]
        ])
    );
}

#[tokio::test]
async fn c6_without_its_last_agent_it_goes_to_the_queue() {
    let stage = Stage::new(FAST, &[agent(ADA, 2, ""), agent(BOB, 1, "")]).await;
    let mut ada = stage.online("Ada").await;
    let (mut sam, chat) = stage.joined("Sam", GENERAL).await;
    ada.sees(chat, "in_progress").await;
    ada.end(chat).await;
    ada.state("away").await;
    sam.say(chat, "1", "Still there?").await;
    let open = sam.until("chat", |frame| frame["chat"]["episode"] == 2).await;
    assert_eq!(open["chat"]["status"], "open", "{open}");
    ada.until("chat_gone", |frame| frame["chat"] == chat).await;
    let file = stage.file();
    assert_eq!(file.rows(STATE), json!([["open", null, 2, null, null, 0]]));
    let mut bob = stage.online("Bob").await;
    bob.sees(chat, "in_progress").await;
    assert_eq!(file.rows(STATE), json!([["in_progress", BOB, 2, null, null, 0]]));
    assert_eq!(file.rows("SELECT agent FROM chat_agents ORDER BY agent"), json!([[ADA], [BOB]]));
}

#[tokio::test]
async fn c6_joining_again_reopens_and_leaving_the_queue_ends() {
    let stage = Stage::new(FAST, &[]).await;
    let (mut sam, chat) = stage.joined("Sam", GENERAL).await;
    sam.end(chat).await;
    let file = stage.file();
    assert_eq!(file.rows(STATE), json!([["resolved", null, 1, "customer", "left_queue", 1]]));
    sam.end(chat).await;
    let again = sam.join("Sam", GENERAL).await;
    assert_eq!((&again["existing"], &again["chat"]["episode"]), (&json!(true), &json!(2)), "{again}");
    assert_eq!(file.rows(STATE), json!([["open", null, 2, null, null, 0]]));
    assert_eq!(file.events("chat_resolved").len(), 1, "ending twice is ending once");
}

#[tokio::test]
async fn c6_an_ended_chat_is_closed_in_time() {
    let stage = Stage::new(&format!("{FAST}close_after = '1s'\n"), &[agent(ADA, 2, "")]).await;
    let mut ada = stage.online("Ada").await;
    let (mut sam, chat) = stage.joined("Sam", GENERAL).await;
    ada.sees(chat, "in_progress").await;
    sam.say(chat, "1", "Thank you").await;
    ada.end(chat).await;
    sam.sees(chat, "closed").await;
    ada.until("chat_gone", |frame| frame["chat"] == chat).await;
    let file = stage.file();
    assert_eq!(file.rows(STATE), json!([["closed", null, 1, "staff", "agent_ended", 1]]));
    sam.refused("chat_closed", message(chat, "2", "Hello?")).await;
    ada.refused("chat_closed", reopen(chat)).await;
    assert_eq!(sam.say(chat, "1", "Thank you").await["duplicate"], true, "a resend finds its first result");
    let fresh = sam.join("Sam", GENERAL).await;
    assert_eq!((&fresh["existing"], &fresh["chat"]["chat"]), (&json!(false), &json!(chat + 1)), "{fresh}");
    assert_eq!(file.cell("SELECT count(*) FROM entries WHERE chat = 1 AND kind = 'message'"), 1);
}

#[tokio::test]
async fn c6_priority_is_for_staff_alone() {
    let stage = Stage::new(FAST, &[agent(ADA, 2, "")]).await;
    let mut ada = stage.online("Ada").await;
    let (mut sam, chat) = stage.joined("Sam", GENERAL).await;
    ada.sees(chat, "in_progress").await;
    let urgent = json!({ "type": "set_priority", "chat": chat, "priority": "urgent" });
    sam.refused("not_allowed", urgent.clone()).await;
    ada.get("done", urgent).await;
    ada.until("chat", |frame| frame["chat"]["priority"] == "urgent").await;
    let subject = json!({ "type": "set_subject", "chat": chat, "subject": "Fire" });
    ada.get("done", subject).await;
    sam.until("chat", |frame| frame["chat"]["subject"] == "Fire").await;
    let again = stage.again(&sam).await;
    let shown = format!("{:?}{}", sam.client.passed(), again.ready);
    assert!(!shown.contains("urgent") && !shown.contains("priority"), "{shown}");
    let file = stage.file();
    assert_eq!(file.cell("SELECT priority FROM chats"), "urgent");
    assert_eq!(file.events("priority_set")[0]["agent"], ADA);
}
