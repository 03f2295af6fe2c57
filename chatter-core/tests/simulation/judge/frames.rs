//! What may be handed over to a connection: nothing that is not stored, nothing that is not for its reader.

use serde_json::Value;

use super::journal::Told;
use super::{Judge, NOTE_MARK, Promise, TYPED_MARK, Who};

impl Judge {
    /// A frame is about to be handed to somebody's connection. If the process ended here and now, it would have
    /// been seen.
    pub(crate) fn handed_over(&mut self, who: Who, json: &str, frame: &Value) {
        let chat = frame["chat"].as_u64().or_else(|| frame["chat"]["chat"].as_u64());
        if !who.is_agent() && (json.contains(NOTE_MARK) || json.contains("\"seq\":")) {
            self.breaks(Promise::Secret, format_args!("a customer is sent {json}"));
        }
        let kind = frame["type"].as_str().unwrap_or_default();
        if json.contains(TYPED_MARK) && (kind != "typing" || !who.is_agent()) {
            self.breaks(Promise::Secret, format_args!("{who:?} is sent what is only typed: {json}"));
        }
        match kind {
            "entry" => {
                self.shows(who, chat, &frame["entry"], json);
                frame.get("target").into_iter().for_each(|it| self.shows(who, chat, it, json));
            }
            "page" => {
                let lists = [&frame["entries"], &frame["targets"]].into_iter().filter_map(Value::as_array);
                lists.flatten().for_each(|it| self.shows(who, chat, it, json));
            }
            "accepted" => self.acknowledges(who, frame),
            "chat" | "queued" => self.tells(who, &frame["chat"]),
            "team_chat" => self.tells_team(who, &frame["team_chat"]),
            "typing" | "viewers" if !chat.is_some_and(|chat| self.truth.knows(who, chat)) => {
                self.breaks(Promise::Secret, format_args!("{who:?} is told who types in a chat of others: {json}"));
            }
            "ready" => {
                frame["chats"].as_array().into_iter().flatten().for_each(|it| self.tells(who, it));
                frame["team_chats"].as_array().into_iter().flatten().for_each(|it| self.tells_team(who, it));
            }
            _ => {}
        }
    }

    /// An entry is shown as it is stored.
    fn shows(&mut self, who: Who, chat: Option<u64>, entry: &Value, json: &str) {
        let number = entry[who.number()].as_u64().unwrap_or_default();
        let Some((chat, lines)) = chat.and_then(|chat| Some((chat, self.truth.lines(chat)?))) else {
            return self.breaks(Promise::Durable, format_args!("{who:?} is shown a chat that is not stored: {json}"));
        };
        if !self.truth.knows(who, chat) {
            return self.breaks(Promise::Secret, format_args!("{who:?} is shown a chat of others: {json}"));
        }
        match lines.forms(who, number) {
            [] => self.breaks(Promise::Durable, format_args!("{who:?} is shown what is not stored: {json}")),
            forms if forms.contains(entry) => {}
            forms => {
                let what = format!("{who:?} is shown {entry} where {forms:?} is stored");
                self.breaks(Promise::Numbers, what);
            }
        }
    }

    /// A conversation of agents is told to its members alone, and not ahead of what is stored.
    fn tells_team(&mut self, who: Who, view: &Value) {
        let chat = view["chat"].as_u64().unwrap_or_default();
        let Some(team) = self.truth.teams.get(&chat) else {
            let what = format!("{who:?} is told of a conversation that is not stored: {view}");
            return self.breaks(Promise::Durable, what);
        };
        if !self.truth.knows(who, chat) {
            return self.breaks(Promise::Secret, format_args!("{who:?} is told of a conversation of others: {view}"));
        }
        let last = view["last_seq"].as_u64().unwrap_or(u64::MAX);
        let updated = view["updated_at"].as_u64().unwrap_or(u64::MAX);
        if last > team.lines.last(who) || updated > team.record.updated_at.0 {
            let what = format!("{who:?} is told {view}, ahead of {:?}", team.record);
            self.breaks(Promise::Durable, what);
        }
    }

    fn acknowledges(&mut self, who: Who, frame: &Value) {
        let client_id = frame["client_msg_id"].as_str().unwrap_or_default();
        let told = Told::from(who, frame);
        if let Err((promise, what)) = self.journal.told(who.key(), client_id, who.is_agent(), told) {
            self.breaks(promise, what);
        }
    }

    /// The state of a chat is not ahead of what is stored.
    fn tells(&mut self, who: Who, view: &Value) {
        let Some(chat) = view["chat"].as_u64().and_then(|chat| self.truth.chat(chat)) else {
            return self.breaks(Promise::Durable, format_args!("{who:?} is told of a chat that is not stored: {view}"));
        };
        if !self.truth.knows(who, chat.record.chat.0) {
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
        let ahead = last > chat.lines.last(who) || episode > u64::from(record.episode) || updated > record.updated_at.0;
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
            chat: frame["chat"].as_u64().unwrap_or_default(),
            number: frame[who.number()].as_u64().unwrap_or_default(),
            public_seq: frame["public_seq"].as_u64(),
            at: frame["at"].as_u64().unwrap_or_default(),
            duplicate: frame["duplicate"] == true,
            conflict: frame["conflict"] == true,
        }
    }
}
