//! Row B14, rule 10: a returning customer and the agent they had last.

use std::time::Duration;

use super::super::{Answer, Facts, Input, Lookup};
use super::support::Bench;
use crate::protocol::{Command, JoinQueue};
use crate::{
    AgentId, AgentState, CategoryId, CategorySettings, ChatId, ChatState, CustomerId, Fact, Name, Routing, SessionId,
    Trigger,
};

fn sticky(seconds: u64) -> CategorySettings {
    CategorySettings { sticky_wait: Some(Duration::from_secs(seconds)), ..CategorySettings::default() }
}

/// Customer 1 has had agent 1 in a chat that is closed by now; agents 1 and 2 are there, the second one would be
/// chosen otherwise. Gives the sessions of both, and the customer's.
fn known(seconds: u64) -> (Bench, SessionId, SessionId, SessionId) {
    let mut bench = Bench::new();
    bench.configure(1, sticky(seconds));
    let first = bench.agent(1, 1, &[1]);
    let (customer, chat) = bench.arrive(1, 1);
    bench.done(first, Command::EndChat { chat });
    bench.wait_secs(25 * 3_600);
    let second = bench.agent(2, 2, &[1]);
    (bench, first, second, customer)
}

fn trigger(bench: &Bench, chat: ChatId) -> Option<Trigger> {
    bench.store.events.iter().rev().find_map(|event| match &event.fact {
        Fact::ChatAssigned { chat: of, choice, .. } | Fact::ChatOffered { chat: of, choice, .. } if *of == chat => {
            Some(choice.trigger)
        }
        _ => None,
    })
}

/// Customer 9 takes agent 1's room.
fn fill(bench: &mut Bench, second: SessionId) -> ChatId {
    bench.declare(second, AgentState::Away);
    let (_, chat) = bench.arrive(9, 1);
    assert_eq!(bench.holder(chat), Some(1));
    bench.declare(second, AgentState::Online);
    chat
}

#[test]
fn a_returning_customer_goes_to_the_agent_they_had() {
    let (mut bench, _, _, customer) = known(60);
    let join = JoinQueue::new(Name::new("Carla").unwrap()).with_category(CategoryId(1));
    let command = Command::JoinQueue(join);
    let lookup = bench.ask(customer, command.clone());
    assert_eq!(lookup, Answer::Lookup(Lookup::LastAgent { customer: CustomerId(1) }), "it is not in memory");
    let facts = Some(Box::new(Facts { last_agent: Some(AgentId(1)), ..Facts::default() }));
    bench.put(Input::Ask { session: customer, command, facts });
    let chat = ChatId(2);
    assert_eq!((bench.holder(chat), trigger(&bench, chat)), (Some(1), Some(Trigger::Sticky)));
}

#[test]
fn a_stranger_goes_to_anybody() {
    let (mut bench, ..) = known(60);
    let (_, chat) = bench.arrive(2, 1);
    assert_eq!((bench.holder(chat), trigger(&bench, chat)), (Some(2), Some(Trigger::ChatReady)));
}

#[test]
fn who_waits_for_a_full_agent_gets_them_when_they_free_or_anybody_after_the_wait() {
    for frees in [true, false] {
        let (mut bench, first, second, customer) = known(60);
        let filling = fill(&mut bench, second);
        let chat = bench.join(customer, 1);
        assert_eq!(bench.holder(chat), None, "rule 3: held back, though another has room");
        bench.check_restore();
        bench.wait_secs(59);
        assert_eq!(bench.holder(chat), None);
        if frees {
            bench.done(first, Command::EndChat { chat: filling });
            assert_eq!((bench.holder(chat), trigger(&bench, chat)), (Some(1), Some(Trigger::Sticky)));
        } else {
            bench.wait_secs(1);
            assert_eq!(bench.holder(chat), Some(2), "the wait is bounded");
        }
    }
}

/// What ends a wait for somebody.
type Leaving = fn(&mut Bench, SessionId);

#[test]
fn nobody_waits_for_who_takes_no_chats() {
    let table: [(&str, Leaving); 6] = [
        ("away", |bench, first| bench.declare(first, AgentState::Away)),
        ("offline", |bench, first| bench.declare(first, AgentState::Offline)),
        ("last call", |bench, first| bench.declare(first, AgentState::LastCall)),
        ("gone", |bench, first| bench.close(first)),
        ("elsewhere", |bench, _| bench.set_agent(1, 1, &[2])),
        ("removed", |bench, _| {
            bench.put(Input::RemoveAgent { agent: AgentId(1) });
        }),
    ];
    for (name, leave) in table {
        // While the customer waits for them.
        let (mut bench, first, second, customer) = known(3_600);
        fill(&mut bench, second);
        let chat = bench.join(customer, 1);
        assert_eq!(bench.holder(chat), None, "{name}");
        leave(&mut bench, first);
        assert_eq!(bench.holder(chat), Some(2), "{name}: released at once");

        // Before the customer comes.
        let (mut bench, first, _, customer) = known(3_600);
        leave(&mut bench, first);
        let chat = bench.join(customer, 1);
        assert_eq!(bench.holder(chat), Some(2), "{name}: rule 10: never");
    }
}

#[test]
fn no_time_to_wait_means_only_who_has_room() {
    let (mut bench, _, second, customer) = known(0);
    fill(&mut bench, second);
    let chat = bench.join(customer, 1);
    assert_eq!(bench.holder(chat), Some(2));
}

#[test]
fn a_reopened_chat_waits_for_its_agent_too() {
    for by_join in [true, false] {
        let mut bench = Bench::new();
        bench.configure(1, sticky(60));
        let first = bench.agent(1, 1, &[1]);
        let (customer, chat) = bench.arrive(1, 1);
        bench.done(first, Command::EndChat { chat });
        let second = bench.agent(2, 1, &[1]);
        let filling = fill(&mut bench, second);
        if by_join {
            bench.join(customer, 1);
        } else {
            bench.say(customer, chat, "again");
        }
        assert_eq!(bench.record(chat).state, ChatState::Waiting);
        bench.done(first, Command::EndChat { chat: filling });
        assert_eq!(bench.holder(chat), Some(1));
    }
}

#[test]
fn the_last_agent_counts_only_where_they_serve_and_where_it_is_wanted() {
    let mut bench = Bench::new();
    bench.configure(2, sticky(60));
    let first = bench.agent(1, 2, &[1]);
    let (customer, chat) = bench.arrive(1, 1);
    assert_eq!(bench.holder(chat), Some(1));
    bench.agent(2, 2, &[2, 3]);
    // The chat of another category is live: no cold facts are needed. Agent 1 does not serve this one.
    let elsewhere = bench.join(customer, 2);
    assert_eq!(bench.holder(elsewhere), Some(2));
    // Category 3 does not care.
    bench.set_agent(1, 2, &[1, 3]);
    bench.done(first, Command::EndChat { chat });
    let other = bench.join(customer, 3);
    assert_eq!(trigger(&bench, other), Some(Trigger::ChatReady));
}

#[test]
fn whoever_declines_an_offer_is_not_waited_for() {
    let (mut bench, first, _, customer) = known(60);
    bench.configure(1, CategorySettings { routing: Routing::Offer, ..sticky(60) });
    let chat = bench.join(customer, 1);
    assert_eq!((bench.offered(chat), trigger(&bench, chat)), (Some(1), Some(Trigger::Sticky)));
    bench.decline(first, chat);
    assert_eq!(bench.offered(chat), Some(2));
}
