//! Editing and deleting one's own messages (C8).

use serde_json::{Value, json};

use crate::stage::{ADA, FAST, Person, Stage, agent, message, number};

fn edit(chat: u64, target: u64, text: &str) -> Value {
    json!({ "type": "edit_message", "chat": chat, "target": target, "text": text })
}

fn delete(chat: u64, target: u64) -> Value {
    json!({ "type": "delete_message", "chat": chat, "target": target })
}

/// Waits for the live entry of this kind about an earlier one, and gives the frame.
async fn told(person: &mut Person, kind: &str) -> Value {
    person.until("entry", |frame| frame["entry"]["body"]["kind"] == kind).await
}

#[tokio::test]
async fn c8_both_sides_edit_and_see_it_marked() {
    let stage = Stage::new(FAST, &[agent(ADA, 2, "")]).await;
    let (mut ada, mut sam, chat) = stage.pair().await;
    let note = json!({ "type": "send_note", "chat": chat, "client_msg_id": "n", "text": "a note" });
    ada.get("accepted", note).await;
    // From here on staff's numbers are one ahead.
    let first = sam.say(chat, "1", "Helo").await;
    assert_eq!(number(&first["public_seq"]), 2, "{first}");
    sam.get("done", edit(chat, 2, "Hello")).await;
    for person in [&mut sam, &mut ada] {
        let frame = told(person, "edit").await;
        let target = &frame["target"];
        assert_eq!((&target["body"]["text"], &target["at"]), (&json!("Hello"), &first["at"]), "{frame}");
        assert!(target["edited_at"].as_u64() > first["at"].as_u64(), "{frame}");
    }
    ada.hears(chat, "Helo").await;
    ada.say(chat, "2", "Gud day").await;
    sam.hears(chat, "Gud day").await;
    // Sam's message 3, her note 2, his edit 4, her message 5.
    ada.get("done", edit(chat, 5, "Good day")).await;
    let frame = told(&mut sam, "edit").await;
    assert_eq!(frame["entry"]["body"]["target"], 4, "in the customer's numbers: {frame}");
    assert_eq!((&frame["target"]["public_seq"], &frame["target"]["body"]["text"]), (&json!(4), &json!("Good day")));
    told(&mut ada, "edit").await;
    ada.get("done", edit(chat, 2, "another note")).await;
    let frame = told(&mut ada, "edit").await;
    assert_eq!(frame["entry"].get("public_seq"), None, "{frame}");
    sam.settled().await;
    assert!(!format!("{:?}", sam.client.passed()).contains("note"), "of notes a customer is told nothing");

    let shown = sam.history(chat).await;
    let texts: Vec<_> = shown["entries"].as_array().unwrap().iter().map(|entry| &entry["body"]["text"]).collect();
    let [hello, day] = [json!("Hello"), json!("Good day")];
    assert_eq!(texts, [&Value::Null, &hello, &Value::Null, &day, &Value::Null], "{shown}");
    let rows = stage.file().rows("SELECT seq, kind, text, target, public_target FROM entries ORDER BY seq");
    assert_eq!(
        rows,
        json!([
            [1, "system", null, null, null],
            [2, "note", "another note", null, null],
            [3, "message", "Hello", null, null],
            [4, "edit", null, 3, 2],
            [5, "message", "Good day", null, null],
            [6, "edit", null, 5, 4],
            [7, "edit", null, 2, null]
        ])
    );
}

#[tokio::test]
async fn c8_nobody_changes_what_another_wrote() {
    let stage = Stage::new(FAST, &[agent(ADA, 2, "")]).await;
    let (mut ada, mut sam, chat) = stage.pair().await;
    sam.say(chat, "1", "of Sam").await;
    ada.hears(chat, "of Sam").await;
    ada.say(chat, "1", "of Ada").await;
    sam.hears(chat, "of Ada").await;
    let events = stage.file().cell("SELECT count(*) FROM events");
    for (person, others) in [(&mut ada, [1, 2, 9]), (&mut sam, [1, 3, 9])] {
        for target in others {
            person.refused("unknown_message", edit(chat, target, "changed")).await;
            person.refused("unknown_message", delete(chat, target)).await;
        }
    }
    let mut stranger = stage.customer().await;
    stranger.refused("unknown_chat", edit(chat, 2, "changed")).await;
    stranger.refused("unknown_chat", delete(chat, 2)).await;
    assert_eq!(stage.file().cell("SELECT count(*) FROM events"), events);
    let words = json!([[1, 1, "system", "agent_joined"], [2, 2, "Sam", "of Sam"], [3, 3, "Ada", "of Ada"]]);
    assert_eq!(stage.file().transcript(chat), words);
}

#[tokio::test]
async fn c8_who_comes_back_gets_what_changed_meanwhile() {
    let stage = Stage::new(FAST, &[agent(ADA, 2, "")]).await;
    let (mut ada, mut sam, chat) = stage.pair().await;
    let history = sam.ready["history"].clone();
    for (id, text) in [("1", "one"), ("2", "two")] {
        ada.say(chat, id, text).await;
        sam.hears(chat, text).await;
    }
    let token = sam.token.clone();
    drop(sam);
    ada.until("presence", |frame| frame["customer"] == "connection_lost").await;
    ada.get("done", edit(chat, 2, "one, edited")).await;
    ada.get("done", delete(chat, 3)).await;
    ada.say(chat, "3", "three").await;
    let stage = stage.restarted().await;
    let mut sam = stage.with_token("customer", &token).await;
    let resume = json!({ "type": "subscribe", "chat": chat, "history": history, "after": 3 });
    let page = sam.get("page", resume).await;
    assert_eq!(page["recovery"], json!({ "recovered": true }), "{page}");
    let missed: Vec<_> = page["entries"].as_array().unwrap().iter().map(|entry| entry["body"].clone()).collect();
    let three = json!({ "kind": "message", "text": "three" });
    let bodies = [json!({ "kind": "edit", "target": 2 }), json!({ "kind": "deletion", "target": 3 }), three];
    assert_eq!(missed, bodies, "{page}");
    let targets: Vec<_> =
        page["targets"].as_array().unwrap().iter().map(|entry| (&entry["public_seq"], &entry["body"])).collect();
    let (edited, gone) = (json!({ "kind": "message", "text": "one, edited" }), json!({ "kind": "deleted" }));
    assert_eq!(targets, [(&json!(2), &edited), (&json!(3), &gone)], "{page}");
    assert!(page["targets"][0]["edited_at"].is_u64(), "{page}");
}

#[tokio::test]
async fn c8_after_some_time_a_message_stands() {
    let settings = format!("{FAST}edit_within = '1s'\n");
    let stage = Stage::new(&settings, &[agent(ADA, 2, "")]).await;
    let (_ada, mut sam, chat) = stage.pair().await;
    assert_eq!(sam.ready["limits"]["edit_within_s"], 1, "{}", sam.ready);
    let said = number(&sam.say(chat, "1", "0").await["at"]);
    // Edited again and again: as soon as one is refused, all are.
    let refusal = loop {
        let text = format!("text {}", stage.file().cell("SELECT count(*) FROM entries"));
        let answer = sam.ask(edit(chat, 2, &text)).await;
        if answer["type"] == "error" {
            break answer;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    assert_eq!((&refusal["code"], &refusal["target"]), (&json!("too_late"), &json!(2)), "{refusal}");
    sam.refused("too_late", delete(chat, 2)).await;
    let last = stage.file().cell("SELECT edited_at FROM entries WHERE seq = 2").as_u64();
    assert!(last.is_none_or(|last| last <= said + 1_000_000), "{last:?} is within a second after {said}");
}

#[tokio::test]
async fn c8_a_deleted_text_is_in_nothing_that_is_given() {
    let stage = Stage::new(FAST, &[agent(ADA, 2, "permissions = ['all']")]).await;
    let (mut ada, mut sam, chat) = stage.pair().await;
    let secret = "the number of my card";
    sam.say(chat, "1", secret).await;
    ada.hears(chat, secret).await;
    ada.sees(chat, "in_progress").await;
    sam.get("done", delete(chat, 2)).await;
    for person in [&mut ada, &mut sam] {
        let frame = told(person, "deletion").await;
        assert_eq!(
            (&frame["entry"]["body"]["target"], &frame["target"]["body"]["kind"]),
            (&json!(2), &json!("deleted"))
        );
        assert!(!frame.to_string().contains(secret), "{frame}");
    }
    sam.get("done", delete(chat, 2)).await;
    sam.refused("unknown_message", edit(chat, 2, "back again")).await;
    // Sent again under its id it is the one that was deleted.
    let again = sam.get("accepted", message(chat, "1", secret)).await;
    assert_eq!((&again["duplicate"], &again["public_seq"]), (&json!(true), &json!(2)), "{again}");

    let stage = stage.restarted().await;
    let (mut ada, mut sam) = (stage.again(&ada).await, stage.again(&sam).await);
    let mut given = vec![ada.ready.clone(), sam.ready.clone()];
    for ended in [false, true] {
        for person in [&mut ada, &mut sam] {
            given.push(person.history(chat).await);
            given.push(person.follow(chat).await);
            given.push(person.until("chat", |frame| frame["chat"]["chat"] == chat).await);
        }
        if !ended {
            let transcript = given[2]["entries"].as_array().unwrap();
            assert_eq!(transcript[1]["body"], json!({ "kind": "deleted", "was": "message" }), "{transcript:?}");
            sam.end(chat).await;
        }
    }
    let given = format!("{given:?}{:?}{:?}", ada.client.passed(), sam.client.passed());
    assert!(given.contains("deleted") && !given.contains(secret), "{given}");
    let file = stage.file();
    let tables = file.rows("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
    assert!(tables.as_array().unwrap().contains(&json!(["entries"])), "{tables}");
    for table in tables.as_array().unwrap() {
        let rows = file.rows(&format!("SELECT * FROM {}", table[0].as_str().unwrap())).to_string();
        assert!(!rows.contains(secret), "{table}: {rows}");
    }
}
