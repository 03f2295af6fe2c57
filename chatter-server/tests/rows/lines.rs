//! Who stands where in line: priority (B12), and help from other categories (B13).

use serde_json::{Value, json};

use crate::common::process::Folder;
use crate::stage::{ADA, BILLING, BOB, CLEO, FAST, GENERAL, SALES, Stage, agent, category};

fn priority(chat: u64, priority: &str) -> Value {
    json!({ "type": "set_priority", "chat": chat, "priority": priority })
}

fn status(chat: u64) -> Value {
    json!({ "type": "queue_status", "chat": chat })
}

/// The chats in the order in which they were given away.
fn given(stage: &Stage) -> Vec<Value> {
    stage.file().events("chat_assigned").iter().map(|event| event["chat"].clone()).collect()
}

#[tokio::test]
async fn b12_a_changed_priority_moves_the_chat_at_once() {
    let lead = agent(BOB, 1, "permissions = ['assign']");
    let stage = Stage::new(&format!("policy = 'priority-ageing'\n{FAST}"), &[agent(ADA, 1, ""), lead]).await;
    let (mut ada, mut bob) = (stage.agent("Ada").await, stage.agent("Bob").await);
    let (mut sam, first) = stage.joined("Sam", GENERAL).await;
    let (mut tom, second) = stage.joined("Tom", GENERAL).await;
    let (mut uma, third) = stage.joined("Uma", GENERAL).await;
    ada.refused("unknown_chat", priority(third, "urgent")).await;
    bob.get("done", priority(third, "urgent")).await;
    uma.client.newest("place", |frame| frame["place"] == 1 && frame["moved_back"].is_null()).await;
    sam.until("place", |frame| frame["place"] == 2 && frame["moved_back"] == true).await;
    tom.until("place", |frame| frame["place"] == 3 && frame["moved_back"] == true).await;
    bob.get("done", priority(first, "low")).await;
    tom.until("place", |frame| frame["place"] == 2 && frame["moved_back"].is_null()).await;
    assert_eq!(sam.get("place", status(first)).await["place"], 3);
    let file = stage.file();
    let kept = file.rows("SELECT priority FROM chats ORDER BY chat");
    assert_eq!(kept, json!([["low"], ["medium"], ["urgent"]]));
    let set = json!({ "event": "priority_set", "chat": third, "priority": "urgent", "agent": BOB });
    assert_eq!(file.events("priority_set")[0], set);

    ada.state("online").await;
    for chat in [third, second, first] {
        let held = ada.sees(chat, "in_progress").await;
        ada.end(held["chat"].as_u64().unwrap()).await;
    }
    assert_eq!(given(&stage), [third, second, first]);
}

/// A low chat that has waited for longer than the head start of an urgent one is served first. That it has waited
/// for so long is written into the file between two runs.
#[tokio::test]
async fn b12_a_low_one_is_not_starved() {
    let lead = agent(BOB, 1, "permissions = ['assign']");
    let stage = Stage::new(&format!("policy = 'priority-ageing'\n{FAST}"), &[agent(ADA, 1, ""), lead]).await;
    let mut bob = stage.agent("Bob").await;
    let (mut sam, low) = stage.joined("Sam", GENERAL).await;
    let (mut tom, urgent) = stage.joined("Tom", GENERAL).await;
    bob.get("done", priority(low, "low")).await;
    bob.get("done", priority(urgent, "urgent")).await;
    assert_eq!(sam.get("place", status(low)).await["place"], 2);
    assert_eq!(tom.get("place", status(urgent)).await["place"], 1);
    let Stage { folder, server } = stage;
    assert_eq!(server.terminate().await.code, Some(0));
    wait_longer(&folder, low, 16);

    let stage = Stage { server: folder.start().await, folder };
    let (mut sam, mut tom) = (stage.again(&sam).await, stage.again(&tom).await);
    assert_eq!(sam.get("place", status(low)).await["place"], 1, "three steps are 15 minutes");
    assert_eq!(tom.get("place", status(urgent)).await["place"], 2);
    let mut ada = stage.online("Ada").await;
    ada.sees(low, "in_progress").await;
    ada.end(low).await;
    ada.sees(urgent, "in_progress").await;
    assert_eq!(given(&stage), [low, urgent]);
}

/// The chat came so many minutes earlier.
fn wait_longer(folder: &Folder, chat: u64, minutes: u64) {
    let file = rusqlite::Connection::open(folder.database()).unwrap();
    let earlier = format!("UPDATE chats SET arrived_at = arrived_at - {minutes} * 60000000 WHERE chat = {chat}");
    assert_eq!(file.execute(&earlier, []).unwrap(), 1);
}

#[tokio::test]
async fn b13_after_a_wait_other_categories_help() {
    let stages = "overflow = [{ after = '100ms', category = 'General' }, { after = '200ms', category = 'Billing' }]";
    let categories = [category("General", ""), category("Sales", stages), category("Billing", "")].concat();
    let agents = [
        agent(ADA, 1, "categories = ['General']"),
        agent(BOB, 1, "categories = ['Sales']"),
        agent(CLEO, 1, "categories = ['Billing']"),
    ];
    let stage = Stage::new(&format!("{FAST}{categories}"), &agents).await;
    let (mut ada, mut cleo) = (stage.online("Ada").await, stage.online("Cleo").await);
    let mut bob = stage.agent("Bob").await;
    let (mut sam, first) = stage.joined("Sam", SALES).await;
    assert_eq!(ada.sees(first, "in_progress").await["category"], SALES, "it stays what it is about");
    let (_tom, second) = stage.joined("Tom", SALES).await;
    cleo.sees(second, "in_progress").await;
    let (mut uma, third) = stage.joined("Uma", SALES).await;
    let file = stage.file();
    file.until("SELECT count(*) FROM events WHERE body ->> 'event' = 'chat_overflowed'", json!([[5]])).await;
    let place = uma.get("place", status(third)).await;
    assert_eq!(place["place"], 1, "the place is that of its own category: {place}");

    // Of several it may take, a helper takes the longest wait; its own agents come first for a new one.
    let (_vic, own) = stage.joined("Vic", GENERAL).await;
    ada.end(first).await;
    ada.sees(third, "in_progress").await;
    bob.state("online").await;
    let mut waits = Vec::new();
    for event in file.events("chat_assigned") {
        waits.push(event["choice"]["waited"].as_u64().unwrap() / 100_000);
    }
    assert!(waits[0] >= 1 && waits[1] >= 2 && waits[2] >= 1, "tenths of a second: {waits:?}");
    ada.end(third).await;
    ada.sees(own, "in_progress").await;
    ada.end(own).await;
    let (_wes, last) = stage.joined("Wes", SALES).await;
    bob.sees(last, "in_progress").await;
    sam.settled().await;
    let stages: Vec<_> =
        file.events("chat_overflowed").iter().map(|event| json!([event["chat"], event["stage"]])).collect();
    assert_eq!(stages[..3], [json!([first, 1]), json!([second, 1]), json!([second, 2])]);
    assert_eq!(file.rows("SELECT DISTINCT category FROM chats WHERE chat < 4"), json!([[SALES]]));
}

#[tokio::test]
async fn b13_only_where_it_is_configured_and_never_in_a_circle() {
    let helped = category("Sales", "overflow = [{ after = '50ms', category = 'General' }]");
    let categories = [category("General", ""), helped, category("Billing", "")].concat();
    let stage = Stage::new(&format!("{FAST}{categories}"), &[agent(ADA, 5, "categories = ['General']")]).await;
    let mut ada = stage.online("Ada").await;
    let (_sam, alone) = stage.joined("Sam", BILLING).await;
    let (_tom, second) = stage.joined("Tom", SALES).await;
    ada.sees(second, "in_progress").await;
    let open = stage.file().rows("SELECT chat FROM chats WHERE status = 'open'");
    assert_eq!(open, json!([[alone]]), "nobody helps there, whatever it has waited");

    let circle = [
        category("General", "overflow = [{ after = '1s', category = 'Sales' }]"),
        category("Sales", "overflow = [{ after = '1s', category = 'General' }]"),
    ];
    let exit = Folder::new(&circle.concat()).run_to_end(&[]).await;
    assert_eq!(exit.code, Some(2), "{}", exit.stderr);
}
