//! A customer or an agent who goes on whatever happens: connects again with back-off, resumes by
//! (history, number), sends again what was not answered, and sometimes gives up.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::client::{Client, Lost};
use super::run::{Phase, Run};
use super::seed::Seed;
use super::talk::Talk;
use crate::history::journal::{Audience, Transcript, Who};

/// Which side a person is on.
#[derive(Clone, Debug)]
pub(crate) enum Side {
    Customer,
    Agent { username: String, password: String },
}

/// One person, over any number of connections.
#[derive(Debug)]
pub(crate) struct Person {
    name: String,
    side: Side,
    /// Given by the server to come back with.
    token: Option<String>,
    history: String,
    agent: Option<u64>,
    talks: BTreeMap<u64, Talk>,
    /// Messages said so far; their client ids count up.
    said: u64,
    failures: u32,
    seed: Seed,
    run: Arc<Run>,
}

impl Person {
    pub(crate) fn new(name: String, side: Side, seed: Seed, run: Arc<Run>) -> Self {
        run.note(&name, |_| ());
        Self {
            name,
            side,
            token: None,
            history: String::new(),
            agent: None,
            talks: BTreeMap::new(),
            said: 0,
            failures: 0,
            seed,
            run,
        }
    }

    /// Chats until it is time to leave; gives the transcripts as read at the end.
    pub(crate) async fn live(mut self) -> Vec<Transcript> {
        loop {
            let lost = match Client::connect(self.run.address).await {
                Ok(client) => match self.session(client).await {
                    Ok(transcripts) => return transcripts,
                    Err(lost) => lost,
                },
                Err(lost) => lost,
            };
            self.run.note(&self.name, |person| person.last = lost.0);
            for talk in self.talks.values_mut() {
                talk.lost(|| self.seed.one_in(20));
            }
            self.failures += 1;
            let longest = 8 << self.failures.min(4);
            tokio::time::sleep(self.seed.millis(1, longest)).await;
        }
    }

    /// One connection, from `hello` to its end.
    async fn session(&mut self, mut client: Client) -> Result<Vec<Transcript>, Lost> {
        client.send([self.hello()]).await?;
        let ready = client.next().await?;
        let mut frames = self.ready(&ready)?;
        let run = Arc::clone(&self.run);
        let mut phase = run.phase.clone();
        loop {
            client.send(frames.drain(..)).await?;
            self.report();
            let now = *phase.borrow_and_update();
            if now == Phase::Leave && self.caught_up() {
                return self.read_all(&mut client).await;
            }
            let turn = self.seed.millis(3, 50);
            tokio::select! {
                biased;
                changed = phase.changed() => changed?,
                frame = client.next() => frames = self.frame(&frame?),
                () = tokio::time::sleep(turn) => frames = self.turn(now)?,
            }
        }
    }

    fn hello(&self) -> Value {
        let role = match &self.side {
            Side::Customer => "customer",
            Side::Agent { .. } => "agent",
        };
        match (&self.side, &self.token) {
            (_, Some(token)) => json!({"type": "hello", "protocol": 1, "role": role, "token": token}),
            (Side::Customer, None) => json!({"type": "hello", "protocol": 1, "role": role}),
            (Side::Agent { username, password }, None) => {
                json!({"type": "hello", "protocol": 1, "role": role, "username": username, "password": password})
            }
        }
    }

    /// Takes the `ready` frame; gives what to say to it.
    fn ready(&mut self, ready: &Value) -> Result<Vec<Value>, Lost> {
        if ready["type"] != "ready" {
            return Err(Lost(format!("not ready: {ready}")));
        }
        self.failures = 0;
        self.history = ready["history"].as_str().unwrap_or_default().to_owned();
        let token = ready["visitor_token"].as_str().or_else(|| ready["agent_token"].as_str());
        self.token = token.map(str::to_owned).or_else(|| self.token.take());
        self.agent = ready["agent"]["agent"].as_u64();
        let mut frames = Vec::new();
        match self.side {
            Side::Agent { .. } if ready["agent"]["state"] != "online" => {
                frames.push(json!({"type": "set_agent_state", "state": "online"}));
            }
            Side::Customer if ready["chats"] == json!([]) => {
                frames.push(json!({"type": "join_queue", "name": self.name}));
            }
            Side::Agent { .. } | Side::Customer => {}
        }
        for chat in ready["chats"].as_array().into_iter().flatten() {
            frames.extend(self.chat(chat));
        }
        Ok(frames)
    }

    /// Takes any later frame; gives what to say to it.
    fn frame(&mut self, frame: &Value) -> Vec<Value> {
        let run = Arc::clone(&self.run);
        let journal = &run.journal;
        let kind = frame["type"].as_str().unwrap_or_default();
        if matches!(kind, "chat" | "queued") {
            return self.chat(&frame["chat"]).into_iter().collect();
        }
        let Some(talk) = frame["chat"].as_u64().and_then(|chat| self.talks.get_mut(&chat)) else {
            if let ("error", Some(message_id)) = (kind, frame["client_msg_id"].as_str()) {
                let message_id = message_id.to_owned();
                let refuse = |talk: &mut Talk| talk.refused(journal, frame, &message_id, Instant::now());
                self.talks.values_mut().for_each(refuse);
            } else if kind == "error" {
                run.note(&self.name, |person| person.last = frame.to_string());
            }
            return Vec::new();
        };
        match kind {
            "page" => talk.page(journal, frame),
            "entry" => talk.entry(journal, &frame["entry"]),
            "accepted" => talk.accepted(journal, frame),
            "error" => match frame["client_msg_id"].as_str() {
                Some(message_id) => talk.refused(journal, frame, message_id, Instant::now()),
                None => run.note(&self.name, |person| person.last = frame.to_string()),
            },
            "chat_gone" => talk.gone(),
            _ => return Vec::new(),
        }
        run.reached(talk.chat, talk.public);
        let mut frames = Vec::new();
        if kind == "page" {
            // What was under way when the last connection ended is sent again at once.
            frames.extend(talk.flush(journal, Instant::now(), true));
        }
        if let ("entry", Some(position)) = (kind, talk.position)
            && self.seed.one_in(8)
        {
            frames.push(json!({"type": "receipt", "chat": talk.chat, "delivered": position}));
        }
        frames
    }

    /// The state of a chat: new ones are subscribed to.
    fn chat(&mut self, view: &Value) -> Option<Value> {
        let chat = view["chat"].as_u64()?;
        let (audience, who) = match self.side {
            Side::Customer => (Audience::Customer, Who::Customer),
            Side::Agent { .. } => (Audience::Staff, Who::Agent(self.name.clone())),
        };
        let name = &self.name;
        let talk = self.talks.entry(chat).or_insert_with(|| Talk::new(chat, audience, who, name.clone()));
        let mine = audience == Audience::Customer || view["agent"].as_u64() == self.agent;
        talk.open = view["status"] == "in_progress" && mine;
        (!talk.subscribed).then(|| talk.subscribe(&self.history))
    }

    /// A moment to act: says something new, or what has to be said again; rarely, walks out of reach.
    fn turn(&mut self, phase: Phase) -> Result<Vec<Value>, Lost> {
        let run = Arc::clone(&self.run);
        if phase == Phase::Chat && self.seed.one_in(400) {
            return Err(Lost("went out of reach".to_owned()));
        }
        let mut frames = Vec::new();
        if self.talks.is_empty() && matches!(self.side, Side::Customer) {
            frames.push(json!({"type": "join_queue", "name": self.name}));
        }
        for talk in self.talks.values_mut() {
            frames.extend(talk.flush(&run.journal, Instant::now(), true));
            let most = if phase == Phase::Chat { talk.room() as u64 } else { 0 };
            for _ in 0..self.seed.range(0, 5).min(most) {
                self.said += 1;
                let client_id = format!("{}-{}", self.name, self.said);
                let filler = "lorem ipsum – ".repeat(usize::try_from(self.seed.range(0, 15)).unwrap_or(0));
                let text = format!("{client_id} {filler}").trim_end().to_owned();
                let note = matches!(self.side, Side::Agent { .. }) && self.seed.one_in(10);
                talk.say(client_id, text, note);
            }
            frames.extend(talk.flush(&run.journal, Instant::now(), false));
        }
        Ok(frames)
    }

    fn report(&self) {
        let chats = self.talks.values().any(|talk| talk.open && talk.live());
        let settled = self.talks.values().all(Talk::settled);
        self.run.note(&self.name, |person| {
            person.chats |= chats;
            person.settled = settled;
        });
    }

    fn caught_up(&self) -> bool {
        self.talks.values().filter(|t| t.open).all(|talk| talk.live() && talk.public >= self.run.height(talk.chat))
    }

    /// Every chat of this person, read page by page from its end.
    async fn read_all(&self, client: &mut Client) -> Result<Vec<Transcript>, Lost> {
        let mut transcripts = Vec::new();
        for talk in self.talks.values().filter(|talk| talk.open) {
            let (audience, source) = match self.side {
                Side::Customer => (Audience::Customer, "customer"),
                Side::Agent { .. } => (Audience::Staff, "agent"),
            };
            let mut entries = std::collections::VecDeque::new();
            let mut before = talk.position.unwrap_or_default() + 1;
            while before > 1 {
                client
                    .send([
                        json!({"type": "read_history", "ref": "h", "chat": talk.chat, "before": before, "limit": 200}),
                    ])
                    .await?;
                let page = tokio::time::timeout(Duration::from_secs(10), answer(client)).await??;
                let page = page["entries"].as_array().cloned().unwrap_or_default();
                if page.is_empty() {
                    break;
                }
                page.iter().rev().for_each(|entry| entries.push_front(super::talk::read_entry(audience, entry)));
                before = entries.front().map_or(0, |entry| entry.number);
            }
            transcripts.push(Transcript { chat: talk.chat, audience, source, entries: entries.into() });
        }
        Ok(transcripts)
    }
}

/// The answer to `read_history`, among whatever else arrives.
async fn answer(client: &mut Client) -> Result<Value, Lost> {
    loop {
        let frame = client.next().await?;
        if frame["ref"] == "h" {
            return if frame["type"] == "page" { Ok(frame) } else { Err(Lost(frame.to_string())) };
        }
    }
}
