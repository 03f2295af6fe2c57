//! Who accepts first: of any number of answers at once one wins, and every other is told so (B7, B11).

use serde_json::{Value, json};

use crate::stage::{ADA, BOB, CLEO, DORA, EVE, FAST, FAY, GENERAL, GUS, Person, Stage, agent};

/// Everybody asks the same at once; the answers as type, or code of a refusal.
async fn at_once(people: &mut [Person], frame: &Value) -> Vec<String> {
    let asked = people.iter_mut().map(|person| person.ask(frame.clone()));
    let answers = futures_util::future::join_all(asked).await;
    let told = |answer: &Value| if answer["type"] == "error" { answer["code"].clone() } else { answer["type"].clone() };
    answers.iter().map(|answer| told(answer).as_str().unwrap().to_owned()).collect()
}

fn count(answers: &[String], what: &str) -> usize {
    answers.iter().filter(|answer| *answer == what).count()
}

#[tokio::test]
async fn b11_of_seven_agents_who_take_a_chat_at_once_one_has_it() {
    let numbers = [ADA, BOB, CLEO, DORA, EVE, FAY, GUS];
    let stage = Stage::new(FAST, &numbers.map(|id| agent(id, 20, ""))).await;
    let mut agents = Vec::new();
    for name in ["Ada", "Bob", "Cleo", "Dora", "Eve", "Fay", "Gus"] {
        let mut agent = stage.agent(name).await;
        // Away: given nothing, and free to take.
        agent.state("away").await;
        agents.push(agent);
    }
    for round in 1..=8 {
        let (mut sam, chat) = stage.joined("Sam", GENERAL).await;
        let answers = at_once(&mut agents, &json!({ "type": "assign_chat", "chat": chat })).await;
        assert_eq!((count(&answers, "done"), count(&answers, "not_waiting")), (1, 6), "round {round}: {answers:?}");
        let winner = answers.iter().position(|answer| answer == "done").unwrap();
        let told = agents[winner].sees(chat, "in_progress").await;
        assert_eq!(told["agent"], numbers[winner], "{told}");
        let told = sam.sees(chat, "in_progress").await;
        assert_eq!(told["agent"], agents[winner].ready["agent"]["name"], "{told}");
        let file = stage.file();
        assert_eq!(file.cell(&format!("SELECT agent FROM chats WHERE chat = {chat}")), numbers[winner]);
        assert_eq!(file.transcript(chat).as_array().map(Vec::len), Some(1), "one agent joined");
    }
    assert_eq!(stage.file().events("chat_assigned_by_hand").len(), 8);
}

#[tokio::test]
async fn b7_of_many_answers_to_an_offer_one_counts() {
    let settings = format!("{FAST}[[categories]]\nname = 'General'\nrouting = 'offer'\n");
    let stage = Stage::new(&settings, &[agent(ADA, 20, ""), agent(BOB, 20, "")]).await;
    let mut devices = vec![stage.online("Ada").await];
    for _ in 0..4 {
        devices.push(stage.again(&devices[0]).await);
    }
    let mut bob = stage.agent("Bob").await;
    for round in 1..=8 {
        let (mut sam, chat) = stage.joined("Sam", GENERAL).await;
        for device in &mut devices {
            device.until("offer", |frame| frame["offer"]["chat"] == chat).await;
        }
        let accept = json!({ "type": "accept_offer", "chat": chat });
        bob.refused("offer_gone", accept.clone()).await;
        let answers = at_once(&mut devices, &accept).await;
        assert_eq!((count(&answers, "done"), count(&answers, "offer_gone")), (1, 4), "round {round}: {answers:?}");
        for device in &mut devices {
            let gone = device.until("offer_gone", |frame| frame["chat"] == chat).await;
            assert_eq!(gone["how"], "accepted", "{gone}");
        }
        sam.sees(chat, "in_progress").await;
        assert_eq!(stage.file().transcript(chat).as_array().map(Vec::len), Some(1), "one agent joined");
    }
    assert_eq!(stage.file().events("chat_assigned").len(), 8);
}

#[tokio::test]
async fn b7_yes_and_no_at_once_have_one_outcome() {
    let settings = format!("{FAST}cool_down = '1ms'\n[[categories]]\nname = 'General'\nrouting = 'offer'\n");
    let stage = Stage::new(&settings, &[agent(ADA, 20, "")]).await;
    let mut ada = stage.online("Ada").await;
    let mut other = stage.again(&ada).await;
    for _ in 0..8 {
        let (mut sam, chat) = stage.joined("Sam", GENERAL).await;
        ada.until("offer", |frame| frame["offer"]["chat"] == chat).await;
        let accept = json!({ "type": "accept_offer", "chat": chat });
        let decline = json!({ "type": "decline_offer", "chat": chat });
        let (yes, no) = tokio::join!(ada.ask(accept.clone()), other.ask(decline));
        if yes["type"] == "done" {
            assert_eq!(no["code"], "offer_gone", "{no}");
        } else {
            assert_eq!((&yes["code"], &no["type"]), (&json!("offer_gone"), &json!("done")), "{yes} {no}");
            // It is offered again when she has cooled down, and counts then.
            ada.until("offer", |frame| frame["offer"]["chat"] == chat).await;
            ada.get("done", accept).await;
        }
        sam.sees(chat, "in_progress").await;
    }
}
