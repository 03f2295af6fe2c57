//! Who else has a chat open, and who writes in it (C22).

use serde_json::{Value, json};

use crate::stage::{ADA, BOB, CLEO, FAST, GENERAL, Person, Stage, agent, may};

/// Waits until a chat is told to be open to these agents, each with whether they write.
async fn sees_there(person: &mut Person, chat: u64, there: &[(&str, bool)]) {
    let fits = |frame: &Value| {
        let viewers = frame["viewers"].as_array().unwrap();
        let told: Vec<_> = viewers.iter().map(|it| (it["name"].as_str().unwrap(), it["writing"] == true)).collect();
        frame["chat"] == chat && told == there
    };
    person.until("viewers", fits).await;
}

fn ask(kind: &str, chat: u64) -> Value {
    json!({ "type": kind, "chat": chat })
}

fn types(chat: u64, typing: bool) -> Value {
    json!({ "type": "typing", "chat": chat, "typing": typing })
}

#[tokio::test]
async fn c22_agents_see_who_else_has_the_chat_open_or_writes_in_it() {
    let agents = [agent(ADA, 2, ""), agent(BOB, 2, &may("watch")), agent(CLEO, 2, &may("watch"))];
    let stage = Stage::new(FAST, &agents).await;
    let mut ada = stage.online("Ada").await;
    let (mut sam, chat) = stage.joined("Sam", GENERAL).await;
    ada.sees(chat, "in_progress").await;
    ada.follow(chat).await;
    sees_there(&mut ada, chat, &[("Ada", false)]).await;
    let (mut bob, mut cleo) = (stage.agent("Bob").await, stage.agent("Cleo").await);
    // Who only watches is not shown, and sees who is there.
    cleo.follow(chat).await;
    sees_there(&mut cleo, chat, &[("Ada", false)]).await;
    bob.get("done", ask("join_chat", chat)).await;
    bob.follow(chat).await;
    for agent in [&mut ada, &mut bob, &mut cleo] {
        sees_there(agent, chat, &[("Ada", false), ("Bob", false)]).await;
    }
    bob.get("done", types(chat, true)).await;
    for agent in [&mut ada, &mut bob, &mut cleo] {
        sees_there(agent, chat, &[("Ada", false), ("Bob", true)]).await;
    }
    ada.get("done", types(chat, true)).await;
    sees_there(&mut bob, chat, &[("Ada", true), ("Bob", true)]).await;
    bob.get("done", types(chat, false)).await;
    sees_there(&mut ada, chat, &[("Ada", true), ("Bob", false)]).await;
    // A connection that is lost has nothing open and writes nothing.
    let elsewhere = stage.again(&ada).await;
    drop(ada);
    sees_there(&mut bob, chat, &[("Bob", false)]).await;
    drop(elsewhere);
    bob.get("done", ask("unsubscribe", chat)).await;
    sees_there(&mut cleo, chat, &[]).await;
    sam.settled().await;
    let told = format!("{:?}", sam.client.passed());
    assert!(!told.contains("viewers") && !told.contains("Cleo"), "a customer is not told who looks: {told}");
}

#[tokio::test]
async fn c22_a_former_agent_has_nothing_open_any_more() {
    let stage = Stage::new(FAST, &[agent(ADA, 2, ""), agent(BOB, 2, "permissions = ['all']")]).await;
    let mut ada = stage.online("Ada").await;
    let (_sam, chat) = stage.joined("Sam", GENERAL).await;
    ada.sees(chat, "in_progress").await;
    ada.follow(chat).await;
    ada.get("done", types(chat, true)).await;
    sees_there(&mut ada, chat, &[("Ada", true)]).await;
    let mut bob = stage.agent("Bob").await;
    bob.state("away").await;
    bob.follow(chat).await;
    sees_there(&mut bob, chat, &[("Ada", true)]).await;
    bob.get("done", ask("take_over", chat)).await;
    sees_there(&mut bob, chat, &[("Bob", false)]).await;
    ada.until("chat_gone", |frame| frame["chat"] == chat).await;
    ada.refused("not_your_chat", ask("subscribe", chat)).await;
}
