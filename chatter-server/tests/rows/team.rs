//! Messages between agents (C15).

use serde_json::{Value, json};

use crate::stage::{ADA, BOB, CLEO, FAST, GENERAL, Person, Stage, agent, message, number};

async fn open(person: &mut Person, with: u64) -> Value {
    person.get("team_chat", json!({ "type": "open_team_chat", "agent": with })).await["team_chat"].clone()
}

/// Waits until a conversation is told with so many unread messages, and gives its newest text.
async fn unread(person: &mut Person, chat: u64, count: u64) -> Value {
    let fits = |frame: &Value| frame["team_chat"]["chat"] == chat && frame["team_chat"]["unread"] == count;
    person.until("team_chat", fits).await["team_chat"]["last_message"]["text"].clone()
}

fn texts(page: &Value) -> Vec<&str> {
    page["entries"].as_array().unwrap().iter().map(|entry| entry["body"]["text"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn c15_live_when_online_with_unread_counts_and_receipts() {
    let stage = Stage::new(FAST, &[agent(ADA, 2, ""), agent(BOB, 2, "")]).await;
    let (mut ada, mut bob) = (stage.online("Ada").await, stage.online("Bob").await);
    let opened = open(&mut ada, BOB).await;
    let chat = number(&opened["chat"]);
    let members: Vec<_> = opened["members"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    assert_eq!(members, ["Ada", "Bob"], "{opened}");
    assert_eq!(open(&mut bob, ADA).await["chat"], chat, "a pair has one conversation");
    let sent = ada.say(chat, "1", "Are you there?").await;
    assert_eq!((&sent["seq"], sent.get("public_seq")), (&json!(1), None), "{sent}");
    assert_eq!(unread(&mut bob, chat, 1).await, "Are you there?", "who does not follow it is told by its state");
    assert_eq!(texts(&bob.follow(chat).await), ["Are you there?"]);
    ada.follow(chat).await;
    bob.say(chat, "1", "Yes").await;
    let heard = ada.hears(chat, "Yes").await;
    assert_eq!((&heard["author"]["agent"], &heard["to"]), (&json!(BOB), &json!("Ada")), "{heard}");
    bob.get("done", json!({ "type": "receipt", "chat": chat, "read": 1 })).await;
    let told = ada
        .until("team_chat", |frame| {
            let members = frame["team_chat"]["members"].as_array().unwrap();
            members.iter().any(|it| it["agent"] == BOB && it["receipts"]["read"] == 1)
        })
        .await;
    assert_eq!(told["team_chat"]["unread"], 1, "{told}");
    bob.refused("receipt_too_high", json!({ "type": "receipt", "chat": chat, "read": 9 })).await;
    assert_eq!(bob.client.closed().await.code, Some(4202));
    let file = stage.file();
    assert_eq!(file.rows("SELECT count(*) FROM chats"), json!([[0]]), "it is no chat with a customer");
    let marks = file.rows("SELECT agent, delivered, read, unread FROM team_members ORDER BY agent");
    assert_eq!(marks, json!([[ADA, 0, 0, "[2]"], [BOB, 1, 1, "[]"]]));
}

#[tokio::test]
async fn c15_who_is_offline_finds_it_exactly_once_over_a_restart() {
    let stage = Stage::new(FAST, &[agent(ADA, 2, ""), agent(BOB, 2, "")]).await;
    let mut ada = stage.agent("Ada").await;
    // Bob has never been there.
    let chat = number(&open(&mut ada, BOB).await["chat"]);
    let first = ada.say(chat, "1", "one").await;
    ada.say(chat, "2", "two").await;
    // Sent, and the server is gone before the answer is read.
    ada.client.send(&message(chat, "3", "three")).await;
    let three = json!([[3]]);
    stage.file().until(&format!("SELECT seq FROM entries WHERE chat = {chat} AND text = 'three'"), three).await;
    let stage = stage.restarted().await;
    let mut ada = stage.again(&ada).await;
    for (id, text, seq) in [("1", "one", 1), ("2", "two", 2), ("3", "three", 3)] {
        let again = ada.say(chat, id, text).await;
        assert_eq!((&again["duplicate"], &again["seq"]), (&json!(true), &json!(seq)), "{again}");
    }
    let conflict = ada.say(chat, "1", "something else").await;
    assert_eq!((&conflict["conflict"], &conflict["at"]), (&json!(true), &first["at"]), "{conflict}");
    let mut bob = stage.agent("Bob").await;
    let waiting = &bob.ready["team_chats"][0];
    assert_eq!((&waiting["chat"], &waiting["unread"]), (&json!(chat), &json!(3)), "{waiting}");
    assert_eq!(waiting["last_message"]["text"], "three", "{waiting}");
    let history = bob.ready["history"].clone();
    let read = json!({ "type": "read_history", "chat": chat, "before": 3, "limit": 2 });
    assert_eq!(texts(&bob.get("page", read).await), ["one", "two"], "by polling");
    let resume = json!({ "type": "subscribe", "chat": chat, "history": history, "after": 1 });
    assert_eq!(texts(&bob.get("page", resume.clone()).await), ["two", "three"]);
    bob.get("done", json!({ "type": "receipt", "chat": chat, "delivered": 3, "read": 3 })).await;
    ada.say(chat, "4", "four").await;
    bob.hears(chat, "four").await;
    let stage = stage.restarted().await;
    let mut bob = stage.again(&bob).await;
    assert_eq!(bob.ready["team_chats"][0]["unread"], 1, "{}", bob.ready);
    assert_eq!(texts(&bob.get("page", resume).await), ["two", "three", "four"]);
    let words =
        json!([[1, null, "Ada", "one"], [2, null, "Ada", "two"], [3, null, "Ada", "three"], [4, null, "Ada", "four"]]);
    assert_eq!(stage.file().transcript(chat), words);
}

#[tokio::test]
async fn c15_nobody_else_knows_of_it_whatever_they_may_do() {
    let all = "permissions = ['all']";
    let stage = Stage::new(FAST, &[agent(ADA, 2, ""), agent(BOB, 2, ""), agent(CLEO, 2, all)]).await;
    let (mut ada, mut cleo) = (stage.agent("Ada").await, stage.agent("Cleo").await);
    let chat = number(&open(&mut ada, BOB).await["chat"]);
    ada.say(chat, "1", "between us").await;
    let (mut sam, _) = stage.joined("Sam", GENERAL).await;
    let file = stage.file();
    let events = file.cell("SELECT count(*) FROM events");
    let commands = [
        json!({ "type": "subscribe" }),
        json!({ "type": "read_history", "before": 9, "limit": 9 }),
        message(chat, "1", "x"),
        json!({ "type": "send_note", "client_msg_id": "2", "text": "x" }),
        json!({ "type": "whisper", "client_msg_id": "3", "text": "x" }),
        json!({ "type": "receipt", "read": 1 }),
        json!({ "type": "edit_message", "target": 1, "text": "x" }),
        json!({ "type": "delete_message", "target": 1 }),
        json!({ "type": "end_chat" }),
        json!({ "type": "set_subject", "subject": "x" }),
        json!({ "type": "explain_chat" }),
        json!({ "type": "take_over" }),
        json!({ "type": "join_chat" }),
        json!({ "type": "leave_chat" }),
        json!({ "type": "assign_chat" }),
        json!({ "type": "unassign_chat" }),
        json!({ "type": "merge_chats", "into": 2 }),
    ];
    for mut command in commands {
        for person in [&mut cleo, &mut sam] {
            // The same as for a number that no chat has.
            command["chat"] = json!(chat);
            let mut told = person.ask(command.clone()).await;
            command["chat"] = json!(9_999);
            let mut nothing = person.ask(command.clone()).await;
            assert_eq!(told["type"], "error", "{command}: {told}");
            for own in ["ref", "chat"] {
                told.as_object_mut().unwrap().remove(own);
                nothing.as_object_mut().unwrap().remove(own);
            }
            assert_eq!(told, nothing, "{command}");
        }
    }
    for command in ["end_chat", "join_chat", "take_over", "explain_chat"] {
        ada.refused("not_allowed", json!({ "type": command, "chat": chat })).await;
    }
    sam.refused("not_allowed", json!({ "type": "open_team_chat", "agent": ADA })).await;
    ada.refused("unknown_agent", json!({ "type": "open_team_chat", "agent": 99 })).await;
    ada.refused("invalid", json!({ "type": "open_team_chat", "agent": ADA })).await;
    assert_eq!(file.cell("SELECT count(*) FROM events"), events, "what is refused leaves no trace");
    assert_eq!(cleo.ready["team_chats"], json!([]), "{}", cleo.ready);
}
