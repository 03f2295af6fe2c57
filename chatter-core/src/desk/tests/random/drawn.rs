//! How often each of the things that can happen does.

use std::time::Duration;

use proptest::prelude::*;

use super::ops::{About, Kind, Op, Staff, Work};
use super::picks::policies;
use crate::hours::{Hours, Timetable};
use crate::{AgentState, CategoryId, CategorySettings, CategoryWeight, OverflowStage, Priority, Routing};

pub(super) fn op() -> BoxedStrategy<Op> {
    let pick = any::<u8>;
    let state = prop_oneof![
        4 => Just(AgentState::Online),
        1 => Just(AgentState::Away),
        2 => Just(AgentState::LastCall),
        1 => Just(AgentState::Offline)
    ];
    let people = prop_oneof![
        6 => (pick(), prop::option::weighted(0.2, pick())).prop_map(|(who, scope)| Op::Customer { who, scope }),
        3 => (pick(), 0..10_u8).prop_map(|(who, permissions)| Op::Agent { who, permissions }),
        3 => pick().prop_map(|session| Op::Close { session }),
        3 => (pick(), state).prop_map(|(session, state)| Op::Declare { session, state }),
        1 => (pick(), any::<bool>()).prop_map(|(session, all)| Op::SignOut { session, all }),
        2 => (pick(), 1..4_u32, pick(), 0..2_u8)
            .prop_map(|(who, max_chats, categories, name)| Op::SetAgent { who, max_chats, categories, name }),
        1 => pick().prop_map(|who| Op::RemoveAgent { who }),
        3 => (pick(), 0..2_u8, settings())
            .prop_map(|(category, name, settings)| Op::SetCategory { category, name, settings }),
        1 => pick().prop_map(|policy| Op::SetPolicy { policy }),
        1 => pick().prop_map(|session| Op::EndWrapUp { session }),
        3 => pick().prop_map(|pick| Op::Stall { pick }),
        1 => pick().prop_map(|pick| Op::Return { pick }),
        1 => Just(Op::Roster),
        4 => (pick(), staff()).prop_map(|(session, what)| Op::Staff { session, what }),
    ]
    .boxed();
    let kind = prop_oneof![6 => Just(Kind::Message), 2 => Just(Kind::Note), 1 => Just(Kind::Whisper)];
    let mark = || prop::option::of(0..14_u8);
    let chats = prop_oneof![
        10 => (pick(), prop::option::of(pick())).prop_map(|(session, category)| Op::Join { session, category }),
        10 => (pick(), pick(), 0..12_u8, 0..2_u8, kind)
            .prop_map(|(session, chat, id, text, kind)| Op::Say { session, chat, id, text, kind }),
        1 => (pick(), pick(), 0..3_u16, prop_oneof![12..14_u16, 256..262_u16])
            .prop_map(|(session, chat, id, count)| Op::Burst { session, chat, id, count }),
        4 => (pick(), pick(), mark(), mark())
            .prop_map(|(session, chat, delivered, read)| Op::Receipt { session, chat, delivered, read }),
        14 => (pick(), pick(), about()).prop_map(|(session, chat, what)| Op::About { session, chat, what }),
        12 => (pick(), pick(), work()).prop_map(|(session, chat, what)| Op::Work { session, chat, what }),
        1 => (pick(), pick(), 0..12_u8).prop_map(|(session, chat, id)| Op::Refused { session, chat, id }),
    ]
    .boxed();
    let millis = prop_oneof![
        Just(0_u64),
        Just(1),
        Just(333),
        Just(1_000),
        Just(5_000),
        Just(29_999),
        Just(30_000),
        Just(60_000),
        Just(3_600_000),
        Just(25 * 3_600_000),
    ];
    let time = prop_oneof![
        12 => (millis, any::<bool>())
            .prop_map(|(millis, looks)| Op::Wait { time: Duration::from_millis(millis), looks }),
        1 => Just(Op::Restart),
        1 => Just(Op::Reload),
        1 => Just(Op::Look),
    ]
    .boxed();
    prop_oneof![4 => people, 6 => chats, 2 => time].boxed()
}

fn staff() -> BoxedStrategy<Staff> {
    let pick = any::<u8>;
    prop_oneof![
        6 => pick().prop_map(Staff::OpenTeamChat),
        1 => pick().prop_map(Staff::Queue),
        1 => Just(Staff::Team),
        2 => pick().prop_map(Staff::WhyWaiting),
        2 => prop::option::of(pick()).prop_map(Staff::WhyIdle),
    ]
    .boxed()
}

fn about() -> BoxedStrategy<About> {
    let priority = prop::sample::select(&[Priority::Low, Priority::Medium, Priority::High, Priority::Urgent]);
    prop_oneof![
        1 => Just(About::Status),
        1 => Just(About::Start),
        4 => Just(About::Subscribe),
        1 => Just(About::Read),
        3 => Just(About::End),
        2 => Just(About::Reopen),
        1 => prop::option::of(0..2_u8).prop_map(About::Subject),
        1 => priority.prop_map(About::Priority),
        5 => prop::bool::weighted(0.8).prop_map(About::Typing),
        1 => Just(About::Unsubscribe),
        3 => Just(About::Join),
        1 => Just(About::Leave),
        4 => (1..9_u8, 0..2_u8).prop_map(|(target, text)| About::Edit(target, text)),
        2 => (1..9_u8).prop_map(About::Delete),
    ]
    .boxed()
}

fn work() -> BoxedStrategy<Work> {
    let pick = any::<u8>;
    prop_oneof![
        3 => Just(Work::Accept),
        2 => Just(Work::Decline),
        4 => (pick(), any::<bool>()).prop_map(|(to, note)| Work::Transfer { to, note }),
        2 => pick().prop_map(|to| Work::Move { to }),
        3 => (prop::option::of(pick()), any::<bool>()).prop_map(|(to, past_limit)| Work::Assign { to, past_limit }),
        1 => Just(Work::Unassign),
        1 => Just(Work::TakeOver),
        2 => pick().prop_map(|into| Work::Merge { into }),
    ]
    .boxed()
}

/// Settings of a category: mostly one thing at a time, sometimes all.
fn settings() -> BoxedStrategy<CategorySettings> {
    let secs = |values: &'static [u64]| prop::sample::select(values).prop_map(Duration::from_secs);
    let policy = prop::sample::select(policies().collect::<Vec<_>>());
    let stage = (secs(&[1, 5, 30, 60]), 1..5_u32)
        .prop_map(|(after, category)| OverflowStage { after, category: CategoryId(category) });
    let overflow = prop::collection::vec(stage, 0..3).prop_map(|mut stages| {
        stages.sort_unstable_by_key(|it| it.after);
        stages
    });
    let open = prop::sample::select(&["22:13-22:15", "22:15-06:00", "00:00-24:00"][..]);
    let hours = open.prop_map(|open| {
        let every = || vec![open.to_owned()];
        let zone = "UTC".to_owned();
        let table = Timetable { zone, tuesday: every(), wednesday: every(), thursday: every(), ..Timetable::default() };
        Hours::new(table).unwrap()
    });
    let parts = (
        prop_oneof![Just(Routing::Assign), Just(Routing::Offer)],
        prop::option::weighted(0.3, policy),
        overflow,
        prop::option::weighted(0.4, 1..4_u32),
        prop::option::weighted(0.2, secs(&[5, 60, 3_600])),
        prop::option::weighted(0.15, hours),
        prop::option::weighted(0.5, secs(&[0, 5, 60])),
        prop_oneof![2 => Just(Duration::ZERO), 1 => secs(&[5, 30])],
    );
    parts
        .prop_map(|(routing, policy, overflow, queue_limit, max_wait, hours, sticky_wait, wrap_up)| CategorySettings {
            routing,
            policy,
            overflow,
            queue_limit,
            max_wait,
            hours,
            sticky_wait,
            wrap_up,
            weight: CategoryWeight::default(),
        })
        .boxed()
}
