//! `UPDATE_GOLDEN=1 cargo test -p chatter-core --test schema` writes `docs/schema` anew; look at the difference before you
//! commit it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::{env, fs};

use chatter_core::protocol::schema;
use serde_json::Value;

use super::validator::Validator;

fn same(name: &str, schema: &Value) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/schema").join(name);
    if env::var_os("UPDATE_GOLDEN").is_some() {
        let text = serde_json::to_string_pretty(schema).unwrap();
        fs::write(&path, text + "\n").expect("the schemas can be written where they are updated");
    }
    let kept: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap_or_default()).unwrap_or_default();
    assert!(kept == *schema, "{name} is out of date; UPDATE_GOLDEN=1 writes it anew");
}

#[test]
fn the_kept_schemas_are_the_generated_ones() {
    same("client-frames.json", &schema::client_frames());
    same("customer-frames.json", &schema::customer_frames());
    same("staff-frames.json", &schema::staff_frames());
}

#[test]
fn they_are_schemas_of_the_draft_they_name() {
    for schema in [schema::client_frames(), schema::customer_frames(), schema::staff_frames()] {
        // Every keyword is one of the draft's, and every reference leads somewhere.
        let _ = Validator::new(schema.clone());
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        let definitions = schema["$defs"].as_object().unwrap();
        let frames: Vec<_> =
            definitions.iter().filter(|(_, it)| !it["properties"]["type"]["const"].is_null()).collect();
        assert_eq!(schema["oneOf"].as_array().unwrap().len(), frames.len());
        for (name, frame) in frames {
            assert_eq!(frame["properties"]["type"]["const"], **name);
        }
    }
}

/// Every command is closed and can carry a reference; nothing but the subject can be `null`.
#[test]
fn commands_are_closed() {
    let schema = schema::client_frames();
    let mut nulls = BTreeSet::new();
    for (name, frame) in schema["$defs"].as_object().unwrap() {
        if name.chars().all(|c| c.is_lowercase() || c == '_') {
            assert_eq!(frame["additionalProperties"], false, "{name}");
            assert_eq!(frame["properties"]["ref"]["maxLength"], 64, "{name}");
            if frame.to_string().contains(r#""null""#) {
                nulls.insert(name.as_str());
            }
        }
    }
    assert_eq!(nulls, BTreeSet::from(["set_subject"]));
}

/// What staff alone may see has no definition in what customers are sent.
#[test]
fn the_schema_for_customers_tells_nothing_of_staff() {
    let schema = schema::customer_frames();
    let definitions = schema["$defs"].as_object().unwrap();
    let secret =
        ["AgentId", "Seq", "Priority", "Unavailable", "Author", "Body", "SystemLine", "StaffChat", "Permissions"];
    for name in secret {
        assert!(!definitions.contains_key(name), "{name}");
        assert!(schema::staff_frames()["$defs"].get(name).is_some(), "{name} is none of staff's either");
    }
    assert!(!schema.to_string().contains("null"), "nothing that is sent is null");
    assert!(!schema::staff_frames().to_string().contains("null"), "nothing that is sent is null");
}
