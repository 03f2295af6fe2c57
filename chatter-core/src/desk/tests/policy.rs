//! The three policies choose differently where they must, and ageing bounds a wait.

use std::time::Duration;

use super::super::DeskSettings;
use super::support::Bench;
use crate::policy::{PriorityAgeing, by_name};
use crate::protocol::Command;
use crate::{AgentState, ChatId, Priority};

fn bench(policy: &str) -> Bench {
    Bench::of(by_name(policy).unwrap(), DeskSettings::default())
}

/// A chat that was held, got a priority, and waits again since its agent left.
fn requeued(bench: &mut Bench, customer: u128, priority: Priority) -> ChatId {
    let agent = 100 + u64::try_from(customer).unwrap();
    let session = bench.agent(agent, 1, &[1]);
    let (_, chat) = bench.arrive(customer, 1);
    assert_eq!(bench.holder(chat), Some(agent));
    bench.done(session, Command::SetPriority { chat, priority });
    bench.declare(session, AgentState::Offline);
    assert_eq!(bench.holder(chat), None);
    chat
}

#[test]
fn each_policy_serves_in_its_own_order() {
    let table = [("longest-wait", [1, 2, 3]), ("least-loaded", [1, 2, 3]), ("priority-ageing", [3, 2, 1])];
    for (policy, order) in table {
        let mut bench = bench(policy);
        // Each arrives while none waits, a minute after the one before: nobody is handed over meanwhile.
        let priorities = [Priority::Low, Priority::Medium, Priority::Urgent];
        let mut chats = Vec::new();
        for (customer, priority) in (1..).zip(priorities) {
            chats.push(held_by_own_agent(&mut bench, customer, priority));
            bench.wait_secs(60);
        }
        for customer in 1..=3_u64 {
            let session = bench.agent_session(100 + customer);
            bench.declare(session, AgentState::Offline);
        }
        let agent = bench.agent(9, 1, &[1]);
        let mut served = Vec::new();
        while let Some(chat) = chats.iter().copied().find(|chat| bench.holder(*chat) == Some(9)) {
            served.push(chat.0);
            bench.done(agent, Command::EndChat { chat });
        }
        assert_eq!(served, order, "{policy}");
    }
}

fn held_by_own_agent(bench: &mut Bench, customer: u128, priority: Priority) -> ChatId {
    let agent = 100 + u64::try_from(customer).unwrap();
    let session = bench.agent(agent, 1, &[1]);
    let (_, chat) = bench.arrive(customer, 1);
    assert_eq!(bench.holder(chat), Some(agent));
    bench.done(session, Command::SetPriority { chat, priority });
    chat
}

#[test]
fn each_policy_chooses_an_agent_in_its_own_way() {
    // Agent 1 has one of two, agent 2 has two of six: fewer chats, or the smaller share.
    for (policy, chosen) in [("longest-wait", 1), ("priority-ageing", 1), ("least-loaded", 2)] {
        let mut bench = bench(policy);
        let _two = bench.agent(2, 6, &[1]);
        bench.arrive(1, 1);
        bench.arrive(2, 1);
        let _one = bench.agent(1, 2, &[2, 1]);
        bench.arrive(3, 2);
        let (_, chat) = bench.arrive(4, 1);
        assert_eq!(bench.holder(chat), Some(chosen), "{policy}");
    }
}

#[test]
fn ageing_bounds_how_long_a_low_priority_waits_behind_later_urgent_ones() {
    let ageing = PriorityAgeing::default();
    let bound = ageing.credit(Priority::Urgent) - ageing.credit(Priority::Low);
    assert_eq!(bound, Duration::from_secs(900));
    for (gap, low_first) in [(899, false), (900, true), (901, true)] {
        let mut bench = bench("priority-ageing");
        let low = requeued(&mut bench, 1, Priority::Low);
        bench.wait_secs(gap);
        // The urgent one would take an agent of its own category only: let the low one stay in line.
        let urgent = {
            let session = bench.agent(50, 1, &[2]);
            let (_, chat) = bench.arrive(2, 2);
            bench.done(session, Command::SetPriority { chat, priority: Priority::Urgent });
            bench.declare(session, AgentState::Offline);
            chat
        };
        let _agent = bench.agent(9, 1, &[1, 2]);
        let first = if low_first { low } else { urgent };
        assert_eq!(bench.holder(first), Some(9), "{gap} s apart");
    }
}

#[test]
fn policies_are_known_by_name() {
    for name in crate::policy::NAMES {
        assert_eq!(by_name(name).unwrap().name(), name);
    }
    assert!(by_name("whim").is_none());
}
