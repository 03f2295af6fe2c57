//! Who may send what: every command by everybody who might, as one table. A command that is missing from it
//! fails the test, and what is refused leaves no trace in the file.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::stage::{ADA, BOB, CLEO, DORA, EVE, FAST, FAY, GENERAL, GUS, Person, SALES, Stage, agent, may, number};

/// An example of every command, held complete by the core's own tests.
const COMMANDS: &str = include_str!("../../../chatter-core/tests/golden/commands.json");

/// How the chat stands when it is tried.
#[derive(Clone, Copy, PartialEq)]
enum Chat {
    Held,
    Ended,
    /// Offered to the agent, after the former agent declined it.
    Offered,
}
use Chat::{Ended, Held, Offered};

/// The columns: a customer without a chat, a customer with another one, an agent who never had it, the agent
/// who had it before, agents who never had it and may watch, assign, go past limits or all of that, its customer,
/// and the agent who holds it (or had it last, when it is ended, or is asked, when it is offered).
const WHO: [&str; 10] = [
    "stranger",
    "other customer",
    "other agent",
    "former agent",
    "watcher",
    "assigner",
    "overrider",
    "supervisor",
    "its customer",
    "its agent",
];

/// A command, how the chat stands, its other fields, and the answers: the type of a good one, the code of a
/// refusal, or the word of a close. Codes that speak of the chat, such as `not_waiting` and `cannot_merge`, are no
/// denial.
type Row = (&'static str, Chat, &'static str, [&'static str; 10]);

const NO: &str = "not_allowed";
const NONE: &str = "unknown_chat";
const NOT_YOURS: &str = "not_your_chat";
const GONE: &str = "offer_gone";
const ENDED: &str = "chat_resolved";
const HELD: &str = "not_waiting";
const NO_WORDS: &str = "unknown_message";
const WHY: &str = "chat_explained";
const WHY_NONE: &str = "agent_explained";
const FOUND: &str = "team_chat";
const TWO: &str = "cannot_merge";

#[rustfmt::skip]
const TABLE: [Row; 56] = [
    ("hello", Held, r#"{"protocol":1,"role":"agent"}"#, ["hello_expected"; 10]),
    ("join_queue", Held, r#"{"name":"Zoe","category":1}"#, ["queued", "queued", NO, NO, NO, NO, NO, NO, "queued", NO]),
    ("queue_status", Held, "{}", [NONE, NONE, NONE, NOT_YOURS, NOT_YOURS, NOT_YOURS, NONE, NOT_YOURS, HELD, NOT_YOURS]),
    ("start_chat", Held, "{}", [NONE, NONE, NO, NO, NO, NO, NO, NO, "customer_token", NO]),
    ("subscribe", Held, "{}", [NONE, NONE, NONE, NOT_YOURS, "page", NOT_YOURS, NONE, "page", "page", "page"]),
    ("subscribe", Ended, "{}", [NONE, NONE, NONE, NOT_YOURS, "page", NOT_YOURS, NONE, "page", "page", "page"]),
    ("subscribe", Offered, "{}", [NONE, NONE, NONE, NONE, "page", NOT_YOURS, NONE, "page", "page", NOT_YOURS]),
    ("unsubscribe", Held, "{}", ["done"; 10]),
    ("read_history", Held, r#"{"before":9,"limit":9}"#, [NONE, NONE, NONE, "page", "page", NOT_YOURS, NONE, "page", "page", "page"]),
    ("read_history", Ended, r#"{"before":9,"limit":9}"#, [NONE, NONE, NONE, "page", "page", NOT_YOURS, NONE, "page", "page", "page"]),
    ("read_history", Offered, r#"{"before":9,"limit":9}"#, [NONE, NONE, NONE, NONE, "page", NOT_YOURS, NONE, "page", "page", "page"]),
    ("send_message", Held, r#"{"client_msg_id":"m","text":"x"}"#, [NONE, NONE, NONE, NOT_YOURS, NOT_YOURS, NOT_YOURS, NONE, NOT_YOURS, "accepted", "accepted"]),
    ("send_message", Offered, r#"{"client_msg_id":"m","text":"x"}"#, [NONE, NONE, NONE, NONE, NOT_YOURS, NOT_YOURS, NONE, NOT_YOURS, "accepted", NOT_YOURS]),
    ("send_note", Held, r#"{"client_msg_id":"n","text":"x"}"#, [NONE, NONE, NONE, NOT_YOURS, "accepted", NOT_YOURS, NONE, "accepted", NO, "accepted"]),
    ("send_note", Ended, r#"{"client_msg_id":"n","text":"x"}"#, [NONE, NONE, NONE, NOT_YOURS, "accepted", NOT_YOURS, NONE, "accepted", NO, "accepted"]),
    ("whisper", Held, r#"{"client_msg_id":"w","text":"x"}"#, [NONE, NONE, NONE, NOT_YOURS, "accepted", NOT_YOURS, NONE, "accepted", NO, NOT_YOURS]),
    ("edit_message", Held, r#"{"target":1,"text":"x"}"#, [NONE, NONE, NONE, NOT_YOURS, NO_WORDS, NOT_YOURS, NONE, NO_WORDS, NO_WORDS, NO_WORDS]),
    ("delete_message", Held, r#"{"target":1}"#, [NONE, NONE, NONE, NOT_YOURS, NO_WORDS, NOT_YOURS, NONE, NO_WORDS, NO_WORDS, NO_WORDS]),
    // Whoever has nothing to say learns nothing, and nobody hears of it.
    ("typing", Held, r#"{"typing":true,"text":"x"}"#, ["done"; 10]),
    ("receipt", Held, r#"{"read":1}"#, [NONE, NONE, NONE, NOT_YOURS, NOT_YOURS, NOT_YOURS, NONE, NOT_YOURS, "done", "done"]),
    ("end_chat", Held, "{}", [NONE, NONE, NONE, NOT_YOURS, NOT_YOURS, NOT_YOURS, NONE, NOT_YOURS, "done", "done"]),
    ("reopen_chat", Held, "{}", [NONE, NONE, NONE, NOT_YOURS, NOT_YOURS, NOT_YOURS, NONE, NOT_YOURS, NO, "chat_not_resolved"]),
    ("reopen_chat", Ended, "{}", [NONE, NONE, NONE, NOT_YOURS, NOT_YOURS, NOT_YOURS, NONE, NOT_YOURS, NO, "done"]),
    ("set_subject", Held, r#"{"subject":"x"}"#, [NONE, NONE, NONE, NOT_YOURS, NOT_YOURS, NOT_YOURS, NONE, NOT_YOURS, "done", "done"]),
    ("set_priority", Held, r#"{"priority":"high"}"#, [NONE, NONE, NONE, NOT_YOURS, NOT_YOURS, "done", NONE, "done", NO, "done"]),
    ("set_priority", Ended, r#"{"priority":"high"}"#, [NONE, NONE, NONE, NOT_YOURS, NOT_YOURS, "done", NONE, "done", NO, "done"]),
    ("accept_offer", Held, "{}", [NO, NO, GONE, GONE, GONE, GONE, GONE, GONE, NO, GONE]),
    ("accept_offer", Offered, "{}", [NO, NO, GONE, GONE, GONE, GONE, GONE, GONE, NO, "done"]),
    ("decline_offer", Held, "{}", [NO, NO, GONE, GONE, GONE, GONE, GONE, GONE, NO, GONE]),
    ("decline_offer", Offered, r#"{"reason":"busy"}"#, [NO, NO, GONE, GONE, GONE, GONE, GONE, GONE, NO, "done"]),
    ("transfer_chat", Held, r#"{"to_category":3}"#, [NONE, NONE, NONE, NOT_YOURS, NOT_YOURS, NOT_YOURS, NONE, NOT_YOURS, NO, "done"]),
    ("transfer_chat", Ended, r#"{"to_category":3}"#, [NONE, NONE, NONE, ENDED, ENDED, ENDED, NONE, ENDED, NO, ENDED]),
    ("transfer_chat", Offered, r#"{"to_category":3}"#, [NONE, NONE, NONE, NONE, NOT_YOURS, NOT_YOURS, NONE, NOT_YOURS, NO, NOT_YOURS]),
    // Whoever serves the queue may take what waits there, so they are told that it does not wait.
    ("assign_chat", Held, "{}", [NO, NO, HELD, HELD, HELD, "done", HELD, "done", NO, "done"]),
    ("assign_chat", Offered, "{}", [NO, NO, HELD, HELD, HELD, "done", NONE, "done", NO, "done"]),
    ("assign_chat", Held, r#"{"agent":4}"#, [NO, NO, NONE, NOT_YOURS, HELD, "agent_unavailable", NONE, "agent_unavailable", NO, NOT_YOURS]),
    ("assign_chat", Held, r#"{"agent":4,"override_limit":true}"#, [NO, NO, NO, NO, NO, NO, NONE, "done", NO, NO]),
    ("unassign_chat", Held, "{}", [NONE, NONE, NONE, NOT_YOURS, NOT_YOURS, "done", NONE, "done", NO, "done"]),
    ("take_over", Held, "{}", [NO, NO, NONE, NOT_YOURS, NOT_YOURS, "done", NONE, "done", NO, NOT_YOURS]),
    ("take_over", Ended, "{}", [NO, NO, NONE, ENDED, ENDED, ENDED, NONE, ENDED, NO, ENDED]),
    ("join_chat", Held, "{}", [NO, NO, NONE, NOT_YOURS, "done", NOT_YOURS, NONE, "done", NO, "done"]),
    ("join_chat", Ended, "{}", [NO, NO, NONE, ENDED, ENDED, NOT_YOURS, NONE, ENDED, NO, ENDED]),
    ("leave_chat", Held, "{}", [NO, NO, NONE, "done", "done", "done", NONE, "done", NO, NO]),
    ("merge_chats", Held, r#"{"into":1}"#, [NO, NO, NONE, NOT_YOURS, NOT_YOURS, TWO, NONE, TWO, NO, TWO]),
    ("end_wrap_up", Held, "{}", [NO, NO, "done", "done", "done", "done", "done", "done", NO, "done"]),
    ("open_team_chat", Held, r#"{"agent":3}"#, [NO, NO, "invalid", FOUND, FOUND, FOUND, FOUND, FOUND, NO, FOUND]),
    ("read_queue", Held, r#"{"category":2}"#, [NO, NO, "queue", "queue", "queue", "queue", NO, "queue", NO, "queue"]),
    ("read_team", Held, "{}", [NO, NO, "team", "team", "team", "team", "team", "team", NO, "team"]),
    ("explain_chat", Held, "{}", [NONE, NONE, NONE, WHY, WHY, NOT_YOURS, NONE, WHY, NO, WHY]),
    ("explain_chat", Offered, "{}", [NONE, NONE, WHY, WHY, WHY, WHY, NONE, WHY, NO, WHY]),
    ("explain_agent", Held, "{}", [NO, NO, WHY_NONE, WHY_NONE, WHY_NONE, WHY_NONE, WHY_NONE, WHY_NONE, NO, WHY_NONE]),
    ("explain_agent", Held, r#"{"agent":1}"#, [NO, NO, NO, NO, WHY_NONE, NO, NO, WHY_NONE, NO, WHY_NONE]),
    ("explain_agent", Held, r#"{"agent":2}"#, [NO, NO, NO, WHY_NONE, WHY_NONE, NO, NO, WHY_NONE, NO, NO]),
    ("set_agent_state", Held, r#"{"state":"away"}"#, [NO, NO, "done", "done", "done", "done", "done", "done", NO, "done"]),
    ("sign_out", Held, r#"{"all":false}"#, ["done"; 10]),
    ("ping", Held, "{}", ["pong"; 10]),
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
    /// Ada, Bob and Cleo, who may do nothing special, and those who may, in the order of the columns.
    agents: [Person; 7],
    other: Person,
}

impl Cast {
    async fn new() -> Self {
        // Nothing happens by itself while a row is tried, and Sales asks before it gives.
        let settings = "customer_grace = '1h'\nfirst_reply_within = 'off'\npark_after = 'off'\noffer_timeout = '1h'\n\
                        cool_down = '1ms'\n[[categories]]\nname = 'General'\n\
                        [[categories]]\nname = 'Sales'\nrouting = 'offer'\n[[categories]]\nname = 'Billing'\n";
        // Fay does not serve Sales.
        let fay = format!("{}\ncategories = ['General']", may("override"));
        let agents = [
            agent(ADA, 1_000, ""),
            agent(BOB, 1_000, ""),
            agent(CLEO, 1_000, ""),
            agent(DORA, 1_000, &may("watch")),
            agent(EVE, 1_000, &may("assign")),
            agent(FAY, 1_000, &fay),
            agent(GUS, 1_000, &may("all")),
        ];
        let stage = Stage::new(&format!("{FAST}{settings}"), &agents).await;
        let mut people = Vec::new();
        for name in ["Ada", "Bob", "Cleo", "Dora", "Eve", "Fay", "Gus"] {
            people.push(stage.agent(name).await);
        }
        let (other, _) = stage.joined("Otto", GENERAL).await;
        Self { stage, agents: people.try_into().unwrap(), other }
    }

    /// A chat that Bob had before Ada, and its customer.
    async fn chat(&mut self, how: Chat) -> (Person, u64) {
        let [ada, bob, cleo, more @ ..] = &mut self.agents;
        cleo.state("offline").await;
        for agent in more {
            // Given nothing, and free to take.
            agent.state("away").await;
        }
        ada.state("away").await;
        bob.state("online").await;
        let (mut sam, chat) = self.stage.joined("Sam", if how == Offered { SALES } else { GENERAL }).await;
        if how == Offered {
            bob.until("offer", |frame| frame["offer"]["chat"] == chat).await;
            bob.get("done", json!({ "type": "decline_offer", "chat": chat })).await;
            bob.state("offline").await;
            ada.state("online").await;
            ada.until("offer", |frame| frame["offer"]["chat"] == chat).await;
            return (sam, chat);
        }
        bob.sees(chat, "in_progress").await;
        bob.state("offline").await;
        bob.until("chat_gone", |frame| frame["chat"] == chat).await;
        ada.state("online").await;
        ada.sees(chat, "in_progress").await;
        if how == Ended {
            ada.end(chat).await;
            sam.sees(chat, "resolved").await;
        }
        (sam, chat)
    }

    /// A connection of its own for each try.
    async fn enter(&self, who: &str, owner: &Person) -> Person {
        let [ada, bob, cleo, dora, eve, fay, gus] = &self.agents;
        let person = match who {
            "stranger" => return self.stage.customer().await,
            "other customer" => &self.other,
            "other agent" => cleo,
            "former agent" => bob,
            "watcher" => dora,
            "assigner" => eve,
            "overrider" => fay,
            "supervisor" => gus,
            "its customer" => owner,
            "its agent" => ada,
            unknown => panic!("nobody is called {unknown}"),
        };
        self.stage.again(person).await
    }
}

/// The frame of a row about a chat.
fn frame(command: &str, fields: &str, chat: u64) -> Value {
    let mut frame: Value = serde_json::from_str(fields).unwrap();
    frame["type"] = json!(command);
    let alone = [
        "hello",
        "join_queue",
        "end_wrap_up",
        "open_team_chat",
        "read_queue",
        "read_team",
        "explain_agent",
        "set_agent_state",
        "sign_out",
        "ping",
    ];
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
        let (mut owner, mut chat) = cast.chat(how).await;
        for (who, expected) in WHO.into_iter().zip(expected) {
            let person = cast.enter(who, &owner).await;
            let before = events();
            let (told, answer) = outcome(person, frame(command, fields, chat)).await;
            if told != expected {
                wrong.push(format!("{command} {fields} by {who}: {told} instead of {expected}"));
            }
            let changed = events() != before;
            if answer.get("code").is_some() {
                assert!(!changed, "{command} by {who} was refused and changed something");
            }
            if told == NONE {
                // The same as for a chat that does not exist, so that nobody can feel for others.
                let person = cast.enter(who, &owner).await;
                let (_, nothing) = outcome(person, frame(command, fields, 9_999)).await;
                assert_eq!(answer, nothing, "{command} by {who}");
            }
            if changed {
                (owner, chat) = cast.chat(how).await;
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}
