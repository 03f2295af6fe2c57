//! What becomes of frames on their way to one client.

use chatter_core::testing::Dice;
use serde_json::{Value, json};

use super::Plant;
use crate::judge::{NOTE_MARK, TYPED_MARK, Who};

#[derive(Clone, Debug)]
pub(crate) struct Lens {
    plant: Option<Plant>,
    dice: Dice,
    /// Frames that are kept back, and how many pass them.
    kept: Vec<String>,
    passing: u64,
}

impl Lens {
    pub(crate) const fn new(plant: Option<Plant>, seed: u64) -> Self {
        Self { plant, dice: Dice::new(seed), kept: Vec::new(), passing: 0 }
    }

    /// What is written in place of a frame.
    pub(crate) fn seen(&mut self, who: Who, json: &str) -> Vec<String> {
        let whole = vec![json.to_owned()];
        let Some(plant) = self.plant else { return whole };
        if self.passing > 0 {
            self.passing -= 1;
            let kept = if self.passing == 0 { std::mem::take(&mut self.kept) } else { Vec::new() };
            return whole.into_iter().chain(kept).collect();
        }
        let frame: Value = serde_json::from_str(json).expect("frames are JSON");
        let kind = frame["type"].as_str().unwrap_or_default();
        let customer = !who.is_agent();
        let answer = frame["ref"].is_string() && kind != "ready";
        match plant {
            Plant::LostEntry if kind == "entry" && self.hits() => Vec::new(),
            Plant::LostAnswer if answer && self.hits() => Vec::new(),
            Plant::Doubled if (kind == "entry" || answer) && self.hits() => vec![json.to_owned(), json.to_owned()],
            Plant::Swapped if (kind == "entry" || kind == "accepted") && self.hits() => self.keep(json, 1),
            Plant::HeldLeaks if kind == "page" && frame["up_to"].is_u64() => self.keep(json, 3),
            Plant::StaffNumbers if customer && kind == "entry" => {
                changed(frame, "/entry/public_seq", |number| json!(number.as_u64().unwrap_or_default() + 1))
            }
            Plant::LeakedNote if customer && kind == "entry" => {
                changed(frame, "/entry/body", |_| json!({"kind": "note", "text": NOTE_MARK}))
            }
            Plant::FalseRefusal if kind == "accepted" && self.hits() => {
                let (reference, id, fence) = (&frame["ref"], &frame["client_msg_id"], &frame["fence"]);
                vec![
                    json!({"type": "error", "ref": reference, "client_msg_id": id, "code": "retry_later",
                    "retry_after_ms": 10, "fence": fence, "message": ""})
                    .to_string(),
                ]
            }
            Plant::OtherWords if customer && kind == "entry" && frame["entry"]["body"]["kind"] == "message" => {
                changed(frame, "/entry/body/text", |_| json!("other words"))
            }
            Plant::FallingMarks if kind == "chat" && self.hits() => {
                changed(frame, "/chat/own_receipts", |_| json!({"delivered": 0, "read": 0}))
            }
            Plant::LateGoodbye if kind == "chat_gone" => self.keep(json, 400),
            Plant::OtherTarget if kind == "entry" && frame["target"]["body"]["text"].is_string() => {
                changed(frame, "/target/body/text", |_| json!("other words"))
            }
            Plant::NoTargets if kind == "page" => changed(frame, "/targets", |_| json!([])),
            Plant::EndlessTyping if kind == "typing" && frame["typing"] == false => Vec::new(),
            Plant::LeakedTyping if customer && kind == "typing" => changed(frame, "/agent", |_| json!(TYPED_MARK)),
            Plant::FalseRefusalOfEdit if kind == "done" && self.hits() => {
                let (reference, fence) = (&frame["ref"], &frame["fence"]);
                vec![json!({"type": "error", "ref": reference, "code": "too_late", "fence": fence}).to_string()]
            }
            Plant::StrangeTeam if !customer && kind == "pong" => {
                let team = json!({"chat": 1, "last_seq": 0, "members": [{"agent": 1_000_000}]});
                vec![json.to_owned(), json!({"type": "team_chat", "team_chat": team}).to_string()]
            }
            _ => whole,
        }
    }

    fn hits(&mut self) -> bool {
        self.dice.once_in(15)
    }

    fn keep(&mut self, json: &str, passing: u64) -> Vec<String> {
        self.kept.push(json.to_owned());
        self.passing = passing;
        Vec::new()
    }
}

fn changed(mut frame: Value, path: &str, change: impl FnOnce(&Value) -> Value) -> Vec<String> {
    if let Some(value) = frame.pointer_mut(path) {
        *value = change(value);
    }
    vec![frame.to_string()]
}
