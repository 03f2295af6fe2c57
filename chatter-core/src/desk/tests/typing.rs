//! C5: who types, told at once and never stored.

use std::time::Duration;

use super::support::{Bench, Sent};
use crate::desk::{Change, DeskSettings, Input, Signal};
use crate::policy::LongestWait;
use crate::protocol::{Command, CustomerFrame, StaffFrame};
use crate::{AgentState, ChatId, SessionId};

fn held(settings: DeskSettings) -> (Bench, SessionId, SessionId, ChatId) {
    let mut bench = Bench::with(LongestWait, settings);
    let agent = bench.agent(1, 2, &[1]);
    let (customer, chat) = bench.arrive(1, 1);
    bench.subscribe(agent, chat);
    bench.sent(agent);
    bench.sent(customer);
    (bench, agent, customer, chat)
}

fn stop(chat: ChatId) -> Command {
    Command::Typing { chat, typing: false, text: None }
}

/// What a session was told of typing: whether, and the words.
fn typing(bench: &mut Bench, session: SessionId) -> Vec<(bool, Option<String>)> {
    let told = |sent| match sent {
        Sent::Staff(StaffFrame::Typing { typing, .. }) => {
            Some((typing.typing, typing.text.map(|text| text.as_str().to_owned())))
        }
        Sent::Customer(CustomerFrame::Typing { agent, typing, .. }) => Some((typing, Some(agent.as_str().to_owned()))),
        _ => None,
    };
    bench.sent(session).into_iter().filter_map(told).collect()
}

fn words(words: &str) -> (bool, Option<String>) {
    (true, Some(words.to_owned()))
}

const STOPPED: (bool, Option<String>) = (false, None);

#[test]
fn staff_sees_what_a_customer_types_and_their_other_tab_does_not() {
    let (mut bench, agent, customer, chat) = held(DeskSettings::default());
    let other = bench.customer(1);
    bench.subscribe(other, chat);
    bench.sent(other);
    bench.types(customer, chat, Some("My card"));
    bench.types(customer, chat, Some("My card is"));
    assert_eq!(typing(&mut bench, agent), [words("My card"), words("My card is")]);
    assert_eq!((bench.sent(other), bench.sent(customer)), (vec![], vec![]));
    bench.done(customer, stop(chat));
    assert_eq!(typing(&mut bench, agent), [STOPPED]);
    bench.done(customer, stop(chat));
    assert_eq!(typing(&mut bench, agent), [], "once");
}

#[test]
fn previews_can_be_switched_off() {
    let (mut bench, agent, customer, chat) = held(DeskSettings { typing_preview: false, ..DeskSettings::default() });
    bench.types(customer, chat, Some("My card"));
    assert_eq!(typing(&mut bench, agent), [(true, None)]);
}

#[test]
fn a_customer_sees_that_an_agent_types_and_never_what() {
    let (mut bench, agent, customer, chat) = held(DeskSettings::default());
    bench.types(agent, chat, Some("What a nuisance"));
    assert_eq!(typing(&mut bench, customer), [words("Agent 1")]);
    bench.say(agent, chat, "m");
    assert_eq!(typing(&mut bench, customer), [(false, Some("Agent 1".to_owned()))], "the message ends it");
}

type End = fn(&mut Bench, SessionId, SessionId, ChatId);

#[test]
fn typing_of_a_customer_ends_with_what_it_hangs_on() {
    let ends: [(&str, End); 4] = [
        ("time", |bench, _, _, _| bench.wait_secs(6)),
        ("the message", |bench, _, customer, chat| {
            bench.say(customer, chat, "m");
        }),
        ("the connection", |bench, _, customer, _| bench.close(customer)),
        ("the chat", |bench, _, customer, chat| bench.done(customer, Command::EndChat { chat })),
    ];
    for (name, end) in ends {
        let (mut bench, agent, customer, chat) = held(DeskSettings::default());
        bench.types(customer, chat, Some("My card"));
        bench.wait_ms(5_999);
        assert_eq!(typing(&mut bench, agent), [words("My card")], "{name}");
        end(&mut bench, agent, customer, chat);
        assert_eq!(typing(&mut bench, agent), [STOPPED], "{name}");
    }
}

/// However soon after its end the chat is closed.
#[test]
fn typing_ends_with_the_chat() {
    for close_after in [DeskSettings::default().close_after, Duration::ZERO] {
        let (mut bench, agent, customer, chat) = held(DeskSettings { close_after, ..DeskSettings::default() });
        bench.types(agent, chat, None);
        assert_eq!(typing(&mut bench, customer), [words("Agent 1")]);
        bench.done(customer, Command::EndChat { chat });
        assert_eq!(typing(&mut bench, customer), [(false, Some("Agent 1".to_owned()))]);
    }
}

#[test]
fn typing_of_an_agent_ends_with_what_it_hangs_on() {
    let ends: [(&str, End); 4] = [
        ("time", |bench, _, _, _| bench.wait_secs(6)),
        ("the connection", |bench, agent, _, _| bench.close(agent)),
        ("the agent's leaving", |bench, agent, _, _| bench.declare(agent, AgentState::Offline)),
        ("another name", |bench, _, _, _| {
            let name = crate::Name::new("Ada").unwrap();
            let categories = [crate::CategoryId(1)].into();
            bench.put(Input::SetAgent { agent: crate::AgentId(1), name, max_chats: 2, categories });
        }),
    ];
    for (name, end) in ends {
        let (mut bench, agent, customer, chat) = held(DeskSettings::default());
        bench.types(agent, chat, None);
        assert_eq!(typing(&mut bench, customer), [words("Agent 1")], "{name}");
        end(&mut bench, agent, customer, chat);
        assert_eq!(typing(&mut bench, customer), [(false, Some("Agent 1".to_owned()))], "{name}");
    }
}

/// The tab that says so last counts: what the other one says, or its end, changes nothing.
#[test]
fn of_two_tabs_the_last_counts() {
    let (mut bench, agent, customer, chat) = held(DeskSettings::default());
    let other = bench.customer(1);
    bench.types(customer, chat, Some("one"));
    bench.wait_secs(3);
    bench.types(other, chat, Some("two"));
    bench.done(customer, stop(chat));
    bench.close(customer);
    bench.wait_secs(5);
    assert_eq!(typing(&mut bench, agent), [words("one"), words("two")]);
    bench.wait_secs(1);
    assert_eq!(typing(&mut bench, agent), [STOPPED]);
}

#[test]
fn typing_is_told_five_times_a_second_at_most_and_ends_all_the_same() {
    let (mut bench, agent, customer, chat) = held(DeskSettings::default());
    for _ in 0..200 {
        bench.types(customer, chat, Some("keys"));
        bench.wait_ms(10);
    }
    bench.done(customer, stop(chat));
    let told = typing(&mut bench, agent);
    // Five at once, and one each fifth of a second for the rest of two seconds.
    assert_eq!((told.len(), told.last()), (5 + 9 + 1, Some(&STOPPED)));
    // It is not counted as messages.
    for id in 0..10 {
        bench.say(customer, chat, &id.to_string());
    }
}

#[test]
fn who_is_late_or_has_no_part_tells_nobody_and_learns_nothing() {
    let (mut bench, agent, customer, chat) = held(DeskSettings::default());
    let stranger = bench.customer(2);
    let supervisor = bench.overseer(9);
    bench.subscribe(supervisor, chat);
    bench.sent(supervisor);
    for session in [stranger, supervisor] {
        bench.types(session, chat, Some("hello"));
        bench.types(session, ChatId(77), Some("hello"));
    }
    bench.done(customer, Command::EndChat { chat });
    bench.sent(agent);
    bench.sent(customer);
    bench.types(customer, chat, Some("wait"));
    bench.types(agent, chat, None);
    bench.wait_secs(24 * 3_600);
    bench.types(customer, chat, Some("wait"));
    for session in [agent, customer, supervisor] {
        assert_eq!(typing(&mut bench, session), [], "{session}");
    }
}

#[test]
fn typing_makes_no_event_and_keeps_no_words() {
    let (mut bench, _, customer, chat) = held(DeskSettings::default());
    let events = bench.store.events.len();
    let text = crate::Text::new("unsent-canary").unwrap();
    let command = Command::Typing { chat, typing: true, text: Some(text) };
    let outcome = bench.outcome(Input::Ask { session: customer, command, facts: None });
    for change in &outcome.changes {
        assert!(matches!(change, Change::Signal(Signal::Typing { .. } | Signal::CompanyTold { .. })), "{change:?}");
    }
    assert!(!outcome.effects.is_empty());
    assert!(!format!("{outcome:?} {}", bench.desk.dump()).contains("unsent-canary"));
    bench.wait(Duration::from_secs(10));
    assert_eq!(bench.store.events.len(), events);
    assert!(bench.desk.state.chats[&chat].company.as_ref().is_none_or(|company| company.typing.is_empty()));
}

#[test]
fn typing_does_not_outlive_a_restart() {
    let (mut bench, _, customer, chat) = held(DeskSettings::default());
    bench.types(customer, chat, None);
    bench.restart();
    assert!(bench.desk.state.chats[&chat].company.is_none());
}
