//! Why is this chat waiting, why does this agent get none, and why did who get it (B18).

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::common::DEADLINE;
use crate::stage::{ADA, BOB, CLEO, DORA, FAST, GENERAL, Person, SALES, Stage, agent, may, number};

/// Dora, who only asks.
fn dora() -> String {
    agent(DORA, 1, &format!("{}\ncategories = ['Technical']", may("watch")))
}

async fn why(dora: &mut Person, chat: u64) -> Value {
    dora.get("chat_explained", json!({ "type": "explain_chat", "chat": chat })).await["explanation"].clone()
}

async fn why_none(dora: &mut Person, agent: u64) -> Value {
    dora.get("agent_explained", json!({ "type": "explain_agent", "agent": agent })).await["explanation"].clone()
}

/// Asks until the reason says this under a key: what leads to it comes with time.
async fn until_why(key: &str, says: &str, mut ask: impl AsyncFnMut() -> Value) -> Value {
    let mut last = Value::Null;
    let asked = async {
        loop {
            last = ask().await;
            if last["why"][key] == says {
                return;
            }
            sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(timeout(DEADLINE, asked).await.is_ok(), "not {says}: {last}");
    last
}

async fn becomes(dora: &mut Person, chat: u64, code: &str) -> Value {
    until_why("code", code, async || why(dora, chat).await).await
}

async fn agent_becomes(dora: &mut Person, agent: u64, reason: &str) -> Value {
    until_why("reason", reason, async || why_none(dora, agent).await).await
}

/// Each candidate as number and reason.
fn candidates(explanation: &Value) -> Vec<(u64, &str)> {
    let candidates = explanation["candidates"].as_array().unwrap();
    candidates.iter().map(|it| (number(&it["agent"]), it["reason"].as_str().unwrap_or("none"))).collect()
}

#[tokio::test]
async fn b18_why_a_chat_waits_for_want_of_agents() {
    let general = "categories = ['General']";
    let stage = Stage::new(FAST, &[agent(ADA, 1, general), agent(BOB, 1, general), dora()]).await;
    let mut dora = stage.agent("Dora").await;
    let (mut kim, sales) = stage.joined("Kim", SALES).await;
    let told = why(&mut dora, sales).await;
    assert_eq!((&told["why"]["code"], candidates(&told).len()), (&json!("nobody_serves"), 0), "{told}");
    let (mut sam, chat) = stage.joined("Sam", GENERAL).await;
    let told = why(&mut dora, chat).await;
    assert_eq!((&told["why"], &told["place"]), (&json!({ "code": "nobody_there" }), &json!(1)), "{told}");
    assert_eq!(candidates(&told), [(ADA, "offline"), (BOB, "offline")], "{told}");
    assert_eq!(told["policy"], "longest-wait", "{told}");
    let mut bob = stage.agent("Bob").await;
    bob.state("away").await;
    let told = why(&mut dora, chat).await;
    assert_eq!((&told["why"]["code"], &told["passed_over"]["away"]), (&json!("nobody_there"), &json!(1)), "{told}");
    assert_eq!(candidates(&told), [(BOB, "away"), (ADA, "offline")], "nearest first: {told}");
    let mut ada = stage.online("Ada").await;
    ada.sees(chat, "in_progress").await;
    let told = why(&mut dora, chat).await;
    assert_eq!(told["why"], json!({ "code": "not_waiting", "status": "in_progress" }), "{told}");
    let (zoe, next) = stage.joined("Zoe", GENERAL).await;
    let told = why(&mut dora, next).await;
    assert_eq!((&told["why"]["code"], &told["passed_over"]["full"]), (&json!("nobody_free"), &json!(1)), "{told}");
    assert_eq!(candidates(&told), [(ADA, "full"), (BOB, "away")], "{told}");
    // The agent who serves the line may ask, too; who waits in it may not.
    assert_eq!(why(&mut bob, next).await["why"]["code"], "nobody_free");
    bob.refused("unknown_chat", json!({ "type": "explain_chat", "chat": sales })).await;
    for (customer, of) in [(&mut sam, chat), (&mut kim, sales)] {
        customer.refused("not_allowed", json!({ "type": "explain_chat", "chat": of })).await;
    }
    drop(zoe);
    let told = becomes(&mut dora, next, "customer_away").await;
    assert!(told["why"]["until"].as_u64() > told["at"].as_u64(), "{told}");
    assert_eq!(told["also"], json!([{ "code": "nobody_free" }]), "{told}");
    sam.end(chat).await;
    assert_eq!(why(&mut dora, chat).await["why"], json!({ "code": "not_waiting", "status": "resolved" }));
}

#[tokio::test]
async fn b18_why_a_chat_waits_for_somebody() {
    let sales = "[[categories]]\nname = 'General'\nsticky_wait = '1h'\n\
                 [[categories]]\nname = 'Sales'\nrouting = 'offer'\n[[categories]]\nname = 'Technical'\n";
    let settings = format!("{FAST}close_after = '1s'\n{sales}");
    let stage = Stage::new(&settings, &[agent(ADA, 1, ""), agent(BOB, 1, "categories = ['General']"), dora()]).await;
    let mut dora = stage.agent("Dora").await;
    let mut ada = stage.online("Ada").await;
    // Sam had Ada, who now has another.
    let (mut sam, first) = stage.joined("Sam", GENERAL).await;
    ada.sees(first, "in_progress").await;
    ada.say(first, "1", "Hello").await;
    ada.end(first).await;
    sam.sees(first, "closed").await;
    let (_zoe, other) = stage.joined("Zoe", SALES).await;
    ada.until("offer", |frame| frame["offer"]["chat"] == other).await;
    let told = why(&mut dora, other).await;
    assert_eq!((&told["why"]["code"], &told["why"]["agent"]), (&json!("offered"), &json!(ADA)), "{told}");
    assert!(told["why"]["until"].as_u64() > told["at"].as_u64(), "{told}");
    let _bob = stage.online("Bob").await;
    let second = number(&sam.join("Sam", GENERAL).await["chat"]["chat"]);
    let told = why(&mut dora, second).await;
    assert_eq!((&told["why"]["code"], &told["why"]["agent"]), (&json!("sticky"), &json!(ADA)), "{told}");
    assert_eq!(candidates(&told), [(BOB, "none"), (ADA, "full")], "{told}");
    // Bob has room, and is told why he gets nobody.
    assert_eq!(why_none(&mut dora, BOB).await["why"], json!({ "code": "only_held" }));
}

#[tokio::test]
async fn b18_who_let_a_chat_pass_is_not_asked_again_at_once() {
    let settings = format!(
        "{FAST}cool_down = '1h'\n[[categories]]\nname = 'General'\nrouting = 'offer'\n\
                            [[categories]]\nname = 'Technical'\n"
    );
    let stage = Stage::new(&settings, &[agent(ADA, 2, ""), dora()]).await;
    let (mut dora, mut ada) = (stage.agent("Dora").await, stage.online("Ada").await);
    let (_sam, chat) = stage.joined("Sam", GENERAL).await;
    ada.until("offer", |frame| frame["offer"]["chat"] == chat).await;
    ada.get("done", json!({ "type": "decline_offer", "chat": chat, "reason": "busy" })).await;
    let told = why(&mut dora, chat).await;
    assert_eq!(
        (&told["why"], &told["passed_over"]["cooling"]),
        (&json!({ "code": "nobody_free" }), &json!(1)),
        "{told}"
    );
    assert_eq!(candidates(&told), [(ADA, "cooling")], "{told}");
    assert!(told["candidates"][0]["until"].as_u64() > told["at"].as_u64(), "{told}");
    assert_eq!(why_none(&mut dora, ADA).await["why"]["code"], "only_held");
    let declined = &stage.file().events("offer_ended")[0];
    assert_eq!((&declined["how"], &declined["reason"]), (&json!("declined"), &json!("busy")), "{declined}");
}

#[tokio::test]
async fn b18_why_a_silent_customers_chat_waits() {
    let settings = format!("{FAST}park_after = '50ms'\nagent_grace = '100ms'\n");
    let stage = Stage::new(&settings, &[agent(ADA, 1, "categories = ['General']"), dora()]).await;
    let mut dora = stage.agent("Dora").await;
    let mut ada = stage.online("Ada").await;
    let (mut sam, chat) = stage.joined("Sam", GENERAL).await;
    ada.sees(chat, "in_progress").await;
    ada.say(chat, "1", "Are you there?").await;
    stage.file().until("SELECT parked FROM chats", json!([[1]])).await;
    assert_eq!(why_none(&mut dora, ADA).await["load"]["parked"], 1);
    let token = ada.token.clone();
    drop(ada);
    let told = becomes(&mut dora, chat, "customer_silent").await;
    assert_eq!(told["also"], json!([{ "code": "nobody_there" }]), "{told}");
    let mut ada = stage.with_token("agent", &token).await;
    let told = why(&mut dora, chat).await;
    assert_eq!(
        (&told["why"]["code"], told.get("also")),
        (&json!("customer_silent"), None),
        "room does not help: {told}"
    );
    assert_eq!(why_none(&mut dora, ADA).await["why"]["code"], "only_held");
    sam.say(chat, "1", "Now I am").await;
    ada.sees(chat, "in_progress").await;
}

#[tokio::test]
async fn b18_why_an_agent_gets_none() {
    let settings = format!("{FAST}agent_grace = '1h'\nbreathing_gap = '1h'\n");
    let stage = Stage::new(&settings, &[agent(ADA, 2, ""), agent(BOB, 1, ""), agent(CLEO, 9, ""), dora()]).await;
    let mut dora = stage.agent("Dora").await;
    let unavailable = |reason: &str| json!({ "code": "unavailable", "reason": reason });
    assert_eq!(why_none(&mut dora, ADA).await["why"], unavailable("offline"));
    let mut ada = stage.agent("Ada").await;
    ada.state("away").await;
    assert_eq!(why_none(&mut dora, ADA).await["why"], unavailable("away"));
    ada.state("online").await;
    assert_eq!(why_none(&mut dora, ADA).await["why"], json!({ "code": "nobody_waits" }));
    let (_sam, chat) = stage.joined("Sam", GENERAL).await;
    ada.sees(chat, "in_progress").await;
    let (_zoe, waits) = stage.joined("Zoe", GENERAL).await;
    let told = why_none(&mut dora, ADA).await;
    assert_eq!(told["why"]["reason"], "resting", "{told}");
    assert!(told["why"]["until"].as_u64() > told["at"].as_u64(), "{told}");
    assert_eq!((&told["load"]["active"], &told["max_chats"]), (&json!(1), &json!(2)), "{told}");
    let line = &told["lines"][0];
    assert_eq!((&line["category"], &line["waiting"], &line["head"]), (&json!(GENERAL), &json!(1), &json!(waits)));
    ada.state("last_call").await;
    assert_eq!(why_none(&mut dora, ADA).await["why"], unavailable("last_call"));
    let mut bob = stage.online("Bob").await;
    bob.sees(waits, "in_progress").await;
    assert_eq!(why_none(&mut dora, BOB).await["why"], unavailable("full"));
    let cleo = stage.online("Cleo").await;
    drop(cleo);
    let told = agent_becomes(&mut dora, CLEO, "disconnected").await;
    assert_eq!((&told["connected"], &told["state"]), (&json!(false), &json!("online")), "{told}");
    // Everybody may ask for themselves, and with the permission for others.
    let own = ada.get("agent_explained", json!({ "type": "explain_agent" })).await;
    assert_eq!(own["explanation"]["agent"], ADA, "{own}");
    ada.refused("not_allowed", json!({ "type": "explain_agent", "agent": BOB })).await;
    dora.refused("unknown_agent", json!({ "type": "explain_agent", "agent": 99 })).await;
}

#[tokio::test]
async fn b18_every_choice_is_kept_in_brief() {
    let general = "categories = ['General']";
    let agents = [agent(ADA, 2, general), agent(BOB, 4, general), agent(CLEO, 1, general)];
    let stage = Stage::new(&format!("policy = 'least-loaded'\n{FAST}"), &agents).await;
    let mut cleo = stage.agent("Cleo").await;
    cleo.state("away").await;
    let (mut ada, mut bob) = (stage.online("Ada").await, stage.online("Bob").await);
    let mut chats = Vec::new();
    let mut people = Vec::new();
    for name in ["One", "Two", "Three"] {
        let (person, chat) = stage.joined(name, GENERAL).await;
        people.push(person);
        chats.push(chat);
    }
    ada.sees(chats[0], "in_progress").await;
    bob.sees(chats[1], "in_progress").await;
    bob.sees(chats[2], "in_progress").await;
    let file = stage.file();
    let choices = file.events("chat_assigned");
    let told: Vec<_> = choices.iter().map(|event| (number(&event["chat"]), number(&event["agent"]))).collect();
    assert_eq!(told, [(chats[0], ADA), (chats[1], BOB), (chats[2], BOB)]);
    let choice = &choices[2]["choice"];
    assert_eq!((&choice["policy"], &choice["trigger"]), (&json!("least-loaded"), &json!("chat_ready")), "{choice}");
    assert_eq!(choice["rank"], json!({ "part": 1, "whole": 4 }), "a quarter of his limit beside her half: {choice}");
    assert_eq!(choice["passed_over"]["away"], 1, "{choice}");
    assert_eq!(choice["next_agents"], json!([ADA]), "{choice}");
    // An agent who gets room chooses among those who wait.
    for agent in [&mut ada, &mut bob] {
        agent.state("away").await;
    }
    for name in ["Four", "Five"] {
        let (person, chat) = stage.joined(name, GENERAL).await;
        people.push(person);
        chats.push(chat);
    }
    cleo.state("online").await;
    cleo.sees(chats[3], "in_progress").await;
    let choice = file.events("chat_assigned")[3]["choice"].clone();
    assert_eq!((&choice["trigger"], &choice["next_chats"]), (&json!("agent_free"), &json!([chats[4]])), "{choice}");
    assert!(choice["waited"].as_u64().is_some_and(|waited| waited > 0), "{choice}");
    assert!(choice.to_string().len() < 400, "in brief: {choice}");
}
