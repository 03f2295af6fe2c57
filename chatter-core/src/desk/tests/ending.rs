//! Rules 1 and 14; rows C6, C23 and C24: ending, reopening, closing, and what everybody sees of it.

use std::time::Duration;

use super::support::{Bench, Sent};
use crate::desk::{Desk, DeskSettings, Input};
use crate::policy::LongestWait;
use crate::protocol::{Command, CustomerFrame, StaffFrame};
use crate::{
    AgentId, AgentState, Body, CategoryId, CategoryRecord, ChatId, ChatStatus, CustomerId, EndReason, Name, Principal,
    Priority, Refusal, Routing, Seq, SessionId, Side, Subject, SystemLine, Time,
};

fn held() -> (Bench, SessionId, SessionId, ChatId) {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 1, &[1]);
    let (customer, chat) = bench.arrive(1, 1);
    bench.subscribe(agent, chat);
    (bench, agent, customer, chat)
}

fn last_line(bench: &Bench, chat: ChatId) -> SystemLine {
    let Some(Body::System { line }) = bench.store.transcript(chat).last().map(|entry| entry.body.clone()) else {
        panic!("a system line")
    };
    line
}

fn staff_statuses(sent: Vec<Sent>) -> Vec<ChatStatus> {
    let status = |sent| match sent {
        Sent::Staff(StaffFrame::Chat { chat }) => Some(chat.status),
        _ => None,
    };
    sent.into_iter().filter_map(status).collect()
}

#[test]
fn either_side_ends_with_a_reason() {
    let table = [
        (true, true, Side::Customer, EndReason::CustomerEnded),
        (true, false, Side::Staff, EndReason::AgentEnded),
        (false, true, Side::Customer, EndReason::LeftQueue),
    ];
    for (with_agent, by_customer, by, reason) in table {
        let mut bench = Bench::new();
        let (customer, chat) = bench.arrive(1, 1);
        let agent = with_agent.then(|| bench.agent(1, 1, &[1]));
        bench.sent(customer);
        let asker = if by_customer { customer } else { agent.unwrap() };
        bench.wait_secs(5);
        bench.done(asker, Command::EndChat { chat });
        assert_eq!(bench.record(chat).end(), Some((bench.now, by, reason)));
        assert_eq!(last_line(&bench, chat), SystemLine::ChatEnded { by, reason });
        let sent = bench.sent(customer);
        let told = sent.iter().any(|it| {
            matches!(it, Sent::Customer(CustomerFrame::Chat { chat }) if chat.end.is_some_and(|end| end.reason == reason))
        });
        assert!(told, "live, the customer included");
        bench.done(asker, Command::EndChat { chat });
        assert_eq!(bench.record(chat).end(), Some((bench.now, by, reason)), "ending twice is ending once");
    }
}

/// What an agent does while a chat they had is resolved.
type Meanwhile = fn(&mut Bench, SessionId);

#[test]
fn a_resolved_chat_goes_back_to_its_last_agent_if_they_can_take_it() {
    // (what the agent does meanwhile, who holds the chat afterwards)
    let table: [(Meanwhile, Option<u64>); 5] = [
        (|_, _| {}, Some(1)),
        (|bench, agent| bench.declare(agent, AgentState::Away), None),
        (|bench, agent| bench.close(agent), None),
        (
            |bench, _| {
                bench.arrive(5, 1);
            },
            None,
        ),
        (|bench, _| bench.set_agent(1, 1, &[2]), None),
    ];
    for (number, (meanwhile, holder)) in table.into_iter().enumerate() {
        for by_join in [false, true] {
            let (mut bench, agent, customer, chat) = held();
            bench.done(agent, Command::EndChat { chat });
            bench.wait_secs(60);
            meanwhile(&mut bench, agent);
            let arrived = bench.now;
            if by_join {
                assert_eq!(bench.join(customer, 1), chat);
            } else {
                bench.say(customer, chat, "again");
            }
            assert_eq!(bench.holder(chat), holder, "case {number}");
            assert_eq!((bench.record(chat).episode, bench.record(chat).arrived_at), (2, arrived), "a new wait");
            let gone = bench.sent(agent).contains(&Sent::Staff(StaffFrame::ChatGone { chat }));
            assert!(!gone || holder.is_none(), "who keeps it is not told that it is gone");
        }
    }
}

#[test]
fn who_does_not_get_a_reopened_chat_back_hears_no_more_of_it() {
    let (mut bench, agent, customer, chat) = held();
    let unfollowing = bench.agent_session(1);
    bench.done(agent, Command::EndChat { chat });
    let (_, _next) = bench.arrive(2, 1);
    bench.sent(agent);
    bench.sent(unfollowing);
    bench.say(customer, chat, "again");
    for session in [agent, unfollowing] {
        let sent = bench.sent(session);
        assert!(sent.contains(&Sent::Staff(StaffFrame::ChatGone { chat })), "{sent:?}");
        assert_eq!(staff_statuses(sent), [], "nothing more of it");
    }
    let other = bench.agent(2, 1, &[1]);
    assert_eq!(bench.holder(chat), Some(2));
    bench.say(customer, chat, "more");
    let about = |it: &Sent| {
        matches!(it, Sent::Staff(StaffFrame::Entry { chat: of, .. } | StaffFrame::ChatGone { chat: of }) if *of == chat)
            || matches!(it, Sent::Staff(StaffFrame::Chat { chat: of }) if of.chat == chat)
    };
    for session in [agent, unfollowing] {
        assert!(!bench.sent(session).iter().any(about));
    }
    assert!(bench.sent(other).iter().any(about));
}

/// Being asked for it is not having it.
#[test]
fn who_is_offered_a_reopened_chat_does_not_follow_it_any_more() {
    for by_agent in [false, true] {
        let (mut bench, agent, customer, chat) = held();
        let mut record = CategoryRecord::new(CategoryId(1), Name::new("General").unwrap());
        record.settings.routing = Routing::Offer;
        bench.put(Input::SetCategory(record));
        bench.done(agent, Command::EndChat { chat });
        bench.sent(agent);
        if by_agent {
            bench.done(agent, Command::ReopenChat { chat });
        } else {
            bench.say(customer, chat, "again");
        }
        assert_eq!(bench.record(chat).offered_to(), Some(AgentId(1)));
        let sent = bench.sent(agent);
        assert!(sent.contains(&Sent::Staff(StaffFrame::ChatGone { chat })), "{sent:?}");
        assert!(!sent.iter().any(|it| matches!(it, Sent::Staff(StaffFrame::Entry { .. }))), "{sent:?}");
    }
}

#[test]
fn an_agent_reopens_what_they_had() {
    let (mut bench, agent, customer, chat) = held();
    assert_eq!(bench.refused(agent, Command::ReopenChat { chat }), Refusal::ChatNotResolved { chat });
    assert_eq!(bench.refused(customer, Command::ReopenChat { chat }), Refusal::NotAllowed);
    bench.done(customer, Command::EndChat { chat });
    assert_eq!(bench.refused(customer, Command::ReopenChat { chat }), Refusal::NotAllowed);
    let other = bench.agent(2, 1, &[1]);
    assert_eq!(bench.refused(other, Command::ReopenChat { chat }), Refusal::UnknownChat { chat });
    bench.done(agent, Command::ReopenChat { chat });
    assert_eq!((bench.holder(chat), bench.record(chat).episode), (Some(1), 2));

    // Of a customer who has gone: the agent knows, and takes it all the same.
    bench.done(agent, Command::EndChat { chat });
    bench.close(customer);
    bench.wait_secs(500);
    bench.done(agent, Command::ReopenChat { chat });
    assert_eq!(bench.holder(chat), Some(1));

    // Of one whose only session is good for another chat.
    bench.done(agent, Command::EndChat { chat });
    let other_chat = Principal::Customer { customer: CustomerId(1), chat: Some(ChatId(44)) };
    let scoped = bench.open(other_chat);
    bench.declare(agent, AgentState::Away);
    bench.done(agent, Command::ReopenChat { chat });
    assert_eq!(bench.holder(chat), None, "it waits, and nobody is given it");
    assert_eq!(bench.sent(scoped), [], "a session of another chat hears nothing of it");
}

#[test]
fn a_reopened_chat_waits_behind_those_who_wait() {
    let mut bench = Bench::new();
    let (first, resolved) = bench.arrive(1, 1);
    bench.done(first, Command::EndChat { chat: resolved });
    bench.wait_secs(10);
    bench.arrive(2, 1);
    bench.wait_secs(10);
    bench.say(first, resolved, "again");
    assert_eq!(bench.place(first, resolved).place, Some(2));
    assert_eq!(last_line_before(&bench, resolved), SystemLine::ChatReopened { by: Side::Customer });
}

fn last_line_before(bench: &Bench, chat: ChatId) -> SystemLine {
    let lines = bench.store.transcript(chat).filter_map(|entry| match &entry.body {
        Body::System { line } => Some(line.clone()),
        _ => None,
    });
    lines.last().expect("a system line")
}

#[test]
fn a_day_after_it_was_resolved_a_chat_is_closed() {
    let (mut bench, agent, customer, chat) = held();
    bench.done(agent, Command::EndChat { chat });
    bench.wait_secs(20 * 3_600);
    bench.say(customer, chat, "again");
    bench.done(agent, Command::EndChat { chat });
    bench.wait_secs(24 * 3_600 - 1);
    assert_eq!(bench.status(chat), ChatStatus::Resolved, "a day after the last end");
    bench.sent(agent);
    bench.sent(customer);
    bench.wait_secs(1);
    assert_eq!(bench.status(chat), ChatStatus::Closed);
    assert!(bench.sent(agent).contains(&Sent::Staff(StaffFrame::ChatGone { chat })));
    let closed =
        |it: &Sent| matches!(it, Sent::Customer(CustomerFrame::Chat { chat }) if chat.status == ChatStatus::Closed);
    assert!(bench.sent(customer).iter().any(closed));
    assert!(bench.desk.state.customers.get(&CustomerId(1)).is_some_and(|it| it.chats.is_empty()));
    bench.close(customer);
    assert!(bench.desk.state.customers.is_empty(), "who is gone and has no chat is forgotten");
    assert_eq!(bench.store.transcript(chat).count(), 6, "every line is kept");
}

#[test]
fn where_nobody_may_come_back_a_chat_is_closed_as_it_ends() {
    let settings = DeskSettings { close_after: Duration::ZERO, ..DeskSettings::default() };
    for by_customer in [true, false] {
        let mut bench = Bench::with(LongestWait, settings.clone());
        let agent = bench.agent(1, 1, &[1]);
        let (customer, chat) = bench.arrive(1, 1);
        bench.subscribe(agent, chat);
        let (_, next) = bench.arrive(2, 1);
        bench.sent(agent);
        bench.sent(customer);
        bench.done(if by_customer { customer } else { agent }, Command::EndChat { chat });
        assert_eq!(bench.status(chat), ChatStatus::Closed);
        assert!(bench.desk.state.chats.get(&chat).is_none(), "nothing of it stays in memory");
        assert_eq!(bench.desk.state.customers.get(&CustomerId(1)).map(|it| it.chats.len()), Some(0));
        let told = bench.sent(customer).into_iter().filter_map(|sent| match sent {
            Sent::Customer(CustomerFrame::Chat { chat }) => Some((chat.status, chat.end.is_some())),
            _ => None,
        });
        assert_eq!(told.collect::<Vec<_>>(), [(ChatStatus::Resolved, true), (ChatStatus::Closed, true)]);
        assert!(bench.sent(agent).contains(&Sent::Staff(StaffFrame::ChatGone { chat })));
        assert_eq!(bench.record(next).agent(), Some(AgentId(1)), "whoever waits is next, in the same step");
        assert_eq!(bench.refused(agent, Command::ReopenChat { chat }), Refusal::ChatClosed { chat });
        for asker in [agent, customer] {
            bench.done(asker, Command::EndChat { chat });
        }
        let (_, again) = bench.arrive(1, 1);
        assert_ne!(again, chat, "joining again is a new chat");
        bench.check_replay();
        bench.restart();
        assert_eq!(bench.status(chat), ChatStatus::Closed);
    }
}

#[test]
fn what_waits_to_be_closed_is_closed_when_nobody_may_come_back_any_more() {
    let (mut bench, agent, _, chat) = held();
    bench.done(agent, Command::EndChat { chat });
    bench.wait_secs(5);
    let settings = DeskSettings { close_after: Duration::ZERO, ..DeskSettings::default() };
    let mut desk = Desk::restore(bench.store.load(), bench.now, settings, bench.desk.policies.clone());
    desk.check();
    assert_eq!(desk.open_chats(), 1);
    let _closed = desk.handle_timeout(bench.now);
    desk.check();
    assert_eq!(desk.open_chats(), 0);
}

#[test]
fn a_silent_customers_chat_and_one_that_was_left_are_closed_at_once_too() {
    let settings = DeskSettings {
        close_after: Duration::ZERO,
        resolve_after: Some(Duration::from_secs(90)),
        ..DeskSettings::default()
    };
    let mut bench = Bench::with(LongestWait, settings);
    let (waiting, left) = bench.arrive(1, 1);
    bench.close(waiting);
    bench.wait_secs(60);
    assert_eq!(bench.status(left), ChatStatus::Closed);
    let agent = bench.agent(1, 1, &[1]);
    let (_, silent) = bench.arrive(2, 1);
    bench.say(agent, silent, "m1");
    bench.wait_secs(90);
    assert_eq!(bench.status(silent), ChatStatus::Closed);
    assert_eq!(bench.desk.open_chats(), 0);
}

#[test]
fn a_chat_has_subject_times_last_message_and_end() {
    let (mut bench, agent, customer, chat) = held();
    let created = bench.now;
    bench.wait_secs(5);
    let subject = |words: &str| Command::SetSubject { chat, subject: Some(Subject::new(words).unwrap()) };
    bench.done(customer, subject("Invoice 7"));
    bench.done(agent, subject("Invoice 7, paid twice"));
    bench.wait_secs(5);
    bench.say(agent, chat, "m1");
    let said = bench.now;
    bench.wait_secs(5);
    bench.done(agent, Command::EndChat { chat });
    let record = bench.record(chat);
    let words = record.subject.as_ref().map(ToString::to_string);
    assert_eq!(words.as_deref(), Some("Invoice 7, paid twice"));
    assert_eq!((record.created_at, record.updated_at), (created, bench.now));
    let last = record.last_message.as_ref().map(|last| (last.at, last.seq, last.text.as_ref().unwrap().to_string()));
    assert_eq!(last, Some((said, Seq(2), "text of m1".to_owned())));
    let frame: Option<(Time, Time)> = bench.sent(agent).into_iter().rev().find_map(|sent| match sent {
        Sent::Staff(StaffFrame::Chat { chat }) => Some((chat.created_at, chat.end?.at)),
        _ => None,
    });
    assert_eq!(frame, Some((created, bench.now)), "in every view");
    bench.done(customer, Command::SetSubject { chat, subject: None });
    assert_eq!(bench.record(chat).subject, None);
}

#[test]
fn a_priority_goes_to_staff_alone() {
    let (mut bench, agent, customer, chat) = held();
    bench.wait_secs(2);
    bench.sent(customer);
    bench.sent(agent);
    bench.done(agent, Command::SetPriority { chat, priority: Priority::Urgent });
    assert_eq!(bench.sent(customer), []);
    let seen = |it: &Sent| matches!(it, Sent::Staff(StaffFrame::Chat { chat }) if chat.priority == Priority::Urgent);
    assert!(bench.sent(agent).iter().any(seen));
    let priority = Priority::Low;
    assert_eq!(bench.refused(customer, Command::SetPriority { chat, priority }), Refusal::NotAllowed);
}
