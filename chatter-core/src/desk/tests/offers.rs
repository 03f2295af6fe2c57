//! Row B7, rules 5 and 7: offers end exactly once, and whoever waits loses nothing by them.

use std::time::Duration;

use super::super::DeskSettings;
use super::support::{Bench, Sent};
use crate::policy::{LongestWait, PriorityAgeing};
use crate::protocol::{Command, OfferOutcome, StaffFrame};
use crate::{
    AgentId, AgentState, CategorySettings, ChatId, ChatState, ChatStatus, DeclineReason, EndReason, Fact, OfferEnd,
    Priority, Refusal, Routing, SessionId, StateCause, Trigger,
};

fn offering() -> CategorySettings {
    CategorySettings { routing: Routing::Offer, ..CategorySettings::default() }
}

fn bench_with(settings: DeskSettings) -> Bench {
    let mut bench = Bench::with(LongestWait, settings);
    bench.configure(1, offering());
    bench
}

fn bench() -> Bench {
    bench_with(DeskSettings::default())
}

/// How offers to an agent ended, as their session was told.
fn ended(bench: &mut Bench, session: SessionId) -> Vec<OfferOutcome> {
    let outcome = |sent| match sent {
        Sent::Staff(StaffFrame::OfferGone { outcome, .. }) => Some(outcome),
        _ => None,
    };
    bench.sent(session).into_iter().filter_map(outcome).collect()
}

fn offers_of(bench: &Bench, chat: ChatId) -> Vec<u64> {
    let to = |event: &crate::Event| match event.fact {
        Fact::ChatOffered { chat: of, agent, .. } if of == chat => Some(agent.0),
        _ => None,
    };
    bench.store.events.iter().filter_map(to).collect()
}

#[test]
fn an_offer_is_accepted_once_and_nobody_else_can_enter() {
    let mut bench = bench();
    let sessions: Vec<_> = (1..=4).map(|agent| bench.agent(agent, 1, &[1])).collect();
    let second_tab = bench.agent_session(1);
    let (customer, chat) = bench.arrive(1, 1);
    assert_eq!((bench.offered(chat), bench.holder(chat), bench.status(chat)), (Some(1), None, ChatStatus::Open));
    assert_eq!(bench.place(customer, chat).ahead, Some(0), "who is offered has nobody ahead");
    for session in &sessions[1..] {
        assert_eq!(bench.refused(*session, Command::AcceptOffer { chat }), Refusal::OfferGone { chat });
        assert_eq!(
            bench.refused(*session, Command::DeclineOffer { chat, reason: None }),
            Refusal::OfferGone { chat },
            "nobody answers for another"
        );
    }
    assert_eq!(bench.refused(customer, Command::AcceptOffer { chat }), Refusal::NotAllowed);
    bench.accept(sessions[0], chat);
    assert_eq!(bench.holder(chat), Some(1));
    for session in sessions.iter().chain([&second_tab]) {
        assert_eq!(bench.refused(*session, Command::AcceptOffer { chat }), Refusal::OfferGone { chat });
    }
    assert_eq!(ended(&mut bench, second_tab), [OfferOutcome::Accepted]);
    let accepted =
        |fact: &Fact| matches!(fact, Fact::ChatAssigned { choice, .. } if choice.trigger == Trigger::Accepted);
    assert_eq!(bench.count(accepted), 1);
    // The time for an answer is over, and nothing comes of it.
    bench.wait_secs(60);
    assert_eq!(bench.holder(chat), Some(1));
}

#[test]
fn a_decline_or_no_answer_passes_it_on_at_the_old_place() {
    for declines in [true, false] {
        let mut bench = bench();
        let first = bench.agent(1, 1, &[1]);
        let (customer, chat) = bench.arrive(1, 1);
        let arrived = bench.record(chat).arrived_at;
        bench.wait_secs(10);
        let (_, later) = bench.arrive(2, 1);
        let second = bench.agent(2, 1, &[1]);
        assert_eq!((bench.offered(chat), bench.offered(later)), (Some(1), Some(2)));
        let how = if declines {
            let reason = Some(DeclineReason::Busy);
            bench.done(first, Command::DeclineOffer { chat, reason });
            OfferEnd::Declined { reason }
        } else {
            bench.wait_secs(20);
            OfferEnd::Missed
        };
        let ends = bench.count(|fact| *fact == Fact::OfferEnded { chat, agent: AgentId(1), how });
        assert_eq!(ends, 1, "it says how it ended");
        assert_eq!(ended(&mut bench, first), [OfferOutcome::Ended(how)]);
        assert_eq!((bench.offered(chat), bench.record(chat).arrived_at), (None, arrived));
        assert_eq!(bench.place(customer, chat).place, Some(1), "rule 5: before whoever came later");
        bench.decline(second, later);
        assert_eq!(bench.offered(chat), Some(2), "the senior one goes first");
    }
}

#[test]
fn two_misses_in_a_row_set_the_agent_away_and_only_they_clear_it() {
    let mut bench = bench();
    let agent = bench.agent(1, 2, &[1]);
    let (_, first) = bench.arrive(1, 1);
    bench.wait_secs(30);
    assert_eq!(bench.state_of(1), AgentState::Online, "one miss is one");
    bench.wait_secs(60);
    assert_eq!(bench.offered(first), Some(1), "asked again after the cool-down");
    bench.decline(agent, first);
    let (_, second) = bench.arrive(2, 1);
    bench.wait_secs(30);
    assert_eq!(bench.state_of(1), AgentState::Online, "an answer in between ends the row");
    let (_, third) = bench.arrive(3, 1);
    bench.wait_secs(15);
    let (_, fourth) = bench.arrive(4, 1);
    assert_eq!((bench.offered(third), bench.offered(fourth)), (Some(1), Some(1)));
    bench.wait_secs(15);
    assert_eq!(bench.state_of(1), AgentState::Away);
    let missed = |fact: &Fact| matches!(fact, Fact::AgentStateChanged { cause: StateCause::Missed, .. });
    assert_eq!(bench.count(missed), 1);
    assert_eq!(bench.offered(fourth), None, "what else they are asked is taken back");
    // Neither time nor another tab clears it.
    bench.wait_secs(3_600);
    bench.agent_session(1);
    assert_eq!(bench.state_of(1), AgentState::Away);
    bench.declare(agent, AgentState::Online);
    assert!([first, second, third, fourth].iter().any(|chat| bench.offered(*chat) == Some(1)));
    bench.wait_secs(15);
    assert_eq!(bench.state_of(1), AgentState::Online);
    let offered: Vec<_> =
        [first, second, third, fourth].into_iter().filter(|chat| bench.offered(*chat).is_some()).collect();
    for chat in &offered[1..] {
        bench.decline(agent, *chat);
    }
    bench.wait_secs(15);
    assert_eq!(bench.state_of(1), AgentState::Online, "a new row begins: one miss is one");
}

/// What takes an offer back.
type Leaving = fn(&mut Bench, SessionId);

#[test]
fn an_offer_is_withdrawn_from_who_takes_no_chats() {
    let table: [(&str, Leaving); 6] = [
        ("away", |bench, agent| bench.declare(agent, AgentState::Away)),
        ("offline", |bench, agent| bench.declare(agent, AgentState::Offline)),
        ("last call", |bench, agent| bench.declare(agent, AgentState::LastCall)),
        ("signed out", |bench, agent| bench.done(agent, Command::SignOut { all: true })),
        ("removed", |bench, _| {
            bench.put(super::super::Input::RemoveAgent { agent: AgentId(1) });
        }),
        ("not connected when the time is over", |bench, agent| {
            bench.close(agent);
            bench.wait_secs(30);
        }),
    ];
    for (name, leave) in table {
        let mut bench = bench();
        let agent = bench.agent(1, 1, &[1]);
        let (_, chat) = bench.arrive(1, 1);
        assert_eq!(bench.offered(chat), Some(1));
        leave(&mut bench, agent);
        assert_eq!(bench.offered(chat), None, "{name}");
        let withdrawn = Fact::OfferEnded { chat, agent: AgentId(1), how: OfferEnd::Withdrawn };
        assert_eq!(bench.count(|fact| *fact == withdrawn), 1, "{name}: that is no miss");
        bench.agent(2, 1, &[1]);
        assert_eq!(bench.offered(chat), Some(2), "{name}");
    }
}

#[test]
fn who_lets_a_chat_pass_is_asked_again_after_the_cool_down_and_after_the_others() {
    let mut bench = bench();
    let first = bench.agent(1, 1, &[1]);
    let (_, chat) = bench.arrive(1, 1);
    bench.decline(first, chat);
    bench.wait(Duration::from_millis(59_999));
    assert_eq!(bench.offered(chat), None, "they cool down, though they have room");
    bench.wait_ms(1);
    assert_eq!(bench.offered(chat), Some(1), "nobody else is there");
    bench.decline(first, chat);

    // The other one, who is asked only once they are free, is asked first all the same.
    let second = bench.agent(2, 1, &[1, 2]);
    bench.decline(second, chat);
    assert_eq!(offers_of(&bench, chat), [1, 1, 2]);
    bench.wait_secs(61);
    let again = bench.offered(chat).unwrap();
    assert_eq!(again, 1, "whose cool-down ended first");
}

#[test]
fn a_chat_that_comes_back_is_left_to_whoever_has_not_passed_it() {
    let mut bench = bench();
    let first = bench.agent(1, 1, &[1]);
    let second = bench.agent(2, 1, &[1, 2]);
    bench.set_agent(3, 1, &[2]);
    let (_, held) = bench.arrive(9, 2);
    assert_eq!(bench.holder(held), Some(2));
    let (customer, chat) = bench.arrive(1, 1);
    bench.decline(first, chat);
    bench.wait_secs(10);
    bench.close(customer);
    bench.done(second, Command::EndChat { chat: held });
    bench.wait_secs(55);
    assert_eq!(bench.offered(chat), None, "its customer is gone");
    bench.customer(1);
    assert_eq!(bench.offered(chat), Some(2), "rule 5: not the one who passed, though both have room");
}

#[test]
fn one_agent_and_no_time_at_all_do_not_spin() {
    let zero = Duration::ZERO;
    let settings =
        DeskSettings { offer_timeout: zero, cool_down: zero, misses_until_away: 0, ..DeskSettings::default() };
    let mut bench = bench_with(settings);
    let _agent = bench.agent(1, 1, &[1]);
    let (_, chat) = bench.arrive(1, 1);
    bench.wait_secs(10);
    let asked = offers_of(&bench, chat).len();
    assert!((2..=12).contains(&asked), "rule 5: asked {asked} times in 10 s");
}

#[test]
fn an_offer_outlives_a_restart_and_its_time_starts_anew() {
    let mut bench = bench();
    bench.agent(1, 1, &[1]);
    bench.arrive(1, 1);
    let chat = ChatId(1);
    bench.wait_secs(29);
    bench.restart();
    bench.customer(1);
    let agent = bench.agent_session(1);
    bench.wait_secs(29);
    assert_eq!(bench.offered(chat), Some(1));
    bench.accept(agent, chat);
    assert_eq!(bench.holder(chat), Some(1));

    let (_, other) = bench.arrive(2, 1);
    assert_eq!(bench.offered(other), None, "full");
    bench.done(agent, Command::EndChat { chat });
    assert_eq!(bench.offered(other), Some(1));
    bench.restart();
    bench.customer(2);
    bench.wait_secs(30);
    assert_eq!(bench.offered(other), None, "nobody came back who could answer");
    assert_eq!(bench.state_of(1), AgentState::Online, "which is no miss");
}

#[test]
fn a_customer_who_leaves_while_offered_has_the_grace() {
    let settings = DeskSettings { offer_timeout: Duration::from_secs(300), ..DeskSettings::default() };
    let mut bench = bench_with(settings);
    let agent = bench.agent(1, 2, &[1]);
    let (customer, chat) = bench.arrive(1, 1);
    bench.close(customer);
    bench.wait_secs(59);
    let customer = bench.customer(1);
    bench.wait_secs(59);
    assert_eq!(bench.offered(chat), Some(1), "who is back within the grace has lost nothing");
    bench.close(customer);
    bench.wait_secs(10);
    bench.decline(agent, chat);
    bench.agent(2, 1, &[1]);
    assert_eq!(bench.offered(chat), None, "nobody is asked to take a chat whose customer is gone");
    let customer = bench.customer(1);
    assert_eq!(bench.offered(chat), Some(2));
    bench.close(customer);
    bench.wait_secs(60);
    assert_eq!(bench.record(chat).end().map(|(.., why)| why), Some(EndReason::Abandoned));
}

#[test]
fn a_priority_set_while_offered_counts_once_it_waits_again() {
    let mut bench = Bench::with(PriorityAgeing::default(), DeskSettings::default());
    bench.configure(1, offering());
    let agent = bench.agent(1, 1, &[1]);
    let (_, chat) = bench.arrive(1, 1);
    bench.wait_secs(1);
    let (customer, other) = bench.arrive(2, 1);
    let supervisor = bench.supervisor(1);
    bench.done(supervisor, Command::SetPriority { chat, priority: Priority::Low });
    assert_eq!(bench.offered(chat), Some(1), "the offer stands");
    bench.decline(agent, chat);
    assert_eq!(bench.offered(other), Some(1));
    bench.decline(agent, other);
    assert_eq!(bench.place(customer, other).place, Some(1), "before the one who is less urgent now");
    assert_eq!(bench.record(chat).state, ChatState::Waiting);
}
