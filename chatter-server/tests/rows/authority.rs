//! Who may send what: every command by everybody who might, as one table. A command that is missing from it
//! fails the test, and what is refused leaves no trace in the file.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::stage::{ADA, BOB, CLEO, FAST, GENERAL, Person, Stage, agent, number};

/// An example of every command, held complete by the core's own tests.
const COMMANDS: &str = include_str!("../../../chatter-core/tests/golden/commands.json");

/// How the chat stands when it is tried.
#[derive(Clone, Copy, PartialEq)]
enum Chat {
    Held,
    Ended,
}
use Chat::{Ended, Held};

/// The columns: a customer without a chat, a customer with another one, an agent who never had it, the agent
/// who had it before, its customer, and the agent who holds it (or had it last, when it is ended).
const WHO: [&str; 6] = ["stranger", "other customer", "other agent", "former agent", "its customer", "its agent"];

/// A command, how the chat stands, its other fields, and the answers: the type of a good one, the code of a
/// refusal, or the word of a close. `not_waiting` and `chat_resolved` speak of the chat, so they are no
/// denial.
type Row = (&'static str, Chat, &'static str, [&'static str; 6]);

const NO: &str = "not_allowed";
const NONE: &str = "unknown_chat";
const NOT_YOURS: &str = "not_your_chat";

#[rustfmt::skip]
const TABLE: [Row; 21] = [
    ("hello", Held, r#"{"protocol":1,"role":"agent"}"#, ["hello_expected"; 6]),
    ("join_queue", Held, r#"{"name":"Zoe","category":1}"#, ["queued", "queued", NO, NO, "queued", NO]),
    ("queue_status", Held, "{}", [NONE, NONE, NONE, NOT_YOURS, "not_waiting", NOT_YOURS]),
    ("start_chat", Held, "{}", [NONE, NONE, NO, NO, "customer_token", NO]),
    ("subscribe", Held, "{}", [NONE, NONE, NONE, NOT_YOURS, "page", "page"]),
    ("subscribe", Ended, "{}", [NONE, NONE, NONE, NOT_YOURS, "page", "page"]),
    ("read_history", Held, r#"{"before":9,"limit":9}"#, [NONE, NONE, NONE, "page", "page", "page"]),
    ("read_history", Ended, r#"{"before":9,"limit":9}"#, [NONE, NONE, NONE, "page", "page", "page"]),
    ("send_message", Held, r#"{"client_msg_id":"m","text":"x"}"#, [NONE, NONE, NONE, NOT_YOURS, "accepted", "accepted"]),
    ("send_note", Held, r#"{"client_msg_id":"n","text":"x"}"#, [NONE, NONE, NONE, NOT_YOURS, NO, "accepted"]),
    ("send_note", Ended, r#"{"client_msg_id":"n","text":"x"}"#, [NONE, NONE, NONE, NOT_YOURS, NO, "accepted"]),
    ("receipt", Held, r#"{"read":1}"#, [NONE, NONE, NONE, NOT_YOURS, "done", "done"]),
    ("end_chat", Held, "{}", [NONE, NONE, NONE, NOT_YOURS, "done", "done"]),
    ("reopen_chat", Held, "{}", [NONE, NONE, NONE, NOT_YOURS, NO, "chat_not_resolved"]),
    ("reopen_chat", Ended, "{}", [NONE, NONE, NONE, NOT_YOURS, NO, "done"]),
    ("set_subject", Held, r#"{"subject":"x"}"#, [NONE, NONE, NONE, NOT_YOURS, "done", "done"]),
    ("set_priority", Held, r#"{"priority":"high"}"#, [NONE, NONE, NONE, NOT_YOURS, NO, "done"]),
    ("set_priority", Ended, r#"{"priority":"high"}"#, [NONE, NONE, NONE, NOT_YOURS, NO, "done"]),
    ("set_agent_state", Held, r#"{"state":"away"}"#, [NO, NO, "done", "done", NO, "done"]),
    ("sign_out", Held, r#"{"all":false}"#, ["done"; 6]),
    ("ping", Held, "{}", ["pong"; 6]),
];

#[test]
fn every_command_is_in_the_table() {
    let commands: Vec<Value> = serde_json::from_str(COMMANDS).unwrap();
    let known: BTreeSet<_> = commands.iter().map(|command| command["type"].as_str().unwrap()).collect();
    let tried: BTreeSet<_> = TABLE.iter().map(|(command, ..)| *command).collect();
    assert_eq!(tried, known);
}

/// The people, and the chat of each row anew.
struct Cast {
    stage: Stage,
    agents: [Person; 3],
    other: Person,
}

impl Cast {
    async fn new() -> Self {
        let stage = Stage::new(FAST, &[agent(ADA, 100, ""), agent(BOB, 100, ""), agent(CLEO, 100, "")]).await;
        let agents = [stage.agent("Ada").await, stage.agent("Bob").await, stage.agent("Cleo").await];
        let (other, _) = stage.joined("Otto", GENERAL).await;
        Self { stage, agents, other }
    }

    /// A chat that Bob had before Ada, and its customer.
    async fn chat(&mut self, how: Chat) -> (Person, u64) {
        let [ada, bob, cleo] = &mut self.agents;
        cleo.state("offline").await;
        ada.state("away").await;
        bob.state("online").await;
        let (sam, chat) = self.stage.joined("Sam", GENERAL).await;
        bob.sees(chat, "in_progress").await;
        bob.state("offline").await;
        bob.until("chat_gone", |frame| frame["chat"] == chat).await;
        ada.state("online").await;
        ada.sees(chat, "in_progress").await;
        if how == Ended {
            ada.end(chat).await;
        }
        (sam, chat)
    }

    /// A connection of its own for each try.
    async fn enter(&self, who: &str, owner: &Person) -> Person {
        let [ada, bob, cleo] = &self.agents;
        match who {
            "stranger" => self.stage.customer().await,
            "other customer" => self.stage.again(&self.other).await,
            "other agent" => self.stage.again(cleo).await,
            "former agent" => self.stage.again(bob).await,
            "its customer" => self.stage.again(owner).await,
            "its agent" => self.stage.again(ada).await,
            unknown => panic!("nobody is called {unknown}"),
        }
    }
}

/// The frame of a row about a chat.
fn frame(command: &str, fields: &str, chat: u64) -> Value {
    let mut frame: Value = serde_json::from_str(fields).unwrap();
    frame["type"] = json!(command);
    let alone = ["hello", "join_queue", "set_agent_state", "sign_out", "ping"];
    if !alone.contains(&command) {
        frame["chat"] = json!(chat);
    }
    frame
}

/// Sends it, and gives the type, code or word of what comes back.
async fn outcome(mut person: Person, frame: Value) -> (String, Value) {
    if frame["type"] == "hello" {
        person.client.send(&frame).await;
        return (person.client.closed().await.word, Value::Null);
    }
    let mut answer = person.ask(frame).await;
    let told = if answer["type"] == "error" { &answer["code"] } else { &answer["type"] };
    let told = told.as_str().unwrap().to_owned();
    for own in ["ref", "chat", "message"] {
        answer.as_object_mut().unwrap().remove(own);
    }
    (told, answer)
}

#[tokio::test]
async fn everybody_may_do_what_the_table_says_and_nothing_else() {
    let mut cast = Cast::new().await;
    let mut wrong = Vec::new();
    let file = cast.stage.file();
    let events = || number(&file.cell("SELECT count(*) FROM events"));
    for (command, how, fields, expected) in TABLE {
        let (owner, chat) = cast.chat(how).await;
        for (who, expected) in WHO.into_iter().zip(expected) {
            let person = cast.enter(who, &owner).await;
            let before = events();
            let (told, answer) = outcome(person, frame(command, fields, chat)).await;
            if told != expected {
                wrong.push(format!("{command} by {who}: {told} instead of {expected}"));
            }
            if [NO, NONE, NOT_YOURS].contains(&told.as_str()) {
                assert_eq!(events(), before, "{command} by {who} was refused and changed something");
            }
            if told == NONE {
                // The same as for a chat that does not exist, so that nobody can feel for others.
                let person = cast.enter(who, &owner).await;
                let (_, nothing) = outcome(person, frame(command, fields, 9_999)).await;
                assert_eq!(answer, nothing, "{command} by {who}");
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}
