//! Row B13 and its circles; policies by category and swapped while chats wait (row B16).

use std::time::Duration;

use super::support::Bench;
use crate::protocol::Command;
use crate::{
    AgentState, CategoryId, CategorySettings, ChatId, Fact, Name, OverflowStage, Priority, Refusal, SessionId,
};

fn overflow(stages: &[(u64, u32)]) -> CategorySettings {
    let stage = |(after, category): &(u64, u32)| OverflowStage {
        after: Duration::from_secs(*after),
        category: CategoryId(*category),
    };
    CategorySettings { overflow: stages.iter().map(stage).collect(), ..CategorySettings::default() }
}

#[test]
fn each_stage_brings_further_agents() {
    let mut bench = Bench::new();
    bench.configure(1, overflow(&[(30, 2), (60, 3)]));
    bench.agent(3, 1, &[3]);
    let (_, chat) = bench.arrive(1, 1);
    bench.wait(Duration::from_micros(59_999_999));
    assert_eq!((bench.holder(chat), bench.record(chat).overflow), (None, 1));
    bench.wait(Duration::from_micros(1));
    assert_eq!((bench.holder(chat), bench.record(chat).overflow), (Some(3), 2));

    // An agent of an earlier stage who frees later takes a chat that has got further.
    let (_, second) = bench.arrive(2, 1);
    bench.wait_secs(100);
    bench.agent(2, 1, &[2]);
    assert_eq!(bench.holder(second), Some(2));
    // Too short a wait.
    let (_, third) = bench.arrive(3, 1);
    bench.agent(22, 1, &[2]);
    assert_eq!(bench.holder(third), None);
    bench.wait_secs(30);
    assert_eq!(bench.holder(third), Some(22));
}

#[test]
fn own_agents_come_first_and_the_key_is_unchanged() {
    let mut bench = Bench::new();
    bench.configure(1, overflow(&[(30, 2)]));
    let (_, first) = bench.arrive(1, 1);
    bench.wait_secs(40);
    let (customer, second) = bench.arrive(2, 1);
    assert_eq!(bench.place(customer, second).place, Some(2), "places count over all stages");
    let (_, of_helper) = bench.arrive(3, 2);
    bench.agent(2, 1, &[2]);
    assert_eq!(bench.holder(first), Some(2), "by original arrival, before the helper's own");
    assert_eq!((bench.holder(second), bench.holder(of_helper)), (None, None));
    assert_eq!(bench.place(customer, second).place, Some(1));

    // Both have room: the chat prefers its own, though the helper has been idle for longer.
    let mut bench = Bench::new();
    bench.configure(1, overflow(&[(30, 2)]));
    let helper = bench.agent(2, 1, &[2]);
    bench.declare(helper, AgentState::Away);
    let (customer, chat) = bench.arrive(1, 1);
    bench.wait_secs(30);
    bench.close(customer);
    bench.declare(helper, AgentState::Online);
    bench.wait_secs(1);
    bench.agent(1, 1, &[1]);
    bench.customer(1);
    assert_eq!(bench.holder(chat), Some(1));
}

#[test]
fn circles_are_refused_with_their_path() {
    let mut bench = Bench::new();
    let to = |number: u32| CategoryId(number);
    let circle = |path: &[u32]| Refusal::OverflowCycle { path: path.iter().copied().map(CategoryId).collect() };
    assert_eq!(bench.configure_badly(1, overflow(&[(1, 1)])), circle(&[1, 1]));
    assert_eq!(bench.configure_badly(7, overflow(&[(1, 7)])), circle(&[7, 7]), "one that does not exist yet");
    bench.configure(1, overflow(&[(10, 2)]));
    bench.configure(2, overflow(&[(10, 3)]));
    assert_eq!(bench.configure_badly(3, overflow(&[(10, 1)])), circle(&[3, 1, 2, 3]));
    assert_eq!(bench.configure_badly(2, overflow(&[(10, 3), (20, 1)])), circle(&[2, 1, 2]));
    assert_eq!(bench.configure_badly(3, overflow(&[(10, 9)])), Refusal::UnknownCategory);
    assert_eq!(bench.desk.state.categories[&to(2)].record.settings, overflow(&[(10, 3)]), "nothing was changed");
    // Two ways to the same category are no circle.
    bench.configure(1, overflow(&[(10, 2), (20, 3)]));
    // And a chain that was cut may be closed elsewhere.
    bench.configure(1, CategorySettings::default());
    bench.configure(3, overflow(&[(10, 1)]));
}

#[test]
fn settings_that_break_a_rule_are_refused() {
    let mut bench = Bench::new();
    let base = CategorySettings::default();
    let table = [
        ("overflow", overflow(&[(20, 2), (10, 3)])),
        ("overflow", overflow(&[(0, 2)])),
        ("overflow", overflow(&[(1, 2); 17])),
        ("queue_limit", CategorySettings { queue_limit: Some(0), ..base.clone() }),
        ("max_wait", CategorySettings { max_wait: Some(Duration::ZERO), ..base.clone() }),
        ("policy", CategorySettings { policy: Some(Name::new("no-such").unwrap()), ..base.clone() }),
    ];
    for (field, settings) in table {
        match bench.configure_badly(1, settings) {
            Refusal::Invalid(invalid) => assert_eq!(invalid.field, field),
            other => panic!("invalid, not {other:?}"),
        }
    }
    assert!(matches!(bench.configure_badly(0, base), Refusal::Invalid(_)));
}

#[test]
fn settings_change_while_chats_wait_and_nobody_is_lost() {
    let mut bench = Bench::new();
    bench.agent(2, 1, &[2]);
    bench.agent(3, 1, &[3]);
    let (_, chat) = bench.arrive(1, 1);
    let arrived = bench.record(chat).arrived_at;
    bench.wait_secs(50);
    bench.configure(1, overflow(&[(60, 2), (70, 3)]));
    bench.wait_secs(9);
    assert_eq!(bench.record(chat).overflow, 0, "it counts from the arrival");
    bench.configure(1, overflow(&[(20, 3)]));
    bench.settle();
    assert_eq!((bench.holder(chat), bench.record(chat).arrived_at), (Some(3), arrived), "long due");

    // Fewer stages than a chat has reached.
    let mut bench = Bench::new();
    bench.configure(1, overflow(&[(10, 2), (20, 3)]));
    let (_, chat) = bench.arrive(1, 1);
    bench.wait_secs(30);
    assert_eq!(bench.record(chat).overflow, 2);
    bench.configure(1, overflow(&[(10, 2)]));
    bench.check_restore();
    bench.agent(3, 1, &[3]);
    assert_eq!(bench.holder(chat), None);
    bench.agent(2, 1, &[2]);
    assert_eq!(bench.holder(chat), Some(2));
}

#[test]
fn a_helper_who_is_freed_takes_what_overflowed() {
    let mut bench = Bench::new();
    bench.configure(1, overflow(&[(30, 2)]));
    let helper = bench.agent(2, 1, &[2]);
    let (_, own) = bench.arrive(9, 2);
    let (customer, chat) = bench.arrive(1, 1);
    bench.say(helper, own, "hello");
    bench.wait_secs(31);
    bench.done(helper, Command::EndChat { chat: own });
    assert_eq!(bench.holder(chat), Some(2));
    assert_eq!(bench.count(|fact| matches!(fact, Fact::ChatOverflowed { stage: 1, .. })), 1);
    // A new episode begins at the first stage.
    bench.done(helper, Command::EndChat { chat });
    bench.declare(helper, AgentState::Away);
    bench.say(customer, chat, "again");
    assert_eq!(bench.record(chat).overflow, 0);
}

/// Two chats that wait, the later one more urgent; in the order in which an agent takes them.
fn waiting_two(bench: &mut Bench) -> [ChatId; 2] {
    let holder = bench.agent(9, 2, &[1]);
    let (_, low) = bench.arrive(1, 1);
    bench.wait_secs(1);
    let (_, urgent) = bench.arrive(2, 1);
    bench.done(holder, Command::SetPriority { chat: low, priority: Priority::Low });
    bench.done(holder, Command::SetPriority { chat: urgent, priority: Priority::Urgent });
    bench.declare(holder, AgentState::Offline);
    [low, urgent]
}

fn served(bench: &mut Bench, agent: u64) -> (SessionId, Vec<ChatId>) {
    let session = bench.agent(agent, 1, &[1]);
    let held = bench.desk.chats_of(crate::AgentId(agent)).map(|chat| chat.record.chat).collect();
    (session, held)
}

#[test]
fn a_policy_is_swapped_while_chats_wait() {
    let ageing =
        || CategorySettings { policy: Some(Name::new("priority-ageing").unwrap()), ..CategorySettings::default() };
    for of_desk in [true, false] {
        for urgent_first in [false, true] {
            let mut bench = Bench::new();
            let [low, urgent] = waiting_two(&mut bench);
            let arrivals = [low, urgent].map(|chat| bench.record(chat).arrived_at);
            if urgent_first && of_desk {
                bench.set_policy("priority-ageing");
            } else if urgent_first {
                bench.configure(1, ageing());
            }
            let before = bench.store.events.len();
            let (_, first) = served(&mut bench, 1);
            assert_eq!(first, [if urgent_first { urgent } else { low }], "of the desk: {of_desk}");
            // And back again: what was chosen stays chosen, who waits waits on.
            if of_desk {
                bench.set_policy("longest-wait");
            } else {
                bench.configure(1, CategorySettings::default());
            }
            assert_eq!(bench.holder(first[0]), Some(1), "past choices are untouched");
            assert_eq!([low, urgent].map(|chat| bench.record(chat).arrived_at), arrivals);
            let (_, second) = served(&mut bench, 2);
            assert_eq!(second, [if urgent_first { low } else { urgent }], "nobody is lost");
            assert!(bench.store.events.len() > before);
            bench.check_replay();
        }
    }
    let mut bench = Bench::new();
    let answer = bench.put(super::super::Input::SetPolicy { name: Name::new("no-such").unwrap() });
    assert!(matches!(answer, super::super::Answer::Refused(Refusal::Invalid(_))));
}
