//! Conversations of agents over connections: resumed at any cut, found by who was away, unknown to everybody else.

use crate::once::{engine_on, follow};
use crate::support::{Agent, agent, customer, set_up};
use chatter_core::protocol::Command;
use chatter_core::testing::Dice;
use chatter_core::{AgentId, ChatId, HistoryId, MemoryStore};

async fn ready(agent: &mut Agent) -> HistoryId {
    agent.any("ready").await["history"].as_str().unwrap().parse().unwrap()
}

async fn open(agent: &mut Agent, with: u64) -> ChatId {
    agent.ask(Command::OpenTeamChat { agent: AgentId(with) }).await;
    ChatId(agent.any("team_chat").await["team_chat"]["chat"].as_u64().unwrap())
}

/// Both write, and either is cut at random points, the engine too: whoever resumes from the last number they have
/// gets neither hole nor repeat, and nobody's message is lost.
#[tokio::test(start_paused = true)]
async fn resuming_leaves_neither_hole_nor_repeat() {
    for seed in 0..24 {
        let mut dice = Dice::new(seed);
        let memory = MemoryStore::new();
        let mut engine = engine_on(&memory).await;
        set_up(&engine).await;
        let mut pair = [agent(&engine, 1).await, agent(&engine, 2).await];
        let history = ready(&mut pair[0]).await;
        let chat = open(&mut pair[0], 2).await;
        let (mut seen, mut written) = ([0, 0], 0);
        for one in &pair {
            one.subscribe(chat, Some((history, 0))).await;
        }
        for round in 0..60 {
            let which = usize::try_from(dice.below(2)).unwrap();
            match dice.below(8) {
                0 => {
                    for (seen, one) in seen.iter_mut().zip(&mut pair) {
                        *seen = follow(one.drain().await, "seq", *seen);
                    }
                    engine.stop().await;
                    engine = engine_on(&memory).await;
                    pair = [agent(&engine, 1).await, agent(&engine, 2).await];
                    for (seen, one) in seen.iter().zip(&pair) {
                        one.subscribe(chat, Some((history, *seen))).await;
                    }
                }
                1 | 2 => {
                    seen[which] = follow(pair[which].drain().await, "seq", seen[which]);
                    pair[which] = agent(&engine, 1 + which as u64).await;
                    pair[which].subscribe(chat, Some((history, seen[which]))).await;
                }
                _ => {
                    pair[which].send(chat, &format!("m{round}"), "to a colleague").await;
                    written += 1;
                }
            }
        }
        for (seen, one) in seen.iter_mut().zip(&mut pair) {
            *seen = follow(one.drain().await, "seq", *seen);
        }
        assert_eq!(seen, [written, written], "seed {seed}: both have all of it");
        engine.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn who_was_away_finds_it_and_reads_it() {
    let memory = MemoryStore::new();
    let engine = engine_on(&memory).await;
    set_up(&engine).await;
    let mut ada = agent(&engine, 1).await;
    let chat = open(&mut ada, 2).await;
    for number in 1..=3 {
        ada.send(chat, &number.to_string(), &format!("word {number}")).await;
        let accepted = ada.any("accepted").await;
        assert_eq!((accepted["seq"].as_u64(), accepted.get("public_seq")), (Some(number), None));
    }
    let mut bob = agent(&engine, 2).await;
    let ready = bob.any("ready").await;
    let found = &ready["team_chats"][0];
    assert_eq!((found["chat"].as_u64(), found["unread"].as_u64()), (Some(chat.0), Some(3)));
    assert_eq!(found["last_message"]["text"], "word 3");
    bob.ask(Command::ReadHistory { chat, before: 3, limit: 1 }).await;
    let page = bob.any("page").await;
    assert_eq!(page["entries"][0]["body"]["text"], "word 2");
    bob.subscribe(chat, None).await;
    let page = bob.any("page").await;
    assert_eq!((page["entries"].as_array().unwrap().len(), page["up_to"].as_u64()), (3, Some(3)));
    assert_eq!(bob.any("team_chat").await["team_chat"]["unread"], 3, "the state follows the page");
    ada.drain().await;
    bob.ask(Command::Receipt { chat, delivered: None, read: Some(3) }).await;
    let told = ada.any("team_chat").await;
    assert_eq!(
        (&told["team_chat"]["members"][1]["receipts"]["read"], &told["team_chat"]["unread"]),
        (&3.into(), &0.into())
    );

    // Nobody else: as a number that no chat has, also where the store is asked.
    let mut zoe = customer(&engine, 1).await;
    zoe.any("ready").await;
    for number in [chat.0, chat.0 + 1] {
        let unknown = ChatId(number);
        zoe.subscribe(unknown, None).await;
        zoe.ask(Command::ReadHistory { chat: unknown, before: 9, limit: 9 }).await;
        zoe.send(unknown, "1", "word 1").await;
        for _ in 0..3 {
            let error = zoe.any("error").await;
            assert_eq!((error["code"].as_str(), error["chat"].as_u64()), (Some("unknown_chat"), Some(number)));
        }
    }
    engine.stop().await;
}
