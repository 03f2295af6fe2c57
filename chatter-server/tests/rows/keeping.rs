//! One chat for several tabs (C21), what is kept of it (C23, C24), and the record of a run (G4).

use serde_json::{Value, json};

use crate::stage::{ADA, BOB, CLEO, FAST, GENERAL, SALES, Stage, agent, number};

#[tokio::test]
async fn c21_two_tabs_share_one_chat() {
    let stage = Stage::new(FAST, &[agent(ADA, 5, "")]).await;
    let mut tab = stage.customer().await;
    let mut other = stage.again(&tab).await;
    let (one, two) = tokio::join!(tab.join("Sam", GENERAL), other.join("Sam", GENERAL));
    assert_eq!(one["chat"]["chat"], two["chat"]["chat"]);
    let existing: Vec<_> = [&one, &two].into_iter().filter(|queued| queued["existing"] == true).collect();
    assert_eq!(existing.len(), 1, "one of them opened it: {one} {two}");
    let chat = number(&one["chat"]["chat"]);
    tab.follow(chat).await;
    other.follow(chat).await;
    tab.say(chat, "1", "from the first").await;
    other.hears(chat, "from the first").await;
    other.say(chat, "2", "from the second").await;
    tab.hears(chat, "from the second").await;
    let sales = tab.join("Sam", SALES).await;
    assert_eq!(sales["existing"], false, "another category is another chat: {sales}");
    other.until("chat", |frame| frame["chat"]["chat"] == sales["chat"]["chat"]).await;

    let file = stage.file();
    assert_eq!(file.rows("SELECT chat, category FROM chats ORDER BY chat"), json!([[1, 1], [2, 2]]));
    assert_eq!(file.cell("SELECT count(DISTINCT customer) FROM chats"), 1);
    let words = json!([[1, 1, "Sam", "from the first"], [2, 2, "Sam", "from the second"]]);
    assert_eq!(file.transcript(chat), words);
}

#[tokio::test]
async fn c23_every_chat_is_kept_with_all_who_took_part() {
    let settings = format!("{FAST}close_after = '1s'\n");
    let stage = Stage::new(&settings, &[agent(ADA, 2, ""), agent(BOB, 2, ""), agent(CLEO, 2, "")]).await;
    let mut ada = stage.online("Ada").await;
    let (mut sam, chat) = stage.joined("Sam", GENERAL).await;
    ada.sees(chat, "in_progress").await;
    ada.say(chat, "1", "Hello, I am Ada").await;
    ada.state("offline").await;
    ada.until("chat_gone", |frame| frame["chat"] == chat).await;
    let mut bob = stage.online("Bob").await;
    bob.sees(chat, "in_progress").await;
    sam.say(chat, "1", "Hello, Bob").await;
    bob.end(chat).await;
    sam.sees(chat, "closed").await;
    let mut cleo = stage.agent("Cleo").await;
    for agent in [&mut ada, &mut bob] {
        let page = agent.history(chat).await;
        assert_eq!(page["entries"].as_array().map(Vec::len), Some(7), "{page}");
    }
    let read = json!({ "type": "read_history", "chat": chat, "before": 9, "limit": 9 });
    cleo.refused("unknown_chat", read).await;
    assert_eq!(sam.history(chat).await["entries"].as_array().map(Vec::len), Some(7));

    assert_eq!(stage.server.terminate().await.code, Some(0));
    let file = crate::file::File::open(&stage.folder.database());
    let transcript = json!([
        [1, 1, "system", "agent_joined"],
        [2, 2, "Ada", "Hello, I am Ada"],
        [3, 3, "system", "agent_left"],
        [4, 4, "system", "back_in_queue"],
        [5, 5, "system", "agent_joined"],
        [6, 6, "Sam", "Hello, Bob"],
        [7, 7, "system", "chat_ended"]
    ]);
    assert_eq!(file.transcript(chat), transcript);
    assert_eq!(file.rows("SELECT chat, agent FROM chat_agents ORDER BY agent"), json!([[chat, ADA], [chat, BOB]]));
    assert_eq!(file.rows("SELECT status, last_agent FROM chats"), json!([["closed", BOB]]));
}

#[tokio::test]
async fn c24_subject_last_message_times_and_end_everywhere() {
    let stage = Stage::new(FAST, &[agent(ADA, 2, "")]).await;
    let subject = |chat, subject: Value| json!({ "type": "set_subject", "chat": chat, "subject": subject });
    let mut ada = stage.online("Ada").await;
    let mut sam = stage.customer().await;
    let queued = sam.get("queued", json!({ "type": "join_queue", "name": "Sam", "subject": " My bill " })).await;
    let chat = number(&queued["chat"]["chat"]);
    assert_eq!(queued["chat"]["subject"], "My bill", "{queued}");
    let held = ada.sees(chat, "in_progress").await;
    assert_eq!((&held["subject"], &held["created_at"]), (&json!("My bill"), &queued["chat"]["created_at"]), "{held}");
    sam.get("done", subject(chat, json!("My other bill"))).await;
    ada.until("chat", |frame| frame["chat"]["subject"] == "My other bill").await;
    ada.get("done", subject(chat, Value::Null)).await;
    sam.client.newest("chat", |frame| frame["chat"].get("subject").is_none()).await;
    ada.get("done", subject(chat, json!("A bill"))).await;
    sam.refused("invalid", subject(chat, json!(" "))).await;
    sam.say(chat, "1", "It is wrong").await;
    ada.end(chat).await;

    let customer = stage.again(&sam).await.ready["chats"][0].clone();
    sam.client.newest("chat", |frame| frame["chat"]["status"] == "resolved").await;
    let staff = ada.sees(chat, "resolved").await;
    assert_eq!(customer["last_message"]["body"]["text"], "It is wrong", "{customer}");
    assert_eq!(staff["last_message"]["text"], "It is wrong", "{staff}");
    let file = stage.file();
    let kept = file.rows("SELECT created_at, updated_at, ended_at, ended_by, end_reason, subject FROM chats");
    for shown in [customer, staff] {
        let end = &shown["end"];
        let told =
            json!([shown["created_at"], shown["updated_at"], end["at"], end["by"], end["reason"], shown["subject"]]);
        assert_eq!(json!([told]), kept, "{shown}");
    }
    let by: Vec<_> = file.events("subject_set").iter().map(|event| event["by"].clone()).collect();
    assert_eq!(by, ["customer", "staff", "staff"]);
    assert_eq!(file.cell("SELECT e.text FROM chats c JOIN entries e ON e.seq = c.last_message_seq"), "It is wrong");
}

#[tokio::test]
async fn g4_the_record_replays_to_the_events_in_the_file() {
    let settings = format!("{FAST}record = 'record.jsonl'\nagent_grace = '50ms'\ncustomer_grace = '50ms'\n");
    let stage = Stage::new(&settings, &[agent(ADA, 2, ""), agent(BOB, 1, "categories = ['Sales']")]).await;
    let mut ada = stage.online("Ada").await;
    let mut people = Vec::new();
    for (name, category) in [("Sam", GENERAL), ("Tom", SALES), ("Uma", GENERAL), ("Vic", SALES), ("Wes", GENERAL)] {
        let (mut customer, chat) = stage.joined(name, category).await;
        customer.say(chat, "1", "Grüße, \"anführend\"\n").await;
        people.push((customer, chat));
    }
    let bob = stage.online("Bob").await;
    let (sam, chat) = &mut people[0];
    ada.end(*chat).await;
    sam.say(*chat, "2", "Not yet").await;
    ada.get("done", json!({ "type": "set_priority", "chat": 3, "priority": "high" })).await;
    sam.get("done", json!({ "type": "receipt", "chat": *chat, "read": 2 })).await;
    drop((ada, bob));
    let file = stage.file();
    file.until("SELECT count(*) FROM chats WHERE status = 'in_progress'", json!([[0]])).await;
    drop(people);
    file.until("SELECT count(*) FROM chats WHERE status = 'open'", json!([[0]])).await;
    let exit = stage.server.terminate().await;
    assert_eq!(exit.code, Some(0), "{}", exit.stderr);

    let rows = file.rows("SELECT no || ' ' || at || ' ' || body FROM events ORDER BY no");
    let rows: Vec<_> = rows.as_array().unwrap().iter().map(|row| row[0].as_str().unwrap().to_owned()).collect();
    assert!(rows.len() > 40, "{rows:?}");
    let replay = std::process::Command::new(env!("CARGO_BIN_EXE_chatter-server"))
        .arg("replay")
        .arg(stage.folder.path("record.jsonl"))
        .output()
        .unwrap();
    assert!(replay.status.success(), "{}", String::from_utf8_lossy(&replay.stderr));
    let replayed = String::from_utf8(replay.stdout).unwrap();
    assert_eq!(replayed.lines().collect::<Vec<_>>(), rows, "in another process, byte for byte");
}
