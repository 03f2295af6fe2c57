//! A running server with people who talk to it.

use serde_json::{Value, json};

use crate::common::client::Client;
use crate::common::process::{Folder, Server};
use crate::file::File;

/// What most tests want: no limits that they do not test, and places told soon.
pub(crate) const FAST: &str = "joins_per_minute = 0\nmessages_per_second = 0\npush_interval = '20ms'\n";

/// The categories of a new store.
pub(crate) const GENERAL: u64 = 1;
pub(crate) const SALES: u64 = 2;
pub(crate) const BILLING: u64 = 3;

/// The agents in the order of their numbers.
pub(crate) const ADA: u64 = 1;
pub(crate) const BOB: u64 = 2;
pub(crate) const CLEO: u64 = 3;
pub(crate) const DORA: u64 = 4;
pub(crate) const EVE: u64 = 5;
pub(crate) const FAY: u64 = 6;
pub(crate) const GUS: u64 = 7;

/// A category in the configuration with more lines. On a new store the first one gets the number 1.
pub(crate) fn category(name: &str, more: &str) -> String {
    format!("[[categories]]\nname = '{name}'\n{more}\n")
}

/// An agent in the configuration: number, limit, and more lines.
pub(crate) fn agent(id: u64, max_chats: u64, more: &str) -> String {
    let name = ["Ada", "Bob", "Cleo", "Dora", "Eve", "Fay", "Gus"][usize::try_from(id).unwrap() - 1];
    format!(
        "[[agents]]\nid = {id}\nusername = '{name}'\nname = '{name}'\npassword = 'the password of {name}'\n\
         max_chats = {max_chats}\n{more}\n"
    )
}

/// The line of the configuration with which an agent may do this beyond their own chats.
pub(crate) fn may(permissions: &str) -> String {
    format!("permissions = ['{permissions}']")
}

/// A folder and the server that runs in it.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) folder: Folder,
    pub(crate) server: Server,
}

impl Stage {
    /// Starts a server with these settings and agents.
    pub(crate) async fn new(settings: &str, agents: &[String]) -> Self {
        let folder = Folder::new(&format!("{settings}{}", agents.concat()));
        let server = folder.start().await;
        Self { folder, server }
    }

    /// The same folder with a server started anew, after the one before was killed.
    pub(crate) async fn restarted(self) -> Self {
        assert_eq!(self.server.kill().await.code, None);
        Self { server: self.folder.start().await, folder: self.folder }
    }

    /// The file as it is while the server runs.
    pub(crate) fn file(&self) -> File {
        File::open(&self.folder.database())
    }

    /// An agent who has signed in.
    pub(crate) async fn agent(&self, name: &str) -> Person {
        let credential = json!({ "username": name, "password": format!("the password of {name}") });
        Person::enter(self.server.connect().await, "agent", credential).await
    }

    /// An agent who takes chats.
    pub(crate) async fn online(&self, name: &str) -> Person {
        let mut agent = self.agent(name).await;
        agent.state("online").await;
        agent
    }

    /// Somebody new who asks.
    pub(crate) async fn customer(&self) -> Person {
        Person::enter(self.server.connect().await, "customer", json!({})).await
    }

    /// Somebody new who has joined the queue of a category, and the number of their chat.
    pub(crate) async fn joined(&self, name: &str, category: u64) -> (Person, u64) {
        let mut customer = self.customer().await;
        let queued = customer.join(name, category).await;
        (customer, number(&queued["chat"]["chat"]))
    }

    /// Ada, who goes online, and Sam in a chat that both follow.
    pub(crate) async fn pair(&self) -> (Person, Person, u64) {
        let mut ada = self.online("Ada").await;
        let (mut sam, chat) = self.joined("Sam", GENERAL).await;
        ada.sees(chat, "in_progress").await;
        sam.sees(chat, "in_progress").await;
        ada.follow(chat).await;
        (ada, sam, chat)
    }

    /// The same person on another connection.
    pub(crate) async fn again(&self, person: &Person) -> Person {
        let mut again = self.with_token(person.role, &person.token).await;
        again.token = person.token.clone();
        again
    }

    /// Whoever a token names.
    pub(crate) async fn with_token(&self, role: &'static str, token: &Value) -> Person {
        Person::enter(self.server.connect().await, role, json!({ "token": token })).await
    }
}

/// One connection of somebody who was let in.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) client: Client,
    pub(crate) ready: Value,
    /// What they come back with.
    pub(crate) token: Value,
    role: &'static str,
}

impl Person {
    async fn enter(mut client: Client, role: &'static str, credential: Value) -> Self {
        let ready = client.hello(role, credential).await;
        assert_eq!(ready["type"], "ready", "{ready}");
        let token = if role == "agent" { &ready["agent_token"] } else { &ready["visitor_token"] };
        Self { client, token: token.clone(), ready, role }
    }

    /// Asks, and gives the answer whatever it is.
    pub(crate) async fn ask(&mut self, frame: Value) -> Value {
        self.client.ask(frame).await
    }

    /// Asks for what is answered with this type.
    pub(crate) async fn get(&mut self, answer: &str, frame: Value) -> Value {
        let told = frame.to_string();
        let given = self.client.ask(frame).await;
        assert_eq!(given["type"], answer, "{told} is answered with {given}");
        given
    }

    /// Asks for what is refused with this code.
    pub(crate) async fn refused(&mut self, code: &str, frame: Value) -> Value {
        let told = frame.to_string();
        let refusal = self.get("error", frame).await;
        assert_eq!(refusal["code"], code, "{told} is answered with {refusal}");
        refusal
    }

    /// Waits for a frame of this type that fits.
    pub(crate) async fn until(&mut self, kind: &str, fits: impl Fn(&Value) -> bool) -> Value {
        self.client.frame(|frame| frame["type"] == kind && frame["ref"].is_null() && fits(frame)).await
    }

    /// Waits until a chat is told with this status.
    pub(crate) async fn sees(&mut self, chat: u64, status: &str) -> Value {
        let told = self.until("chat", |frame| frame["chat"]["chat"] == chat && frame["chat"]["status"] == status).await;
        told["chat"].clone()
    }

    pub(crate) async fn join(&mut self, name: &str, category: u64) -> Value {
        self.get("queued", json!({ "type": "join_queue", "name": name, "category": category })).await
    }

    pub(crate) async fn state(&mut self, state: &str) {
        self.get("done", json!({ "type": "set_agent_state", "state": state })).await;
    }

    pub(crate) async fn say(&mut self, chat: u64, id: &str, text: &str) -> Value {
        self.get("accepted", message(chat, id, text)).await
    }

    pub(crate) async fn end(&mut self, chat: u64) {
        self.get("done", json!({ "type": "end_chat", "chat": chat })).await;
    }

    /// Follows a chat from its first entry on.
    pub(crate) async fn follow(&mut self, chat: u64) -> Value {
        self.get("page", json!({ "type": "subscribe", "chat": chat })).await
    }

    /// The newest entries below a number.
    pub(crate) async fn history(&mut self, chat: u64) -> Value {
        self.get("page", json!({ "type": "read_history", "chat": chat, "before": 1_000, "limit": 200 })).await
    }

    /// Waits for a live entry with these words or this code of a line.
    pub(crate) async fn hears(&mut self, chat: u64, words: &str) -> Value {
        let told = self
            .until("entry", |frame| {
                let body = &frame["entry"]["body"];
                frame["chat"] == chat && (body["text"] == words || body["line"]["code"] == words)
            })
            .await;
        told["entry"].clone()
    }

    /// Asks something that goes through the desk, so that all it told this person before has come.
    pub(crate) async fn settled(&mut self) {
        self.get("error", json!({ "type": "subscribe", "chat": 9_999 })).await;
    }
}

/// A message, to be sent as often as wanted.
pub(crate) fn message(chat: u64, id: &str, text: &str) -> Value {
    json!({ "type": "send_message", "chat": chat, "client_msg_id": id, "text": text })
}

/// A whole number of a frame.
pub(crate) fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("no number: {value}"))
}

/// What a token says, without its signature being checked: that is the server's own affair.
pub(crate) fn claims(token: &Value) -> Value {
    jsonwebtoken::dangerous::insecure_decode_claims(token.as_str().expect("a token")).expect("a JWT")
}
