//! The schema of clients' frames accepts a frame exactly when the parser does, but for what a schema cannot say.

use std::collections::BTreeSet;

use chatter_core::protocol::{parse, schema};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use super::golden;
use super::validator::Validator;

fn clients() -> Validator {
    Validator::new(schema::client_frames())
}

/// Values of every kind, at and beside every bound, and the words of every list.
fn values() -> Vec<Value> {
    let mut all = vec![json!(null), json!(true), json!(false), json!([]), json!({}), json!([1]), json!({ "a": 1 })];
    all.extend([json!(0), json!(1), json!(2), json!(200), json!(201), json!(-1), json!(1.5), json!(1e300)]);
    all.extend([json!(u32::MAX), json!(u64::from(u32::MAX) + 1), json!(u64::MAX)]);
    let words = "online away last_call offline low medium high urgent customer agent busy wrong_category language other \
                 text image file Busy a-b";
    all.extend(words.split_whitespace().map(Value::from));
    let texts = [
        "",
        " ",
        "x",
        " x ",
        "a b",
        "a\nb",
        "\n",
        "\ta\r\n",
        "a\u{0}b",
        "\u{7f}",
        "\u{85}a\u{85}",
        "\u{feff}",
        "é",
        "🦀",
    ];
    all.extend(texts.map(Value::from));
    all.extend(["\u{3000}x\u{2028}", "a\u{2028}b", "a\u{85}b", "\u{b}x\u{c}", "a\u{b}b"].map(Value::from));
    let digits = "0123456789abcdef0123456789abcdef";
    all.extend([digits.into(), digits[1..].into(), digits.to_uppercase().into(), json!(format!("{digits}0"))]);
    for (text, length) in
        [("x", 64), ("x", 80), ("é", 80), ("x", 200), ("x", 256), ("x", 1_000), ("🦀", 1_000), ("x", 4_096)]
    {
        all.extend([length - 1, length, length + 1].map(|length| Value::from(text.repeat(length))));
        all.push(format!(" \n{}\u{a0}", text.repeat(length)).into());
        all.push(format!("{} {}", text.repeat(length / 2), text.repeat(length.div_ceil(2))).into());
    }
    all
}

const FIELDS: [&str; 34] = [
    "type",
    "ref",
    "chat",
    "client_msg_id",
    "text",
    "kind",
    "protocol",
    "role",
    "token",
    "username",
    "password",
    "name",
    "category",
    "subject",
    "history",
    "after",
    "before",
    "limit",
    "delivered",
    "read",
    "priority",
    "state",
    "all",
    "target",
    "typing",
    "reason",
    "to_agent",
    "to_category",
    "note",
    "agent",
    "override_limit",
    "into",
    "fence",
    "Chat",
];

/// What no schema can say: lengths in bytes of what is not ASCII, and a `hello` of another version.
fn beyond_schemas(frame: &Value) -> bool {
    let bytes = ["ref", "token", "username", "password"];
    let bytes = bytes.iter().any(|field| frame[field].as_str().is_some_and(|text| !text.is_ascii()));
    bytes || frame["type"] == "hello" && frame["protocol"] != 1
}

fn agree(schema: &Validator, frame: &Value) -> Result<(), String> {
    let parsed = parse(frame.to_string().as_bytes()).command;
    let faults = schema.faults(frame);
    if parsed.is_ok() == faults.is_empty() { Ok(()) } else { Err(format!("{frame}: {parsed:?}, but {faults:?}")) }
}

/// Every field of every sample, with every value.
#[test]
fn they_agree_on_every_value_of_every_field() {
    let (schema, values) = (clients(), values());
    let (mut taken, mut refused, mut seen) = (0, 0, BTreeSet::new());
    for sample in golden("commands.json") {
        let fields: Vec<String> = sample.as_object().unwrap().keys().cloned().chain(["ref".to_owned()]).collect();
        for field in fields.into_iter().filter(|field| seen.insert((sample["type"].to_string(), field.clone()))) {
            for value in &values {
                let mut frame = sample.clone();
                frame[&field] = value.clone();
                if !beyond_schemas(&frame) {
                    agree(&schema, &frame).unwrap();
                    *(if schema.is_valid(&frame) { &mut taken } else { &mut refused }) += 1;
                }
            }
        }
    }
    assert!(taken > 1_000 && refused > 10_000, "{taken} taken, {refused} refused");
}

/// Every sample without each of its fields, and with each that it does not have.
#[test]
fn they_agree_on_fields_too_few_and_too_many() {
    let schema = clients();
    let samples = golden("commands.json");
    for sample in &samples {
        for field in sample.as_object().unwrap().keys() {
            let mut frame = sample.clone();
            frame.as_object_mut().unwrap().remove(field);
            agree(&schema, &frame).unwrap();
        }
        for field in FIELDS.iter().filter(|field| sample.get(field).is_none()) {
            let with = samples.iter().map(|other| &other[field]).filter(|value| !value.is_null());
            for value in with.chain([&json!(1), &json!("x"), &json!(true)]) {
                let mut frame = sample.clone();
                frame[field] = value.clone();
                agree(&schema, &frame).unwrap();
            }
        }
    }
}

#[derive(Clone, Debug)]
enum Change {
    Remove(Index),
    Set(Index, Value),
    Add(&'static str, Value),
}

fn change() -> impl Strategy<Value = Change> {
    let value = || {
        let drawn = prop_oneof![
            any::<u64>().prop_map(Value::from),
            "\\PC{0,90}".prop_map(Value::from),
            "[!-~]{0,70}".prop_map(Value::from)
        ];
        prop_oneof![3 => select(values()), 1 => drawn]
    };
    prop_oneof![
        any::<Index>().prop_map(Change::Remove),
        (any::<Index>(), value()).prop_map(|(field, value)| Change::Set(field, value)),
        (select(&FIELDS[..]), value()).prop_map(|(field, value)| Change::Add(field, value)),
    ]
}

fn changed(mut frame: Value, changes: Vec<Change>) -> Value {
    for change in changes {
        let fields = frame.as_object_mut().unwrap();
        let names: Vec<String> = fields.keys().cloned().collect();
        match change {
            Change::Remove(_) | Change::Set(..) if names.is_empty() => {}
            Change::Remove(at) => drop(fields.remove(at.get(&names))),
            Change::Set(at, value) => drop(fields.insert(at.get(&names).clone(), value)),
            Change::Add(field, value) => drop(fields.insert(field.to_owned(), value)),
        }
    }
    frame
}

#[test]
fn they_agree_on_changed_frames() {
    let schema = clients();
    let frames = (select(golden("commands.json")), prop::collection::vec(change(), 1..4));
    let mut runner =
        proptest::test_runner::TestRunner::new(ProptestConfig { cases: 4_000, ..ProptestConfig::default() });
    runner
        .run(&frames, |(frame, changes)| {
            let frame = changed(frame, changes);
            prop_assume!(!beyond_schemas(&frame));
            agree(&schema, &frame).map_err(TestCaseError::fail)
        })
        .unwrap();
}

/// The list of what a schema cannot say, each with what it says instead and what the parser does.
#[test]
fn what_a_schema_cannot_say() {
    let schema = clients();
    let reference = format!(r#"{{"type":"ping","ref":"{}"}}"#, "é".repeat(33));
    let token = format!(r#"{{"type":"hello","protocol":1,"role":"agent","token":"{}"}}"#, "é".repeat(2_049));
    let stricter = [
        r#"{"type":"ping","type":"ping"}"#,
        r#"{"type":"end_chat","chat":1.0}"#,
        r#"{"type":"end_chat","chat":1e2}"#,
        r#"{"type":"end_chat","chat":-0}"#,
        &reference,
        &token,
    ];
    for frame in stricter {
        assert!(schema.is_valid(&serde_json::from_str(frame).unwrap()), "{frame}");
        assert!(parse(frame.as_bytes()).command.is_err(), "{frame}");
    }
    // A hello of another version is understood, to be answered that this one is spoken here.
    let later = r#"{"type":"hello","protocol":2,"role":"bot","a_later_field":1}"#;
    assert!(!schema.is_valid(&serde_json::from_str(later).unwrap()));
    assert!(parse(later.as_bytes()).command.is_ok());
}

/// No frame at all, or none that is whole.
#[test]
fn they_agree_on_what_is_no_object() {
    let schema = clients();
    for value in [json!(null), json!(1), json!("ping"), json!([]), json!([{ "type": "ping" }]), json!({})] {
        agree(&schema, &value).unwrap();
        assert!(!schema.is_valid(&value));
    }
}
