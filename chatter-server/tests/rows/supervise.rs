//! A supervisor watches, whispers, joins and takes over (C16).

use serde_json::{Value, json};

use crate::stage::{ADA, BOB, CLEO, FAST, GENERAL, Person, Stage, agent, may, number};

/// Ada and Sam in a chat that both follow, while Bob is there to supervise and Cleo has no permission.
async fn scene() -> (Stage, [Person; 4], u64) {
    let agents = [agent(ADA, 1, ""), agent(BOB, 1, "permissions = ['all']"), agent(CLEO, 1, "")];
    let stage = Stage::new(FAST, &agents).await;
    let (mut bob, mut cleo) = (stage.agent("Bob").await, stage.agent("Cleo").await);
    for agent in [&mut bob, &mut cleo] {
        agent.state("away").await;
    }
    let (ada, sam, chat) = stage.pair().await;
    (stage, [ada, sam, bob, cleo], chat)
}

fn ask(kind: &str, chat: u64) -> Value {
    json!({ "type": kind, "chat": chat })
}

fn whisper(chat: u64, id: &str, text: &str) -> Value {
    json!({ "type": "whisper", "chat": chat, "client_msg_id": id, "text": text })
}

#[tokio::test]
async fn c16_who_may_watch_follows_any_chat() {
    let (stage, [mut ada, mut sam, mut bob, mut cleo], chat) = scene().await;
    sam.say(chat, "1", "before").await;
    let page = bob.follow(chat).await;
    assert_eq!(page["entries"][1]["body"]["text"], "before", "{page}");
    sam.say(chat, "2", "while he watches").await;
    bob.hears(chat, "while he watches").await;
    cleo.refused("unknown_chat", ask("subscribe", chat)).await;
    for command in ["join_chat", "take_over", "end_chat", "explain_chat"] {
        cleo.refused("unknown_chat", ask(command, chat)).await;
    }
    cleo.refused("unknown_chat", whisper(chat, "1", "not mine")).await;
    // Watching is not taking part.
    bob.refused("not_your_chat", json!({ "type": "send_message", "chat": chat, "client_msg_id": "1", "text": "x" }))
        .await;
    bob.get("done", ask("unsubscribe", chat)).await;
    sam.say(chat, "3", "unwatched").await;
    ada.hears(chat, "unwatched").await;
    bob.settled().await;
    assert!(!format!("{:?}", bob.client.passed()).contains("unwatched"));
    let shown = sam.history(chat).await;
    let told = format!("{shown}{:?}", sam.client.passed());
    assert!(!told.contains("Bob"), "a customer is not told who watches: {told}");
    assert_eq!(stage.file().rows("SELECT agent FROM chat_agents"), json!([[ADA]]));
}

#[tokio::test]
async fn c16_a_whisper_is_never_seen_by_the_customer() {
    let (stage, [mut ada, mut sam, mut bob, _cleo], chat) = scene().await;
    let accepted = bob.get("accepted", whisper(chat, "1", "offer a refund")).await;
    assert_eq!((&accepted["seq"], accepted.get("public_seq")), (&json!(2), None), "{accepted}");
    let heard = ada.hears(chat, "offer a refund").await;
    assert_eq!((&heard["body"]["kind"], &heard["author"]["name"]), (&json!("whisper"), &json!("Bob")), "{heard}");
    assert_eq!(bob.get("accepted", whisper(chat, "1", "offer a refund")).await["duplicate"], true);
    ada.refused("not_your_chat", whisper(chat, "1", "to myself")).await;
    sam.refused("not_allowed", whisper(chat, "1", "to whom")).await;
    bob.get("done", json!({ "type": "edit_message", "chat": chat, "target": 2, "text": "offer no refund" })).await;
    ada.say(chat, "1", "in public").await;
    assert_eq!(sam.hears(chat, "in public").await["public_seq"], 2, "a customer cannot tell that it exists");
    let (shown, page) = (sam.history(chat).await, sam.follow(chat).await);
    let back = stage.again(&sam).await;
    let all = format!("{shown}{page}{}{:?}", back.ready, sam.client.passed());
    assert!(!all.contains("refund") && !all.contains("whisper") && !all.contains("Bob"), "{all}");
    let rows = stage.file().rows("SELECT seq, public_seq, kind, text FROM entries WHERE seq > 1 ORDER BY seq");
    let whisper = json!([2, null, "whisper", "offer no refund"]);
    assert_eq!(rows, json!([whisper, [3, null, "edit", null], [4, 2, "message", "in public"]]));
}

#[tokio::test]
async fn c16_who_joins_takes_part_until_they_leave() {
    let (stage, [mut ada, mut sam, mut bob, _cleo], chat) = scene().await;
    bob.get("done", ask("join_chat", chat)).await;
    bob.get("done", ask("join_chat", chat)).await;
    let line = sam.hears(chat, "agent_joined").await;
    assert_eq!(line["body"]["line"]["name"], "Ada", "her own line: {line}");
    let line = sam.hears(chat, "agent_joined").await;
    assert_eq!(line["body"]["line"]["name"], "Bob", "once: {line}");
    bob.say(chat, "1", "I am with you, too").await;
    let heard = sam.hears(chat, "I am with you, too").await;
    assert_eq!(heard["author"], json!({ "kind": "agent", "name": "Bob" }), "{heard}");
    ada.hears(chat, "I am with you, too").await;
    ada.say(chat, "1", "and I stay").await;
    let file = stage.file();
    assert_eq!(file.rows("SELECT agent, joined FROM chats"), json!([[ADA, format!("[{BOB}]")]]));
    // Whoever joined is still in after a restart.
    let stage = stage.restarted().await;
    let (mut sam, mut bob) = (stage.again(&sam).await, stage.again(&bob).await);
    assert_eq!(bob.ready["chats"][0]["chat"], chat, "{}", bob.ready);
    sam.follow(chat).await;
    bob.say(chat, "2", "still here").await;
    sam.hears(chat, "still here").await;
    bob.get("done", ask("leave_chat", chat)).await;
    assert_eq!(sam.hears(chat, "agent_left").await["body"]["line"]["name"], "Bob");
    bob.refused("not_your_chat", json!({ "type": "send_message", "chat": chat, "client_msg_id": "3", "text": "x" }))
        .await;
    assert_eq!(stage.file().rows("SELECT agent, joined FROM chats"), json!([[ADA, "[]"]]));
}

#[tokio::test]
async fn c16_a_supervisor_takes_a_chat_over_whatever_their_limit() {
    let (stage, [mut ada, mut sam, mut bob, _cleo], chat) = scene().await;
    // His one slot is taken.
    let (mut zoe, other) = stage.joined("Zoe", GENERAL).await;
    bob.get("done", ask("assign_chat", other)).await;
    zoe.sees(other, "in_progress").await;
    bob.get("done", ask("take_over", chat)).await;
    bob.get("done", ask("take_over", chat)).await;
    bob.sees(chat, "in_progress").await;
    ada.until("chat_gone", |frame| frame["chat"] == chat).await;
    let told = sam.until("chat", |frame| frame["chat"]["agent"] == "Bob").await;
    assert_eq!(told["chat"]["status"], "in_progress", "{told}");
    ada.refused("not_your_chat", json!({ "type": "send_message", "chat": chat, "client_msg_id": "1", "text": "x" }))
        .await;
    bob.say(chat, "1", "I go on").await;
    sam.hears(chat, "I go on").await;
    let file = stage.file();
    let taken = file.events("chat_assigned_by_hand");
    let taken = taken.iter().find(|event| event["chat"] == chat).unwrap();
    let (from, by) = (number(&taken["from"]), number(&taken["by"]));
    assert_eq!((from, number(&taken["agent"]), by), (ADA, BOB, BOB), "{taken}");
    assert_eq!(taken["over_limit"], true, "{taken}");
    assert_eq!(file.rows("SELECT chat, agent FROM chats ORDER BY chat"), json!([[chat, BOB], [other, BOB]]));
}

#[tokio::test]
async fn c16_watching_alone_takes_nothing_and_assigning_alone_sees_nothing() {
    let stage =
        Stage::new(FAST, &[agent(ADA, 1, ""), agent(BOB, 1, &may("watch")), agent(CLEO, 1, &may("assign"))]).await;
    let mut ada = stage.online("Ada").await;
    let (mut bob, mut cleo) = (stage.agent("Bob").await, stage.agent("Cleo").await);
    bob.state("away").await;
    cleo.state("away").await;
    let (_sam, chat) = stage.joined("Sam", GENERAL).await;
    ada.sees(chat, "in_progress").await;
    bob.follow(chat).await;
    bob.refused("not_your_chat", ask("take_over", chat)).await;
    cleo.refused("not_your_chat", ask("subscribe", chat)).await;
    cleo.refused("not_your_chat", ask("join_chat", chat)).await;
    cleo.refused("not_your_chat", whisper(chat, "1", "x")).await;
    cleo.get("done", ask("take_over", chat)).await;
    cleo.follow(chat).await;
    assert_eq!(stage.file().cell("SELECT agent FROM chats"), CLEO);
}
