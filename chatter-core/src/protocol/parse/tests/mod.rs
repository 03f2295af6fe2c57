//! What is taken, and what is refused with which word.

mod any;
mod every;

use serde_json::json;

use super::parse;
use crate::protocol::{Command, Hello, SendMessage, TransferTo};
use crate::{AgentId, ChatId, ClientMsgId, Invalid, Refusal, Text};

fn ok(json: &str) -> Command {
    parse(json.as_bytes()).command.unwrap_or_else(|refusal| panic!("{json}: {refusal}"))
}

fn refusal(json: impl AsRef<[u8]>) -> Refusal {
    let json = json.as_ref();
    match parse(json).command {
        Ok(command) => panic!("{} is {command:?}", String::from_utf8_lossy(json)),
        Err(refusal) => refusal,
    }
}

/// The field of a `bad_request`.
fn bad_field(json: impl AsRef<[u8]>) -> String {
    let refusal = refusal(&json);
    let Refusal::BadRequest { field, .. } = refusal else {
        panic!("{}: {refusal:?}", String::from_utf8_lossy(json.as_ref()));
    };
    field
}

/// The field of an `invalid`.
fn invalid_field(json: &str) -> &'static str {
    let refusal = refusal(json);
    let Refusal::Invalid(Invalid { field, .. }) = refusal else { panic!("{json}: {refusal:?}") };
    field
}

fn id(text: &str) -> ClientMsgId {
    ClientMsgId::new(text).unwrap()
}

/// No word of a refused frame comes back, neither from its values nor from its names.
#[test]
fn nothing_is_reflected() {
    let frames = [
        r#"{"type":"canary-7f3a"}"#,
        r#"{"type":"ping","canary-7f3a":1}"#,
        r#"{"type":"end_chat","chat":"canary-7f3a"}"#,
        r#"{"type":"set_priority","chat":1,"priority":"canary-7f3a"}"#,
        r#"{"type":"hello","protocol":1,"role":"canary-7f3a"}"#,
        r#"{"type":"send_message","chat":1,"client_msg_id":"canary 7f3a","text":"canary-7f3a"}"#,
        r#"{"type":"subscribe","chat":1,"history":"canary-7f3a"}"#,
        r#"{"type":"ping"} canary-7f3a"#,
    ];
    for frame in frames {
        let refusal = refusal(frame);
        let told = format!("{refusal} {refusal:?} {}", serde_json::to_string(&refusal).unwrap());
        assert!(!told.contains("canary"), "{told}");
    }
}

#[test]
fn a_message_may_say_that_it_is_text() {
    let plain = ok(r#"{"type":"send_message","chat":7,"client_msg_id":"a","text":" hi\n\u00e9 "}"#);
    let said = ok(r#"{"kind":"text","text":"hi\né","client_msg_id":"a","chat":7,"type":"send_message"}"#);
    assert_eq!(plain, said);
    assert_eq!(plain, Command::SendMessage(SendMessage::new(ChatId(7), id("a"), Text::new("hi\né").unwrap())));
}

#[test]
fn what_is_not_built_is_named() {
    for what in ["set_tags", "send_file"] {
        let frame = format!(r#"{{"type":"{what}","chat":1,"anything":{{"else":[1]}},"ref":"r"}}"#);
        assert_eq!(refusal(&frame).to_string(), format!("{what} is not available yet"));
        assert_eq!(parse(frame.as_bytes()).reference.as_deref(), Some("r"));
    }
    for what in ["image", "file"] {
        let frame = format!(r#"{{"type":"send_message","chat":1,"kind":"{what}","attachment":"x"}}"#);
        assert_eq!(refusal(&frame), Refusal::NotAvailable { what });
    }
    assert_eq!(bad_field(r#"{"type":"send_message","chat":1,"kind":"Text","client_msg_id":"a","text":"x"}"#), "kind");
}

#[test]
fn other_types_are_unknown() {
    let types = [
        "",
        "base",
        "__proto__",
        "constructor",
        "Ping",
        "ping ",
        "toString",
        "hasOwnProperty",
        "ready",
        "watch_chat",
        "🦀",
    ];
    for kind in types {
        let frame = serde_json::json!({ "type": kind, "__proto__": { "type": "ping" } }).to_string();
        assert_eq!(refusal(frame), Refusal::UnknownType, "{kind}");
    }
}

#[test]
fn a_frame_is_one_object() {
    let deep = "[".repeat(10_000);
    let nested = format!(r#"{{"type":"ping","a":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    let closed = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let frames = [
        "",
        " ",
        "null",
        "1",
        "\"ping\"",
        "[]",
        "[{\"type\":\"ping\"}]",
        "{",
        "{}x",
        "{\"type\":\"ping\"}{}",
        "nul",
        "{\"type\":\"ping\",}",
        "{type:\"ping\"}",
        "{'type':'ping'}",
        "{\"type\":NaN}",
        "{\"type\":1e400}",
        "{\"type\":\"\\ud800\"}",
        "{\"type\":\"\\udc00\"}",
        "{\"type\":\"a\tb\"}",
        "\u{feff}{\"type\":\"ping\"}",
        "{\"type\":\"ping\",\"all\":01}",
        "{\"type\":\"ping\"",
        "{\"type\":\"ping\",\"text\":\"",
        &deep,
        &nested,
        &closed,
    ];
    for frame in frames {
        assert_eq!(bad_field(frame), "", "{frame:.60}");
    }
    for bytes in [&b"\xff"[..], b"{\"type\":\"ping\",\"ref\":\"\xc3\x28\"}", b"{\"type\":\"ping\"}\x80", b"\0{}"] {
        assert_eq!(bad_field(bytes), "");
    }
    let deep_known = format!(r#"{{"type":"end_chat","chat":{}1{}}}"#, "{\"a\":[".repeat(5_000), "]}".repeat(5_000));
    assert_eq!(bad_field(deep_known), "chat");
}

#[test]
fn a_field_comes_once() {
    assert_eq!(bad_field(r#"{"type":"ping","type":"ping"}"#), "type");
    assert_eq!(bad_field(r#"{"type":"ping","\u0074ype":"sign_out"}"#), "type");
    assert_eq!(bad_field(r#"{"type":"end_chat","chat":1,"chat":1}"#), "chat");
    assert_eq!(bad_field(r#"{"type":"ping","ref":"a","ref":"b"}"#), "ref");
    assert_eq!(bad_field(r#"{"type":"send_message","chat":1,"client_msg_id":"a","text":"x","text":"y"}"#), "text");
}

#[test]
fn unknown_and_foreign_fields_are_refused() {
    assert_eq!(bad_field(r#"{"type":"ping","no_such":1}"#), "");
    assert_eq!(bad_field(r#"{"type":"ping","__proto__":{}}"#), "");
    assert_eq!(bad_field(r#"{"type":"ping","chat":1}"#), "chat");
    assert_eq!(bad_field(r#"{"type":"end_chat","chat":1,"text":"bye"}"#), "text");
    assert_eq!(bad_field(r#"{"type":"ping","client_msg_id":"a"}"#), "client_msg_id");
}

#[test]
fn nothing_is_coerced() {
    for value in [
        r#""1""#,
        r#""0e1""#,
        "1.0",
        "-1",
        "-0",
        "1e2",
        "true",
        "null",
        "[1]",
        "{}",
        r#"{"$ne":null}"#,
        "18446744073709551616",
    ] {
        assert_eq!(bad_field(format!(r#"{{"type":"end_chat","chat":{value}}}"#)), "chat", "{value}");
        assert_eq!(bad_field(format!(r#"{{"type":"subscribe","chat":1,"after":{value}}}"#)), "after", "{value}");
        assert_eq!(bad_field(format!(r#"{{"type":"join_queue","name":"Zoe","category":{value}}}"#)), "category");
    }
    for value in ["1", "null", "true", "[]", r#"["a"]"#, "{}"] {
        assert_eq!(bad_field(format!(r#"{{"type":{value}}}"#)), "type");
        assert_eq!(bad_field(format!(r#"{{"type":"ping","ref":{value}}}"#)), "ref");
        assert_eq!(bad_field(format!(r#"{{"type":"join_queue","name":{value}}}"#)), "name");
        assert_eq!(bad_field(format!(r#"{{"type":"join_queue","name":"Zoe","subject":{value}}}"#)), "subject");
        assert_eq!(bad_field(format!(r#"{{"type":"subscribe","chat":1,"history":{value}}}"#)), "history");
        assert_eq!(bad_field(format!(r#"{{"type":"hello","protocol":1,"role":"agent","token":{value}}}"#)), "token");
        let message = format!(r#"{{"type":"send_message","chat":1,"client_msg_id":"a","text":{value}}}"#);
        assert_eq!(bad_field(message), "text");
        let message = format!(r#"{{"type":"send_message","chat":1,"client_msg_id":{value},"text":"x"}}"#);
        assert_eq!(bad_field(message), "client_msg_id");
    }
    for value in ["1", "0", "null", r#""true""#, "[]"] {
        assert_eq!(bad_field(format!(r#"{{"type":"sign_out","all":{value}}}"#)), "all");
    }
    assert_eq!(bad_field(r#"{"type":"join_queue","name":"Zoe","category":4294967296}"#), "category");
}

#[test]
fn a_transfer_goes_to_one_of_the_two() {
    let both = r#"{"type":"transfer_chat","chat":1,"to_agent":7,"to_category":2}"#;
    assert_eq!(bad_field(both), "to_category");
    assert_eq!(bad_field(r#"{"type":"transfer_chat","chat":1}"#), "to_agent");
    assert_eq!(bad_field(r#"{"type":"transfer_chat","chat":1,"to_category":4294967296}"#), "to_category");
    assert_eq!(bad_field(r#"{"type":"read_queue","category":4294967296}"#), "category");
    let highest = r#"{"type":"transfer_chat","chat":1,"to_agent":18446744073709551615,"note":" why "}"#;
    let note = Some(Text::new("why").unwrap());
    let to = TransferTo::Agent(AgentId(u64::MAX));
    assert_eq!(ok(highest), Command::TransferChat { chat: ChatId(1), to, note });
}

#[test]
fn what_may_be_left_out_has_a_meaning() {
    let assigned = |agent, override_limit| Command::AssignChat { chat: ChatId(1), agent, override_limit };
    assert_eq!(ok(r#"{"type":"assign_chat","chat":1}"#), assigned(None, false));
    assert_eq!(ok(r#"{"type":"assign_chat","chat":1,"override_limit":false}"#), assigned(None, false));
    let ada = Some(AgentId(7));
    assert_eq!(ok(r#"{"type":"assign_chat","chat":1,"agent":7,"override_limit":true}"#), assigned(ada, true));
    assert_eq!(ok(r#"{"type":"explain_agent"}"#), Command::ExplainAgent { agent: None });
    assert_eq!(ok(r#"{"type":"decline_offer","chat":1}"#), Command::DeclineOffer { chat: ChatId(1), reason: None });
    let stopped = Command::Typing { chat: ChatId(1), typing: false, text: None };
    assert_eq!(ok(r#"{"type":"typing","chat":1,"typing":false}"#), stopped);
}

#[test]
fn what_is_missing_is_named() {
    let frames = [
        ("{}", "type"),
        (r#"{"type":"hello","role":"agent"}"#, "protocol"),
        (r#"{"type":"hello","protocol":1}"#, "role"),
        (r#"{"type":"join_queue"}"#, "name"),
        (r#"{"type":"read_history","chat":1,"limit":1}"#, "before"),
        (r#"{"type":"read_history","chat":1,"before":1}"#, "limit"),
        (r#"{"type":"send_message","client_msg_id":"a","text":"x"}"#, "chat"),
        (r#"{"type":"send_message","chat":1,"text":"x"}"#, "client_msg_id"),
        (r#"{"type":"send_note","chat":1,"client_msg_id":"a"}"#, "text"),
        (r#"{"type":"sign_out"}"#, "all"),
        (r#"{"type":"set_agent_state"}"#, "state"),
    ];
    for (frame, field) in frames {
        assert_eq!(bad_field(frame), field, "{frame}");
    }
    for kind in ["queue_status", "start_chat", "subscribe", "receipt", "end_chat", "reopen_chat"] {
        assert_eq!(bad_field(format!(r#"{{"type":"{kind}"}}"#)), "chat");
    }
}

#[test]
fn only_the_words_of_a_list_are_taken() {
    for state in ["Online", "busy", "", "offline ", "last-call"] {
        assert_eq!(bad_field(format!(r#"{{"type":"set_agent_state","state":"{state}"}}"#)), "state");
    }
    for priority in ["HIGH", "0", "normal"] {
        assert_eq!(bad_field(format!(r#"{{"type":"set_priority","chat":1,"priority":"{priority}"}}"#)), "priority");
    }
    for reason in ["", "Busy", "wrong-category", "full"] {
        assert_eq!(bad_field(format!(r#"{{"type":"decline_offer","chat":1,"reason":"{reason}"}}"#)), "reason");
    }
    for role in ["admin", "Customer", "system"] {
        assert_eq!(bad_field(format!(r#"{{"type":"hello","protocol":1,"role":"{role}"}}"#)), "role");
    }
}

#[test]
fn rules_are_named_when_broken() {
    let message = |id: &str, text: &str| {
        serde_json::json!({ "type": "send_message", "chat": 1, "client_msg_id": id, "text": text }).to_string()
    };
    for text in ["", "   \n", "a\0b", "a\u{7}b", &"x".repeat(1_001), &"é".repeat(1_001)] {
        assert_eq!(invalid_field(&message("a", text)), "text");
    }
    assert!(parse(message("a", &"é".repeat(1_000)).as_bytes()).command.is_ok());
    let words = [
        (json!({ "type": "whisper", "chat": 1, "client_msg_id": "a" }), "text"),
        (json!({ "type": "edit_message", "chat": 1, "target": 2 }), "text"),
        (json!({ "type": "typing", "chat": 1, "typing": true }), "text"),
        (json!({ "type": "transfer_chat", "chat": 1, "to_agent": 7 }), "note"),
    ];
    for (mut frame, field) in words {
        for text in ["", " ", "a\0b", &"é".repeat(1_001)] {
            frame[field] = text.into();
            assert_eq!(invalid_field(&frame.to_string()), field, "{frame}");
        }
        frame[field] = format!(" {}\n", "é".repeat(1_000)).into();
        assert!(parse(frame.to_string().as_bytes()).command.is_ok());
    }
    for id in ["", "two words", "tab\t", "é", &"x".repeat(65)] {
        assert_eq!(invalid_field(&message(id, "x")), "client_msg_id");
    }
    for name in ["", " ", "a\nb", &"x".repeat(81)] {
        let frame = serde_json::json!({ "type": "join_queue", "name": name }).to_string();
        assert_eq!(invalid_field(&frame), "name");
    }
    assert_eq!(invalid_field(r#"{"type":"join_queue","name":"Zoe","subject":" "}"#), "subject");
    assert_eq!(invalid_field(r#"{"type":"set_subject","chat":1,"subject":""}"#), "subject");
    for history in ["", "0", "g0000000000000000000000000000000", "0000000000000000000000000000000A"] {
        let frame = format!(r#"{{"type":"subscribe","chat":1,"history":"{history}"}}"#);
        assert_eq!(invalid_field(&frame), "history");
    }
    for limit in ["0", "201", "4294967297"] {
        assert_eq!(
            invalid_field(&format!(r#"{{"type":"read_history","chat":1,"before":9,"limit":{limit}}}"#)),
            "limit"
        );
    }
}

#[test]
fn credentials_and_references_are_bounded() {
    for (field, most) in [("token", 4_096), ("username", 80), ("password", 256)] {
        let frame = |bytes: usize| {
            format!(r#"{{"type":"hello","protocol":1,"role":"agent","{field}":"{}"}}"#, "x".repeat(bytes))
        };
        assert!(parse(frame(most).as_bytes()).command.is_ok());
        assert_eq!(invalid_field(&frame(most + 1)), field);
    }
    let frame = |bytes: usize| format!(r#"{{"type":"ping","ref":"{}"}}"#, "x".repeat(bytes));
    assert_eq!(parse(frame(64).as_bytes()).reference.map(|reference| reference.len()), Some(64));
    assert_eq!(invalid_field(&frame(65)), "ref");
    assert_eq!(parse(frame(65).as_bytes()).reference, None);
}

#[test]
fn a_hello_of_another_version_is_read_as_far_as_needed() {
    let frame = r#"{"type":"hello","protocol":2,"role":"customer","ticket":"t","all":true}"#;
    assert!(matches!(ok(frame), Command::Hello(Hello { protocol: 2, .. })));
    let frame = r#"{"type":"hello","protocol":3,"role":"bot","token":["x"]}"#;
    assert!(matches!(ok(frame), Command::Hello(Hello { protocol: 3, .. })));
    assert_eq!(bad_field(r#"{"type":"hello","protocol":1,"role":"customer","ticket":"t"}"#), "");
}

#[test]
fn reference_and_client_id_survive_a_refusal() {
    let frames = [
        r#"{"ref":"r","client_msg_id":"m","type":"send_message","chat":"1","text":"x"}"#,
        r#"{"type":"send_message","text":"","chat":1,"client_msg_id":"m","ref":"r"}"#,
        r#"{"type":"no_such","client_msg_id":"m","ref":"r"}"#,
        r#"{"type":"ping","type":"ping","client_msg_id":"m","ref":"r"}"#,
        r#"{"type":"send_message","kind":"image","client_msg_id":"m","ref":"r"}"#,
        r#"{"ref":"r","client_msg_id":"m","type":"send_message","#,
    ];
    for frame in frames {
        let parsed = parse(frame.as_bytes());
        assert_eq!((parsed.reference.as_deref(), parsed.client_msg_id), (Some("r"), Some(id("m"))), "{frame}");
        assert!(parsed.command.is_err());
    }
    let parsed = parse(br#"{"type":"send_message","chat":1,"client_msg_id":"not one","text":"x","ref":"r"}"#);
    assert_eq!((parsed.reference.as_deref(), parsed.client_msg_id), (Some("r"), None));
}
