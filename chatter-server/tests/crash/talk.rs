//! One person's side of one chat: how far they have read, and what they still want to say.

use std::collections::VecDeque;
use std::time::Instant;

use serde_json::{Value, json};

use crate::history::journal::{Audience, Entry, Journal, Line, MessageId, Stream, Who};

/// The most messages that a person sends without having had an answer to the first.
pub(crate) const WINDOW: usize = 16;

/// A message that has no final answer yet.
#[derive(Debug)]
struct Pending {
    client_id: String,
    text: String,
    note: bool,
    /// The try that is under way on this connection; none while it waits to be sent (again).
    under_way: Option<usize>,
}

/// One person's side of one chat.
#[derive(Debug)]
pub(crate) struct Talk {
    pub(crate) chat: u64,
    audience: Audience,
    who: Who,
    reader: String,
    /// The last number read, in this person's numbers; absent before the first page.
    pub(crate) position: Option<u64>,
    /// The last public number read.
    pub(crate) public: u64,
    /// True while this person may send.
    pub(crate) open: bool,
    /// True once `subscribe` went out on this connection.
    pub(crate) subscribed: bool,
    /// The subscription of this connection, once its page is here.
    stream: Option<usize>,
    pending: VecDeque<Pending>,
    paused_until: Option<Instant>,
}

impl Talk {
    pub(crate) const fn new(chat: u64, audience: Audience, who: Who, reader: String) -> Self {
        Self {
            chat,
            audience,
            who,
            reader,
            position: None,
            public: 0,
            open: false,
            subscribed: false,
            stream: None,
            pending: VecDeque::new(),
            paused_until: None,
        }
    }

    /// True when live entries arrive.
    pub(crate) const fn live(&self) -> bool {
        self.stream.is_some()
    }

    /// True when nothing waits for an answer.
    pub(crate) fn settled(&self) -> bool {
        self.pending.is_empty()
    }

    /// The command that begins or resumes.
    pub(crate) fn subscribe(&mut self, history: &str) -> Value {
        self.subscribed = true;
        match self.position {
            Some(after) => json!({"type": "subscribe", "chat": self.chat, "history": history, "after": after}),
            None => json!({"type": "subscribe", "chat": self.chat}),
        }
    }

    /// The connection is gone: what was under way is unknown. `give_up` says which of those are left so.
    pub(crate) fn lost(&mut self, mut give_up: impl FnMut() -> bool) {
        self.subscribed = false;
        self.stream = None;
        self.paused_until = None;
        self.pending.retain_mut(|pending| pending.under_way.take().is_none() || !give_up());
    }

    /// The chat is somebody else's now: whatever is unanswered stays unknown.
    pub(crate) fn gone(&mut self) {
        self.open = false;
        self.pending.clear();
    }

    /// The page that answers `subscribe`.
    pub(crate) fn page(&mut self, journal: &Journal, page: &Value) {
        let recovery = &page["recovery"];
        let recovered = recovery["recovered"] == true;
        let reason = recovery["reason"].as_str();
        // Having missed more than a page holds is a legal answer; anything else is not, here.
        let legal = recovered || self.position.is_none() || reason == Some("too_many");
        self.stream = Some(journal.subscribed(Stream {
            reader: self.reader.clone(),
            audience: self.audience,
            chat: self.chat,
            after: if recovered { self.position } else { None },
            not_recovered: if legal { None } else { Some(reason.unwrap_or("no reason").to_owned()) },
            seen: Vec::new(),
        }));
        for entry in page["entries"].as_array().into_iter().flatten() {
            self.entry(journal, entry);
        }
        // Where the page was empty, this is where live entries begin.
        self.position = page["up_to"].as_u64().or(self.position);
    }

    /// A live entry.
    pub(crate) fn entry(&mut self, journal: &Journal, entry: &Value) {
        let Some(stream) = self.stream else { return };
        let Entry { number, public, line } = read_entry(self.audience, entry);
        journal.seen(stream, number, line);
        self.position = Some(number);
        self.public = public.map_or(self.public, |public| public.max(self.public));
    }

    /// The answer that a message is durable.
    pub(crate) fn accepted(&mut self, journal: &Journal, frame: &Value) {
        let client_id = frame["client_msg_id"].as_str().unwrap_or_default();
        let Some(pending) = self.answered(client_id) else { return };
        let Pending { text, under_way, .. } = self.pending.remove(pending).expect("it was just found");
        let attempt = under_way.expect("only a try that is under way is answered");
        let (seq, public) = (frame["seq"].as_u64(), frame["public_seq"].as_u64());
        let duplicate = frame["duplicate"] == true;
        journal.accepted(attempt, seq, public, (duplicate, frame["conflict"] == true));
        let number = match self.audience {
            Audience::Staff => seq,
            Audience::Customer => public,
        };
        if let (false, Some(number), Some(stream)) = (duplicate, number, self.stream) {
            journal.seen(stream, number, Line { who: self.who.clone(), text });
            self.position = Some(number);
            self.public = public.map_or(self.public, |public| public.max(self.public));
        }
    }

    /// The answer that a message was refused. What may be sent later is sent later, in order.
    pub(crate) fn refused(&mut self, journal: &Journal, frame: &Value, client_id: &str, now: Instant) {
        let Some(at) = self.answered(client_id) else { return };
        let code = frame["code"].as_str().unwrap_or_default();
        let attempt = self.pending[at].under_way.take().expect("only a try that is under way is answered");
        journal.refused(attempt, code);
        if matches!(code, "rate_limited" | "retry_later" | "out_of_order" | "unavailable") {
            let wait = std::time::Duration::from_millis(frame["retry_after_ms"].as_u64().unwrap_or(20));
            self.paused_until = self.paused_until.max(Some(now + wait));
        } else {
            self.pending.remove(at);
        }
    }

    fn answered(&self, client_id: &str) -> Option<usize> {
        self.pending.iter().position(|pending| pending.client_id == client_id && pending.under_way.is_some())
    }

    /// How many new messages may be sent now: none while earlier ones wait to be sent again.
    pub(crate) fn room(&self) -> usize {
        let waits = self.pending.iter().any(|pending| pending.under_way.is_none());
        if !self.open || !self.live() || waits { 0 } else { WINDOW.saturating_sub(self.pending.len()) }
    }

    /// Adds a message, to be sent with the next [`Talk::flush`].
    pub(crate) fn say(&mut self, client_id: String, text: String, note: bool) {
        self.pending.push_back(Pending { client_id, text, note, under_way: None });
    }

    /// Sends what waits, in its order. A refused message is sent again only when nothing is under way, so
    /// that no later one overtakes it.
    pub(crate) fn flush(&mut self, journal: &Journal, now: Instant, again: bool) -> Vec<Value> {
        let paused = self.paused_until.is_some_and(|until| now < until);
        let under_way = self.pending.iter().any(|pending| pending.under_way.is_some());
        if !self.open || !self.live() || paused || (again && under_way) {
            return Vec::new();
        }
        let (chat, who) = (self.chat, self.who.clone());
        let waiting = self.pending.iter_mut().filter(|pending| pending.under_way.is_none());
        let mut frames = Vec::new();
        for pending in waiting {
            let message = MessageId { chat, who: who.clone(), client_id: pending.client_id.clone() };
            pending.under_way = Some(journal.invoke(message, &pending.text));
            let kind = if pending.note { "send_note" } else { "send_message" };
            frames.push(json!({"type": kind, "chat": chat, "client_msg_id": pending.client_id, "text": pending.text}));
        }
        frames
    }
}

/// An entry as the wire shows it to an audience.
pub(crate) fn read_entry(audience: Audience, entry: &Value) -> Entry {
    let public = entry["public_seq"].as_u64();
    let number = match audience {
        Audience::Staff => entry["seq"].as_u64(),
        Audience::Customer => public,
    };
    let author = &entry["author"];
    let name = || author["name"].as_str().unwrap_or_default().to_owned();
    let who = match author["kind"].as_str() {
        Some("customer") => Who::Customer,
        Some("agent") => Who::Agent(name()),
        _ => Who::System,
    };
    let body = &entry["body"];
    let text = body["text"].as_str().or_else(|| body["line"]["code"].as_str()).unwrap_or_default();
    Entry { number: number.unwrap_or_default(), public, line: Line { who, text: text.to_owned() } }
}
