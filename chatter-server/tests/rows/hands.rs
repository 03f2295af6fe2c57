//! Chats that people give and take by hand (B11).

use serde_json::{Value, json};

use crate::stage::{ADA, BOB, CLEO, FAST, GENERAL, SALES, Stage, agent};

fn take(chat: u64) -> Value {
    json!({ "type": "assign_chat", "chat": chat })
}

fn give(chat: u64, agent: u64) -> Value {
    json!({ "type": "assign_chat", "chat": chat, "agent": agent })
}

fn put_back(chat: u64) -> Value {
    json!({ "type": "unassign_chat", "chat": chat })
}

#[tokio::test]
async fn b11_assign_to_me() {
    let stage = Stage::new(FAST, &[agent(ADA, 1, "categories = ['General']"), agent(BOB, 2, "")]).await;
    let mut ada = stage.agent("Ada").await;
    let (mut sam, first) = stage.joined("Sam", GENERAL).await;
    let (_tom, second) = stage.joined("Tom", GENERAL).await;
    let (_uma, elsewhere) = stage.joined("Uma", SALES).await;
    let offline = ada.refused("agent_unavailable", take(second)).await;
    assert_eq!(offline["reason"], "offline", "{offline}");
    ada.state("away").await;
    ada.refused("unknown_chat", take(elsewhere)).await;
    // The second in line, by Ada's own choice.
    ada.get("done", take(second)).await;
    assert_eq!(ada.sees(second, "in_progress").await["agent"], ADA);
    ada.get("done", take(second)).await;
    let full = ada.refused("agent_unavailable", take(first)).await;
    assert_eq!(full["reason"], "full", "{full}");
    ada.refused("not_allowed", json!({ "type": "assign_chat", "chat": first, "override_limit": true })).await;
    let file = stage.file();
    let chats = "SELECT status, agent FROM chats ORDER BY chat";
    assert_eq!(file.rows(chats), json!([["open", null], ["in_progress", ADA], ["open", null]]));
    let by_hand = json!({ "event": "chat_assigned_by_hand", "chat": second, "agent": ADA, "by": ADA });
    assert_eq!(file.events("chat_assigned_by_hand"), [by_hand]);
    sam.settled().await;
    let mut bob = stage.online("Bob").await;
    assert_eq!(bob.sees(first, "in_progress").await["agent"], BOB);
    ada.refused("not_waiting", take(first)).await;
}

#[tokio::test]
async fn b11_of_many_who_take_one_gets_it() {
    let agents = [agent(ADA, 5, ""), agent(BOB, 5, ""), agent(CLEO, 5, "")];
    let stage = Stage::new(FAST, &agents).await;
    let mut staff = Vec::new();
    for name in ["Ada", "Bob", "Cleo"] {
        let mut person = stage.agent(name).await;
        person.state("away").await;
        staff.push(person);
    }
    let [ada, bob, cleo] = &mut staff[..] else { panic!("three") };
    for name in ["Sam", "Tom", "Uma"] {
        let (mut customer, chat) = stage.joined(name, GENERAL).await;
        let answers = tokio::join!(ada.ask(take(chat)), bob.ask(take(chat)), cleo.ask(take(chat)));
        let answers: [Value; 3] = answers.into();
        let won = answers.iter().filter(|answer| answer["type"] == "done").count();
        let lost = answers.iter().filter(|answer| answer["code"] == "not_waiting").count();
        assert_eq!((won, lost), (1, 2), "{answers:?}");
        customer.sees(chat, "in_progress").await;
    }
    assert_eq!(stage.file().events("chat_assigned_by_hand").len(), 3);
}

#[tokio::test]
async fn b11_a_supervisor_assigns_anybody() {
    let lead = agent(CLEO, 1, "categories = ['Billing']\npermissions = ['all']");
    let bob = agent(BOB, 1, "categories = ['Technical']");
    let stage = Stage::new(FAST, &[agent(ADA, 1, "categories = ['General']"), bob, lead]).await;
    let (mut ada, mut cleo) = (stage.agent("Ada").await, stage.agent("Cleo").await);
    let (_sam, first) = stage.joined("Sam", GENERAL).await;
    let (mut tom, second) = stage.joined("Tom", SALES).await;
    let refusal = cleo.refused("agent_unavailable", give(first, BOB)).await;
    assert_eq!(refusal["reason"], "offline", "{refusal}");
    ada.state("away").await;
    let refusal = cleo.refused("agent_unavailable", give(first, ADA)).await;
    assert_eq!(refusal["reason"], "away", "{refusal}");
    ada.refused("unknown_chat", give(second, BOB)).await;
    ada.state("online").await;
    ada.sees(first, "in_progress").await;

    // Of a category that Bob does not serve, and from one to another.
    let mut bob = stage.online("Bob").await;
    ada.refused("not_your_chat", give(first, BOB)).await;
    cleo.get("done", give(first, BOB)).await;
    bob.sees(first, "in_progress").await;
    ada.until("chat_gone", |frame| frame["chat"] == first).await;
    let full = cleo.refused("agent_unavailable", give(second, BOB)).await;
    assert_eq!(full["reason"], "full", "{full}");
    cleo.get("done", json!({ "type": "assign_chat", "chat": second, "agent": BOB, "override_limit": true })).await;
    bob.until("agent", |frame| frame["agent"]["load"] == 2).await;
    tom.sees(second, "in_progress").await;
    cleo.get("done", give(second, ADA)).await;
    assert_eq!(ada.sees(second, "in_progress").await["category"], SALES);
    let file = stage.file();
    let told = [
        json!({ "event": "chat_assigned_by_hand", "chat": first, "from": ADA, "agent": BOB, "by": CLEO }),
        json!({ "event": "chat_assigned_by_hand", "chat": second, "agent": BOB, "by": CLEO, "over_limit": true }),
        json!({ "event": "chat_assigned_by_hand", "chat": second, "from": BOB, "agent": ADA, "by": CLEO }),
    ];
    assert_eq!(file.events("chat_assigned_by_hand"), told);
    assert_eq!(file.rows("SELECT agent FROM chats ORDER BY chat"), json!([[BOB], [ADA]]));
}

#[tokio::test]
async fn b11_unassigned_goes_back_to_its_place() {
    let lead = agent(CLEO, 1, "categories = ['Billing']\npermissions = ['assign']");
    let stage = Stage::new(FAST, &[agent(ADA, 1, ""), agent(BOB, 1, ""), lead]).await;
    let (mut ada, mut cleo) = (stage.online("Ada").await, stage.agent("Cleo").await);
    let (mut sam, first) = stage.joined("Sam", GENERAL).await;
    ada.sees(first, "in_progress").await;
    ada.state("away").await;
    let (mut tom, second) = stage.joined("Tom", GENERAL).await;
    let file = stage.file();
    let arrivals = file.rows("SELECT arrived_at FROM chats ORDER BY chat");
    ada.get("done", put_back(first)).await;
    ada.until("chat_gone", |frame| frame["chat"] == first).await;
    sam.hears(first, "back_in_queue").await;
    sam.sees(first, "open").await;
    tom.until("place", |frame| frame["place"] == 2 && frame["moved_back"] == true).await;
    // Ada put it back a moment ago: she gets the next one.
    ada.state("online").await;
    ada.sees(second, "in_progress").await;
    let mut bob = stage.online("Bob").await;
    bob.sees(first, "in_progress").await;
    ada.refused("unknown_chat", put_back(9_999)).await;
    ada.refused("not_your_chat", put_back(first)).await;
    bob.state("away").await;
    cleo.get("done", put_back(first)).await;
    bob.until("chat_gone", |frame| frame["chat"] == first).await;
    cleo.get("done", put_back(first)).await;
    let back = |agent| json!({ "event": "chat_requeued", "chat": first, "agent": agent, "cause": "unassigned" });
    assert_eq!(file.events("chat_requeued"), [back(ADA), back(BOB)]);
    assert_eq!(
        file.rows("SELECT status, agent FROM chats ORDER BY chat"),
        json!([["open", null], ["in_progress", ADA]])
    );
    assert_eq!(file.rows("SELECT arrived_at FROM chats ORDER BY chat"), arrivals);
}
