//! Typing (C5): told to the other side at once, and kept nowhere.

use std::path::Path;

use serde_json::{Value, json};

use crate::stage::{ADA, BOB, FAST, Stage, agent, may};

fn types(chat: u64, text: &str) -> Value {
    json!({ "type": "typing", "chat": chat, "typing": true, "text": text })
}

fn stops(chat: u64) -> Value {
    json!({ "type": "typing", "chat": chat, "typing": false })
}

/// Every file of a folder in which these bytes stand, and how many files were read.
fn files_with(folder: &Path, words: &str) -> (Vec<String>, usize) {
    let files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let holds = |path: &&std::path::PathBuf| {
        std::fs::read(path).unwrap().windows(words.len()).any(|bytes| bytes == words.as_bytes())
    };
    let found = files.iter().filter(holds).map(|path| path.file_name().unwrap().to_str().unwrap().to_owned());
    let mut found: Vec<_> = found.collect();
    found.sort();
    (found, files.len())
}

#[tokio::test]
async fn c5_each_side_is_told_that_the_other_types() {
    let stage = Stage::new(FAST, &[agent(ADA, 2, ""), agent(BOB, 2, &may("watch"))]).await;
    let (mut ada, mut sam, chat) = stage.pair().await;
    assert_eq!(sam.ready["limits"]["typing_preview"], true, "{}", sam.ready);
    let mut bob = stage.agent("Bob").await;
    bob.follow(chat).await;
    sam.get("done", types(chat, "I would like")).await;
    for staff in [&mut ada, &mut bob] {
        let told = staff.until("typing", |frame| frame["chat"] == chat).await;
        assert_eq!((&told["typing"], &told["text"]), (&json!(true), &json!("I would like")), "{told}");
    }
    sam.get("done", stops(chat)).await;
    let told = ada.until("typing", |frame| frame["chat"] == chat).await;
    assert_eq!((&told["typing"], told.get("text")), (&json!(false), None), "{told}");

    ada.get("done", types(chat, "what staff types")).await;
    let told = sam.until("typing", |frame| frame["chat"] == chat).await;
    assert_eq!((&told["agent"], &told["typing"]), (&json!("Ada"), &json!(true)), "{told}");
    assert_eq!(told.get("text"), None, "a customer sees that the agent types, not what: {told}");
    // Sending is the end of typing.
    ada.say(chat, "1", "what staff sends").await;
    let told = sam.until("typing", |frame| frame["chat"] == chat).await;
    assert_eq!(told["typing"], false, "{told}");
    sam.hears(chat, "what staff sends").await;
    assert!(!format!("{:?}", sam.client.passed()).contains("what staff types"));
}

#[tokio::test]
async fn c5_who_may_not_write_is_told_to_nobody() {
    let stage = Stage::new(FAST, &[agent(ADA, 2, ""), agent(BOB, 2, &may("watch"))]).await;
    let (mut ada, mut sam, chat) = stage.pair().await;
    let mut bob = stage.agent("Bob").await;
    bob.follow(chat).await;
    let mut stranger = stage.customer().await;
    bob.get("done", types(chat, "from a watcher")).await;
    stranger.get("done", types(chat, "from a stranger")).await;
    // What would have been told comes before these.
    for person in [&mut sam, &mut ada] {
        person.settled().await;
        let passed = format!("{:?}", person.client.passed());
        assert!(!passed.contains("\"typing\"") && !passed.contains("from a "), "{passed}");
    }
}

#[tokio::test]
async fn c5_without_previews_nobody_sees_what_is_typed() {
    let settings = format!("{FAST}typing_preview = 'off'\n");
    let stage = Stage::new(&settings, &[agent(ADA, 2, "")]).await;
    let (mut ada, mut sam, chat) = stage.pair().await;
    assert_eq!(sam.ready["limits"]["typing_preview"], false, "{}", sam.ready);
    sam.get("done", types(chat, "for nobody yet")).await;
    let told = ada.until("typing", |frame| frame["chat"] == chat).await;
    assert_eq!((&told["typing"], told.get("text")), (&json!(true), None), "{told}");
}

#[tokio::test]
async fn c5_a_sentence_that_is_not_sent_is_kept_nowhere() {
    let settings = format!("{FAST}record = 'run.jsonl'\n");
    let stage = Stage::new(&settings, &[agent(ADA, 2, "")]).await;
    let (mut ada, mut sam, chat) = stage.pair().await;
    let (typed, sent) = ("the umbrella nobody bought", "the raincoat somebody bought");
    sam.get("done", types(chat, typed)).await;
    let told = ada.until("typing", |frame| frame["chat"] == chat).await;
    assert_eq!(told["text"], typed, "{told}");
    sam.say(chat, "1", sent).await;
    ada.hears(chat, sent).await;
    let folder = stage.folder.path("");
    // The database is locked by nobody but the server, and what was sent proves that these are the files.
    let (running, read) = files_with(&folder, sent);
    assert!(running.contains(&"run.jsonl".to_owned()) && read >= 3, "{running:?} of {read}");
    assert!(running.iter().any(|file| file.starts_with("chatter.db")), "{running:?}");
    assert_eq!(files_with(&folder, typed).0, [""; 0], "while it runs");
    let exit = stage.server.terminate().await;
    assert_eq!(exit.code, Some(0));
    let (stopped, _) = files_with(&folder, sent);
    assert!(stopped.contains(&"chatter.db".to_owned()), "{stopped:?}");
    assert_eq!(files_with(&folder, typed).0, [""; 0], "after it stopped");
    assert!(!exit.stderr.contains(typed) && !exit.stderr.contains(sent), "no words of people in the log");
}
