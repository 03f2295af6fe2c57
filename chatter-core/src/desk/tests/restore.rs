//! A restored desk equals the live one after everybody was disconnected, and goes on as it would.

use std::time::Duration;

use super::support::{Bench, message, note};
use crate::protocol::Command;
use crate::{AgentState, ChatStatus, Seq};

/// Every kind of thing a desk can hold at once.
fn lively() -> (Bench, [crate::ChatId; 4]) {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 2, &[1, 2]);
    let (customer, active) = bench.arrive(1, 1);
    bench.say(customer, active, "c1");
    bench.reply(agent, note(active, "n1", "a note"));
    bench.say(agent, active, "a1");
    bench.done(customer, Command::Receipt { chat: active, delivered: Some(3), read: Some(2) });
    let (second, resolved) = bench.arrive(2, 2);
    bench.done(second, Command::EndChat { chat: resolved });
    let (third, closed) = bench.arrive(3, 3);
    bench.done(third, Command::EndChat { chat: closed });
    bench.wait_secs(23 * 3_600);
    bench.say(second, resolved, "again");
    bench.done(second, Command::EndChat { chat: resolved });
    bench.wait_secs(3_600);
    assert_eq!(bench.status(closed), ChatStatus::Closed);
    let (_, waiting) = bench.arrive(4, 3);
    (bench, [active, resolved, closed, waiting])
}

#[test]
fn an_empty_snapshot_makes_a_new_desk() {
    let bench = Bench::new();
    let _restored = bench.check_restore();
}

#[test]
fn everything_that_lives_comes_back_and_goes_on() {
    let (mut bench, [active, resolved, closed, waiting]) = lively();
    bench.wait_secs(10);
    bench.restart();
    // Downtime is nobody's silence: graces start anew, in full.
    bench.wait(Duration::from_millis(29_999));
    assert_eq!(bench.holder(active), Some(1));
    let agent = bench.agent_session(1);
    assert_eq!(bench.state_of(1), AgentState::Online, "what they said of themselves stays");
    bench.wait(Duration::from_millis(30_000));
    assert_eq!(bench.status(waiting), ChatStatus::Open);
    let customer = bench.customer(1);
    let fourth = bench.customer(4);
    assert_eq!(bench.place(fourth, waiting).place, Some(1));
    assert_eq!(bench.say(customer, active, "c1").seq, Seq(2), "a resend after a restart");
    assert!(bench.say(customer, active, "c1").duplicate);
    assert_eq!(bench.say(agent, active, "a2").seq, Seq(5), "numbers go on");
    let second = bench.customer(2);
    bench.say(second, resolved, "once more");
    assert_eq!(bench.holder(resolved), Some(1));
    let third = bench.customer(3);
    assert_eq!(bench.refused(third, message(closed, "m", "hello")).code(), "chat_closed");
}

#[test]
fn who_does_not_come_back_in_time_has_gone() {
    let (mut bench, [active, resolved, _, waiting]) = lively();
    bench.restart();
    bench.wait_secs(30);
    assert_eq!(bench.holder(active), None, "the agent");
    bench.wait_secs(30);
    assert_eq!(bench.status(waiting), ChatStatus::Resolved, "the customer who waited");
    bench.wait_secs(23 * 3_600);
    assert_eq!(bench.status(resolved), ChatStatus::Closed, "closing times are kept");
}

#[test]
fn a_restart_in_the_middle_of_everything_changes_nothing_that_is_stored() {
    let (mut bench, chats) = lively();
    let before = chats.map(|chat| bench.record(chat).clone());
    for _ in 0..3 {
        bench.restart();
        let _restored = bench.check_restore();
    }
    assert_eq!(chats.map(|chat| bench.record(chat).clone()), before);
}
