//! The messages that are sent under load, and how their answers are read: without parsing whole frames, since the
//! generator must cost less than what it measures.

use std::fmt::Write as _;

/// What a frame means to somebody who talks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning<'a> {
    /// A message of the other one came.
    Delivered {
        /// Its number, counted by its sender.
        number: u64,
        /// When it was meant to be sent, in microseconds of the run.
        stamp: u64,
    },
    /// One's own message is stored.
    Accepted {
        /// Its number.
        number: u64,
    },
    /// Something was refused with this code.
    Refused(&'a str),
    /// Anything else.
    Other,
}

/// Makes the messages of one sender in one chat.
#[derive(Clone, Debug)]
pub(crate) struct Messages {
    head: String,
    padding: String,
}

impl Messages {
    /// For this chat; a message has about `bytes` bytes as JSON.
    pub(crate) fn new(chat: u64, bytes: usize) -> Self {
        let head = format!(r#"{{"type":"send_message","chat":{chat},"client_msg_id":"m"#);
        // Two numbers, a stamp and the punctuation between them take about forty.
        let padding = "x".repeat(bytes.saturating_sub(head.len() + 40).max(1));
        Self { head, padding }
    }

    /// The message of that number.
    pub(crate) fn json(&self, number: u64, stamp: u64) -> String {
        let mut json = String::with_capacity(self.head.len() + self.padding.len() + 64);
        json.push_str(&self.head);
        // Writing to a string does not fail.
        let _ = write!(json, r#"{number}","text":"{number} {stamp} "#);
        json.push_str(&self.padding);
        json.push_str("\"}");
        json
    }
}

/// Reads a frame of the server as far as a talker needs it.
pub(crate) fn read(json: &str) -> Meaning<'_> {
    let Some(rest) = json.strip_prefix(r#"{"type":""#) else { return Meaning::Other };
    // A floor hands on what was sent, as it is.
    if rest.starts_with("entry\"") || rest.starts_with("send_message\"") {
        return delivered(rest).unwrap_or(Meaning::Other);
    }
    if rest.starts_with("accepted\"") {
        let number = after(rest, r#""client_msg_id":"m"#).and_then(|rest| leading_number(rest));
        return number.map_or(Meaning::Other, |(number, _)| Meaning::Accepted { number });
    }
    if rest.starts_with("error\"") {
        let code = after(rest, r#""code":""#).and_then(|rest| rest.split('"').next());
        return Meaning::Refused(code.unwrap_or_default());
    }
    Meaning::Other
}

fn delivered(rest: &str) -> Option<Meaning<'_>> {
    let (number, rest) = leading_number(after(rest, r#""text":""#)?)?;
    let (stamp, _) = leading_number(rest.strip_prefix(' ')?)?;
    Some(Meaning::Delivered { number, stamp })
}

fn after<'a>(text: &'a str, needle: &str) -> Option<&'a str> {
    text.find(needle).map(|at| &text[at + needle.len()..])
}

fn leading_number(text: &str) -> Option<(u64, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    Some((text[..digits].parse().ok()?, &text[digits..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_legal_and_read_back() {
        let json = Messages::new(17, 200).json(42, 1_234_567);
        let parsed = chatter_core::protocol::parse(json.as_bytes());
        parsed.command.expect("the server would take it");
        assert!((180..=220).contains(&json.len()), "{}", json.len());
        let text: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        let entry = serde_json::json!({ "type": "entry", "chat": 17, "entry": { "body": { "text": text["text"] } } });
        // serde_json sorts the names; the server writes the type first.
        let entry = format!(r#"{{"type":"entry",{}"#, &entry.to_string()[1..]);
        assert_eq!(read(&entry), Meaning::Delivered { number: 42, stamp: 1_234_567 });
    }

    #[test]
    fn answers_are_read() {
        let accepted = r#"{"type":"accepted","chat":17,"client_msg_id":"m9","seq":4,"at":1,"fence":1}"#;
        assert_eq!(read(accepted), Meaning::Accepted { number: 9 });
        let refused = r#"{"type":"error","client_msg_id":"m9","code":"rate_limited","retry_after_ms":1,"fence":1}"#;
        assert_eq!(read(refused), Meaning::Refused("rate_limited"));
        for other in
            ["", "{}", r#"{"type":"chat","chat":{}}"#, r#"{"type":"entry","entry":{"body":{"kind":"system"}}}"#]
        {
            assert_eq!(read(other), Meaning::Other, "{other}");
        }
    }
}
