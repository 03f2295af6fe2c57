//! Agents who could, but not now: wrap-up and the breathing gap (B17).

use serde_json::{Value, json};

use crate::stage::{ADA, FAST, GENERAL, SALES, Stage, agent, category};

/// General with this wrap-up, Sales without.
fn wrapping_up(wrap_up: &str) -> String {
    format!("{FAST}{}{}", category("General", &format!("wrap_up = '{wrap_up}'")), category("Sales", ""))
}

#[tokio::test]
async fn b17_the_slot_stays_taken_until_the_wrap_up_is_ended() {
    let stage = Stage::new(&wrapping_up("1h"), &[agent(ADA, 1, "")]).await;
    let mut ada = stage.online("Ada").await;
    let (_sam, first) = stage.joined("Sam", GENERAL).await;
    ada.sees(first, "in_progress").await;
    ada.get("done", json!({ "type": "end_wrap_up" })).await;
    ada.end(first).await;
    let slot = |load: u64, wrapping_up: Value| {
        move |frame: &Value| frame["agent"]["load"] == load && frame["agent"]["wrapping_up"] == wrapping_up
    };
    ada.client.newest("agent", slot(1, json!(1))).await;
    let (mut tom, second) = stage.joined("Tom", GENERAL).await;
    tom.settled().await;
    let file = stage.file();
    let row = format!("SELECT status, agent FROM chats WHERE chat = {second}");
    assert_eq!(file.rows(&row), json!([["open", null]]), "Ada holds nothing and has no room");
    ada.get("done", json!({ "type": "end_wrap_up" })).await;
    tom.sees(second, "in_progress").await;
    ada.client.newest("agent", slot(1, Value::Null)).await;
    assert_eq!(file.rows(&row), json!([["in_progress", ADA]]));
    tom.refused("not_allowed", json!({ "type": "end_wrap_up" })).await;

    // A category without one.
    let (mut uma, third) = stage.joined("Uma", SALES).await;
    let (_vic, fourth) = stage.joined("Vic", GENERAL).await;
    ada.end(second).await;
    ada.get("done", json!({ "type": "end_wrap_up" })).await;
    uma.sees(third, "in_progress").await;
    ada.end(third).await;
    ada.sees(fourth, "in_progress").await;
}

#[tokio::test]
async fn b17_a_wrap_up_ends_by_itself() {
    let stage = Stage::new(&wrapping_up("150ms"), &[agent(ADA, 1, "")]).await;
    let mut ada = stage.online("Ada").await;
    let (_sam, first) = stage.joined("Sam", GENERAL).await;
    ada.sees(first, "in_progress").await;
    let (mut tom, second) = stage.joined("Tom", GENERAL).await;
    ada.end(first).await;
    tom.sees(second, "in_progress").await;
    let file = stage.file();
    let (ended, given) = (file.moments("chat_resolved")[0], file.moments("chat_assigned")[1]);
    assert!(given - ended >= 150_000, "{} µs", given - ended);
}

#[tokio::test]
async fn b17_a_breathing_gap_between_two_assignments() {
    let stage = Stage::new(&format!("breathing_gap = '100ms'\n{FAST}"), &[agent(ADA, 3, "")]).await;
    let mut ada = stage.agent("Ada").await;
    let mut people = Vec::new();
    for name in ["Sam", "Tom", "Uma"] {
        people.push(stage.joined(name, GENERAL).await);
    }
    ada.state("online").await;
    for (customer, chat) in &mut people {
        customer.sees(*chat, "in_progress").await;
    }
    let file = stage.file();
    let moments = file.moments("chat_assigned");
    let gaps: Vec<_> = moments.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(gaps.len() == 2 && gaps.iter().all(|gap| *gap >= 100_000), "{gaps:?} µs");
    let given: Vec<_> = file.events("chat_assigned").iter().map(|event| event["chat"].clone()).collect();
    assert_eq!(given, [1, 2, 3]);
}
