//! A validator for as much of JSON Schema 2020-12 as our schemas use. A keyword that it does not know is an error, never
//! passed over.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use serde_json::{Map, Value};

pub(crate) struct Validator {
    root: Value,
    patterns: BTreeMap<String, Regex>,
}

const KEYWORDS: [&str; 21] = [
    "$schema",
    "$id",
    "$defs",
    "$ref",
    "title",
    "description",
    "default",
    "type",
    "const",
    "enum",
    "properties",
    "required",
    "additionalProperties",
    "unevaluatedProperties",
    "oneOf",
    "anyOf",
    "items",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
];

/// What was found out about one value.
#[derive(Default)]
struct Findings {
    faults: Vec<String>,
    /// The fields that some schema at this place speaks of.
    seen: BTreeSet<String>,
}

impl Validator {
    pub(crate) fn new(root: Value) -> Self {
        let mut validator = Self { root: Value::Null, patterns: BTreeMap::new() };
        validator.read(&root, &root);
        validator.root = root;
        validator
    }

    pub(crate) fn is_valid(&self, value: &Value) -> bool {
        self.faults(value).is_empty()
    }

    /// Why a value is not what the schema says; empty when it is.
    pub(crate) fn faults(&self, value: &Value) -> Vec<String> {
        self.check(&self.root, value).faults
    }

    fn read(&mut self, schema: &Value, root: &Value) {
        let Value::Object(keywords) = schema else { panic!("{schema} is no schema") };
        for (keyword, value) in keywords {
            match keyword.as_str() {
                "pattern" => {
                    let pattern = value.as_str().expect("a pattern is a string");
                    self.patterns.insert(pattern.to_owned(), Regex::new(pattern).expect("a pattern is an expression"));
                }
                "$ref" => drop(resolve(root, value)),
                "properties" | "$defs" => {
                    value.as_object().expect("by name").values().for_each(|it| self.read(it, root));
                }
                "oneOf" | "anyOf" => value.as_array().expect("a list").iter().for_each(|it| self.read(it, root)),
                "items" => self.read(value, root),
                "additionalProperties" | "unevaluatedProperties" => assert_eq!(value, false),
                other => assert!(KEYWORDS.contains(&other), "{other} is not known here"),
            }
        }
    }

    fn check(&self, schema: &Value, value: &Value) -> Findings {
        let mut found = Findings::default();
        let keywords = schema.as_object().expect("a schema is an object");
        if let Some(tag) = wrong_tag(keywords, value) {
            // One fault is enough, and most alternatives are passed over by it.
            found.faults.push(tag);
            return found;
        }
        for (keyword, rule) in keywords {
            if let Some(fault) = self.simple(keyword, rule, value) {
                found.faults.push(fault);
            }
        }
        self.in_place(keywords, value, &mut found);
        if let Value::Object(fields) = value {
            self.fields(keywords, fields, &mut found);
        }
        if let (Some(items), Value::Array(values)) = (keywords.get("items"), value) {
            found.faults.extend(values.iter().flat_map(|value| self.check(items, value).faults));
        }
        found
    }

    /// The keywords that need nothing but the value.
    fn simple(&self, keyword: &str, rule: &Value, value: &Value) -> Option<String> {
        let length = || value.as_str().map(|text| text.chars().count() as u64);
        let good = match keyword {
            "type" => is_a(rule, value),
            "const" => rule == value,
            "enum" => rule.as_array().expect("a list").contains(value),
            "minimum" => !value.is_number() || at_least(value, rule),
            "maximum" => !value.is_number() || at_least(rule, value),
            "minLength" => length().is_none_or(|length| Some(length) >= rule.as_u64()),
            "maxLength" => length().is_none_or(|length| Some(length) <= rule.as_u64()),
            "pattern" => {
                let pattern = &self.patterns[rule.as_str().expect("a pattern is a string")];
                value.as_str().is_none_or(|text| pattern.is_match(text))
            }
            "required" => value.as_object().is_none_or(|fields| {
                rule.as_array()
                    .expect("a list")
                    .iter()
                    .all(|field| fields.contains_key(field.as_str().expect("a name")))
            }),
            _ => true,
        };
        (!good).then(|| format!("{keyword} {rule} of {value}"))
    }

    /// The keywords that bring other schemas to the same value.
    fn in_place(&self, keywords: &Map<String, Value>, value: &Value, found: &mut Findings) {
        if let Some(reference) = keywords.get("$ref") {
            let more = self.check(resolve(&self.root, reference), value);
            found.faults.extend(more.faults);
            found.seen.extend(more.seen);
        }
        for (keyword, most) in [("oneOf", 1), ("anyOf", usize::MAX)] {
            let Some(ways) = keywords.get(keyword).and_then(Value::as_array) else { continue };
            let tried: Vec<_> = ways.iter().map(|way| self.check(way, value)).collect();
            let good = tried.iter().filter(|it| it.faults.is_empty()).count();
            if !(1..=most).contains(&good) {
                found.faults.push(format!("{keyword}: {good} of {}", ways.len()));
            }
            found.seen.extend(tried.into_iter().filter(|it| it.faults.is_empty()).flat_map(|it| it.seen));
        }
    }

    fn fields(&self, keywords: &Map<String, Value>, fields: &Map<String, Value>, found: &mut Findings) {
        let none = Map::new();
        let own = keywords.get("properties").and_then(Value::as_object).unwrap_or(&none);
        for (name, value) in fields {
            if let Some(schema) = own.get(name) {
                found.faults.extend(self.check(schema, value).faults.into_iter().map(|it| format!("{name}: {it}")));
                found.seen.insert(name.clone());
            }
        }
        let unknown = |known: &dyn Fn(&String) -> bool| fields.keys().find(|name| !known(name)).cloned();
        let closed = keywords.contains_key("additionalProperties");
        let extra = if closed { unknown(&|name| own.contains_key(name)) } else { None };
        let shut = keywords.contains_key("unevaluatedProperties");
        let unseen = if shut { unknown(&|name| found.seen.contains(name)) } else { None };
        found.faults.extend(extra.or(unseen).map(|name| format!("{name} is one field too many")));
    }
}

/// A field that must have one value and has another.
fn wrong_tag(keywords: &Map<String, Value>, value: &Value) -> Option<String> {
    let own = keywords.get("properties")?.as_object()?;
    let fields = value.as_object()?;
    let wrong = |(name, schema): &(&String, &Value)| {
        schema.get("const").is_some_and(|tag| fields.get(*name).is_some_and(|value| value != tag))
    };
    own.iter().find(wrong).map(|(name, _)| format!("{name} is not the one word it must be"))
}

fn resolve<'a>(root: &'a Value, reference: &Value) -> &'a Value {
    let path = reference.as_str().and_then(|it| it.strip_prefix('#')).expect("a reference is within the schema");
    root.pointer(path).unwrap_or_else(|| panic!("{path} leads nowhere"))
}

/// A number without a fraction is an integer, however it is written: so says the standard.
fn is_a(types: &Value, value: &Value) -> bool {
    let one = |kind: &Value| match kind.as_str().expect("a type is a word") {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0),
        other => panic!("{other} is no type known here"),
    };
    types.as_array().map_or_else(|| one(types), |types| types.iter().any(one))
}

/// Exact for whole numbers; a number with a fraction or beyond them is compared as it is.
fn at_least(value: &Value, least: &Value) -> bool {
    match (whole(value), whole(least)) {
        (Some(value), Some(least)) => value >= least,
        (_, _) => value.as_f64() >= least.as_f64(),
    }
}

fn whole(value: &Value) -> Option<i128> {
    value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from))
}

/// Known answers, so that the validator is not only of one mind with itself.
#[test]
fn the_validator_knows_right_from_wrong() {
    use serde_json::json;
    let schema = json!({
        "$defs": { "N": { "type": "integer", "minimum": 0, "maximum": u64::MAX }, "T": { "type": "string", "maxLength": 2 } },
        "type": "object",
        "properties": { "n": { "$ref": "#/$defs/N" }, "l": { "type": "array", "items": { "$ref": "#/$defs/T" } } },
        "required": ["n"],
        "oneOf": [
            { "properties": { "k": { "const": "a" } }, "required": ["k"] },
            { "properties": { "k": { "enum": ["b", "c"] }, "m": { "type": ["string", "null"], "pattern": "^x+$" } }, "required": ["k", "m"] },
        ],
        "unevaluatedProperties": false,
    });
    let schema = Validator::new(schema);
    for good in [
        json!({ "n": 0, "k": "a" }),
        json!({ "n": u64::MAX, "k": "a", "l": [] }),
        json!({ "n": 1.0, "k": "b", "m": null, "l": ["é🦀"] }),
        json!({ "n": 1, "k": "c", "m": "xx" }),
    ] {
        assert_eq!(schema.faults(&good), Vec::<String>::new(), "{good}");
    }
    for bad in [
        json!([]),
        json!({ "k": "a" }),
        json!({ "n": -1, "k": "a" }),
        json!({ "n": 1.5, "k": "a" }),
        json!({ "n": 18_446_744_073_709_551_616_f64 * 2.0, "k": "a" }),
        json!({ "n": 1, "k": "d" }),
        json!({ "n": 1, "k": "a", "m": "x" }),
        json!({ "n": 1, "k": "b" }),
        json!({ "n": 1, "k": "b", "m": "y" }),
        json!({ "n": 1, "k": "b", "m": 1 }),
        json!({ "n": 1, "k": "a", "l": ["abc"] }),
        json!({ "n": 1, "k": "a", "l": "ab" }),
        json!({ "n": 1, "k": "a", "z": 1 }),
    ] {
        assert!(!schema.is_valid(&bad), "{bad}");
    }
}
