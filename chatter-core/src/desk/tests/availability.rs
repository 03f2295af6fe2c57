//! Row B15, rule 11: what somebody who joins meets, told to whoever may join, and checked again on joining.

use std::time::Duration;

use super::support::{Bench, Sent};
use crate::hours::{Hours, Timetable};
use crate::protocol::{Availability, Command, CustomerFrame, JoinQueue};
use crate::{
    AgentState, CategoryId, CategorySettings, ChatId, ChatStatus, CustomerId, Name, Principal, Refusal, SessionId, Time,
};

/// The bench begins on Tuesday 2023-11-14 at 22:13:20 UTC.
fn hours(tuesday: &str) -> CategorySettings {
    let tuesday = vec![tuesday.to_owned()];
    let hours = Hours::new(Timetable { zone: "UTC".to_owned(), tuesday, ..Timetable::default() }).unwrap();
    CategorySettings { hours: Some(hours), ..CategorySettings::default() }
}

fn limited(limit: u32) -> CategorySettings {
    CategorySettings { queue_limit: Some(limit), ..CategorySettings::default() }
}

fn available(bench: &Bench) -> Availability {
    bench.desk.availability(CategoryId(1))
}

/// What a session was told since it was last asked.
fn told(bench: &mut Bench, session: SessionId) -> Vec<Vec<(u32, Availability)>> {
    let news = |sent| match sent {
        Sent::Customer(CustomerFrame::Availability { categories }) => {
            Some(categories.into_iter().map(|it| (it.category.0, it.availability)).collect())
        }
        _ => None,
    };
    bench.sent(session).into_iter().filter_map(news).collect()
}

fn join() -> Command {
    Command::JoinQueue(JoinQueue::new(Name::new("Carla").unwrap()).with_category(CategoryId(1)))
}

#[test]
fn one_function_says_what_somebody_who_joins_meets() {
    // (settings, is an agent online, how many chats there are, what somebody who joins meets)
    let until = Time(1_700_000_000_000_000 + 100_000_000);
    let closed = Availability::Closed { until: Some(until) };
    let table = [
        (CategorySettings::default(), false, 0, Availability::Away),
        (CategorySettings::default(), true, 0, Availability::Open),
        (CategorySettings::default(), true, 1, Availability::Queue),
        (CategorySettings::default(), true, 9, Availability::Queue),
        (limited(2), true, 2, Availability::Queue),
        (limited(2), true, 3, Availability::Full),
        (limited(2), false, 1, Availability::Away),
        (limited(2), false, 2, Availability::Full),
        (hours("22:15-23:00"), true, 0, closed),
        (hours("22:00-23:00"), true, 0, Availability::Open),
        (hours("22:00-23:00"), false, 0, Availability::Away),
        (CategorySettings { queue_limit: Some(1), ..hours("22:15-23:00") }, true, 0, closed),
    ];
    for (number, (settings, online, chats, meets)) in table.into_iter().enumerate() {
        let mut bench = Bench::new();
        let opens = settings.hours.is_some();
        if online {
            bench.agent(1, 1, &[1]);
        }
        if opens {
            bench.configure(1, settings);
        } else {
            for customer in 0..chats {
                bench.arrive(customer, 1);
            }
            bench.configure(1, settings);
        }
        assert_eq!(available(&bench), meets, "case {number}");
        let asker = bench.customer(999);
        let answer = bench.ask_fully(asker, join());
        match meets {
            Availability::Closed { until } => {
                let refusal = Refusal::CategoryClosed { category: CategoryId(1), opens_at: until };
                assert_eq!(answer, super::super::Answer::Refused(refusal));
            }
            Availability::Full => {
                let refusal = Refusal::QueueFull { category: CategoryId(1), limit: 2 };
                assert_eq!(answer, super::super::Answer::Refused(refusal));
            }
            Availability::Open | Availability::Queue | Availability::Away => {
                assert!(matches!(answer, super::super::Answer::Reply(_)), "case {number}: {answer:?}");
            }
        }
    }
}

#[test]
fn hours_open_and_close_by_themselves_and_change_nothing_an_agent_declared() {
    let mut bench = Bench::new();
    bench.configure(1, hours("22:15-22:16"));
    let agent = bench.agent(1, 2, &[1]);
    let watcher = bench.customer(9);
    bench.wait(Duration::from_micros(99_999_999));
    assert_eq!(told(&mut bench, watcher), Vec::<Vec<_>>::new());
    bench.wait(Duration::from_micros(1));
    assert_eq!(available(&bench), Availability::Open);
    assert_eq!(told(&mut bench, watcher), [vec![(1, Availability::Open)]]);
    let (customer, chat) = bench.arrive(1, 1);
    bench.say(agent, chat, "hello");
    bench.check_restore();
    bench.wait_secs(60);
    let next_week = Some(Time(1_700_000_000_000_000 + (100 + 7 * 86_400) * 1_000_000));
    assert_eq!(available(&bench), Availability::Closed { until: next_week });
    assert_eq!(told(&mut bench, watcher), [vec![(1, Availability::Closed { until: next_week })]]);
    // Who is in a chat goes on, joining again included; a message to a resolved one is taken.
    assert_eq!(bench.state_of(1), AgentState::Online);
    assert_eq!(bench.join(customer, 1), chat);
    bench.done(agent, Command::EndChat { chat });
    assert_eq!(bench.refused(customer, join()).code(), "category_closed", "that would be a new wait");
    bench.say(customer, chat, "one-more-thing");
    assert_eq!(bench.holder(chat), Some(1));
    // A category that is changed is looked at anew.
    bench.configure(1, CategorySettings::default());
    assert_eq!(available(&bench), Availability::Open);
    bench.configure(1, hours("00:00-24:00"));
    assert_eq!(available(&bench), Availability::Open);
    bench.restart();
    assert!(matches!(available(&bench), Availability::Away));
    bench.wait_secs(3 * 3_600);
    assert!(matches!(available(&bench), Availability::Closed { .. }), "the timer runs after a restart");
}

#[test]
fn a_full_queue_refuses_new_waits_alone() {
    let mut bench = Bench::new();
    bench.configure(1, limited(1));
    let agent = bench.agent(1, 1, &[1]);
    let (first, resolved) = bench.arrive(1, 1);
    bench.done(first, Command::EndChat { chat: resolved });
    let (_, held) = bench.arrive(2, 1);
    let (third, waiting) = bench.arrive(3, 1);
    assert_eq!(bench.refused(first, join()).code(), "queue_full", "joining again would be a new wait");
    assert_eq!(bench.join(third, 1), waiting, "whoever waits may say so again");
    bench.say(first, resolved, "hello?");
    assert_eq!(bench.status(resolved), ChatStatus::Open, "a message is never refused for it");
    // What goes back is not thrown out, however full it is.
    bench.declare(agent, AgentState::Offline);
    assert_eq!(bench.status(held), ChatStatus::Open);
    let fourth = bench.customer(4);
    assert_eq!(bench.refused(fourth, join()).code(), "queue_full");
    for (session, chat) in [(first, resolved), (third, waiting)] {
        bench.done(session, Command::EndChat { chat });
    }
    assert_eq!(bench.refused(fourth, join()).code(), "queue_full");
    let second = bench.customer(2);
    bench.done(second, Command::EndChat { chat: held });
    assert_eq!(bench.join(fourth, 1), ChatId(4));
}

#[test]
fn who_has_no_chat_is_told_what_changes_at_most_once_a_second() {
    let mut bench = Bench::new();
    let idle = bench.customer(1);
    let (waiting, _) = bench.arrive(2, 2);
    bench.settle();
    assert_eq!(told(&mut bench, idle), Vec::<Vec<_>>::new(), "it knows from opening");
    let agent = bench.agent(1, 1, &[1, 3]);
    bench.settle();
    let news = vec![(1, Availability::Open), (3, Availability::Open)];
    assert_eq!(told(&mut bench, idle), [news], "what changed, and no more");
    assert_eq!(told(&mut bench, waiting), Vec::<Vec<_>>::new(), "who has a chat under way is told its place");
    for _ in 0..20 {
        bench.declare(agent, AgentState::Away);
        bench.wait_ms(20);
        bench.declare(agent, AgentState::Online);
        bench.wait_ms(20);
    }
    assert_eq!(told(&mut bench, idle), Vec::<Vec<_>>::new(), "within the second, and back to what it was");
    bench.declare(agent, AgentState::Away);
    bench.wait_secs(1);
    let news = vec![(1, Availability::Away), (3, Availability::Away)];
    assert_eq!(told(&mut bench, idle), [news]);
}

#[test]
fn who_comes_while_a_push_is_due_does_not_keep_a_wrong_picture() {
    let mut bench = Bench::new();
    let early = bench.customer(1);
    let agent = bench.agent(1, 1, &[1]);
    bench.settle();
    assert_eq!(told(&mut bench, early).len(), 1);
    bench.wait_ms(100);
    bench.declare(agent, AgentState::Away);
    let late = bench.customer(2);
    bench.declare(agent, AgentState::Online);
    // The early one has been told so, the late one has not.
    bench.wait_secs(1);
    assert_eq!(told(&mut bench, late), [vec![(1, Availability::Open)]]);
}

#[test]
fn whose_chat_ends_is_told_everything() {
    let mut bench = Bench::new();
    let (customer, chat) = bench.arrive(1, 1);
    let agent = bench.agent(1, 1, &[1, 2]);
    bench.say(agent, chat, "hello");
    bench.wait_secs(5);
    assert_eq!(told(&mut bench, customer), Vec::<Vec<_>>::new());
    bench.done(agent, Command::EndChat { chat });
    bench.settle();
    let all = vec![(1, Availability::Open), (2, Availability::Open), (3, Availability::Away)];
    assert_eq!(told(&mut bench, customer), [all]);
    // A session that is good for another chat alone has none under way, whatever the customer has.
    let scoped = bench.open(Principal::Customer { customer: CustomerId(1), chat: Some(ChatId(77)) });
    bench.say(customer, chat, "again");
    bench.settle();
    bench.wait_secs(2);
    assert_eq!(told(&mut bench, customer), Vec::<Vec<_>>::new());
    assert!(!told(&mut bench, scoped).is_empty());
}

#[test]
fn who_stays_over_a_reload_is_told_again() {
    let mut bench = Bench::new();
    let idle = bench.customer(1);
    let agent = bench.agent(1, 1, &[1]);
    bench.settle();
    told(&mut bench, idle);
    bench.wait_ms(10);
    bench.declare(agent, AgentState::Away);
    bench.reload();
    bench.wait_secs(1);
    let all = vec![(1, Availability::Away), (2, Availability::Away), (3, Availability::Away)];
    assert_eq!(told(&mut bench, idle), [all]);
}

/// The counted steps and effects of an agent's coming and going with so many in the lobby.
#[test]
fn a_change_does_not_look_at_the_lobby() {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 1, &[1]);
    for customer in 0..500 {
        let session = bench.next_session();
        let principal = Principal::customer(CustomerId(customer));
        let _opened = bench.quick(&super::super::Input::OpenSession { session, principal });
    }
    bench.now = bench.now + Duration::from_secs(5);
    let _pushed = bench.desk.handle_timeout(bench.now);
    let command = Command::SetAgentState { state: AgentState::Away };
    let outcome = bench.quick(&super::super::Input::Ask { session: agent, command, facts: None });
    let to_customers = |it: &&super::super::Effect| matches!(it, super::super::Effect::ToCustomers { .. });
    assert_eq!(outcome.effects.iter().filter(to_customers).count(), 0, "nobody is told at once");
    let outcome = bench.desk.handle_timeout(bench.now + Duration::from_secs(1));
    assert_eq!(outcome.effects.iter().filter(to_customers).count(), 1, "then everybody by one frame");
}
