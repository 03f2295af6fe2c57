//! Random sequences: whatever people do, in whatever order, with whatever pauses, no rule is broken.

mod ops;

use std::time::Duration;

use proptest::prelude::*;

use super::super::{Answer, Desk, DeskSettings, Input};
use super::support::Bench;
use ops::{Op, op};

/// Nothing of a command that was refused, or that lacks facts, is left; what was due anyway is done, and a
/// message that was refused for now is waited for.
fn check_nothing_happened(mut before: Desk, after: &Desk, now: crate::Time) {
    while before.poll_timeout().is_some_and(|at| at <= now) {
        let _outcome = before.handle_timeout(now);
    }
    before.state.now = after.state.now;
    for (number, session) in &mut before.state.sessions {
        session.refused.clone_from(&after.state.sessions[number].refused);
    }
    assert!(before.same_as(after), "a refusal changes nothing");
}

fn put(bench: &mut Bench, input: Input) {
    let before = bench.copy();
    let answer = bench.put(input.clone());
    if !matches!(answer, Answer::Reply(_)) {
        check_nothing_happened(before, &bench.desk, bench.now);
    }
    if let Answer::Lookup(lookup) = answer {
        let again = super::support::with_facts(&input, bench.store.facts(&lookup));
        let answer = bench.put(again);
        assert!(!matches!(answer, Answer::Lookup(_)), "the facts suffice");
    }
}

fn run(policy: &str, ops: &[Op]) {
    let policy = crate::policy::by_name(policy).expect("a shipped policy");
    let mut bench = Bench::of(policy, DeskSettings::default());
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
                bench.check_replay();
                bench.now = bench.now + Duration::from_millis(700);
                bench.restart();
            }
            Op::Look => bench.check_pushed(),
            op => {
                for input in op.inputs(&mut bench) {
                    put(&mut bench, input);
                }
            }
        }
    }
    bench.check_pushed();
    bench.check_replay();
    let _restored = bench.check_restore();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_rule_is_ever_broken(
        policy in prop::sample::select(&crate::policy::NAMES),
        ops in prop::collection::vec(op(), 1..90),
    ) {
        run(policy, &ops);
    }
}
