//! Random sequences: whatever people do, in whatever order, with whatever pauses, no rule is broken.

mod drawn;
mod inputs;
mod ops;
mod picks;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::super::{Answer, Change, Desk, DeskSettings, Input, Reply, Signal, Words};
use super::support::Bench;
use crate::{Body, SystemLine};
use drawn::op;
use ops::Op;

/// Nothing of a command that was refused, or that lacks facts, is left; what was due anyway is done, as far as one
/// step goes, and a message that was refused for now is waited for.
fn check_nothing_happened(mut before: Desk, after: &Desk, now: crate::Time) {
    let _outcome = before.handle_timeout(now);
    before.state.now = after.state.now;
    for number in before.state.sessions.keys().collect::<Vec<_>>() {
        let session = before.state.sessions.get_mut(&number).expect("one of those there");
        session.refused.clone_from(&after.state.sessions[&number].refused);
    }
    assert!(before.same_as(after), "a refusal changes nothing");
}

fn put(bench: &mut Bench, input: &Input) {
    let before = bench.copy();
    let answer = bench.put(input.clone());
    if !matches!(answer, Answer::Reply(_)) {
        check_nothing_happened(before, &bench.desk, bench.now);
    }
    if let Answer::Lookup(lookup) = answer {
        let again = super::support::with_facts(input, bench.store.facts(&lookup));
        let answer = bench.put(again);
        assert!(!matches!(answer, Answer::Lookup(_)), "the facts suffice");
    }
}

/// Settings under which what takes minutes takes seconds.
fn brisk() -> DeskSettings {
    let secs = Duration::from_secs;
    DeskSettings {
        offer_timeout: secs(5),
        cool_down: secs(5),
        breathing_gap: secs(1),
        first_reply_within: Some(secs(40)),
        park_after: Some(secs(10)),
        warn_after: Some(secs(20)),
        resolve_after: Some(secs(90)),
        ..DeskSettings::default()
    }
}

/// Settings under which nobody comes back to a chat that has ended.
fn closing_at_once() -> DeskSettings {
    DeskSettings { close_after: Duration::ZERO, ..DeskSettings::default() }
}

fn run(policy: &str, settings: DeskSettings, ops: &[Op], seen: &mut BTreeSet<String>) {
    let policy = crate::policy::by_name(policy).expect("a shipped policy");
    let mut bench = Bench::of(policy, settings);
    super::transfer::offers_in(&mut bench, 2);
    for agent in 1..=3 {
        bench.agent(agent, 2, &[u32::try_from(agent).unwrap(), 1]);
    }
    for op in ops {
        match op {
            Op::Wait { time, looks } => {
                bench.now = bench.now + *time;
                if *looks {
                    bench.settle();
                }
            }
            Op::Restart => {
                collect(&bench, seen);
                bench.check_replay();
                bench.now = bench.now + Duration::from_millis(700);
                bench.restart();
            }
            Op::Reload => {
                collect(&bench, seen);
                bench.check_replay();
                bench.reload();
            }
            Op::Look => bench.check_pushed(),
            Op::Stall { .. } => {
                for input in op.inputs(&mut bench) {
                    put(&mut bench, &input);
                }
                bench.wait_secs(10);
            }
            op => {
                for input in op.inputs(&mut bench) {
                    put(&mut bench, &input);
                }
            }
        }
    }
    bench.check_pushed();
    collect(&bench, seen);
    bench.check_replay();
    let _restored = bench.check_restore();
}

/// What the sequences came across, so that a generator that has become tame is noticed.
fn collect(bench: &Bench, seen: &mut BTreeSet<String>) {
    for (_, _, outcome) in bench.log() {
        for change in &outcome.changes {
            if let Change::Event(event, _) = change {
                let fact = serde_json::to_value(&event.fact).expect("facts are plain data");
                seen.extend(["event", "reason", "cause", "state", "how"].iter().filter_map(|key| named(&fact, key)));
                seen.extend(fact.get("choice").and_then(|choice| named(choice, "trigger")));
                seen.extend(fact.get("over_limit").map(|_| "over_limit".to_owned()));
            }
            match change {
                Change::Signal(Signal::PolicySet { .. }) => {
                    seen.insert("policy_swapped".to_owned());
                }
                Change::Signal(Signal::AvailabilityPushed { .. }) => {
                    seen.insert("availability_pushed".to_owned());
                }
                Change::Event(_, Words::Entry(entry, _))
                    if matches!(entry.body, Body::System { line: SystemLine::SilenceWarning }) =>
                {
                    seen.insert("silence_warning".to_owned());
                }
                _ => {}
            }
        }
        match &outcome.answer {
            Answer::Refused(refusal) => drop(seen.insert(refusal.code().to_owned())),
            Answer::Lookup(_) => drop(seen.insert("lookup".to_owned())),
            Answer::Reply(Reply::Accepted(accepted)) => {
                seen.extend(accepted.duplicate.then(|| "duplicate".to_owned()));
                seen.extend(accepted.conflict.then(|| "conflict".to_owned()));
            }
            Answer::Reply(_) => {}
        }
    }
}

fn named(value: &serde_json::Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}

const MUST_BE_SEEN: [&str; 74] = [
    "transfer_offered",
    "transfer_ended",
    "chat_transferred",
    "chat_moved",
    "chat_assigned_by_hand",
    "chat_merged",
    "unassigned",
    "agent_unavailable",
    "customer_has_chat",
    "cannot_merge",
    "offer_gone",
    "team_chat_opened",
    "agent_joined_chat",
    "agent_left_chat",
    "unknown_message",
    "category_set",
    "agent_set",
    "agent_removed",
    "agent_state_changed",
    "chat_opened",
    "chat_requeued",
    "chat_assigned",
    "chat_resolved",
    "chat_reopened",
    "chat_closed",
    "entry_added",
    "receipt_moved",
    "subject_set",
    "priority_set",
    "customer_ended",
    "agent_ended",
    "left_queue",
    "abandoned",
    "agent_left",
    "agent_lost",
    "declared",
    "signed_out",
    "last_call_done",
    "chat_ready",
    "agent_free",
    "last_agent",
    "not_allowed",
    "unknown_chat",
    "unknown_agent",
    "chat_not_resolved",
    "not_waiting",
    "still_waiting",
    "not_your_chat",
    "receipt_too_high",
    "rate_limited",
    "out_of_order",
    "duplicate",
    "chat_offered",
    "offer_ended",
    "declined",
    "missed",
    "withdrawn",
    "accepted",
    "sticky",
    "chat_overflowed",
    "chat_parked",
    "chat_unparked",
    "over_limit",
    "no_first_reply",
    "customer_silent",
    "waited_too_long",
    "unknown_category",
    "overflow_cycle",
    "queue_full",
    "category_closed",
    "invalid",
    "silence_warning",
    "policy_swapped",
    "availability_pushed",
];

#[test]
fn no_rule_is_ever_broken() {
    let defaults = ProptestConfig::default();
    // PROPTEST_CASES asks for more.
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { defaults.cases } else { 500 };
    let config = ProptestConfig { cases, source_file: Some(file!()), ..defaults };
    let mut runner = TestRunner::new(config);
    let policies = prop::sample::select(&crate::policy::NAMES);
    let settings = prop::sample::select(vec![DeskSettings::default(), brisk(), brisk(), closing_at_once()]);
    let sequences = (policies, settings, prop::collection::vec(op(), 1..90));
    let seen = RefCell::new(BTreeSet::new());
    let result = runner.run(&sequences, |(policy, settings, ops)| {
        run(policy, settings, &ops, &mut seen.borrow_mut());
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}\n{runner}");
    }
    let seen = seen.into_inner();
    let missing: Vec<_> = MUST_BE_SEEN.iter().filter(|name| !seen.contains(**name)).collect();
    // Each has a table of its own; random sequences that miss many of them walk in a small room. A few rare ones
    // are missed by chance.
    assert!(missing.len() <= MISSED_MAX, "the sequences never came across {missing:?}");
}

const MISSED_MAX: usize = 10;
