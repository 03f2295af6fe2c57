//! Every field of every command, from the samples: the wrong type, too few, too many.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{bad_field, ok};
use crate::ChatId;
use crate::golden::commands::commands;
use crate::protocol::Command;

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
    let values: BTreeMap<_, _> =
        every_field().into_iter().map(|(frame, field, _)| (field.clone(), frame[&field].clone())).collect();
    // Which fields a command has, from all of its examples; and what has no example.
    let mut own: BTreeSet<(String, String)> =
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
