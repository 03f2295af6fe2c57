//! Rule 12 and row B5: what a waiting customer is told, and how often.

use std::time::Duration;

use super::super::{DeskSettings, Effect, Input};
use super::support::Bench;
use crate::policy::LongestWait;
use crate::protocol::{Command, CustomerFrame, JoinQueue};
use crate::{
    AgentState, CategoryId, CategoryRecord, CategorySettings, ChatId, ChatStatus, CustomerId, Name, Principal, Routing,
};

#[test]
fn places_fall_and_are_pushed_at_most_once_a_second() {
    let mut bench = Bench::new();
    let crowd: Vec<_> = (1..=6).map(|customer| bench.arrive(customer, 1)).collect();
    bench.wait_secs(2);
    let (last, _) = crowd[5];
    bench.sent(last);
    // Somebody ahead leaves every 100 ms.
    for (session, chat) in &crowd[..5] {
        bench.done(*session, Command::EndChat { chat: *chat });
        bench.wait_ms(100);
    }
    // The first change is told at once, the others together a second later.
    let places: Vec<_> = bench.pushed(last).iter().map(|view| view.place).collect();
    assert_eq!(places, [Some(5)]);
    bench.wait_ms(499);
    assert_eq!(bench.pushed(last), [], "not before a second has passed");
    bench.wait_ms(1);
    let places: Vec<_> = bench.pushed(last).iter().map(|view| view.place).collect();
    assert_eq!(places, [Some(1)]);
    bench.wait_secs(60);
    assert_eq!(bench.pushed(last), [], "nothing changes, nothing is told");
}

#[test]
fn agents_who_come_and_go_are_told_with_the_place() {
    let mut bench = Bench::new();
    let (session, _) = bench.arrive(1, 1);
    bench.wait_secs(2);
    bench.sent(session);
    let agent = bench.agent(1, 1, &[1, 2]);
    assert_eq!(bench.desk.state.lines.waiting(CategoryId(1)), 0);
    let (second, _) = bench.arrive(2, 1);
    bench.wait_secs(2);
    bench.sent(second);
    bench.declare(agent, AgentState::Away);
    bench.wait_secs(2);
    assert_eq!(bench.pushed(second).last().map(|view| view.agents_online), Some(0));
    bench.declare(agent, AgentState::Online);
    bench.wait_secs(2);
    assert_eq!(bench.pushed(second).last().map(|view| view.agents_online), Some(1));
    // The agent no longer serves the category.
    bench.set_agent(1, 1, &[2]);
    bench.wait_secs(2);
    assert_eq!(bench.pushed(second).last().map(|view| view.agents_online), Some(0));
}

#[test]
fn an_estimate_needs_data_and_is_never_zero() {
    // The agent says nothing, and keeps the chat.
    let settings = DeskSettings { first_reply_within: None, ..DeskSettings::default() };
    let mut bench = Bench::with(LongestWait, settings);
    let agent = bench.agent(1, 1, &[1]);
    let mut estimates = Vec::new();
    for customer in 1..=25 {
        let (first, held) = bench.arrive(customer, 1);
        let (second, waiting) = bench.arrive(customer + 100, 1);
        estimates.push(bench.place(second, waiting).estimated_wait_ms);
        bench.done(second, Command::EndChat { chat: waiting });
        bench.done(first, Command::EndChat { chat: held });
        bench.wait_secs(10);
    }
    assert!(estimates[..19].iter().all(Option::is_none), "fewer than 20 assignments say nothing");
    assert!(estimates[19..].iter().all(|wait| *wait == Some(10_000)), "one every ten seconds: {estimates:?}");

    let (_, _held) = bench.arrive(901, 1);
    let (waiting, chat) = bench.arrive(902, 1);
    bench.declare(agent, AgentState::Away);
    assert_eq!(bench.place(waiting, chat).estimated_wait_ms, None, "nobody is there");
    bench.declare(agent, AgentState::Online);
    assert!(bench.place(waiting, chat).estimated_wait_ms.is_some());
    bench.wait_secs(3_601);
    assert_eq!(bench.place(waiting, chat).estimated_wait_ms, None, "old assignments say nothing about now");
}

#[test]
fn an_estimate_of_a_burst_is_not_zero() {
    let mut bench = Bench::new();
    bench.agent(1, 30, &[1]);
    for customer in 1..=30 {
        bench.arrive(customer, 1);
    }
    let (session, chat) = bench.arrive(31, 1);
    assert_eq!(bench.place(session, chat).estimated_wait_ms, Some(1));
}

#[test]
fn a_returning_chat_moves_others_back_and_says_so() {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 1, &[1]);
    let (_, held) = bench.arrive(1, 1);
    let (waiting, _) = bench.arrive(2, 1);
    bench.wait_secs(2);
    bench.sent(waiting);
    bench.declare(agent, AgentState::Offline);
    bench.wait_secs(2);
    assert_eq!(bench.status(held), ChatStatus::Open);
    let pushed = bench.pushed(waiting);
    let told: Vec<_> = pushed.iter().map(|view| (view.place, view.moved_back)).collect();
    assert_eq!(told, [(Some(2), true)]);
}

/// Rule 12: both were out of the line, and come back in the order in which they were.
#[test]
fn who_comes_back_from_an_offer_behind_another_is_told_so() {
    let mut bench = Bench::new();
    let settings = CategorySettings { routing: Routing::Offer, ..CategorySettings::default() };
    let record = CategoryRecord { settings, ..CategoryRecord::new(CategoryId(1), Name::new("General").unwrap()) };
    bench.put(Input::SetCategory(record));
    let (_, first) = bench.arrive(1, 1);
    let (second_customer, second) = bench.arrive(2, 1);
    bench.wait_secs(2);
    let one = bench.agent(1, 1, &[1]);
    bench.wait_secs(2);
    bench.sent(second_customer);
    assert_eq!(bench.place(second_customer, second).place, Some(1), "the first is offered");
    let other = bench.agent(2, 1, &[1]);
    bench.done(one, Command::DeclineOffer { chat: first, reason: None });
    bench.done(other, Command::DeclineOffer { chat: second, reason: None });
    bench.wait_secs(2);
    // Each is offered to the other one by now; they let them pass as well.
    bench.done(other, Command::DeclineOffer { chat: first, reason: None });
    bench.done(one, Command::DeclineOffer { chat: second, reason: None });
    bench.wait_secs(2);
    let told: Vec<_> = bench.pushed(second_customer).iter().map(|view| (view.place, view.moved_back)).collect();
    assert_eq!(told, [(Some(2), true)]);
}

#[test]
fn a_long_line_is_told_over_several_steps_and_nobody_is_left_out() {
    let mut bench = Bench::new();
    let mut people = Vec::new();
    for customer in 1..=1_300 {
        let session = bench.next_session();
        let _outcome =
            bench.quick(&Input::OpenSession { session, principal: Principal::customer(CustomerId(customer)) });
        let command = Command::JoinQueue(JoinQueue::new(Name::new("Carla").unwrap()));
        let _outcome = bench.quick(&Input::Ask { session, command, facts: None });
        people.push((session, ChatId(u64::try_from(customer).unwrap())));
    }
    let places = |effects: &[Effect]| {
        let place = |effect: &&Effect| matches!(effect, Effect::ToCustomers { frame: CustomerFrame::Place { .. }, .. });
        effects.iter().filter(place).count()
    };
    bench.now = bench.now + Duration::from_secs(5);
    while bench.desk.poll_timeout().is_some_and(|at| at <= bench.now) {
        let _outcome = bench.desk.handle_timeout(bench.now);
    }
    bench.now = bench.now + Duration::from_secs(5);
    let _outcome = bench.quick(&Input::CloseSession { session: people[0].0 });
    let end =
        |at: usize| Input::Ask { session: people[at].0, command: Command::EndChat { chat: people[at].1 }, facts: None };
    let _outcome = bench.quick(&end(1));
    let first = bench.desk.handle_timeout(bench.now);
    assert!((1..=512).contains(&places(&first.effects)), "{}", places(&first.effects));
    // Somebody at the front leaves in the middle of the round: those before the round's end are told again.
    let middle = bench.quick(&end(2));
    assert!(places(&middle.effects) <= 512, "a command is not delayed by all of it");
    let mut told = 0;
    for _ in 0..3 {
        while bench.desk.poll_timeout().is_some_and(|at| at <= bench.now) {
            let outcome = bench.desk.handle_timeout(bench.now);
            assert!(places(&outcome.effects) <= 512, "so many a step");
            told += places(&outcome.effects);
        }
        bench.now = bench.now + Duration::from_secs(1);
    }
    assert_eq!(told, 1_297, "who had been told before the change, and who had not been told at all");
    for (_, chat) in &people[3..] {
        let state = &bench.desk.state.chats[chat];
        assert_eq!(state.pushed.map(|told| told.place), Some(bench.desk.place_view(bench.now, state).place));
    }
    bench.desk.check();
}
