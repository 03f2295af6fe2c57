//! Rules 12 and 13; rows B5, B9 (customers) and C21: places in line, told as they change.

use std::time::Duration;

use super::super::{Answer, DeskSettings, Reply};
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
    bench.wait_secs(2);
    let places: Vec<_> = bench.pushed(back).iter().map(|view| view.place).collect();
    assert_eq!(places, [Some(1)], "who comes back is told");
    assert_eq!(bench.place(back, first_chat).place, Some(1));
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
