//! JSON Schemas (2020-12) of the frames, made from the types; kept under `docs/schema`.
//!
//! [`client_frames`] says what [`parse`](super::parse) takes; nothing else passes. What a schema cannot say is left to
//! the parser: a field that comes twice; a whole number written as `1.0` or `1e2`; lengths counted in bytes, of a `ref`
//! or a credential that is not ASCII; and a `hello` of another version, which is read only to be told so.
//!
//! [`customer_frames`] and [`staff_frames`] say what a client can rely on. Later servers send more fields and more types
//! of frames, so these two are open, and a client passes over what it does not know.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::{Command, CustomerFrame, PROTOCOL, StaffFrame};

/// What clients send: one definition for each command, named like its `type`.
#[must_use]
pub fn client_frames() -> Value {
    let mut parts = Parts::of::<Command>(SchemaSettings::draft2020_12().for_deserialize());
    for (name, frame) in &mut parts.frames {
        inline(frame, &parts.types);
        match name.as_str() {
            "hello" => set(frame, "protocol", json!({ "const": PROTOCOL, "description": "The version spoken here." })),
            // The only field with a meaning for `null`.
            "set_subject" => require(frame, "subject"),
            "send_message" => set(frame, "kind", json!({ "const": "text", "description": "The only kind so far." })),
            "transfer_chat" => {
                let mut either = frame.remove("oneOf").unwrap_or_default();
                for way in either.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
                    properties(frame).append(properties(way));
                    way.retain(|key, _| key == "required");
                }
                frame.insert("oneOf".to_owned(), either);
            }
            _ => {}
        }
        no_null(frame);
        set(frame, "ref", json!({ "type": "string", "maxLength": 64, "description": "Comes back in the answer." }));
        frame.insert("additionalProperties".to_owned(), false.into());
    }
    parts.whole("client-frames", "Frames from clients to a Chatter server")
}

/// What customers are sent: one definition for each frame, named like its `type`.
#[must_use]
pub fn customer_frames() -> Value {
    let mut parts = sent::<CustomerFrame>();
    let ways = parts.frames.get_mut("error").and_then(|error| error.get_mut("oneOf")).and_then(Value::as_array_mut);
    // Who can take a chat is staff's to know.
    ways.expect("an error is one of the refusals")
        .retain(|it| it.pointer("/properties/code/const").is_none_or(|code| code != "agent_unavailable"));
    parts.whole("customer-frames", "Frames from a Chatter server to customers")
}

/// What staff is sent: one definition for each frame, named like its `type`.
#[must_use]
pub fn staff_frames() -> Value {
    sent::<StaffFrame>().whole("staff-frames", "Frames from a Chatter server to staff")
}

fn sent<F: JsonSchema>() -> Parts {
    let mut parts = Parts::of::<F>(SchemaSettings::draft2020_12().for_serialize());
    for frame in parts.frames.values_mut() {
        set(frame, "fence", json!({ "$ref": "#/$defs/Fence" }));
        require(frame, "fence");
        no_null(frame);
    }
    for part in parts.types.values_mut().filter_map(Value::as_object_mut) {
        no_null(part);
    }
    let fence = json!({
        "type": "integer",
        "minimum": 0,
        "description": "Rises with every owner of the desk; pass over frames with a lower one than you have seen.",
    });
    parts.types.insert("Fence".to_owned(), fence);
    parts
}

/// The schema of an enum of frames, taken apart.
struct Parts {
    /// By the `type` on the wire.
    frames: BTreeMap<String, Map<String, Value>>,
    types: Map<String, Value>,
}

impl Parts {
    fn of<F: JsonSchema>(settings: SchemaSettings) -> Self {
        let mut root = Value::from(settings.into_generator().into_root_schema_for::<F>());
        let types = root["$defs"].as_object_mut().map(mem::take).unwrap_or_default();
        let variants = root["oneOf"].as_array_mut().map(mem::take).unwrap_or_default();
        let named = |variant: Value| {
            let Value::Object(frame) = variant else { panic!("a frame is an object") };
            let kind = frame["properties"]["type"]["const"].as_str().expect("each frame has its type");
            (kind.to_owned(), frame)
        };
        Self { frames: variants.into_iter().map(named).collect(), types }
    }

    fn whole(self, file: &str, title: &str) -> Value {
        let refs: Vec<_> = self.frames.keys().map(|kind| json!({ "$ref": format!("#/$defs/{kind}") })).collect();
        let mut definitions = self.types;
        definitions.extend(self.frames.into_iter().map(|(kind, frame)| (kind, frame.into())));
        let mut whole = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": format!("urn:chatter:protocol:{PROTOCOL}:{file}"),
            "title": title,
            "oneOf": refs,
        });
        let mut used = BTreeSet::new();
        reach(&whole, &definitions, &mut used);
        definitions.retain(|name, _| used.contains(name));
        whole["$defs"] = definitions.into();
        plain(&mut whole);
        whole
    }
}

fn properties(schema: &mut Map<String, Value>) -> &mut Map<String, Value> {
    let properties = schema.entry("properties").or_insert_with(|| json!({}));
    properties.as_object_mut().expect("properties are an object")
}

fn set(schema: &mut Map<String, Value>, field: &str, value: Value) {
    properties(schema).insert(field.to_owned(), value);
}

fn require(schema: &mut Map<String, Value>, field: &str) {
    let required = schema.entry("required").or_insert_with(|| json!([]));
    required.as_array_mut().expect("what is required is a list").push(field.into());
}

/// Puts the fields of the type that a frame refers to as a whole into the frame, so that it can be closed.
fn inline(frame: &mut Map<String, Value>, types: &Map<String, Value>) {
    let Some(Value::String(reference)) = frame.remove("$ref") else { return };
    let name = reference.rsplit('/').next().unwrap_or_default();
    let whole = types[name].as_object().expect("a type is an object");
    let more = whole["properties"].as_object().expect("it has fields").clone();
    properties(frame).extend(more);
    for field in whole.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        require(frame, field);
    }
}

/// What may be left out is never `null` instead: takes that from fields that are not required, at every depth.
fn no_null(schema: &mut Map<String, Value>) {
    let required = schema.get("required").cloned().unwrap_or_default();
    if let Some(Value::Object(fields)) = schema.get_mut("properties") {
        let optional = |name: &str| required.as_array().is_none_or(|all| all.iter().all(|it| it != name));
        for (_, field) in fields.iter_mut().filter(|(name, _)| optional(name)) {
            strip_null(field);
        }
    }
    for ways in ["oneOf", "anyOf", "allOf"] {
        let ways = schema.get_mut(ways).and_then(Value::as_array_mut);
        for way in ways.into_iter().flatten().filter_map(Value::as_object_mut) {
            no_null(way);
        }
    }
}

fn strip_null(field: &mut Value) {
    if let Some(Value::Array(types)) = field.get_mut("type") {
        types.retain(|it| it != "null");
        if let [only] = &**types {
            field["type"] = only.clone();
        }
    }
    let Some(Value::Array(ways)) = field.get_mut("anyOf") else { return };
    ways.retain(|it| it["type"] != "null");
    let [only] = &mut **ways else { return };
    let only = mem::take(only);
    let schema = field.as_object_mut().expect("a schema with alternatives is an object");
    schema.remove("anyOf");
    schema.extend(only.as_object().cloned().unwrap_or_default());
}

/// Adds the names of all definitions that a part refers to, over others too.
fn reach(part: &Value, definitions: &Map<String, Value>, used: &mut BTreeSet<String>) {
    match part {
        Value::Object(parts) => {
            let name = parts.get("$ref").and_then(Value::as_str).and_then(|it| it.strip_prefix("#/$defs/"));
            if let Some(name) = name
                && used.insert(name.to_owned())
            {
                reach(&definitions[name], definitions, used);
            }
            parts.values().for_each(|part| reach(part, definitions, used));
        }
        Value::Array(parts) => parts.iter().for_each(|part| reach(part, definitions, used)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Says widths of numbers in the words of the standard, and descriptions on one line.
fn plain(part: &mut Value) {
    if let Value::Object(schema) = part {
        let most = match schema.get("format").and_then(Value::as_str) {
            Some("uint8") => Some(u64::from(u8::MAX)),
            Some("uint32") => Some(u64::from(u32::MAX)),
            Some("uint64") => Some(u64::MAX),
            _ => None,
        };
        if let Some(most) = most {
            schema.entry("maximum").or_insert_with(|| most.into());
            schema.remove("format");
        }
        if let Some(Value::String(words)) = schema.get_mut("description") {
            *words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        }
    }
    match part {
        Value::Object(parts) => parts.values_mut().for_each(plain),
        Value::Array(parts) => parts.iter_mut().for_each(plain),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
