//! Every sample is what the schemas say, and has no field that they do not tell of.

use chatter_core::protocol::schema;
use serde_json::{Value, json};

use super::golden;
use super::validator::Validator;

/// The same schema, with every object closed: for samples of today, which hold nothing of tomorrow.
fn closed(mut schema: Value) -> Value {
    let definitions = schema["$defs"].as_object_mut().unwrap();
    for (name, definition) in definitions {
        // This one is a part of others, never an object by itself.
        if name != "Invalid" && (definition.get("properties").is_some() || definition.get("oneOf").is_some()) {
            let words = definition["oneOf"][0]["type"] == "string";
            if !words {
                definition["unevaluatedProperties"] = false.into();
            }
        }
    }
    schema
}

fn all_are(file: &str, schema: Value, at_least: usize) {
    let schema = Validator::new(schema);
    let samples = golden(file);
    assert!(samples.len() >= at_least, "only {} samples in {file}", samples.len());
    for sample in samples {
        assert_eq!(schema.faults(&sample), Vec::<String>::new(), "{sample}");
    }
}

#[test]
fn every_sample_is_what_the_schema_says() {
    all_are("commands.json", schema::client_frames(), 50);
    all_are("frames-customer.json", schema::customer_frames(), 50);
    all_are("frames-staff.json", schema::staff_frames(), 60);
}

#[test]
fn the_schemas_tell_of_every_field_that_is_sent() {
    all_are("frames-customer.json", closed(schema::customer_frames()), 50);
    all_are("frames-staff.json", closed(schema::staff_frames()), 60);
    // And would notice one that they do not.
    let schema = Validator::new(closed(schema::customer_frames()));
    let told = json!({ "type": "customer_token", "chat": 1, "customer_token": "x", "fence": 1 });
    assert!(schema.is_valid(&told));
    let untold = json!({ "type": "customer_token", "chat": 1, "customer_token": "x", "fence": 1, "agent": 7 });
    assert!(!schema.is_valid(&untold));
}

/// A client passes over what it does not know, so the schemas let it pass too; what it relies on must be there.
#[test]
fn what_is_sent_may_have_more_and_not_less() {
    for (file, schema) in
        [("frames-customer.json", schema::customer_frames()), ("frames-staff.json", schema::staff_frames())]
    {
        let schema = Validator::new(schema);
        for sample in golden(file) {
            let mut more = sample.clone();
            more["a_later_field"] = json!({ "of": ["any", "kind"] });
            assert!(schema.is_valid(&more), "{more}");
            for field in ["type", "fence"] {
                let mut less = sample.clone();
                less.as_object_mut().unwrap().remove(field);
                assert!(!schema.is_valid(&less), "{less}");
            }
        }
    }
}
