//! Rules 12 and 13; rows B5, B9 (customers) and C21: places in line, told as they change.

use std::time::Duration;

use super::super::{Answer, DeskSettings, Effect, Input, Reply};
use super::support::{Bench, Sent};
use crate::policy::{AssignmentPolicy, ChatFacts, LineKey, LongestWait, PriorityAgeing};
use crate::protocol::{Command, CustomerFrame, JoinQueue};
use crate::{
    AgentState, CategoryId, ChatId, ChatStatus, CustomerId, EndReason, Name, Principal, Priority, Refusal, Side,
};

#[test]
fn place_is_the_number_ahead_plus_one_in_ones_own_category() {
    let mut bench = Bench::new();
    let table = [(1, 1, 1), (2, 1, 2), (3, 2, 1), (4, 1, 3), (5, 2, 2), (6, 3, 1)];
    for (customer, category, place) in table {
        let (session, chat) = bench.arrive(customer, category);
        bench.wait_ms(10);
        let view = bench.place(session, chat);
        assert_eq!((view.place, view.ahead), (Some(place), Some(place - 1)), "customer {customer}");
        assert_eq!(view.estimated_wait_ms, None, "no estimate without data");
        assert_eq!(view.agents_online, 0);
    }
}

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
    let mut bench = Bench::new();
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

#[test]
fn a_customer_in_grace_keeps_the_place_and_is_skipped() {
    let mut bench = Bench::new();
    let (first, first_chat) = bench.arrive(1, 1);
    let (_, second_chat) = bench.arrive(2, 1);
    let (third, third_chat) = bench.arrive(3, 1);
    bench.close(first);
    assert_eq!(bench.place(third, third_chat).place, Some(3), "the place is kept");
    let _agent = bench.agent(1, 1, &[1]);
    assert_eq!(bench.holder(second_chat), Some(1), "who is there is served");
    assert_eq!(bench.status(first_chat), ChatStatus::Open);
    let back = bench.customer(1);
    assert_eq!(bench.place(back, first_chat).place, Some(1));
    bench.wait_secs(2);
    assert!(bench.pushed(back).iter().any(|view| view.place == Some(1)), "who comes back is told");
}

#[test]
fn a_customer_has_a_minute_to_come_back() {
    for (away_ms, status) in [(0, ChatStatus::Open), (59_999, ChatStatus::Open), (60_000, ChatStatus::Resolved)] {
        let mut bench = Bench::new();
        let (session, chat) = bench.arrive(1, 1);
        bench.wait_secs(100);
        bench.close(session);
        bench.now = bench.now + Duration::from_millis(away_ms);
        let _back = bench.customer(1);
        assert_eq!(bench.status(chat), status, "after {away_ms} ms");
        if status == ChatStatus::Resolved {
            let (_, by, reason) = bench.record(chat).end().unwrap();
            assert_eq!((by, reason), (Side::System, EndReason::Abandoned));
        }
        bench.wait_secs(600);
        assert_eq!(bench.status(chat), status, "the return ends the grace");
    }
}

#[test]
fn joining_twice_is_one_chat() {
    let mut bench = Bench::new();
    let (one, chat) = bench.arrive(1, 1);
    let two = bench.customer(1);
    let join = |category| JoinQueue::new(Name::new("Somebody else").unwrap()).with_category(CategoryId(category));
    for (session, category, existing) in [(one, 1, true), (two, 1, true), (two, 2, false), (one, 2, true)] {
        let Reply::Queued { chat: view, existing: was, place } =
            bench.reply(session, Command::JoinQueue(join(category)))
        else {
            panic!("queued")
        };
        assert_eq!((was, place.map(|it| it.place)), (existing, Some(Some(1))));
        assert_eq!(view.chat, ChatId(u64::from(category)), "one chat per customer and category");
    }
    assert_eq!(bench.desk.open_chats(), 2);
    assert_eq!(bench.record(chat).customer_name.as_str(), "Carla");
    // The other tab is told of a chat that one opens, and its place.
    let three = bench.customer(1);
    bench.sent(two);
    bench.join(three, 3);
    bench.wait_secs(2);
    let sent = bench.sent(two);
    assert!(matches!(&sent[0], Sent::Customer(CustomerFrame::Chat { chat }) if chat.chat == ChatId(3)), "{sent:?}");
    assert!(matches!(&sent[1], Sent::Customer(CustomerFrame::Place { place, .. }) if place.place == Some(1)));
}

#[test]
fn joining_is_refused_where_it_must_be() {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 1, &[1]);
    let customer = bench.customer(1);
    let chat = bench.join(customer, 1);
    let scoped = bench.open(Principal::Customer { customer: CustomerId(1), chat: Some(chat) });
    let stranger = bench.open(Principal::Customer { customer: CustomerId(2), chat: Some(chat) });
    let join =
        |category| Command::JoinQueue(JoinQueue::new(Name::new("Carla").unwrap()).with_category(CategoryId(category)));
    let table = [
        (agent, 1, Refusal::NotAllowed),
        (customer, 9, Refusal::UnknownCategory),
        (scoped, 2, Refusal::NotAllowed),
        (stranger, 1, Refusal::NotAllowed),
    ];
    for (session, category, refusal) in table {
        assert_eq!(bench.refused(session, join(category)), refusal);
    }
    assert!(matches!(bench.reply(scoped, join(1)), Reply::Queued { existing: true, .. }));
    let general = bench.customer(3);
    let Reply::Queued { chat, .. } = bench.reply(general, Command::JoinQueue(JoinQueue::new(Name::new("C").unwrap())))
    else {
        panic!("queued")
    };
    assert_eq!(chat.category, CategoryId(1), "the first category is the general one");
}

#[test]
fn a_session_of_another_chat_does_not_keep_a_place() {
    let mut bench = Bench::new();
    let (session, one) = bench.arrive(1, 1);
    let two = bench.join(session, 2);
    let _scoped = bench.open(Principal::Customer { customer: CustomerId(1), chat: Some(one) });
    bench.close(session);
    let _agent = bench.agent(1, 5, &[1, 2]);
    assert_eq!(bench.holder(one), Some(1), "its own chat is served");
    assert_eq!(bench.holder(two), None, "the other waits for somebody who can see it");
    bench.wait_secs(60);
    assert_eq!(bench.record(two).end().map(|(_, _, reason)| reason), Some(EndReason::Abandoned));
}

#[test]
fn asking_for_the_place_and_the_token() {
    let mut bench = Bench::new();
    let (session, chat) = bench.arrive(1, 1);
    assert_eq!(bench.refused(session, Command::StartChat { chat }), Refusal::StillWaiting { chat, place: Some(1) });
    let agent = bench.agent(1, 1, &[1]);
    let status = ChatStatus::InProgress;
    assert_eq!(bench.refused(session, Command::QueueStatus { chat }), Refusal::NotWaiting { chat, status });
    let name = Name::new("Carla").unwrap();
    assert_eq!(bench.reply(session, Command::StartChat { chat }), Reply::Started { chat, name });
    bench.done(agent, Command::EndChat { chat });
    assert_eq!(bench.refused(session, Command::StartChat { chat }), Refusal::ChatResolved { chat });
    let stranger = bench.customer(2);
    for command in [Command::QueueStatus { chat }, Command::StartChat { chat }] {
        assert_eq!(bench.refused(stranger, command.clone()), Refusal::UnknownChat { chat });
        assert_eq!(bench.refused(agent, command), Refusal::NotYourChat { chat });
    }
}

#[test]
fn a_long_line_is_told_over_several_steps_and_nobody_is_left_out() {
    let mut bench = Bench::new();
    let mut people = Vec::new();
    for customer in 1..=1_300 {
        let session = bench.next_session();
        bench.quick(&Input::OpenSession { session, principal: Principal::customer(CustomerId(customer)) });
        let command = Command::JoinQueue(JoinQueue::new(Name::new("Carla").unwrap()));
        bench.quick(&Input::Ask { session, command, facts: None });
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
    bench.quick(&Input::CloseSession { session: people[0].0 });
    let end =
        |at: usize| Input::Ask { session: people[at].0, command: Command::EndChat { chat: people[at].1 }, facts: None };
    bench.quick(&end(1));
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
    assert!(told > 1_300, "{told}");
    for (_, chat) in &people[3..] {
        let state = &bench.desk.state.chats[chat];
        assert_eq!(state.pushed.map(|told| told.place), Some(bench.desk.place_view(bench.now, state).place));
    }
    bench.desk.check();
}

/// A policy that fixes no order among those who wait.
#[derive(Debug)]
struct NoOrder;

impl AssignmentPolicy for NoOrder {
    fn name(&self) -> &str {
        "no-order"
    }

    fn line_key(&self, chat: &ChatFacts) -> LineKey {
        LongestWait.line_key(chat)
    }

    fn agent_rank(&self, agent: &crate::policy::AgentFacts) -> crate::policy::AgentRank {
        LongestWait.agent_rank(agent)
    }

    fn fixes_order(&self) -> bool {
        false
    }
}

#[test]
fn a_place_is_absent_where_the_policy_fixes_no_order() {
    let mut bench = Bench::with(NoOrder, DeskSettings::default());
    let (session, chat) = bench.arrive(1, 1);
    let view = bench.place(session, chat);
    assert_eq!((view.place, view.ahead, view.estimated_wait_ms), (None, None, None));
    assert_eq!(bench.refused(session, Command::StartChat { chat }), Refusal::StillWaiting { chat, place: None });
}

#[test]
fn a_lower_priority_comes_back_behind_those_who_came_soon_after() {
    let mut bench = Bench::with(PriorityAgeing::default(), DeskSettings::default());
    let agent = bench.agent(1, 1, &[1]);
    let (waiting_before, earlier) = bench.arrive(1, 1);
    assert_eq!(bench.holder(earlier), Some(1));
    bench.done(agent, Command::SetPriority { chat: earlier, priority: Priority::Low });
    let (later, later_chat) = bench.arrive(2, 1);
    bench.wait_secs(2);
    assert_eq!(bench.place(later, later_chat).place, Some(1));
    // The lower priority comes back behind those who came less than five minutes after it.
    bench.declare(agent, AgentState::Offline);
    assert_eq!(bench.place(later, later_chat).place, Some(1));
    assert_eq!(bench.place(waiting_before, earlier).place, Some(2));
    assert!(matches!(bench.ask(later, Command::QueueStatus { chat: earlier }), Answer::Refused(_)));
}
