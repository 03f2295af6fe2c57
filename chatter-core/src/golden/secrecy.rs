//! What staff alone may see cannot be serialised to a customer.

use proptest::prelude::*;
use serde_json::Value;

use super::customer::customer_frames;
use super::samples::{at, lines, name, text, zoe};
use super::transcript::transcript;
use crate::protocol::{CustomerEntry, CustomerFrame, Framed};
use crate::{AgentId, Author, Body, ChatId, Entry, EntryKind, Fence, PublicSeq, Seq};

const CANARY: &str = "canary-7f3a";
/// An agent's number that no other number of these tests contains.
const AGENT: AgentId = AgentId(7_654_321);

fn note() -> Body {
    Body::Note { text: text(CANARY) }
}

/// Everything that can be written for staff alone.
fn internal() -> Vec<Body> {
    let target = Seq(9_999);
    vec![
        note(),
        Body::Whisper { text: text(CANARY) },
        Body::Edit { target, public_target: None },
        Body::Deletion { target, public_target: None },
        Body::Deleted { was: EntryKind::Note },
        Body::Deleted { was: EntryKind::Whisper },
    ]
}

fn entry(author: Author, body: Body, public_seq: Option<u64>) -> Entry {
    let public_seq = public_seq.map(PublicSeq);
    Entry { chat: ChatId(1), seq: Seq(9_999), public_seq, at: at(1), author, to: None, edited_at: None, body }
}

#[test]
fn what_is_written_for_staff_has_no_view_for_customers() {
    let agent = || Author::Agent { agent: AGENT, name: name("Ada") };
    for body in internal() {
        assert_eq!(CustomerEntry::of(&entry(agent(), body.clone(), None)), None);
        // Not even when it was given a public number by mistake.
        assert_eq!(CustomerEntry::of(&entry(agent(), body, Some(4))), None);
    }
    // Nor has anything else without one.
    assert_eq!(CustomerEntry::of(&entry(agent(), Body::Message { text: text(CANARY) }, None)), None);
    let seen: Vec<_> = transcript().iter().filter_map(CustomerEntry::of).map(|entry| entry.public_seq.0).collect();
    assert_eq!(seen, (1..=seen.len() as u64).collect::<Vec<_>>(), "a customer's numbers have no hole at a note");
    assert_eq!(seen.len() + 4, transcript().len(), "a note, two whispers and the edit of the note are not seen");
}

/// Names of fields that only staff have.
const STAFF_FIELDS: &[&str] = &[
    "seq",
    "last_seq",
    "priority",
    "arrived_at",
    "load",
    "max_chats",
    "wrapping_up",
    "signed_in",
    "waiting",
    "agents",
    "agent_token",
    "customer_presence",
    "agent_id",
    "permissions",
    "offer",
    "offers",
    "offered_to",
    "to_agent",
    "transfer_to",
    "joined",
    "parked",
    "merged_from",
    "viewers",
    "writing",
    "team_chat",
    "team_chats",
    "members",
    "explanation",
    "why",
    "policy",
    "candidates",
    "passed_over",
    "public_target",
    "was",
];

fn no_staff_field(value: &Value, frame: &str) {
    match value {
        Value::Object(fields) => {
            let merged = fields.get("code").is_some_and(|code| code == "merged_from");
            for (field, value) in fields {
                assert!(!STAFF_FIELDS.contains(&field.as_str()), "{field} in {frame}");
                let person = matches!(field.as_str(), "agent" | "to") || field == "from" && !merged;
                assert!(!person || !value.is_number(), "an agent's number in {frame}");
                no_staff_field(value, frame);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| no_staff_field(value, frame)),
        Value::String(text) => assert!(text != "note" && text != "whisper", "a {text} in {frame}"),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn customer_frames_have_no_field_of_staff() {
    for frame in customer_frames() {
        let framed = Framed::new(Fence(3), frame);
        no_staff_field(&serde_json::from_str(framed.json()).unwrap(), framed.json());
    }
}

fn author() -> impl Strategy<Value = Author> {
    prop_oneof![Just(zoe()), Just(Author::Agent { agent: AGENT, name: name("Ada") }), Just(Author::System),]
}

fn body() -> impl Strategy<Value = Body> {
    let system = (0..lines().len()).prop_map(|which| {
        let json = serde_json::to_string(&lines()[which]).unwrap();
        let line = ["\"agent\":7", "\"from\":7", "\"to\":8"]
            .into_iter()
            .fold(json, |json, field| json.replace(field, &format!("{}:{AGENT}", field.split(':').next().unwrap())));
        Body::System { line: serde_json::from_str(&line).unwrap() }
    });
    let public = prop_oneof![
        Just(Body::Message { text: text("hello") }),
        Just(Body::Edit { target: Seq(9_999), public_target: Some(PublicSeq(2)) }),
        Just(Body::Deletion { target: Seq(9_999), public_target: Some(PublicSeq(2)) }),
        Just(Body::Deleted { was: EntryKind::Message }),
    ];
    prop_oneof![prop::sample::select(internal()), public, system]
}

proptest! {
    /// Any transcript, as a page for a customer: no note, no staff number, no agent's number.
    #[test]
    fn no_page_tells_of_notes_or_numbers(
        entries in prop::collection::vec((author(), body(), prop::option::of(1..100_u64)), 0..20)
    ) {
        let entries: Vec<_> = entries.into_iter().map(|(author, body, number)| entry(author, body, number)).collect();
        let page = CustomerFrame::Page {
            reference: None,
            chat: ChatId(1),
            history: super::samples::HISTORY,
            recovery: None,
            targets: entries.iter().filter_map(CustomerEntry::of).collect(),
            entries: entries.iter().filter_map(CustomerEntry::of).collect(),
            up_to: None,
        };
        let framed = Framed::new(Fence(3), page);
        let json = framed.json();
        prop_assert!(!json.contains(CANARY) && !json.contains("9999") && !json.contains(&AGENT.to_string()), "{}", json);
        no_staff_field(&serde_json::from_str(json).unwrap(), json);
    }
}
