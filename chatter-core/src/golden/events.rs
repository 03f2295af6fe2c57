use std::time::Duration;

use serde_json::Value;

use super::samples::{ADA, BOB, ZOE, at, name};
use super::{all_seen, among, stored};
use crate::policy::AgentRank;
use crate::{
    AgentState, AuthorKey, CategoryId, CategorySettings, CategoryWeight, ChatId, Choice, DeclineReason, EndReason,
    EntryKind, Event, EventNo, Fact, OfferEnd, OverflowStage, PassedOver, Priority, PublicSeq, Receipt, RequeueCause,
    Routing, Seq, Side, StateCause, Trigger,
};

const FILE: &str = "events.json";
const CHAT: ChatId = ChatId(12);

fn facts() -> Vec<Fact> {
    let mut facts = people();
    facts.extend(chats());
    facts.extend(entries());
    facts.extend(work());
    facts.extend(hands());
    facts.extend(entries_of_staff());
    facts
}

fn people() -> Vec<Fact> {
    let categories = [CategoryId(1), CategoryId(4)].into();
    let mut facts = vec![
        Fact::CategorySet { category: CategoryId(1), settings: Box::default() },
        Fact::CategorySet { category: CategoryId(4), settings: Box::new(settings()) },
        Fact::AgentSet { agent: ADA, max_chats: 6, categories },
        Fact::AgentRemoved { agent: ADA },
    ];
    for (state, cause) in [
        (AgentState::Online, StateCause::Declared),
        (AgentState::Away, StateCause::Declared),
        (AgentState::LastCall, StateCause::Declared),
        (AgentState::Offline, StateCause::SignedOut),
        (AgentState::Offline, StateCause::LastCallDone),
        (AgentState::Away, StateCause::Missed),
    ] {
        facts.push(Fact::AgentStateChanged { agent: ADA, state, cause });
    }
    facts
}

/// Every setting, none of them at its default.
fn settings() -> CategorySettings {
    let seconds = Duration::from_secs;
    let hours = toml::from_str(
        "zone = \"Europe/Berlin\"\nmonday = [\"09:00-17:00\"]\n[holidays]\n2026-12-24 = [\"09:00-12:00\"]\n",
    )
    .unwrap();
    CategorySettings {
        routing: Routing::Offer,
        policy: Some(name("longest-wait")),
        overflow: vec![OverflowStage { after: seconds(60), category: CategoryId(1) }],
        queue_limit: Some(50),
        max_wait: Some(seconds(1_800)),
        hours: Some(hours),
        sticky_wait: Some(seconds(120)),
        wrap_up: seconds(30),
        weight: CategoryWeight { cost: 3, handle_time: seconds(300) },
    }
}

fn choice(trigger: Trigger) -> Choice {
    let passed_over = PassedOver { full: 1, away: 2, last_call: 3, disconnected: 4, resting: 5, cooling: 6 };
    let policy = "priority-ageing".into();
    Choice::new(policy, trigger, -900_000_000, 1_500_000, AgentRank::ratio(1, 6), passed_over)
}

fn chats() -> Vec<Fact> {
    let ended = |by, reason| Fact::ChatResolved { chat: CHAT, by, reason };
    vec![
        Fact::ChatOpened { chat: CHAT, customer: ZOE, category: CategoryId(1), priority: Priority::Low },
        Fact::ChatRequeued { chat: CHAT, agent: ADA, cause: RequeueCause::AgentLeft },
        Fact::ChatRequeued { chat: CHAT, agent: ADA, cause: RequeueCause::AgentLost },
        Fact::ChatAssigned { chat: CHAT, agent: ADA, choice: choice(Trigger::ChatReady) },
        Fact::ChatAssigned { chat: CHAT, agent: ADA, choice: choice(Trigger::AgentFree) },
        Fact::ChatAssigned { chat: CHAT, agent: ADA, choice: choice(Trigger::LastAgent) },
        ended(Side::Customer, EndReason::CustomerEnded),
        ended(Side::Staff, EndReason::AgentEnded),
        ended(Side::Customer, EndReason::LeftQueue),
        ended(Side::System, EndReason::Abandoned),
        Fact::ChatReopened { chat: CHAT, by: Side::Customer, episode: 2 },
        Fact::ChatClosed { chat: CHAT },
        Fact::SubjectSet { chat: CHAT, by: Side::Staff },
        Fact::PrioritySet { chat: CHAT, priority: Priority::Medium, agent: ADA },
        Fact::PrioritySet { chat: CHAT, priority: Priority::High, agent: ADA },
        Fact::PrioritySet { chat: CHAT, priority: Priority::Urgent, agent: ADA },
    ]
}

fn entries() -> Vec<Fact> {
    let entry = |seq, public_seq: Option<u64>, kind, author| Fact::EntryAdded {
        chat: CHAT,
        seq: Seq(seq),
        public_seq: public_seq.map(PublicSeq),
        kind,
        author,
        target: None,
    };
    vec![
        entry(1, Some(1), EntryKind::Message, Some(AuthorKey::Customer(ZOE))),
        entry(2, None, EntryKind::Note, Some(AuthorKey::Agent(ADA))),
        entry(3, Some(2), EntryKind::System, None),
        Fact::ReceiptMoved { chat: CHAT, receipt: Receipt::Customer { delivered: PublicSeq(2), read: PublicSeq(1) } },
        Fact::ReceiptMoved { chat: CHAT, receipt: Receipt::Staff { delivered: Seq(3), read: Seq(3) } },
    ]
}

/// Offers, and how chats come to agents without a person's word.
fn work() -> Vec<Fact> {
    let assigned = |choice| Fact::ChatAssigned { chat: CHAT, agent: ADA, choice };
    let offer_ended = |how| Fact::OfferEnded { chat: CHAT, agent: ADA, how };
    let declined = |reason| offer_ended(OfferEnd::Declined { reason });
    let near = Choice { next_agents: vec![BOB], ..choice(Trigger::ChatReady) };
    let far = Choice { next_chats: vec![ChatId(13)], ..choice(Trigger::AgentFree) };
    let ended = |by, reason| Fact::ChatResolved { chat: CHAT, by, reason };
    vec![
        Fact::ChatOverflowed { chat: CHAT, stage: 1 },
        Fact::ChatOffered { chat: CHAT, agent: ADA, choice: near.clone() },
        declined(None),
        declined(Some(DeclineReason::Busy)),
        declined(Some(DeclineReason::WrongCategory)),
        declined(Some(DeclineReason::Language)),
        declined(Some(DeclineReason::Other)),
        offer_ended(OfferEnd::Missed),
        offer_ended(OfferEnd::Withdrawn),
        assigned(near),
        assigned(far),
        assigned(choice(Trigger::Sticky)),
        assigned(choice(Trigger::Accepted)),
        Fact::ChatRequeued { chat: CHAT, agent: ADA, cause: RequeueCause::Unassigned },
        Fact::ChatRequeued { chat: CHAT, agent: ADA, cause: RequeueCause::NoFirstReply },
        Fact::ChatParked { chat: CHAT },
        Fact::ChatUnparked { chat: CHAT, over_limit: false },
        Fact::ChatUnparked { chat: CHAT, over_limit: true },
        ended(Side::System, EndReason::WaitedTooLong),
        ended(Side::System, EndReason::CustomerSilent),
        ended(Side::Staff, EndReason::Merged),
    ]
}

/// Chats that people move.
fn hands() -> Vec<Fact> {
    let by_hand = |from, over_limit| Fact::ChatAssignedByHand { chat: CHAT, from, agent: BOB, by: ADA, over_limit };
    let transfer_ended = |how| Fact::TransferEnded { chat: CHAT, to: BOB, how };
    vec![
        by_hand(None, false),
        by_hand(Some(ADA), true),
        Fact::TransferOffered { chat: CHAT, from: ADA, to: BOB },
        transfer_ended(OfferEnd::Declined { reason: Some(DeclineReason::Busy) }),
        transfer_ended(OfferEnd::Missed),
        transfer_ended(OfferEnd::Withdrawn),
        Fact::ChatTransferred { chat: CHAT, from: ADA, to: BOB },
        Fact::ChatMoved { chat: CHAT, from: ADA, category: CategoryId(4) },
        Fact::AgentJoinedChat { chat: CHAT, agent: BOB },
        Fact::AgentLeftChat { chat: CHAT, agent: BOB },
        Fact::ChatMerged { chat: CHAT, into: ChatId(13), by: ADA },
        Fact::TeamChatOpened { chat: ChatId(14), members: [ADA, BOB].into() },
        Fact::ReceiptMoved {
            chat: ChatId(14),
            receipt: Receipt::Member { agent: BOB, delivered: Seq(2), read: Seq(1) },
        },
    ]
}

fn entries_of_staff() -> Vec<Fact> {
    let entry = |public_seq: Option<u64>, kind, target: Option<u64>| Fact::EntryAdded {
        chat: CHAT,
        seq: Seq(4),
        public_seq: public_seq.map(PublicSeq),
        kind,
        author: Some(AuthorKey::Agent(ADA)),
        target: target.map(Seq),
    };
    vec![
        entry(None, EntryKind::Whisper, None),
        entry(Some(3), EntryKind::Edit, Some(1)),
        entry(None, EntryKind::Edit, Some(2)),
        entry(Some(3), EntryKind::Deletion, Some(1)),
    ]
}

/// Which variant it is. A new one comes with an example in [`facts`] and one more in `VARIANTS`.
const fn variant(fact: &Fact) -> usize {
    match fact {
        Fact::CategorySet { .. } => 0,
        Fact::AgentSet { .. } => 1,
        Fact::AgentRemoved { .. } => 2,
        Fact::AgentStateChanged { .. } => 3,
        Fact::ChatOpened { .. } => 4,
        Fact::ChatRequeued { .. } => 5,
        Fact::ChatAssigned { .. } => 6,
        Fact::ChatResolved { .. } => 7,
        Fact::ChatReopened { .. } => 8,
        Fact::ChatClosed { .. } => 9,
        Fact::EntryAdded { .. } => 10,
        Fact::ReceiptMoved { .. } => 11,
        Fact::SubjectSet { .. } => 12,
        Fact::PrioritySet { .. } => 13,
        Fact::ChatOverflowed { .. } => 14,
        Fact::ChatOffered { .. } => 15,
        Fact::OfferEnded { .. } => 16,
        Fact::ChatAssignedByHand { .. } => 17,
        Fact::TransferOffered { .. } => 18,
        Fact::TransferEnded { .. } => 19,
        Fact::ChatTransferred { .. } => 20,
        Fact::ChatMoved { .. } => 21,
        Fact::ChatParked { .. } => 22,
        Fact::ChatUnparked { .. } => 23,
        Fact::AgentJoinedChat { .. } => 24,
        Fact::AgentLeftChat { .. } => 25,
        Fact::ChatMerged { .. } => 26,
        Fact::TeamChatOpened { .. } => 27,
    }
}

const VARIANTS: usize = 28;

/// All with one number and time, so that a new example changes no other line.
fn events() -> Vec<Event> {
    facts().into_iter().map(|fact| Event { no: EventNo(41), at: at(5), fact }).collect()
}

#[test]
fn events_keep_their_form() {
    let events = events();
    all_seen(VARIANTS, events.iter().map(|event| variant(&event.fact)));
    let json: Vec<_> = events.iter().map(|event| serde_json::to_string(event).unwrap()).collect();
    among(FILE, &json);
    for (event, json) in events.iter().zip(&json) {
        assert_eq!(&serde_json::from_str::<Event>(json).unwrap(), event);
    }
}

/// Whatever was ever written is read, and means no less than it did.
#[test]
fn events_of_every_release_are_read() {
    for json in stored(FILE) {
        let event: Event = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{json}: {error}"));
        let now = serde_json::to_value(&event).unwrap();
        holds(&now, &serde_json::from_str(&json).unwrap(), &json);
    }
}

/// All that was written is there, at every depth; there may be more.
fn holds(now: &Value, then: &Value, line: &str) {
    match then {
        Value::Object(fields) => {
            for (field, value) in fields {
                holds(now.get(field).unwrap_or_else(|| panic!("{field} of {line}")), value, line);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            assert_eq!(now, then, "in {line}");
        }
    }
}

/// Settings came later than categories: an event without them means the default ones.
#[test]
fn a_category_without_settings_has_the_default_ones() {
    let event: Event = serde_json::from_str(r#"{"no":1,"at":2,"event":"category_set","category":1}"#).unwrap();
    assert_eq!(event.fact, Fact::CategorySet { category: CategoryId(1), settings: Box::default() });
    let some = r#"{"no":1,"at":2,"event":"category_set","category":1,"settings":{"queue_limit":9}}"#;
    let event: Event = serde_json::from_str(some).unwrap();
    let settings = CategorySettings { queue_limit: Some(9), ..CategorySettings::default() };
    assert_eq!(event.fact, Fact::CategorySet { category: CategoryId(1), settings: Box::new(settings) });
}

/// An event of a later release may have more fields; one of an unknown kind is an error, not a guess.
#[test]
fn later_fields_are_ignored_and_unknown_events_are_not() {
    let later = r#"{"no":1,"at":2,"event":"chat_closed","chat":12,"archived_to":"cold"}"#;
    assert_eq!(serde_json::from_str::<Event>(later).unwrap().fact, Fact::ChatClosed { chat: CHAT });
    assert!(serde_json::from_str::<Event>(r#"{"no":1,"at":2,"event":"chat_archived","chat":12}"#).is_err());
}
