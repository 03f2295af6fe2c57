use proptest::prelude::*;

use serde_json::{Value, json};

use super::{Parsed, parse};
use crate::golden::commands::{VARIANTS, commands, variant};
use crate::protocol::{ClientFrame, Command, Hello, JoinQueue, Role, SendMessage, TransferTo};
use crate::{
    AgentId, AgentState, CategoryId, ChatId, ClientMsgId, DeclineReason, HistoryId, Invalid, Name, Priority, Refusal,
    Subject, Text,
};

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

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn id(text: &str) -> ClientMsgId {
    ClientMsgId::new(text).unwrap()
}

/// Commands of every variant, with any good text and any number.
pub(crate) fn any_command() -> impl Strategy<Value = Command> {
    let texts =
        ("[^\\p{Cc}]{1,80}", "[ -~]{0,40}", "[!-~]{1,64}").prop_filter("not blank", |(a, ..)| !a.trim().is_empty());
    let numbers = (any::<u64>(), any::<Option<u64>>(), any::<u32>(), any::<bool>(), any::<u128>(), 0..4_usize);
    (0..VARIANTS, texts, numbers).prop_map(|(which, (text, secret, msg_id), (n, some, small, flag, big, word))| {
        let given = Given { text, secret, msg_id, n, some, small, flag, big, word };
        if which < 16 { given.talk(which) } else { given.work(which) }
    })
}

/// What a command is made of.
struct Given {
    text: String,
    secret: String,
    msg_id: String,
    n: u64,
    some: Option<u64>,
    small: u32,
    flag: bool,
    big: u128,
    word: usize,
}

impl Given {
    fn body(&self) -> Text {
        Text::new(&self.text).unwrap()
    }

    fn id(&self) -> ClientMsgId {
        id(&self.msg_id)
    }

    fn talk(&self, which: usize) -> Command {
        let (chat, flag, some) = (ChatId(self.n), self.flag, self.some);
        let subject = flag.then(|| Subject::new(&self.text).unwrap());
        match which {
            0 if flag => Command::Hello(Hello::new(Role::Agent).with_password(&self.secret, &self.secret)),
            0 => Command::Hello(Hello::new(Role::Customer).with_token(&self.secret)),
            1 => {
                let category = flag.then_some(CategoryId(self.small));
                Command::JoinQueue(JoinQueue { name: name(&self.text), category, subject })
            }
            2 => Command::QueueStatus { chat },
            3 => Command::StartChat { chat },
            4 => Command::Subscribe { chat, history: flag.then_some(HistoryId(self.big)), after: some },
            5 => Command::ReadHistory { chat, before: self.n, limit: self.small % 200 + 1 },
            6 => Command::SendMessage(SendMessage::new(chat, self.id(), self.body())),
            7 => Command::SendNote { chat, client_msg_id: self.id(), text: self.body() },
            8 => Command::Receipt { chat, delivered: some, read: flag.then_some(self.n) },
            9 => Command::EndChat { chat },
            10 => Command::ReopenChat { chat },
            11 => Command::SetSubject { chat, subject },
            12 => {
                let priority = [Priority::Low, Priority::Medium, Priority::High, Priority::Urgent][self.word];
                Command::SetPriority { chat, priority }
            }
            13 => {
                let states = [AgentState::Online, AgentState::Away, AgentState::LastCall, AgentState::Offline];
                Command::SetAgentState { state: states[self.word] }
            }
            14 => Command::SignOut { all: flag },
            _ => Command::Ping,
        }
    }

    fn work(&self, which: usize) -> Command {
        let (chat, flag, agent) = (ChatId(self.n), self.flag, self.some.map(AgentId));
        let words = flag.then(|| self.body());
        match which {
            16 => Command::Whisper { chat, client_msg_id: self.id(), text: self.body() },
            17 => Command::EditMessage { chat, target: self.n, text: self.body() },
            18 => Command::DeleteMessage { chat, target: self.n },
            19 => Command::Typing { chat, typing: self.word > 1, text: words },
            20 => Command::Unsubscribe { chat },
            21 => Command::AcceptOffer { chat },
            22 => {
                let reasons =
                    [DeclineReason::Busy, DeclineReason::WrongCategory, DeclineReason::Language, DeclineReason::Other];
                Command::DeclineOffer { chat, reason: flag.then_some(reasons[self.word]) }
            }
            23 => {
                let category = TransferTo::Category(CategoryId(self.small));
                Command::TransferChat { chat, to: agent.map_or(category, TransferTo::Agent), note: words }
            }
            24 => Command::AssignChat { chat, agent, override_limit: flag },
            25 => Command::UnassignChat { chat },
            26 => Command::TakeOver { chat },
            27 => Command::JoinChat { chat },
            28 => Command::LeaveChat { chat },
            29 => Command::MergeChats { chat, into: ChatId(u64::from(self.small)) },
            30 => Command::EndWrapUp,
            31 => Command::OpenTeamChat { agent: AgentId(self.n) },
            32 => Command::ReadQueue { category: CategoryId(self.small) },
            33 => Command::ReadTeam,
            34 => Command::ExplainChat { chat },
            _ => Command::ExplainAgent { agent },
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(command in any_command(), reference in prop::option::of("[^\\p{Cc}]{0,16}")) {
        let mut json = serde_json::to_value(&command).unwrap();
        if let Some(reference) = &reference {
            json["ref"] = reference.as_str().into();
        }
        let parsed = parse(&serde_json::to_vec(&json).unwrap());
        let frame = ClientFrame { reference, command };
        prop_assert_eq!(parsed, Parsed::from(frame));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(parse(&bytes).command.is_err());
    }

    /// Frames that are almost right reach further into the parser than noise does.
    #[test]
    fn damaged_frames_never_panic(command in any_command(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut json = serde_json::to_vec(&command).unwrap();
        let at = at.index(json.len());
        if cut { json.truncate(at) } else { json[at] = byte }
        let parsed = parse(&json);
        prop_assert!(!cut || parsed.command.is_err());
    }
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
fn every_variant_is_among_the_commands() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen = [false; VARIANTS];
    for _ in 0..2_000 {
        seen[variant(&any_command().new_tree(&mut runner).unwrap().current())] = true;
    }
    assert_eq!(seen, [true; VARIANTS]);
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
fn null_clears_a_subject_and_nothing_else() {
    let cleared = Command::SetSubject { chat: ChatId(1), subject: None };
    assert_eq!(ok(r#"{"type":"set_subject","chat":1,"subject":null}"#), cleared);
    assert_eq!(bad_field(r#"{"type":"set_subject","chat":1}"#), "subject");
    for (frame, field, _) in every_field() {
        if (frame["type"].as_str(), &*field) != (Some("set_subject"), "subject") {
            let mut frame = frame;
            frame[&field] = Value::Null;
            assert_eq!(bad_field(frame.to_string()), field, "{frame}");
        }
    }
}

/// Every field of every example of a command, with the kind of value it takes.
fn every_field() -> Vec<(Value, String, Kind)> {
    let frames = commands().into_iter().map(|command| serde_json::to_value(command).unwrap());
    let fields = frames.flat_map(|frame| {
        let object = frame.as_object().expect("a frame is an object");
        let kinds: Vec<_> = object.iter().map(|(field, value)| (field.clone(), Kind::of(value))).collect();
        kinds.into_iter().map(move |(field, kind)| (frame.clone(), field, kind))
    });
    fields.collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Whole,
    Text,
    Bool,
    /// The subject that is cleared.
    Null,
}

impl Kind {
    fn of(value: &Value) -> Self {
        match value {
            Value::Number(_) => Self::Whole,
            Value::String(_) => Self::Text,
            Value::Bool(_) => Self::Bool,
            Value::Null => Self::Null,
            Value::Array(_) | Value::Object(_) => panic!("no command has one"),
        }
    }
}

/// Values that no field of this kind takes.
fn wrong(kind: Kind) -> Vec<Value> {
    let mut all = vec![json!([]), json!({}), json!([1]), json!({ "$ne": null }), json!(1.5), json!(-1)];
    if kind != Kind::Whole {
        all.extend([json!(0), json!(1)]);
    }
    if kind != Kind::Text && kind != Kind::Null {
        all.extend([json!("1"), json!("true"), json!("")]);
    }
    if kind != Kind::Bool {
        all.extend([json!(true), json!(false)]);
    }
    all
}

#[test]
fn no_field_of_any_command_takes_another_type() {
    let fields = every_field();
    assert!(fields.len() > 100, "only {} fields", fields.len());
    for (frame, field, kind) in fields {
        for value in wrong(kind) {
            let mut frame = frame.clone();
            frame[&field] = value;
            assert_eq!(bad_field(frame.to_string()), field, "{frame}");
        }
    }
}

/// Every example of every command is refused with one field more, and with any field that is not its own.
#[test]
fn no_command_takes_a_field_of_another() {
    let values: std::collections::BTreeMap<_, _> =
        every_field().into_iter().map(|(frame, field, _)| (field.clone(), frame[&field].clone())).collect();
    // Which fields a command has, from all of its examples; and what has no example.
    let mut own: std::collections::BTreeSet<(String, String)> =
        every_field().into_iter().map(|(frame, field, _)| (frame["type"].to_string(), field)).collect();
    own.insert(("\"send_message\"".to_owned(), "kind".to_owned()));
    for command in commands() {
        let frame = serde_json::to_value(command).unwrap();
        for (field, value) in &values {
            if !own.contains(&(frame["type"].to_string(), field.clone())) {
                let mut frame = frame.clone();
                frame[field] = value.clone();
                assert_eq!(bad_field(frame.to_string()), *field, "{frame}");
            }
        }
        let mut frame = frame;
        frame["no_such"] = json!(1);
        assert_eq!(bad_field(frame.to_string()), "", "{frame}");
    }
}

/// Leaving out a field names it, unless another example of the command does without it as well.
#[test]
fn every_field_that_must_be_there_is_missed() {
    let frames: Vec<Value> = commands().into_iter().map(|command| serde_json::to_value(command).unwrap()).collect();
    // No example of this needs both, and every one needs one of them.
    let either = ["to_agent", "to_category"];
    let mut missed = 0;
    for (frame, field, _) in every_field() {
        let optional = frames.iter().any(|other| other["type"] == frame["type"] && other.get(&field).is_none());
        if field == "type" || either.contains(&&*field) || !optional {
            let mut short = frame.clone();
            short.as_object_mut().unwrap().remove(&field);
            let told = if either.contains(&&*field) { "to_agent" } else { &field };
            assert_eq!(bad_field(short.to_string()), told, "{short}");
            missed += 1;
        }
    }
    assert!(missed > 80, "only {missed}");
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
