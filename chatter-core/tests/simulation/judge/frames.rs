//! What may be handed over to a connection: nothing that is not stored, nothing that is not for its reader.

use serde_json::Value;

use super::journal::Told;
use super::{Judge, NOTE_MARK, Promise, Who};

impl Judge {
    /// A frame is about to be handed to somebody's connection. If the process ended here and now, it would have
    /// been seen.
    pub(crate) fn handed_over(&mut self, who: Who, json: &str, frame: &Value) {
        let chat = frame["chat"].as_u64().or_else(|| frame["chat"]["chat"].as_u64());
        if !who.is_agent() && (json.contains(NOTE_MARK) || json.contains("\"seq\":")) {
            self.breaks(Promise::Secret, format_args!("a customer is sent {json}"));
        }
        match frame["type"].as_str().unwrap_or_default() {
            "entry" => self.shows(who, chat, &frame["entry"], json),
            "page" => frame["entries"].as_array().into_iter().flatten().for_each(|it| self.shows(who, chat, it, json)),
            "accepted" => self.acknowledges(who, frame),
            "chat" | "queued" => self.tells(who, &frame["chat"]),
            "ready" => frame["chats"].as_array().into_iter().flatten().for_each(|it| self.tells(who, it)),
            _ => {}
        }
    }

    /// An entry is shown as it is stored.
    fn shows(&mut self, who: Who, chat: Option<u64>, entry: &Value, json: &str) {
        let number = entry[who.number()].as_u64().unwrap_or_default();
        let Some(chat) = chat.and_then(|chat| self.truth.chat(chat)) else {
            return self.breaks(Promise::Durable, format_args!("{who:?} is shown a chat that is not stored: {json}"));
        };
        if !chat.is_known_to(who) {
            return self.breaks(Promise::Secret, format_args!("{who:?} is shown a chat of others: {json}"));
        }
        match chat.at(who, number) {
            Some(stored) if stored == entry => {}
            Some(stored) => {
                let what = format!("{who:?} is shown {entry} where {stored} is stored");
                self.breaks(Promise::Numbers, what);
            }
            None => self.breaks(Promise::Durable, format_args!("{who:?} is shown what is not stored: {json}")),
        }
    }

    fn acknowledges(&mut self, who: Who, frame: &Value) {
        let client_id = frame["client_msg_id"].as_str().unwrap_or_default();
        let chat = frame["chat"].as_u64().unwrap_or_default();
        let told = Told::from(who, frame);
        if let Err((promise, what)) = self.journal.told(chat, who.key(), client_id, who.is_agent(), told) {
            self.breaks(promise, what);
        }
    }

    /// The state of a chat is not ahead of what is stored.
    fn tells(&mut self, who: Who, view: &Value) {
        let Some(chat) = view["chat"].as_u64().and_then(|chat| self.truth.chat(chat)) else {
            return self.breaks(Promise::Durable, format_args!("{who:?} is told of a chat that is not stored: {view}"));
        };
        if !chat.is_known_to(who) {
            return self.breaks(Promise::Secret, format_args!("{who:?} is told of a chat of others: {view}"));
        }
        let last = match who {
            Who::Customer(_) => &view["last_public_seq"],
            Who::Agent(_) => &view["last_seq"],
        };
        let last = last.as_u64().unwrap_or(u64::MAX);
        let episode = view["episode"].as_u64().unwrap_or(u64::MAX);
        let updated = view["updated_at"].as_u64().unwrap_or(u64::MAX);
        let record = &chat.record;
        let ahead = last > chat.last(who) || episode > u64::from(record.episode) || updated > record.updated_at.0;
        if ahead {
            let what = format!("{who:?} is told {view}, ahead of {record:?}");
            return self.breaks(Promise::Durable, what);
        }
        for marks in ["own_receipts", "other_receipts"] {
            let (delivered, read) = (&view[marks]["delivered"], &view[marks]["read"]);
            let (delivered, read) = (delivered.as_u64().unwrap_or(u64::MAX), read.as_u64().unwrap_or(u64::MAX));
            if read > delivered || delivered > last {
                self.breaks(Promise::Receipts, format_args!("{who:?} is told {view}"));
                return;
            }
        }
    }
}

impl Told {
    pub(crate) fn from(who: Who, frame: &Value) -> Self {
        Self {
            number: frame[who.number()].as_u64().unwrap_or_default(),
            public_seq: frame["public_seq"].as_u64(),
            at: frame["at"].as_u64().unwrap_or_default(),
            duplicate: frame["duplicate"] == true,
            conflict: frame["conflict"] == true,
        }
    }
}
