//! Rule 9 and row B10: transfers to an agent at once and with an offer, to a category, and all that can come between.

use std::time::Duration;

use super::super::{DeskSettings, Input};
use super::support::{Bench, Sent, message};
use crate::policy::LongestWait;
use crate::protocol::{Command, OfferOutcome, StaffFrame, TransferTo};
use crate::{
    AgentId, AgentState, Body, CategoryId, CategoryRecord, ChatId, Fact, Name, OfferEnd, Refusal, Routing, SessionId,
    SystemLine, Text, Unavailable,
};

/// Chats of this category are offered.
pub(super) fn offers_in(bench: &mut Bench, category: u32) {
    let mut record = CategoryRecord::new(CategoryId(category), Name::new("Offered").unwrap());
    record.settings.routing = Routing::Offer;
    bench.put(Input::SetCategory(record));
}

fn to_agent(chat: ChatId, agent: u64) -> Command {
    Command::TransferChat { chat, to: TransferTo::Agent(AgentId(agent)), note: None }
}

fn to_category(chat: ChatId, category: u32) -> Command {
    Command::TransferChat { chat, to: TransferTo::Category(CategoryId(category)), note: None }
}

fn with_note(command: Command, text: &str) -> Command {
    match command {
        Command::TransferChat { chat, to, .. } => {
            Command::TransferChat { chat, to, note: Some(Text::new(text).unwrap()) }
        }
        other => other,
    }
}

/// Agent 1 holds the chat of customer 1, in category 1.
fn held() -> (Bench, SessionId, SessionId, ChatId) {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 1, &[1]);
    let (customer, chat) = bench.arrive(1, 1);
    bench.subscribe(agent, chat);
    (bench, agent, customer, chat)
}

/// The same where chats are offered; agent 2 serves another category and is asked to take it over.
fn asked() -> (Bench, [SessionId; 2], SessionId, ChatId) {
    let mut bench = Bench::new();
    offers_in(&mut bench, 1);
    let source = bench.agent(1, 1, &[1]);
    let (customer, chat) = bench.arrive(1, 1);
    bench.done(source, Command::AcceptOffer { chat });
    bench.subscribe(source, chat);
    let target = bench.agent(2, 1, &[2]);
    bench.sent(target);
    bench.done(source, to_agent(chat, 2));
    (bench, [source, target], customer, chat)
}

fn bodies(bench: &Bench, chat: ChatId) -> Vec<Body> {
    bench.store.transcript(chat).map(|entry| entry.body.clone()).collect()
}

/// How the transfers of this chat ended that were not taken, in order.
fn ends(bench: &Bench, chat: ChatId) -> Vec<OfferEnd> {
    let end = |fact: &&Fact| match fact {
        Fact::TransferEnded { chat: of, how, .. } if *of == chat => Some(*how),
        _ => None,
    };
    bench.facts_since(0).iter().filter_map(end).collect()
}

#[test]
fn at_once_the_target_has_it_and_the_source_hears_nothing_more() {
    let (mut bench, source, customer, chat) = held();
    let target = bench.agent(2, 1, &[2]);
    bench.sent(source);
    bench.sent(customer);
    bench.done(source, with_note(to_agent(chat, 2), "wants a refund"));
    assert_eq!(bench.holder(chat), Some(2), "an agent of another category may be the target");
    let bodies = bodies(&bench, chat);
    let note = Body::Note { text: Text::new("wants a refund").unwrap() };
    let (from, to) = (AgentId(1), AgentId(2));
    let line = SystemLine::TransferredToAgent { from, to, name: Name::new("Agent 2").unwrap() };
    assert_eq!(bodies[bodies.len() - 2..], [note, Body::System { line }]);
    let gone = Sent::Staff(StaffFrame::ChatGone { chat });
    assert!(bench.sent(source).contains(&gone));
    assert!(!bench.sent(customer).contains(&Sent::Token(chat)), "the customer has the token");
    let has_it = |sent: &Sent| matches!(sent, Sent::Staff(StaffFrame::Chat { chat: view }) if view.chat == chat);
    assert!(bench.sent(target).iter().any(has_it));
    bench.wait_secs(5);
    bench.sent(source);
    bench.say(customer, chat, "m");
    assert_eq!(bench.sent(source), [], "the source hears nothing more");
    assert_eq!(bench.refused(source, message(chat, "no", "not mine")), Refusal::NotYourChat { chat });
    bench.restart();
    assert_eq!(bench.holder(chat), Some(2));
}

#[test]
fn who_cannot_take_it_is_refused_with_the_reason() {
    type Prepare = fn(&mut Bench);
    let table: [(Prepare, Unavailable); 8] = [
        (|bench| bench.set_agent(2, 1, &[2]), Unavailable::Offline),
        (
            |bench| {
                bench.set_agent(2, 1, &[2]);
                bench.agent_session(2);
            },
            Unavailable::Offline,
        ),
        (
            |bench| {
                bench.agent(2, 1, &[2]);
                bench.put(Input::RemoveAgent { agent: AgentId(2) });
            },
            Unavailable::Offline,
        ),
        (
            |bench| {
                let session = bench.agent(2, 1, &[2]);
                bench.declare(session, AgentState::Away);
            },
            Unavailable::Away,
        ),
        (
            |bench| {
                let session = bench.agent(2, 2, &[2]);
                bench.arrive(7, 2);
                bench.declare(session, AgentState::LastCall);
            },
            Unavailable::LastCall,
        ),
        (
            |bench| {
                let session = bench.agent(2, 2, &[2]);
                bench.close(session);
            },
            Unavailable::Disconnected,
        ),
        (
            |bench| {
                bench.agent(2, 1, &[2]);
                bench.arrive(7, 2);
            },
            Unavailable::Full,
        ),
        (
            |bench| {
                bench.agent(2, 2, &[2]);
                bench.arrive(7, 2);
            },
            Unavailable::Resting,
        ),
    ];
    for (prepare, reason) in table {
        let gap = if reason == Unavailable::Resting { Duration::from_secs(5) } else { Duration::ZERO };
        let mut bench = Bench::with(LongestWait, DeskSettings { breathing_gap: gap, ..DeskSettings::default() });
        let source = bench.agent(1, 1, &[1]);
        let (_, chat) = bench.arrive(1, 1);
        prepare(&mut bench);
        let events = bench.store.events.len();
        let refusal = bench.refused(source, with_note(to_agent(chat, 2), "lost words"));
        assert_eq!(refusal, Refusal::AgentUnavailable { agent: AgentId(2), reason });
        assert_eq!(bench.store.events.len(), events, "{reason:?}: the note is not left either");
    }
}

#[test]
fn what_cannot_be_given_away_is_refused() {
    let (mut bench, source, customer, chat) = held();
    let stranger = bench.agent(2, 1, &[2]);
    let (_, other) = bench.arrive(1, 3);
    let holds = Refusal::AgentUnavailable { agent: AgentId(1), reason: Unavailable::Holds };
    let table = [
        (source, to_agent(chat, 1), holds),
        (source, to_agent(chat, 9), Refusal::UnknownAgent),
        (source, to_category(chat, 9), Refusal::UnknownCategory),
        (source, to_category(chat, 3), Refusal::CustomerHasChat { chat: other }),
        (source, to_agent(ChatId(99), 2), Refusal::UnknownChat { chat: ChatId(99) }),
        (stranger, to_agent(chat, 2), Refusal::UnknownChat { chat }),
        (customer, to_agent(chat, 2), Refusal::NotAllowed),
    ];
    for (session, command, refusal) in table {
        assert_eq!(bench.refused(session, command.clone()), refusal, "{command:?}");
    }
    assert_eq!(bench.refused(source, to_category(chat, 1)).code(), "invalid", "the chat's own category");
    bench.done(source, Command::EndChat { chat });
    assert_eq!(bench.refused(source, to_agent(chat, 2)), Refusal::ChatResolved { chat });
    assert_eq!(bench.refused(customer, to_agent(chat, 2)), Refusal::NotAllowed);
    bench.wait_secs(25 * 3_600);
    assert_eq!(bench.refused(source, to_agent(chat, 2)), Refusal::ChatClosed { chat });
}

#[test]
fn a_category_gets_it_by_its_first_arrival_and_not_for_whom_it_came_from() {
    let (mut bench, source, customer, chat) = held();
    bench.set_agent(1, 2, &[1, 2]);
    // Agent 1 has one more slot, for somebody who came later.
    bench.wait_secs(10);
    bench.set_agent(1, 1, &[1, 2]);
    let (_, later) = bench.arrive(2, 2);
    bench.done(source, to_category(chat, 2));
    assert_eq!(bench.holder(later), Some(1), "the slot is free for others at once");
    assert_eq!(bench.record(chat).category, CategoryId(2));
    assert_eq!(bench.place(customer, chat).place, Some(1));
    let (third, behind) = bench.arrive(3, 2);
    assert_eq!(bench.place(third, behind).place, Some(2), "seniority survives");
    bench.done(source, Command::EndChat { chat: later });
    assert_eq!(bench.holder(behind), Some(1), "it does not bounce back while the source cools down");
    bench.agent(2, 1, &[2]);
    assert_eq!(bench.holder(chat), Some(2), "anybody else may have it at once");
    let moved = |body: &Body| matches!(body, Body::System { line: SystemLine::TransferredToCategory { .. } });
    assert_eq!(bodies(&bench, chat).iter().filter(|body| moved(body)).count(), 1);
}

#[test]
fn nobody_else_there_the_source_has_it_again_once_cooled_down() {
    let (mut bench, source, _customer, chat) = held();
    bench.set_agent(1, 2, &[1, 2]);
    bench.done(source, with_note(to_category(chat, 2), "a note goes along"));
    bench.wait(Duration::from_millis(59_999));
    assert_eq!(bench.holder(chat), None);
    bench.wait(Duration::from_millis(1));
    assert_eq!(bench.holder(chat), Some(1));
    assert!(bodies(&bench, chat).contains(&Body::Note { text: Text::new("a note goes along").unwrap() }));
}

#[test]
fn where_agents_are_asked_the_source_keeps_it_until_the_answer() {
    let (mut bench, [source, target], customer, chat) = asked();
    assert_eq!((bench.holder(chat), bench.record(chat).transfer_to), (Some(1), Some(AgentId(2))));
    let from_one =
        |sent: &Sent| matches!(sent, Sent::Staff(StaffFrame::Offer { offer }) if offer.from == Some(AgentId(1)));
    assert_eq!(bench.sent(target).iter().filter(|sent| from_one(sent)).count(), 1);
    // The slot is taken: nothing else comes to them.
    let (_, waiting) = bench.arrive(2, 2);
    assert_eq!(bench.holder(waiting), None, "rule 2: a slot is reserved");
    bench.say(customer, chat, "m");
    bench.say(source, chat, "still-here");
    let events = bench.store.events.len();
    bench.done(source, to_agent(chat, 2));
    assert_eq!(bench.store.events.len(), events, "asking the same agent again is asking once");
    bench.done(target, Command::AcceptOffer { chat });
    assert_eq!((bench.holder(chat), bench.record(chat).transfer_to), (Some(2), None));
    assert_eq!(bench.refused(target, Command::AcceptOffer { chat }), Refusal::OfferGone { chat });
    assert_eq!(ends(&bench, chat), [], "it was accepted: that is its one end");
    bench.wait_secs(60);
    assert_eq!(bench.holder(chat), Some(2), "no timer is left");
}

#[test]
fn declined_or_missed_the_source_keeps_it_and_is_told() {
    let (mut bench, [source, target], _customer, chat) = asked();
    bench.sent(source);
    bench.done(target, Command::DeclineOffer { chat, reason: None });
    let (to, declined) = (AgentId(2), OfferEnd::Declined { reason: None });
    let failed = Sent::Staff(StaffFrame::TransferFailed { chat, to, how: declined });
    assert!(bench.sent(source).contains(&failed));
    assert_eq!(bench.refused(target, Command::AcceptOffer { chat }), Refusal::OfferGone { chat });
    for missed in 1..=2 {
        bench.done(source, to_agent(chat, 2));
        bench.wait(Duration::from_millis(29_999));
        assert_eq!(bench.record(chat).transfer_to, Some(to));
        bench.wait(Duration::from_millis(1));
        assert_eq!(bench.holder(chat), Some(1));
        let away = if missed == 2 { AgentState::Away } else { AgentState::Online };
        assert_eq!(bench.state_of(2), away, "misses count as for any offer");
    }
    assert_eq!(ends(&bench, chat), [declined, OfferEnd::Missed, OfferEnd::Missed]);
}

#[test]
fn whatever_comes_between_withdraws_it_exactly_once() {
    type Between = fn(&mut Bench, [SessionId; 2], SessionId, ChatId);
    let table: [(&str, Between); 11] = [
        ("the customer ends it", |bench, _, customer, chat| bench.done(customer, Command::EndChat { chat })),
        ("the source ends it", |bench, [source, _], _, chat| bench.done(source, Command::EndChat { chat })),
        ("the source puts it back", |bench, [source, _], _, chat| bench.done(source, Command::UnassignChat { chat })),
        ("the source moves it", |bench, [source, _], _, chat| bench.done(source, to_category(chat, 2))),
        ("the source goes", |bench, [source, _], _, _| bench.declare(source, AgentState::Offline)),
        ("the source signs out", |bench, [source, _], _, _| bench.done(source, Command::SignOut { all: false })),
        ("the target goes", |bench, [_, target], _, _| bench.declare(target, AgentState::Offline)),
        ("the target is away", |bench, [_, target], _, _| bench.declare(target, AgentState::Away)),
        ("the target is removed", |bench, _, _, _| drop(bench.put(Input::RemoveAgent { agent: AgentId(2) }))),
        ("another is asked", |bench, [source, _], _, chat| {
            bench.agent(3, 1, &[3]);
            bench.done(source, to_agent(chat, 3));
        }),
        ("the target is not connected when it runs out", |bench, [_, target], _, _| {
            bench.close(target);
            bench.wait_secs(30);
        }),
    ];
    for (what, between) in table {
        let (mut bench, sessions, customer, chat) = asked();
        bench.sent(sessions[1]);
        between(&mut bench, sessions, customer, chat);
        assert_eq!(ends(&bench, chat), [OfferEnd::Withdrawn], "{what}");
        let third = bench.record(chat).transfer_to;
        assert_eq!(third.is_some(), what == "another is asked", "{what}");
        let outcome = OfferOutcome::Ended(OfferEnd::Withdrawn);
        let gone = Sent::Staff(StaffFrame::OfferGone { chat, outcome });
        let told = bench.sent(sessions[1]).contains(&gone);
        assert_eq!(told, !what.contains("not connected"), "{what}");
        bench.restart();
        bench.wait_secs(30);
        assert!(ends(&bench, chat).len() <= 2, "{what}");
    }
}

#[test]
fn a_source_who_is_lost_takes_the_transfer_with_them() {
    let (mut bench, [source, target], _customer, chat) = asked();
    bench.wait_secs(5);
    bench.close(source);
    bench.wait_secs(25);
    assert_eq!(ends(&bench, chat), [OfferEnd::Missed], "the answer is due before the source is lost");
    let source = bench.agent_session(1);
    bench.done(source, to_agent(chat, 2));
    bench.close(source);
    bench.wait_secs(30);
    assert_eq!(ends(&bench, chat).len(), 2);
    assert_eq!(bench.holder(chat), None, "rule 8");
    assert_eq!(bench.refused(target, Command::AcceptOffer { chat }), Refusal::OfferGone { chat });
}

#[test]
fn a_restart_in_the_middle_leaves_it_open_with_its_time_in_full() {
    for accept in [true, false] {
        let (mut bench, _, _, chat) = asked();
        bench.wait_secs(20);
        bench.restart();
        let _source = bench.agent_session(1);
        let target = bench.agent_session(2);
        bench.customer(1);
        bench.wait(Duration::from_millis(29_999));
        assert_eq!(bench.record(chat).transfer_to, Some(AgentId(2)));
        if accept {
            bench.done(target, Command::AcceptOffer { chat });
            assert_eq!(bench.holder(chat), Some(2));
        } else {
            bench.wait(Duration::from_millis(1));
            assert_eq!((bench.holder(chat), ends(&bench, chat)), (Some(1), vec![OfferEnd::Missed]));
        }
    }
}

#[test]
fn the_last_chat_of_a_last_call_can_be_given_away() {
    for command in [to_agent as fn(ChatId, u64) -> Command, |chat, _| to_category(chat, 2)] {
        let (mut bench, source, _customer, chat) = held();
        bench.agent(2, 1, &[2]);
        bench.declare(source, AgentState::LastCall);
        bench.done(source, command(chat, 2));
        assert_eq!((bench.holder(chat), bench.state_of(1)), (Some(2), AgentState::Offline));
    }
}

/// Whoever is asked to take a chat over may read it, and ask why it is where it is; afterwards neither.
#[test]
fn the_target_may_ask_why_while_it_is_asked() {
    let (mut bench, [_, target], _, chat) = asked();
    let why = Command::ExplainChat { chat };
    assert!(matches!(bench.reply(target, why.clone()), crate::desk::Reply::ChatExplained(_)));
    bench.reply(target, Command::ReadHistory { chat, before: 9, limit: 9 });
    bench.done(target, Command::DeclineOffer { chat, reason: None });
    assert_eq!(bench.refused(target, why), Refusal::UnknownChat { chat });
}
