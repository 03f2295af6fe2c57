//! Frames that are no good (E9): the answer or the close of the guide, while a pair chats on undisturbed.

use std::ops::RangeInclusive;

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::stage::{ADA, FAST, GENERAL, Person, Stage, agent};

/// What becomes of a connection that sends something.
enum Then {
    /// An error with this code, and the connection goes on.
    Refused(&'static str),
    /// The connection is closed with this code and word.
    Closed(u16, &'static str),
}

/// Ada and Sam, who go on whatever others do.
struct Pair {
    ada: Person,
    sam: Person,
    chat: u64,
    said: u64,
}

impl Pair {
    async fn new(stage: &Stage) -> Self {
        let mut ada = stage.online("Ada").await;
        let (sam, chat) = stage.joined("Sam", GENERAL).await;
        ada.sees(chat, "in_progress").await;
        ada.follow(chat).await;
        Self { ada, sam, chat, said: 0 }
    }

    /// One message there and one back.
    async fn goes_on(&mut self) {
        self.said += 1;
        let text = format!("message {}", self.said);
        self.sam.say(self.chat, &text.replace(' ', "-"), &text).await;
        self.ada.hears(self.chat, &text).await;
        self.ada.say(self.chat, &text.replace(' ', "-"), &format!("answer to {text}")).await;
        self.sam.hears(self.chat, &format!("answer to {text}")).await;
    }

    /// What the file holds: the pair's own messages, once, and nothing of anybody else.
    fn is_all_there_is(&self, stage: &Stage) {
        let file = stage.file();
        assert_eq!(file.rows("SELECT status FROM chats"), json!([["in_progress"]]));
        assert_eq!(file.cell("SELECT count(*) FROM entries"), 1 + 2 * self.said);
        assert_eq!(file.cell("SELECT max(seq) FROM entries"), 1 + 2 * self.said);
    }
}

fn text(json: impl Into<String>) -> Message {
    Message::text(json.into())
}

/// A text frame of these bytes, whatever they are.
fn bytes(payload: &'static [u8], reserved: bool) -> Message {
    let mut frame = Frame::message(payload, OpCode::Data(Data::Text), true);
    frame.header_mut().rsv1 = reserved;
    Message::Frame(frame)
}

/// Frames after `ready`, and what becomes of each.
fn bad_frames() -> Vec<(&'static str, Message, Then)> {
    use Then::{Closed, Refused};
    let nested = format!(r#"{{"type":"ping","ref":{}{}}}"#, "[".repeat(7_000), "]".repeat(7_000));
    let deep = format!(r#"{{"type":"ping","deep":{}"#, "[".repeat(10_000));
    let at_limit = format!(r#"{{"type":"nothing","text":"{}"}}"#, "x".repeat((16 << 10) - 28));
    assert_eq!(at_limit.len(), 16 << 10);
    vec![
        ("nothing", text(""), Refused("bad_request")),
        ("not JSON", text("hello"), Refused("bad_request")),
        ("no object", text("[1,2]"), Refused("bad_request")),
        ("half an object", text(r#"{"type":"ping""#), Refused("bad_request")),
        ("two objects", text(r#"{"type":"ping"}{"type":"ping"}"#), Refused("bad_request")),
        ("no type", text(r#"{"chat":1}"#), Refused("bad_request")),
        ("a field too many", text(r#"{"type":"ping","chat":1}"#), Refused("bad_request")),
        ("a field twice", text(r#"{"type":"ping","type":"ping"}"#), Refused("bad_request")),
        ("a number as text", text(r#"{"type":"end_chat","chat":"1"}"#), Refused("bad_request")),
        ("a negative number", text(r#"{"type":"end_chat","chat":-1}"#), Refused("bad_request")),
        ("half a character", text(r#"{"type":"ping","ref":"\ud800"}"#), Refused("bad_request")),
        ("7,000 levels", text(nested), Refused("bad_request")),
        ("10,000 levels, all open", text(deep), Refused("bad_request")),
        ("an unknown type", text(r#"{"type":"nothing"}"#), Refused("unknown_type")),
        ("as large as may be", text(at_limit.clone()), Refused("unknown_type")),
        ("a long ref", text(format!(r#"{{"type":"ping","ref":"{}"}}"#, "r".repeat(65))), Refused("invalid")),
        ("somebody's chat", text(r#"{"type":"end_chat","chat":1}"#), Refused("unknown_chat")),
        ("one byte too large", text(at_limit + " "), Closed(1009, "too_large")),
        ("not UTF-8", bytes(b"{\"type\":\"ping\",\"ref\":\"\xff\"}", false), Closed(1007, "not_utf8")),
        ("binary", Message::binary(&b"{\"type\":\"ping\"}"[..]), Closed(1003, "unsupported_data")),
        ("a reserved bit", bytes(b"{\"type\":\"ping\"}", true), Closed(1002, "protocol_error")),
        ("a second hello", text(hello(1)), Closed(4200, "hello_expected")),
    ]
}

fn hello(protocol: u32) -> String {
    json!({ "type": "hello", "protocol": protocol, "role": "customer" }).to_string()
}

#[tokio::test]
async fn bad_frames_get_their_answer_and_disturb_nobody() {
    let stage = Stage::new(FAST, &[agent(ADA, 2, "")]).await;
    let mut pair = Pair::new(&stage).await;
    for (what, frame, then) in bad_frames() {
        let mut nuisance = stage.customer().await;
        nuisance.client.send_raw(frame).await;
        match then {
            Then::Refused(code) => {
                let answer = nuisance.client.frame_of("error").await;
                assert_eq!(answer["code"], code, "{what}: {answer}");
                assert!(answer["message"].as_str().is_some_and(|message| !message.is_empty()), "{what}: {answer}");
                nuisance.get("pong", json!({ "type": "ping" })).await;
            }
            Then::Closed(code, word) => {
                let closed = nuisance.client.closed().await;
                assert_eq!((closed.code, closed.word.as_str()), (Some(code), word), "{what}");
            }
        }
        pair.goes_on().await;
    }
    pair.is_all_there_is(&stage);
}

#[tokio::test]
async fn bad_first_frames_are_turned_away() {
    let stage = Stage::new(FAST, &[agent(ADA, 2, "")]).await;
    let mut pair = Pair::new(&stage).await;
    let long = json!({ "type": "hello", "protocol": 1, "role": "customer", "token": "t".repeat(4_097) });
    for (what, frame, code, refusal) in [
        ("another version", text(hello(2)), 4201, Some("invalid")),
        ("version 0", text(hello(0)), 4201, Some("invalid")),
        ("no hello", text(r#"{"type":"ping"}"#), 4200, Some("not_allowed")),
        ("not JSON", text("GET / HTTP/1.1"), 4200, Some("bad_request")),
        ("a long hello", text(long.to_string()), 1009, None),
        ("binary", Message::binary(&b"x"[..]), 1003, None),
        ("not UTF-8", bytes(b"\xff", false), 1007, None),
    ] {
        let mut stranger = stage.server.connect().await;
        stranger.send_raw(frame).await;
        if let Some(refusal) = refusal {
            let answer = stranger.frame_of("error").await;
            assert_eq!((&answer["code"], &answer["fence"]), (&json!(refusal), &json!(0)), "{what}: {answer}");
        }
        assert_eq!(stranger.closed().await.code, Some(code), "{what}");
        pair.goes_on().await;
    }
    pair.is_all_there_is(&stage);
}

#[tokio::test]
async fn what_is_not_built_yet_says_so() {
    let stage = Stage::new(FAST, &[agent(ADA, 2, "")]).await;
    let mut pair = Pair::new(&stage).await;
    for kind in ["set_tags", "send_file"] {
        for person in [&mut pair.sam, &mut pair.ada] {
            let refusal = person.refused("not_available", json!({ "type": kind, "chat": 1 })).await;
            assert_eq!(refusal["what"], kind, "{refusal}");
        }
        let guide = include_str!("../../../docs/protocol.md");
        assert!(guide.contains(&format!("`{kind}`")), "{kind} is not in the guide");
    }
    pair.goes_on().await;
    pair.is_all_there_is(&stage);
}

/// Sends a frame so often, reads the answers, and gives what they were and how it ended.
async fn many(stage: &Stage, times: RangeInclusive<u64>, frame: impl Fn(u64) -> Value) -> (Vec<Value>, u16) {
    let mut nuisance = stage.customer().await;
    for number in times {
        nuisance.client.send(&frame(number)).await;
    }
    let (answers, closed) = nuisance.client.read_until_closed().await;
    (answers, closed.code.expect("a close code"))
}

#[tokio::test]
async fn too_many_frames_are_refused_and_then_the_end() {
    let stage = Stage::new(FAST, &[agent(ADA, 2, "")]).await;
    let mut pair = Pair::new(&stage).await;
    // Twelve seconds' worth at once, where four are let through and four more are refused.
    let flood = many(&stage, 1..=600, |number| json!({ "type": "ping", "ref": number.to_string() }));
    let ((answers, code), ()) = tokio::join!(flood, pair.goes_on());
    assert_eq!(code, 4203);
    let refused: Vec<_> = answers.iter().filter(|answer| answer["type"] == "error").collect();
    assert!(answers.iter().filter(|answer| answer["type"] == "pong").count() >= 200, "{answers:?}");
    assert!(!refused.is_empty() && refused.iter().all(|answer| answer["code"] == "rate_limited"), "{refused:?}");
    assert!(refused.iter().all(|answer| answer["retry_after_ms"].as_u64().is_some_and(|wait| wait > 0)));

    let (answers, code) = many(&stage, 1..=51, |_| json!({ "type": "nothing" })).await;
    assert_eq!((answers.len(), code), (51, 4203), "{answers:?}");
    assert!(answers.iter().all(|answer| answer["code"] == "unknown_type"), "{answers:?}");
    pair.goes_on().await;
    pair.is_all_there_is(&stage);
}

#[tokio::test]
async fn c2_messages_that_come_too_fast_keep_their_order() {
    let settings = "joins_per_minute = 0\nmessages_per_second = 5\nmessages_burst = 2\n";
    let stage = Stage::new(settings, &[]).await;
    let (mut sam, chat) = stage.joined("Sam", GENERAL).await;
    let message = |id: u64| crate::stage::message(chat, &id.to_string(), &format!("message {id}"));
    for id in 1..=5 {
        sam.client.send(&message(id)).await;
    }
    let mut answers = Vec::new();
    for id in 1..=5 {
        let id = id.to_string();
        answers.push(sam.client.frame(|frame| frame["client_msg_id"] == id.as_str()).await);
    }
    let codes: Vec<_> = answers[2..].iter().map(|answer| answer["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["rate_limited", "out_of_order", "out_of_order"], "{answers:?}");
    assert_eq!(answers[3]["first"], "3", "{answers:?}");
    for id in 3..=5 {
        // What is refused says when; a client waits so long and sends the same again.
        let mut answer = sam.ask(message(id)).await;
        while answer["type"] == "error" {
            assert_eq!(answer["code"], "rate_limited", "{answer}");
            let wait = answer["retry_after_ms"].as_u64().unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(wait)).await;
            answer = sam.ask(message(id)).await;
        }
    }
    let texts = stage.file().rows("SELECT text FROM entries ORDER BY seq");
    assert_eq!(texts, (1..=5).map(|id| json!([format!("message {id}")])).collect::<Value>());
}
