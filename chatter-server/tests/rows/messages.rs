//! Messages (C1), exactly once (C3), receipts (C4) and notes (C7).

use serde_json::{Value, json};

use crate::stage::{ADA, FAST, GENERAL, Stage, agent, message, number};

#[tokio::test]
async fn c1_messages_show_both_names_the_kind_and_the_time() {
    let stage = Stage::new(FAST, &[agent(ADA, 2, "")]).await;
    let (mut sam, chat) = stage.joined("Sam", GENERAL).await;
    let longest = "ß".repeat(1_000);
    sam.say(chat, "1", &longest).await;
    for text in [format!("{longest}x"), "  ".to_owned(), "bell \u{7}".to_owned()] {
        let refusal = sam.refused("invalid", message(chat, "2", &text)).await;
        assert_eq!((&refusal["field"], &refusal["client_msg_id"]), (&json!("text"), &json!("2")), "{refusal}");
    }
    for kind in ["image", "file"] {
        let mut frame = message(chat, "2", "x");
        frame["kind"] = json!(kind);
        assert_eq!(sam.refused("not_available", frame).await["what"], kind);
    }
    let mut ada = stage.online("Ada").await;
    ada.sees(chat, "in_progress").await;
    ada.follow(chat).await;
    let accepted = sam.say(chat, "3", "<b>now</b>\nto you").await;
    let heard = ada.hears(chat, "<b>now</b>\nto you").await;
    assert_eq!((&heard["author"]["kind"], &heard["author"]["name"]), (&json!("customer"), &json!("Sam")), "{heard}");
    assert_eq!((&heard["to"], &heard["at"]), (&json!("Ada"), &accepted["at"]), "{heard}");
    ada.say(chat, "1", "and back").await;
    let heard = sam.hears(chat, "and back").await;
    assert_eq!((&heard["author"], &heard["to"]), (&json!({ "kind": "agent", "name": "Ada" }), &json!("Sam")));

    let file = stage.file();
    let rows = file
        .rows("SELECT author_kind, author_name, to_name, text FROM entries WHERE kind = 'message' ORDER BY chat, seq");
    assert_eq!(
        rows,
        json!([
            ["customer", "Sam", null, longest],
            ["customer", "Sam", "Ada", "<b>now</b>\nto you"],
            ["agent", "Ada", "Sam", "and back"]
        ])
    );
    assert_eq!(file.cell("SELECT at FROM entries WHERE seq = 3"), accepted["at"]);
}

#[tokio::test]
async fn c3_exactly_once_and_nothing_missed() {
    let stage = Stage::new(FAST, &[agent(ADA, 2, "")]).await;
    let (mut ada, mut sam, chat) = stage.pair().await;
    let history = sam.ready["history"].clone();
    let first = sam.say(chat, "a", "one").await;
    let have = number(&first["public_seq"]);
    // Sent, and the connection is lost before the answer is read.
    sam.client.send(&message(chat, "b", "two")).await;
    ada.hears(chat, "two").await;
    let token = sam.token.clone();
    drop(sam);
    ada.until("presence", |frame| frame["customer"] == "connection_lost").await;
    for (id, text) in [("a", "three"), ("b", "four")] {
        ada.say(chat, id, text).await;
    }
    let note = json!({ "type": "send_note", "chat": chat, "client_msg_id": "c", "text": "between us" });
    ada.get("accepted", note.clone()).await;
    ada.say(chat, "d", "five").await;

    let mut sam = stage.with_token("customer", &token).await;
    let again = sam.say(chat, "b", "two").await;
    assert_eq!((&again["duplicate"], number(&again["public_seq"])), (&json!(true), have + 1), "{again}");
    let other = sam.say(chat, "a", "another text").await;
    assert_eq!((&other["conflict"], &other["public_seq"]), (&json!(true), &first["public_seq"]), "{other}");
    let resume = json!({ "type": "subscribe", "chat": chat, "history": history, "after": have });
    let page = sam.get("page", resume).await;
    assert_eq!(page["recovery"], json!({ "recovered": true }), "{page}");
    let missed: Vec<_> = page["entries"].as_array().unwrap().iter().map(|entry| &entry["body"]["text"]).collect();
    assert_eq!(missed, ["two", "three", "four", "five"], "{page}");
    let numbers: Vec<_> =
        page["entries"].as_array().unwrap().iter().map(|entry| number(&entry["public_seq"])).collect();
    assert_eq!(numbers, (have + 1..=have + 4).collect::<Vec<_>>(), "no hole where the note is");
    assert_eq!(ada.get("accepted", note).await["duplicate"], true);
    ada.say(chat, "e", "six").await;
    sam.hears(chat, "six").await;

    let file = stage.file();
    assert_eq!(
        file.transcript(chat),
        json!([
            [1, 1, "system", "agent_joined"],
            [2, 2, "Sam", "one"],
            [3, 3, "Sam", "two"],
            [4, 4, "Ada", "three"],
            [5, 5, "Ada", "four"],
            [6, null, "Ada", "between us"],
            [7, 6, "Ada", "five"],
            [8, 7, "Ada", "six"]
        ])
    );
    let ids = file.rows("SELECT author_kind, client_msg_id, seq FROM client_ids ORDER BY seq");
    let [sam, ada] = ["customer", "agent"];
    assert_eq!(
        ids,
        json!([
            [sam, "a", 2],
            [sam, "b", 3],
            [ada, "a", 4],
            [ada, "b", 5],
            [ada, "c", 6],
            [ada, "d", 7],
            [ada, "e", 8]
        ])
    );
}

#[tokio::test]
async fn c3_a_resend_is_harmless_over_a_restart_and_after_the_end() {
    let stage = Stage::new(FAST, &[]).await;
    let (mut sam, chat) = stage.joined("Sam", GENERAL).await;
    let first = sam.say(chat, "a", "one").await;
    sam.end(chat).await;
    let token = sam.token.clone();
    assert_eq!(stage.server.kill().await.code, None);
    let stage = Stage { server: stage.folder.start().await, folder: stage.folder };
    let mut sam = stage.with_token("customer", &token).await;
    let again = sam.say(chat, "a", "one").await;
    assert_eq!((&again["duplicate"], &again["at"]), (&json!(true), &first["at"]), "{again}");
    let file = stage.file();
    assert_eq!(file.transcript(chat), json!([[1, 1, "Sam", "one"], [2, 2, "system", "chat_ended"]]));
    assert_eq!(file.cell("SELECT status FROM chats"), "resolved", "a resend does not reopen");
}

/// Marks and unread messages as a `chat` frame shows them.
fn marks(chat: &Value) -> [u64; 5] {
    let (own, other) = (&chat["own_receipts"], &chat["other_receipts"]);
    [&chat["unread"], &own["delivered"], &own["read"], &other["delivered"], &other["read"]].map(number)
}

#[tokio::test]
async fn c4_sent_delivered_read_and_unread() {
    let stage = Stage::new(FAST, &[agent(ADA, 2, "")]).await;
    let (mut ada, mut sam, chat) = stage.pair().await;
    let receipt = |delivered, read| json!({ "type": "receipt", "chat": chat, "delivered": delivered, "read": read });
    sam.say(chat, "1", "one").await;
    sam.say(chat, "2", "two").await;
    ada.hears(chat, "two").await;
    ada.get("done", receipt(3, 0)).await;
    ada.client.newest("chat", |frame| marks(&frame["chat"]) == [2, 3, 0, 0, 0]).await;
    sam.client.newest("chat", |frame| marks(&frame["chat"]) == [0, 0, 0, 3, 1]).await;
    ada.get("done", receipt(3, 2)).await;
    ada.client.newest("chat", |frame| frame["chat"]["unread"] == 1).await;
    sam.client.newest("chat", |frame| marks(&frame["chat"]) == [0, 0, 0, 3, 2]).await;
    ada.get("done", json!({ "type": "receipt", "chat": chat, "read": 1 })).await;
    ada.say(chat, "1", "three").await;
    sam.hears(chat, "three").await;
    let elsewhere = stage.again(&sam).await;
    assert_eq!(elsewhere.ready["chats"][0]["unread"], 1, "{}", elsewhere.ready);
    sam.get("done", json!({ "type": "receipt", "chat": chat, "read": 4 })).await;
    ada.client.newest("chat", |frame| marks(&frame["chat"])[3..] == [4, 4]).await;

    let file = stage.file();
    let kept = "SELECT customer_delivered, customer_read, staff_delivered, staff_read,
        customer_unread, staff_unread, last_message_seq FROM chats";
    assert_eq!(file.rows(kept), json!([[4, 4, 3, 2, "[]", "[[3,3]]", 4]]), "lower marks have no effect");
    let too_high = sam.refused("receipt_too_high", receipt(9, 9)).await;
    assert_eq!(too_high["last"], 4, "{too_high}");
    assert_eq!(sam.client.closed().await.code, Some(4202));
    assert_eq!(file.cell("SELECT customer_read FROM chats"), 4);
}

#[tokio::test]
async fn c7_notes_are_for_agents_alone() {
    let stage = Stage::new(FAST, &[agent(ADA, 2, "")]).await;
    let (mut ada, mut sam, chat) = stage.pair().await;
    let mut elsewhere = stage.again(&ada).await;
    elsewhere.follow(chat).await;
    let note = |id: &str| json!({ "type": "send_note", "chat": chat, "client_msg_id": id, "text": "a secret" });
    sam.refused("not_allowed", note("n")).await;
    let accepted = ada.get("accepted", note("n")).await;
    assert_eq!((number(&accepted["seq"]), accepted.get("public_seq")), (2, None), "{accepted}");
    let live = elsewhere.hears(chat, "a secret").await;
    assert_eq!(live["body"]["kind"], "note", "{live}");
    assert_eq!(elsewhere.history(chat).await["entries"][1]["body"]["text"], "a secret");
    ada.say(chat, "m", "in public").await;
    assert_eq!(sam.hears(chat, "in public").await["public_seq"], 2, "a customer cannot tell that a note exists");
    let shown = sam.history(chat).await;
    let page = sam.follow(chat).await;
    let all = format!("{shown}{page}{:?}", sam.client.passed());
    assert!(!all.contains("secret") && !all.contains("note"), "{all}");
    let back = stage.again(&sam).await;
    assert!(!back.ready.to_string().contains("secret"), "{}", back.ready);

    let rows = stage.file().rows("SELECT seq, public_seq, kind, to_name, text FROM entries WHERE seq > 1 ORDER BY seq");
    assert_eq!(rows, json!([[2, null, "note", null, "a secret"], [3, 2, "message", "Sam", "in public"]]));
}
