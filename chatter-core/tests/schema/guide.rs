//! The guide for people who write clients tells of every command, frame, field, word and line of the schemas, and all of
//! its examples are what they say.

use std::collections::BTreeSet;

use chatter_core::protocol::{parse, schema};
use serde_json::Value;

use super::validator::Validator;

const GUIDE: &str = include_str!("../../../docs/protocol.md");

/// The frames of a schema, by their `type`.
fn frames(schema: &Value) -> Vec<(&str, &Value)> {
    let definitions = schema["$defs"].as_object().unwrap().iter();
    let frames = definitions.filter(|(_, it)| !it["properties"]["type"]["const"].is_null());
    frames.map(|(name, frame)| (name.as_str(), frame)).collect()
}

/// What is under a heading, up to the next one that is not below it.
fn section(heading: &str) -> &'static str {
    let (_, rest) = GUIDE.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("no {heading}"));
    let level = heading.split(' ').next().unwrap().len();
    let end = rest.match_indices("\n#").find(|(at, _)| {
        let marks = rest[at + 1..].bytes().take_while(|byte| *byte == b'#').count();
        marks <= level && rest.as_bytes()[at + 1 + marks] == b' '
    });
    end.map_or(rest, |(at, _)| &rest[..at])
}

/// The rows of the tables of a section whose first cell is a word, with that word.
fn rows(heading: &str) -> Vec<(&'static str, &'static str)> {
    let lines: Vec<_> = section(heading).lines().collect();
    let heads = lines.iter().skip(1).map(|next| next.starts_with("|---")).chain([false]);
    let rows = lines.iter().zip(heads).filter(|(line, head)| line.starts_with("| `") && !head);
    rows.map(|(row, _)| (row.split('`').nth(1).unwrap(), *row)).collect()
}

/// What stands in backticks anywhere.
fn words(text: &str) -> BTreeSet<&str> {
    text.split('`').skip(1).step_by(2).flat_map(|it| it.split(|c: char| !c.is_alphanumeric() && c != '_')).collect()
}

fn tells_of(heading: &str, schema: &Value, understood: &[&str]) {
    let rows = rows(heading);
    let told: BTreeSet<_> = rows.iter().map(|(word, _)| *word).collect();
    let there: BTreeSet<_> = frames(schema).into_iter().map(|(word, _)| word).collect();
    assert_eq!(told, there, "{heading}");
    for (word, frame) in frames(schema) {
        let (_, row) = rows.iter().find(|(told, _)| *told == word).unwrap();
        let fields = frame["properties"].as_object().unwrap().keys().map(String::as_str);
        for field in fields.filter(|field| !understood.contains(field)) {
            // A place is told elsewhere, with all of its fields.
            let of_place = word == "place" && row.contains("(#place)");
            assert!(of_place || words(row).contains(field), "`{field}` is missing in: {row}");
        }
    }
}

#[test]
fn every_command_is_in_the_guide_with_its_fields_and_no_other() {
    tells_of("## Frames from clients", &schema::client_frames(), &["type", "ref"]);
}

#[test]
fn every_frame_is_in_the_guide_with_its_fields_and_no_other() {
    tells_of("## Frames to customers", &schema::customer_frames(), &["type", "fence"]);
    tells_of("## Frames to staff", &schema::staff_frames(), &["type", "fence"]);
}

/// The values of a tag in the alternatives of a definition.
fn tags<'a>(definition: &'a Value, tag: &str) -> BTreeSet<&'a str> {
    let ways = definition["oneOf"].as_array().unwrap().iter();
    ways.map(|way| way["properties"][tag]["const"].as_str().unwrap()).collect()
}

#[test]
fn every_line_and_refusal_is_in_the_guide_and_no_other() {
    let schema = schema::staff_frames();
    let told = |heading| rows(heading).into_iter().map(|(word, _)| word).collect::<BTreeSet<_>>();
    assert_eq!(told("#### System lines"), tags(&schema["$defs"]["SystemLine"], "code"));
    assert_eq!(told("## Error codes"), tags(&schema["$defs"]["error"], "code"));
    let refusals = rows("## Error codes");
    for refusal in schema["$defs"]["error"]["oneOf"].as_array().unwrap() {
        let code = &refusal["properties"]["code"]["const"];
        let (_, row) = refusals.iter().find(|(told, _)| code == told).unwrap();
        for field in refusal["properties"].as_object().unwrap().keys().filter(|field| *field != "code") {
            assert!(words(row).contains(field.as_str()), "`{field}` is missing in: {row}");
        }
    }
    let words: Vec<_> = schema["$defs"]["Permission"]["oneOf"].as_array().unwrap().iter().collect();
    assert_eq!(told("## Permissions"), words.iter().map(|word| word["const"].as_str().unwrap()).collect());
}

/// Every name of a field and every word of a list.
fn vocabulary<'a>(schema: &'a Value, all: &mut BTreeSet<&'a str>) {
    match schema {
        Value::Object(parts) => {
            all.extend(
                parts
                    .get("properties")
                    .and_then(Value::as_object)
                    .into_iter()
                    .flat_map(|it| it.keys().map(String::as_str)),
            );
            all.extend(parts.get("const").and_then(Value::as_str));
            all.extend(parts.get("enum").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str));
            parts.values().for_each(|part| vocabulary(part, all));
        }
        Value::Array(parts) => parts.iter().for_each(|part| vocabulary(part, all)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_guide_knows_every_field_and_word() {
    // Examples do not count.
    let prose: String = GUIDE.split("```").step_by(2).collect();
    let told = words(&prose);
    for schema in [schema::client_frames(), schema::customer_frames(), schema::staff_frames()] {
        let mut all = BTreeSet::new();
        vocabulary(&schema, &mut all);
        let untold: Vec<_> = all.difference(&told).collect();
        assert!(untold.is_empty(), "not in the guide: {untold:?}");
    }
}

/// A line of an example, without its mark, and whether something was left out of it.
fn example(line: &str) -> (Value, bool) {
    let whole = line.replace(", …", "");
    let value = serde_json::from_str(&whole).unwrap_or_else(|error| panic!("{error}: {line}"));
    (value, whole != line)
}

/// The same schema for frames of which something is left out.
fn in_part(mut schema: Value) -> Value {
    fn loosen(part: &mut Value) {
        match part {
            Value::Object(parts) => {
                parts.remove("required");
                if let Some(ways) = parts.remove("oneOf") {
                    parts.insert("anyOf".to_owned(), ways);
                }
                parts.values_mut().for_each(loosen);
            }
            Value::Array(parts) => parts.iter_mut().for_each(loosen),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    loosen(&mut schema);
    schema
}

/// Examples of what one side sends or is sent: in blocks marked ```` ```text customer ````, `agent`, or not at all.
fn examples(mark: &str) -> Vec<(&'static str, &'static str)> {
    let blocks = GUIDE.split("```").skip(1).step_by(2);
    let blocks = blocks.filter_map(|block| block.split_once('\n'));
    let lines =
        blocks.flat_map(|(side, lines)| lines.lines().map(move |line| (side.trim_start_matches("text").trim(), line)));
    lines.filter_map(|(side, line)| Some((side, line.strip_prefix(mark)?))).collect()
}

#[test]
fn every_command_has_an_example_and_all_are_right() {
    let schema = schema::client_frames();
    let right = Validator::new(schema.clone());
    let mut seen = BTreeSet::new();
    for (_, line) in examples("> ") {
        let (frame, _) = example(line);
        seen.insert(frame["type"].as_str().unwrap().to_owned());
        // One shows what is refused.
        let refused = frame["text"] == "";
        assert_eq!(right.faults(&frame).is_empty(), !refused, "{line}: {:?}", right.faults(&frame));
        assert_eq!(parse(line.as_bytes()).command.is_ok(), !refused, "{line}");
    }
    assert_eq!(seen, frames(&schema).into_iter().map(|(word, _)| word.to_owned()).collect());
}

#[test]
fn every_frame_has_an_example_and_all_are_right() {
    for (side, schema) in [("customer", schema::customer_frames()), ("agent", schema::staff_frames())] {
        let (whole, part) = (Validator::new(schema.clone()), Validator::new(in_part(schema.clone())));
        let mut seen = BTreeSet::new();
        for (_, line) in examples("< ").into_iter().filter(|(of, _)| *of == side) {
            let (frame, cut) = example(line);
            let right = if cut { &part } else { &whole };
            assert_eq!(right.faults(&frame), Vec::<String>::new(), "{line}");
            if !cut {
                seen.insert(frame["type"].as_str().unwrap().to_owned());
            }
        }
        assert_eq!(seen, frames(&schema).into_iter().map(|(word, _)| word.to_owned()).collect(), "{side}");
    }
    let sides: BTreeSet<_> = examples("< ").into_iter().map(|(side, _)| side).collect();
    assert_eq!(sides, BTreeSet::from(["agent", "customer"]), "every block with answers says whose");
}
