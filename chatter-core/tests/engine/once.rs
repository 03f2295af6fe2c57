//! Exactly once, and resuming without hole or repeat.

use std::sync::Arc;

use crate::support::{Agent, Customer, agent, builder, customer, faulty, online_agent, set_up, text};
use chatter_core::desk::DeskSettings;
use chatter_core::engine::Engine;
use chatter_core::protocol::{Command, JoinQueue};
use chatter_core::testing::{Call, Dice, Fault, Faults};
use chatter_core::{ChatId, CloseReason, HistoryId, MemoryStore, Name, StoreErrorKind};

fn unlimited() -> DeskSettings {
    DeskSettings { messages_per_second: 0, ..DeskSettings::default() }
}

pub(crate) async fn engine_on(memory: &MemoryStore) -> Engine {
    builder(Arc::new(memory.clone())).settings(unlimited()).start().await.unwrap()
}

/// An engine that is set up, and what makes its store fail or wait.
async fn faulty_engine() -> (Engine, Faults) {
    let (store, faults, _memory) = faulty();
    let engine = builder(store).settings(unlimited()).start().await.unwrap();
    set_up(&engine).await;
    (engine, faults)
}

/// The types of the frames that answer something.
fn answers(frames: Vec<serde_json::Value>) -> Vec<String> {
    let types = frames.into_iter().map(|frame| frame["type"].as_str().unwrap().to_owned());
    types.filter(|kind| ["accepted", "done", "error", "queued"].contains(&kind.as_str())).collect()
}

async fn history_of(customer: &mut Customer) -> HistoryId {
    customer.any("ready").await["history"].as_str().unwrap().parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn one_client_id_is_one_message() {
    let memory = MemoryStore::new();
    let engine = engine_on(&memory).await;
    set_up(&engine).await;
    let mut first = customer(&engine, 1).await;
    let chat = first.join("Zoe").await;
    first.send(chat, "x", "hello").await;
    first.send(chat, "x", "hello").await;
    assert_eq!(first.any("accepted").await["public_seq"], 1);
    let again = first.any("accepted").await;
    assert_eq!((&again["public_seq"], &again["duplicate"], again.get("conflict")), (&1.into(), &true.into(), None));

    // Another connection of the same customer, with another body.
    let mut second = customer(&engine, 1).await;
    second.send(chat, "x", "something else").await;
    let conflict = second.any("accepted").await;
    assert_eq!((&conflict["public_seq"], &conflict["conflict"]), (&1.into(), &true.into()));

    // Another author and another chat are independent.
    let mut other = customer(&engine, 2).await;
    let other_chat = other.join("Yan").await;
    other.send(other_chat, "x", "hello").await;
    assert!(other.any("accepted").await.get("duplicate").is_none());

    // After a restart.
    engine.stop().await;
    let engine = engine_on(&memory).await;
    let mut third = customer(&engine, 1).await;
    third.send(chat, "x", "hello").await;
    let after = third.any("accepted").await;
    assert_eq!((&after["public_seq"], &after["duplicate"]), (&1.into(), &true.into()));
    third.send(chat, "y", "next").await;
    assert_eq!(third.any("accepted").await["public_seq"], 2);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_for_want_of_cold_facts_keeps_its_place_among_answers() {
    let (engine, faults) = faulty_engine().await;
    let mut zoe = customer(&engine, 1).await;
    let chat = zoe.join("Zoe").await;
    zoe.send(chat, "1", "text").await;
    zoe.any("accepted").await;
    let mut yan = customer(&engine, 2).await;
    let other = yan.join("Yan").await;
    // The entry cannot be read, while a write is under way.
    faults.hold(Call::Entries);
    faults.always(Call::Entries, Fault::Fail(StoreErrorKind::Retryable));
    zoe.ask(Command::EditMessage { chat, target: 1, text: text("other text") }).await;
    zoe.ask(Command::SetSubject { chat, subject: None }).await;
    faults.hold(Call::Commit);
    yan.send(other, "1", "text").await;
    faults.open(Call::Entries);
    assert_eq!(answers(zoe.drain().await), Vec::<String>::new(), "nothing is told before what was decided before it");
    faults.open(Call::Commit);
    assert_eq!(answers(zoe.drain().await), ["error", "done"]);
}

/// A client joins again while its messages wait for a lookup: all that is about the chat then waits for `queued`, the refusals
/// too, which do not name the chat.
#[tokio::test(start_paused = true)]
async fn a_refusal_stays_behind_the_acceptances_that_wait_for_a_page() {
    let (engine, faults) = faulty_engine().await;
    let (mut zoe, mut yan) = (customer(&engine, 1).await, customer(&engine, 2).await);
    let (chat, other) = (zoe.join("Zoe").await, yan.join("Yan").await);
    for number in 1..=300 {
        zoe.send(chat, &number.to_string(), "text").await;
        zoe.any("accepted").await;
    }
    // One write is under way, so that all that follows is let out together.
    faults.hold(Call::Dedupe);
    faults.hold(Call::Commit);
    yan.send(other, "1", "text").await;
    zoe.send(chat, "1", "text").await;
    zoe.send(chat, "301", "text").await;
    zoe.ask(Command::EditMessage { chat, target: 302, text: text("of nobody") }).await;
    tokio::join!(zoe.ask(Command::JoinQueue(JoinQueue::new(Name::new("Zoe").unwrap()))), async {
        for call in [Call::Dedupe, Call::Commit] {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            faults.open(call);
        }
    });
    assert_eq!(answers(zoe.drain().await), ["queued", "accepted", "accepted", "error"]);
}

#[tokio::test(start_paused = true)]
async fn ids_beyond_memory_are_looked_up_and_keep_the_order() {
    let (engine, faults) = faulty_engine().await;
    let mut zoe = customer(&engine, 1).await;
    let chat = zoe.join("Zoe").await;
    for number in 1..=300 {
        zoe.send(chat, &number.to_string(), "text").await;
        assert_eq!(zoe.any("accepted").await["public_seq"], number);
    }
    // The first id is not in memory any more, and the store takes its time: what follows waits behind it.
    faults.hold(Call::Dedupe);
    zoe.send(chat, "1", "text").await;
    zoe.send(chat, "301", "text").await;
    zoe.ask(Command::EndChat { chat }).await;
    assert_eq!(zoe.drain().await, Vec::<serde_json::Value>::new());
    faults.open(Call::Dedupe);
    let first = zoe.any("accepted").await;
    assert_eq!((&first["public_seq"], &first["duplicate"]), (&1.into(), &true.into()));
    assert_eq!(zoe.any("accepted").await["public_seq"], 301);
    assert_eq!(
        zoe.until("entry", |frame| frame["entry"]["body"]["kind"] == "system").await["entry"]["public_seq"],
        302
    );
}

/// What waits behind a command that is being looked up stays there while it is settled whether a write stands.
#[tokio::test(start_paused = true)]
async fn settling_a_write_does_not_change_the_order_behind_a_lookup() {
    let (engine, faults) = faulty_engine().await;
    let mut zoe = customer(&engine, 1).await;
    let mut yan = customer(&engine, 2).await;
    let (chat, other) = (zoe.join("Zoe").await, yan.join("Yan").await);
    for number in 1..=300 {
        zoe.send(chat, &number.to_string(), "text").await;
        zoe.any("accepted").await;
    }
    faults.hold(Call::Dedupe);
    zoe.send(chat, "1", "text").await;
    zoe.drain().await;
    faults.next(Call::Commit, Fault::Fail(StoreErrorKind::UnknownOutcome));
    faults.next(Call::Acquire, Fault::Fail(StoreErrorKind::Retryable));
    yan.send(other, "1", "does it stand?").await;
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    zoe.send(chat, "301", "text").await;
    assert_eq!(zoe.drain().await, Vec::<serde_json::Value>::new(), "it waits behind the one that is looked up");
    faults.open(Call::Dedupe);
    assert_eq!(zoe.any("accepted").await["duplicate"], true);
    assert_eq!(zoe.any("accepted").await["public_seq"], 301);
}

#[tokio::test(start_paused = true)]
async fn two_tabs_opening_at_once_make_one_chat() {
    let memory = MemoryStore::new();
    let engine = engine_on(&memory).await;
    set_up(&engine).await;
    let (mut first, mut second) = (customer(&engine, 1).await, customer(&engine, 1).await);
    let join = || Command::JoinQueue(JoinQueue::new(Name::new("Zoe").unwrap()));
    tokio::join!(first.ask(join()), second.ask(join()));
    let (one, other) = (first.any("queued").await, second.any("queued").await);
    assert_eq!(one["chat"]["chat"], other["chat"]["chat"]);
    assert_ne!(one["existing"], other["existing"]);
}

/// Connections are cut at random points while both sides write: whoever resumes from the last number they
/// have gets neither hole nor repeat.
#[tokio::test(start_paused = true)]
async fn resuming_leaves_neither_hole_nor_repeat() {
    for seed in 0..24 {
        let mut dice = Dice::new(seed);
        let memory = MemoryStore::new();
        let engine = engine_on(&memory).await;
        set_up(&engine).await;
        let mut ada = online_agent(&engine, 1).await;
        let mut zoe = customer(&engine, 1).await;
        let history = history_of(&mut zoe).await;
        let chat = zoe.join("Zoe").await;
        let (mut zoe_seen, mut ada_seen) = (0, 0);
        let (mut zoe_reads, mut ada_reads) = (Reader::default(), Reader::default());
        ada.subscribe(chat, Some((history, 0))).await;
        for round in 0..100 {
            match dice.below(8) {
                0 => {
                    zoe_seen = zoe_reads.follow(zoe.drain().await, "public_seq", zoe_seen);
                    zoe = customer(&engine, 1).await;
                    zoe.subscribe(chat, Some((history, zoe_seen))).await;
                }
                1 => {
                    ada_seen = ada_reads.follow(ada.drain().await, "seq", ada_seen);
                    ada = agent(&engine, 1).await;
                    ada.subscribe(chat, Some((history, ada_seen))).await;
                }
                2 => ada.ask(note(chat, round)).await,
                3 => ada.send(chat, &format!("a{round}"), "from the agent").await,
                // Mostly of an entry that is not theirs: then it is refused.
                4 => zoe.ask(edit(chat, 1 + dice.below(20), round)).await,
                5 => ada.ask(edit(chat, 1 + dice.below(20), round)).await,
                6 => zoe.ask(Command::DeleteMessage { chat, target: 1 + dice.below(20) }).await,
                _ => zoe.send(chat, &format!("z{round}"), "from the customer").await,
            }
        }
        zoe_seen = zoe_reads.follow(zoe.drain().await, "public_seq", zoe_seen);
        ada_seen = ada_reads.follow(ada.drain().await, "seq", ada_seen);
        // Whoever was cut and resumed reads what is stored.
        let (mut fresh_zoe, mut fresh_ada) = (customer(&engine, 1).await, agent(&engine, 1).await);
        fresh_zoe.subscribe(chat, Some((history, 0))).await;
        fresh_ada.subscribe(chat, Some((history, 0))).await;
        let (mut zoe_whole, mut ada_whole) = (Reader::default(), Reader::default());
        zoe_whole.follow(fresh_zoe.drain().await, "public_seq", 0);
        ada_whole.follow(fresh_ada.drain().await, "seq", 0);
        for (reads, whole) in [(zoe_reads, zoe_whole), (ada_reads, ada_whole)] {
            for (seq, body) in reads.says {
                assert_eq!(whole.says.get(&seq), Some(&body), "seed {seed}: entry {seq} in its present form");
            }
        }
        assert!(zoe_seen > 10 && ada_seen > zoe_seen, "seed {seed}: {zoe_seen} {ada_seen}");
        engine.stop().await;
    }
}

/// What somebody reads: the present form of each entry, by its number.
#[derive(Default)]
struct Reader {
    says: std::collections::BTreeMap<u64, serde_json::Value>,
}

impl Reader {
    fn follow(&mut self, frames: Vec<serde_json::Value>, number: &str, seen: u64) -> u64 {
        for frame in &frames {
            let live = [&frame["entry"], &frame["target"]].into_iter();
            let pages = ["entries", "targets"].into_iter().filter_map(|name| frame[name].as_array()).flatten();
            for entry in live.chain(pages).filter(|entry| entry.is_object()) {
                self.says.insert(entry[number].as_u64().unwrap(), entry["body"].clone());
            }
        }
        follow(frames, number, seen)
    }
}

fn edit(chat: ChatId, target: u64, round: u64) -> Command {
    Command::EditMessage { chat, target, text: text(&format!("edited in round {round}")) }
}

fn note(chat: ChatId, round: u64) -> Command {
    Command::SendNote { chat, client_msg_id: crate::support::id(&format!("n{round}")), text: text("a note") }
}

/// Follows the entries in these frames from a position; panics at a hole or a repeat.
pub(crate) fn follow(frames: Vec<serde_json::Value>, number: &str, mut seen: u64) -> u64 {
    for frame in frames {
        let entries = match frame["type"].as_str().unwrap() {
            "entry" => vec![frame["entry"].clone()],
            "accepted" => vec![frame.clone()],
            "page" => frame["entries"].as_array().unwrap().clone(),
            _ => Vec::new(),
        };
        for entry in entries {
            assert_eq!(entry[number], seen + 1, "no hole and no repeat: {frame}");
            seen += 1;
        }
    }
    seen
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_is_closed_and_resumes() {
    let memory = MemoryStore::new();
    let engine = engine_on(&memory).await;
    set_up(&engine).await;
    let mut ada: Agent = online_agent(&engine, 1).await;
    let mut zoe = customer(&engine, 1).await;
    let history = history_of(&mut zoe).await;
    let chat = zoe.join("Zoe").await;
    ada.subscribe(chat, Some((history, 0))).await;
    ada.any("page").await;
    // Ada does not read; Zoe is not delayed by it.
    for number in 0..5_000 {
        zoe.send(chat, &number.to_string(), "words").await;
        zoe.until("accepted", |frame| frame["client_msg_id"].as_str() == Some(&number.to_string())).await;
    }
    assert_eq!(ada.closed().await, CloseReason::Slow);
    let mut ada = agent(&engine, 1).await;
    ada.subscribe(chat, Some((history, 4_600))).await;
    let page = ada.any("page").await;
    assert_eq!(page["recovery"]["recovered"], true);
    assert_eq!(follow(vec![page], "seq", 4_600), 5_001);
}

#[tokio::test(start_paused = true)]
async fn a_position_that_cannot_be_resumed_says_why() {
    let memory = MemoryStore::new();
    let engine = engine_on(&memory).await;
    set_up(&engine).await;
    let mut zoe = customer(&engine, 1).await;
    let history = history_of(&mut zoe).await;
    let chat = zoe.join("Zoe").await;
    zoe.send(chat, "1", "hello").await;
    zoe.any("accepted").await;
    for (position, reason) in [
        (None, "no_position"),
        (Some((HistoryId(history.0 ^ 1), 1)), "history_changed"),
        (Some((history, 2)), "ahead_of_server"),
    ] {
        zoe.subscribe(chat, position).await;
        let page = zoe.any("page").await;
        assert_eq!(page["recovery"], serde_json::json!({ "recovered": false, "reason": reason }));
        assert_eq!(page["entries"].as_array().unwrap().len(), 1);
    }
    zoe.subscribe(ChatId(77), None).await;
    assert_eq!(zoe.any("error").await["code"], "unknown_chat");
}

/// A page full of changes of earlier entries costs a few reads, not one each.
#[tokio::test(start_paused = true)]
async fn a_page_of_edits_is_read_in_few_calls() {
    let (engine, faults) = faulty_engine().await;
    let mut zoe = customer(&engine, 1).await;
    let history = history_of(&mut zoe).await;
    let chat = zoe.join("Zoe").await;
    for number in 1..=300 {
        zoe.send(chat, &number.to_string(), "text").await;
        zoe.any("accepted").await;
    }
    // All of the first hundred, and two that lie apart.
    let edited: Vec<u64> = (1..=100).chain([200, 290]).collect();
    for (round, target) in (0..).zip(&edited) {
        zoe.ask(edit(chat, *target, round)).await;
        zoe.any("entry").await;
    }
    let before = faults.begun(Call::Entries);
    zoe.subscribe(chat, Some((history, 300))).await;
    let page = zoe.any("page").await;
    let reads = faults.begun(Call::Entries) - before;
    assert_eq!(page["entries"].as_array().unwrap().len(), edited.len());
    let targets = page["targets"].as_array().unwrap();
    assert!(targets.iter().map(|target| target["public_seq"].as_u64().unwrap()).eq(edited), "{targets:?}");
    assert_eq!(targets[101]["body"]["text"], "edited in round 101");
    assert_eq!(reads, 4, "the page, and three stretches of what it changes");
}
