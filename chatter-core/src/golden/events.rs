use super::samples::{ADA, ZOE, at};
use super::{all_seen, among, stored};
use crate::policy::AgentRank;
use crate::{
    AgentState, AuthorKey, CategoryId, ChatId, Choice, EndReason, EntryKind, Event, EventNo, Fact, PassedOver,
    Priority, PublicSeq, Receipt, RequeueCause, Seq, Side, StateCause, Trigger,
};

const FILE: &str = "events.json";
const CHAT: ChatId = ChatId(12);

fn facts() -> Vec<Fact> {
    let mut facts = people();
    facts.extend(chats());
    facts.extend(entries());
    facts
}

fn people() -> Vec<Fact> {
    let categories = [CategoryId(1), CategoryId(4)].into();
    let mut facts = vec![
        Fact::CategorySet { category: CategoryId(1) },
        Fact::AgentSet { agent: ADA, max_chats: 6, categories },
        Fact::AgentRemoved { agent: ADA },
    ];
    for (state, cause) in [
        (AgentState::Online, StateCause::Declared),
        (AgentState::Away, StateCause::Declared),
        (AgentState::LastCall, StateCause::Declared),
        (AgentState::Offline, StateCause::SignedOut),
        (AgentState::Offline, StateCause::LastCallDone),
    ] {
        facts.push(Fact::AgentStateChanged { agent: ADA, state, cause });
    }
    facts
}

fn chats() -> Vec<Fact> {
    let passed_over = PassedOver { full: 1, away: 2, last_call: 3, disconnected: 4 };
    let choice = |trigger| {
        let policy = "priority-ageing".into();
        Choice::new(policy, trigger, -900_000_000, 1_500_000, AgentRank::ratio(1, 6), passed_over)
    };
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
    };
    vec![
        entry(1, Some(1), EntryKind::Message, Some(AuthorKey::Customer(ZOE))),
        entry(2, None, EntryKind::Note, Some(AuthorKey::Agent(ADA))),
        entry(3, Some(2), EntryKind::System, None),
        Fact::ReceiptMoved { chat: CHAT, receipt: Receipt::Customer { delivered: PublicSeq(2), read: PublicSeq(1) } },
        Fact::ReceiptMoved { chat: CHAT, receipt: Receipt::Staff { delivered: Seq(3), read: Seq(3) } },
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
    }
}

const VARIANTS: usize = 14;

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
        let now: serde_json::Value = serde_json::to_value(&event).unwrap();
        let then: serde_json::Value = serde_json::from_str(&json).unwrap();
        for (field, value) in then.as_object().expect("an event is an object") {
            assert_eq!(now.get(field), Some(value), "{field} of {json}");
        }
    }
}

/// An event of a later release may have more fields; one of an unknown kind is an error, not a guess.
#[test]
fn later_fields_are_ignored_and_unknown_events_are_not() {
    let later = r#"{"no":1,"at":2,"event":"chat_closed","chat":12,"archived_to":"cold"}"#;
    assert_eq!(serde_json::from_str::<Event>(later).unwrap().fact, Fact::ChatClosed { chat: CHAT });
    assert!(serde_json::from_str::<Event>(r#"{"no":1,"at":2,"event":"chat_archived","chat":12}"#).is_err());
}
