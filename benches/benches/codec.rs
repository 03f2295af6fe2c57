//! What reading a client's frame and writing a frame to clients cost.

use std::hint::black_box;

use chatter_core::protocol::{AuthorView, CustomerBody, CustomerEntry, CustomerFrame, Framed, parse};
use chatter_core::{ChatId, Fence, Name, PublicSeq, Text, Time};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// Frames from clients: the hot one in three lengths, others, and some that are refused.
fn frames() -> Vec<(&'static str, String)> {
    let message = |text: &str| {
        serde_json::json!({ "type": "send_message", "ref": "17", "chat": 123_456, "client_msg_id": "9f0c-17", "text": text })
            .to_string()
    };
    vec![
        ("message/short", message("Where is my parcel?")),
        ("message/long", message(&"Where is my parcel? ".repeat(49))),
        ("message/escaped", message(&"Où est-il ?\n\"Là\"\t".repeat(50))),
        ("receipt", r#"{"type":"receipt","chat":123456,"delivered":42,"read":42}"#.to_owned()),
        ("join_queue", r#"{"type":"join_queue","name":"Zoe","category":3,"subject":"Late parcel"}"#.to_owned()),
        ("ping", r#"{"type":"ping"}"#.to_owned()),
        (
            "refused/unknown_field",
            r#"{"type":"send_message","chat":1,"client_msg_id":"a","text":"x","extra":1}"#.to_owned(),
        ),
        ("refused/not_json", message("x").replace('}', "")),
        ("refused/deep", format!("{{\"type\":\"ping\",\"x\":{}", "[".repeat(15_000))),
    ]
}

fn read(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("codec/parse");
    for (name, json) in frames() {
        assert_eq!(parse(json.as_bytes()).command.is_err(), name.starts_with("refused"), "{name}");
        group.throughput(Throughput::Bytes(json.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(name), json.as_bytes(), |bencher, json| {
            bencher.iter(|| black_box(parse(black_box(json))));
        });
    }
    group.finish();
}

fn write(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("codec/json");
    for (name, words) in [("entry/short", "Where is my parcel?".to_owned()), ("entry/long", "parcel? ".repeat(124))] {
        let text = Text::new(&words).expect("a good text");
        let author = AuthorView::Customer { name: Name::new("Zoe").expect("a good name") };
        let body = CustomerBody::Message { text };
        let entry = CustomerEntry {
            public_seq: PublicSeq(42),
            at: Time(1_767_225_600_000_000),
            author,
            to: None,
            edited_at: None,
            body,
        };
        let frame = CustomerFrame::Entry { chat: ChatId(123_456), entry, target: None };
        group.bench_with_input(BenchmarkId::from_parameter(name), &frame, |bencher, frame| {
            // A frame makes its JSON once, so each turn has a new one.
            bencher.iter_batched(
                || Framed::new(Fence(3), frame.clone()),
                |framed| black_box(framed.json().len()),
                criterion::BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

criterion_group!(codec, read, write);
criterion_main!(codec);
