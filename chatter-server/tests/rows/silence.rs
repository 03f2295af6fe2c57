//! Timers that know whose turn it is (B19).

use serde_json::{Value, json};

use crate::stage::{ADA, BOB, FAST, GENERAL, Stage, agent};

#[tokio::test]
async fn b19_without_a_first_reply_the_chat_is_lost() {
    let settings = format!("first_reply_within = '100ms'\n{FAST}");
    let stage = Stage::new(&settings, &[agent(ADA, 1, ""), agent(BOB, 1, "")]).await;
    let mut ada = stage.online("Ada").await;
    let (mut sam, first) = stage.joined("Sam", GENERAL).await;
    let file = stage.file();
    let arrival = file.cell("SELECT arrived_at FROM chats");
    ada.sees(first, "in_progress").await;
    ada.until("chat_gone", |frame| frame["chat"] == first).await;
    sam.hears(first, "back_in_queue").await;
    assert_eq!(sam.sees(first, "open").await["agent"], Value::Null);
    // The next one is lost too, and stands behind.
    let (mut tom, second) = stage.joined("Tom", GENERAL).await;
    tom.hears(second, "back_in_queue").await;
    tom.client.newest("place", |frame| frame["place"] == 2).await;
    assert_eq!(sam.get("place", json!({ "type": "queue_status", "chat": first })).await["place"], 1);
    assert_eq!(file.rows("SELECT status, arrived_at FROM chats WHERE chat = 1"), json!([["open", arrival]]));
    let mut bob = stage.online("Bob").await;
    bob.sees(first, "in_progress").await;
    let lost = |chat| json!({ "event": "chat_requeued", "chat": chat, "agent": ADA, "cause": "no_first_reply" });
    assert_eq!(file.events("chat_requeued")[..2], [lost(first), lost(second)]);
    let moments = (file.moments("chat_assigned")[0], file.moments("chat_requeued")[0]);
    assert!(moments.1 - moments.0 >= 100_000, "{moments:?}");
}

#[tokio::test]
async fn b19_whoever_has_replied_keeps_it() {
    let settings = format!("first_reply_within = '2s'\npark_after = 'off'\n{FAST}");
    let stage = Stage::new(&settings, &[agent(ADA, 2, "")]).await;
    let mut ada = stage.online("Ada").await;
    let (mut sam, first) = stage.joined("Sam", GENERAL).await;
    ada.sees(first, "in_progress").await;
    ada.say(first, "1", "Hello").await;
    sam.hears(first, "Hello").await;
    // Given later and lost: the time of the first has run out, too.
    let (mut tom, second) = stage.joined("Tom", GENERAL).await;
    tom.hears(second, "back_in_queue").await;
    let file = stage.file();
    let chats = file.rows("SELECT status, agent FROM chats ORDER BY chat");
    assert_eq!(chats, json!([["in_progress", ADA], ["open", null]]));
    let parked = file.events("chat_parked");
    assert_eq!(parked, [Value::Null; 0], "parking is off");
}

#[tokio::test]
async fn b19_a_silent_customer_frees_the_slot_and_takes_it_again() {
    let stage = Stage::new(&format!("park_after = '100ms'\n{FAST}"), &[agent(ADA, 1, "")]).await;
    let mut ada = stage.online("Ada").await;
    let (mut sam, first) = stage.joined("Sam", GENERAL).await;
    let (mut tom, second) = stage.joined("Tom", GENERAL).await;
    let (mut uma, third) = stage.joined("Uma", GENERAL).await;
    ada.sees(first, "in_progress").await;
    sam.say(first, "1", "Anybody there?").await;
    let file = stage.file();
    ada.say(first, "1", "Yes").await;
    ada.until("chat", |frame| frame["chat"]["chat"] == first && frame["chat"]["parked"] == true).await;
    ada.sees(second, "in_progress").await;
    ada.client.newest("agent", |frame| frame["agent"]["load"] == 1).await;
    let chats = "SELECT status, agent, parked FROM chats ORDER BY chat";
    assert_eq!(file.rows(chats), json!([["in_progress", ADA, 1], ["in_progress", ADA, 0], ["open", null, 0]]));
    assert!(
        sam.history(first).await["entries"].as_array().is_some_and(|entries| entries.len() == 3),
        "Sam is not told"
    );

    sam.say(first, "2", "Here I am").await;
    ada.client.newest("agent", |frame| frame["agent"]["load"] == 2).await;
    ada.until("chat", |frame| frame["chat"]["chat"] == first && frame["chat"]["unread"] == 2).await;
    ada.end(second).await;
    tom.sees(second, "resolved").await;
    uma.settled().await;
    assert_eq!(file.cell(&format!("SELECT status FROM chats WHERE chat = {third}")), "open", "one is the limit");
    assert_eq!(file.events("chat_parked"), [json!({ "event": "chat_parked", "chat": first })]);
    let back = json!({ "event": "chat_unparked", "chat": first, "over_limit": true });
    assert_eq!(file.events("chat_unparked"), [back]);
    ada.end(first).await;
    uma.sees(third, "in_progress").await;
}

#[tokio::test]
async fn b19_an_answer_ends_the_turn_of_the_customer() {
    let stage = Stage::new(&format!("park_after = '100ms'\n{FAST}"), &[agent(ADA, 2, "")]).await;
    let mut ada = stage.online("Ada").await;
    let (mut sam, first) = stage.joined("Sam", GENERAL).await;
    let (_tom, second) = stage.joined("Tom", GENERAL).await;
    ada.sees(second, "in_progress").await;
    ada.say(first, "1", "Hello").await;
    sam.say(first, "1", "Hello Ada").await;
    ada.say(second, "1", "Hello").await;
    ada.until("chat", |frame| frame["chat"]["chat"] == second && frame["chat"]["parked"] == true).await;
    // Sam's time would have run out before Tom's.
    let parked = stage.file().rows("SELECT chat, parked FROM chats ORDER BY chat");
    assert_eq!(parked, json!([[first, 0], [second, 1]]));
}

#[tokio::test]
async fn b19_a_parked_chat_of_a_lost_agent_waits_for_its_customer() {
    let stage = Stage::new(&format!("park_after = '50ms'\n{FAST}"), &[agent(ADA, 1, ""), agent(BOB, 1, "")]).await;
    let mut ada = stage.online("Ada").await;
    let (mut sam, first) = stage.joined("Sam", GENERAL).await;
    ada.sees(first, "in_progress").await;
    ada.say(first, "1", "Hello").await;
    ada.until("chat", |frame| frame["chat"]["parked"] == true).await;
    ada.state("offline").await;
    sam.sees(first, "open").await;
    let mut bob = stage.online("Bob").await;
    let (_tom, second) = stage.joined("Tom", GENERAL).await;
    bob.sees(second, "in_progress").await;
    bob.end(second).await;
    bob.settled().await;
    let file = stage.file();
    assert_eq!(file.rows("SELECT status, parked FROM chats WHERE chat = 1"), json!([["open", 1]]));
    sam.say(first, "1", "I am back").await;
    bob.sees(first, "in_progress").await;
    assert_eq!(file.rows("SELECT status, agent, parked FROM chats WHERE chat = 1"), json!([["in_progress", BOB, 0]]));
}

#[tokio::test]
async fn b19_warned_and_then_ended() {
    let settings = format!("park_after = 'off'\nwarn_after = '50ms'\nresolve_after = '150ms'\n{FAST}");
    let stage = Stage::new(&settings, &[agent(ADA, 2, "")]).await;
    let mut ada = stage.online("Ada").await;
    let (mut sam, first) = stage.joined("Sam", GENERAL).await;
    let (mut tom, second) = stage.joined("Tom", GENERAL).await;
    ada.sees(second, "in_progress").await;
    ada.say(first, "1", "Hello").await;
    sam.hears(first, "silence_warning").await;
    let told = sam.sees(first, "resolved").await;
    assert_eq!((&told["end"]["by"], &told["end"]["reason"]), (&json!("system"), &json!("customer_silent")), "{told}");
    // Nobody spoke to Tom.
    tom.settled().await;
    let file = stage.file();
    let chats = file.rows("SELECT status, agent, ended_by, end_reason FROM chats ORDER BY chat");
    assert_eq!(chats, json!([["resolved", null, "system", "customer_silent"], ["in_progress", ADA, null, null]]));
    let entries = [
        json!([1, 1, "system", "agent_joined"]),
        json!([2, 2, "Ada", "Hello"]),
        json!([3, 3, "system", "silence_warning"]),
        json!([4, 4, "system", "chat_ended"]),
    ];
    assert_eq!(file.transcript(first), json!(entries));
    let times = file.rows("SELECT at FROM entries WHERE chat = 1 AND seq > 1 ORDER BY seq");
    let [spoke, warned, ended] = [0, 1, 2].map(|at: usize| times[at][0].as_u64().unwrap());
    assert!(warned - spoke >= 50_000 && ended - spoke >= 150_000, "{times}");
}

#[tokio::test]
async fn b19_parked_over_a_restart() {
    let stage = Stage::new(&format!("park_after = '50ms'\n{FAST}"), &[agent(ADA, 1, "")]).await;
    let mut ada = stage.online("Ada").await;
    let (sam, first) = stage.joined("Sam", GENERAL).await;
    ada.sees(first, "in_progress").await;
    ada.say(first, "1", "Hello").await;
    ada.until("chat", |frame| frame["chat"]["parked"] == true).await;
    let Stage { folder, server } = stage;
    server.kill().await;
    let stage = Stage { server: folder.start().await, folder };
    let mut ada = stage.again(&ada).await;
    let held = &ada.ready["chats"][0];
    assert_eq!((&held["chat"], &held["parked"], &ada.ready["agent"]["load"]), (&json!(first), &json!(true), &json!(0)));
    let (_tom, second) = stage.joined("Tom", GENERAL).await;
    ada.sees(second, "in_progress").await;
    let mut sam = stage.again(&sam).await;
    sam.say(first, "1", "I am back").await;
    ada.client.newest("agent", |frame| frame["agent"]["load"] == 2).await;
    let file = stage.file();
    assert_eq!(file.rows("SELECT parked, agent FROM chats ORDER BY chat"), json!([[0, ADA], [0, ADA]]));
    assert_eq!(file.events("chat_parked").len(), 1, "once");
}
