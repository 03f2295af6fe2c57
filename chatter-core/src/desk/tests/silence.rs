//! Row B19, rule 15: timers know whose turn it is; and the longest wait of row B15.

use std::time::Duration;

use super::super::DeskSettings;
use super::support::{Bench, Sent, note};
use crate::policy::LongestWait;
use crate::protocol::{Command, StaffFrame};
use crate::{
    AgentId, AgentState, Body, CategorySettings, ChatId, ChatStatus, EndReason, Fact, RequeueCause, Routing, SessionId,
    Side, SystemLine, Time,
};

const PARK: u64 = 600;

fn secs(seconds: u64) -> Option<Duration> {
    Some(Duration::from_secs(seconds))
}

/// An agent with a limit of one who has replied to their customer.
fn replied(settings: DeskSettings) -> (Bench, SessionId, SessionId, ChatId) {
    let mut bench = Bench::with(LongestWait, settings);
    let agent = bench.agent(1, 1, &[1]);
    let (customer, chat) = bench.arrive(1, 1);
    bench.say(agent, chat, "hello");
    (bench, agent, customer, chat)
}

fn end(bench: &Bench, chat: ChatId) -> Option<(Side, EndReason)> {
    bench.record(chat).end().map(|(_, by, reason)| (by, reason))
}

fn load(bench: &Bench, agent: u64) -> u32 {
    bench.desk.state.agents[&AgentId(agent)].load()
}

fn warnings(bench: &Bench, chat: ChatId) -> Vec<Time> {
    let warns = |entry: &&crate::Entry| entry.body == Body::System { line: SystemLine::SilenceWarning };
    bench.store.transcript(chat).filter(warns).map(|entry| entry.at).collect()
}

#[test]
fn somebody_who_has_joined_does_not_reply_for_the_holder() {
    let mut bench = Bench::new();
    bench.agent(1, 1, &[1]);
    let supervisor = bench.overseer(9);
    let (_, chat) = bench.arrive(1, 1);
    bench.reply(supervisor, Command::JoinChat { chat });
    bench.wait_secs(100);
    bench.say(supervisor, chat, "hello");
    assert!(!bench.record(chat).replied);
    bench.wait_secs(80);
    let cause = RequeueCause::NoFirstReply;
    assert_eq!(bench.count(|fact| *fact == Fact::ChatRequeued { chat, agent: AgentId(1), cause }), 1);
}

#[test]
fn who_does_not_reply_first_loses_the_chat_to_another() {
    let mut bench = Bench::new();
    let first = bench.agent(1, 1, &[1]);
    let (customer, chat) = bench.arrive(1, 1);
    let arrived = bench.record(chat).arrived_at;
    // Notes are no reply, and what the customer writes gives no more time.
    bench.wait_secs(100);
    bench.reply(first, note(chat, "n1", "thinking"));
    bench.say(customer, chat, "hello?");
    bench.agent(2, 1, &[1]);
    bench.wait(Duration::from_micros(79_999_999));
    assert_eq!(bench.holder(chat), Some(1));
    bench.sent(first);
    bench.wait(Duration::from_micros(1));
    assert_eq!((bench.holder(chat), bench.record(chat).arrived_at), (Some(2), arrived));
    let cause = RequeueCause::NoFirstReply;
    assert_eq!(bench.count(|fact| *fact == Fact::ChatRequeued { chat, agent: AgentId(1), cause }), 1);
    assert!(bench.sent(first).contains(&Sent::Staff(StaffFrame::ChatGone { chat })));
    // The other one is alone, and the first has passed it: it comes back after the cool-down only.
    bench.wait_secs(180);
    assert_eq!(bench.holder(chat), Some(1), "cooled down by now");
    bench.say(first, chat, "hello");
    bench.wait_secs(300);
    assert_eq!(bench.holder(chat), Some(1), "who has replied keeps it, however long they think");
}

#[test]
fn a_chat_does_not_come_straight_back_to_who_did_not_reply() {
    let mut bench = Bench::new();
    let _agent = bench.agent(1, 1, &[1]);
    let (_, chat) = bench.arrive(1, 1);
    bench.wait_secs(180);
    assert_eq!(bench.holder(chat), None);
    bench.wait_secs(59);
    assert_eq!(bench.holder(chat), None);
    bench.wait_secs(1);
    assert_eq!(bench.holder(chat), Some(1));

    let zero = Duration::ZERO;
    let mut bench = Bench::with(
        LongestWait,
        DeskSettings { first_reply_within: Some(zero), cool_down: zero, ..DeskSettings::default() },
    );
    let _agent = bench.agent(1, 1, &[1]);
    bench.arrive(1, 1);
    bench.wait_secs(10);
    let assigned = bench.count(|fact| matches!(fact, Fact::ChatAssigned { .. }));
    assert!((2..=12).contains(&assigned), "rule 5: no spin, {assigned} times in 10 s");
}

#[test]
fn a_last_call_ends_with_the_chat_that_was_not_replied_to() {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 1, &[1]);
    let (_, chat) = bench.arrive(1, 1);
    bench.declare(agent, AgentState::LastCall);
    bench.wait_secs(180);
    assert_eq!((bench.holder(chat), bench.state_of(1)), (None, AgentState::Offline));
}

#[test]
fn a_silent_customer_frees_the_slot_and_takes_it_again() {
    let (mut bench, agent, customer, chat) = replied(DeskSettings::default());
    let (second, waiting) = bench.arrive(2, 1);
    let updated = bench.record(chat).updated_at;
    bench.wait(Duration::from_micros(PARK * 1_000_000 - 1));
    assert!(!bench.record(chat).parked);
    bench.sent(agent);
    bench.sent(customer);
    bench.wait(Duration::from_micros(1));
    assert!(bench.record(chat).parked);
    assert_eq!((bench.holder(chat), bench.holder(waiting)), (Some(1), Some(1)), "the slot went to who waits");
    let told = bench.sent(agent);
    let parked = |it: &Sent| matches!(it, Sent::Staff(StaffFrame::Chat { chat: it }) if it.chat == chat && it.parked);
    assert!(told.iter().any(parked), "{told:?}");
    assert_eq!(bench.sent(customer), [], "the customer is not told");
    assert_eq!(bench.record(chat).updated_at, updated);
    bench.check_restore();

    // Back past the limit, which blocks new work.
    let (_, third) = bench.arrive(3, 1);
    bench.say(customer, chat, "back");
    assert_eq!(bench.count(|fact| *fact == Fact::ChatUnparked { chat, over_limit: true }), 1);
    assert_eq!((load(&bench, 1), bench.holder(chat)), (2, Some(1)));
    bench.done(second, Command::EndChat { chat: waiting });
    assert_eq!((load(&bench, 1), bench.holder(third)), (1, None), "still at the limit");
    bench.done(agent, Command::EndChat { chat });
    assert_eq!(bench.holder(third), Some(1));
}

#[test]
fn within_the_limit_a_return_is_no_exception() {
    let (mut bench, _, customer, chat) = replied(DeskSettings::default());
    bench.wait_secs(PARK);
    bench.say(customer, chat, "back");
    assert_eq!(bench.count(|fact| *fact == Fact::ChatUnparked { chat, over_limit: false }), 1);
    assert!(!bench.record(chat).parked);
    bench.wait_secs(10 * PARK);
    assert!(!bench.record(chat).parked, "it is the agent's turn now");
}

#[test]
fn silence_is_counted_from_the_agents_last_word_until_the_customers() {
    let (mut bench, agent, customer, chat) = replied(DeskSettings::default());
    bench.wait_secs(PARK - 1);
    bench.say(agent, chat, "are-you-there");
    bench.wait_secs(PARK - 1);
    assert!(!bench.record(chat).parked, "a further word starts the clock again");
    bench.reply(agent, note(chat, "n", "no answer"));
    bench.close(customer);
    bench.wait_secs(1);
    assert!(bench.record(chat).parked, "a note is no word to the customer, and absence changes nothing");
    bench.say(agent, chat, "still-here");
    assert!(bench.record(chat).parked, "what the agent says parks and unparks nothing");
    let customer = bench.customer(1);
    assert!(bench.record(chat).parked, "coming back is not speaking");
    bench.say(customer, chat, "yes");
    assert!(!bench.record(chat).parked);
}

/// When a chat was parked, warned and resolved, in seconds after the agent's word.
fn course(settings: DeskSettings) -> [Option<u64>; 3] {
    let warn_after = settings.warn_after;
    let (mut bench, _, _, chat) = replied(settings);
    let since = bench.now;
    let mut course = [None; 3];
    for second in 0..=50 {
        let seen = [bench.record(chat).parked, !warnings(&bench, chat).is_empty(), bench.record(chat).end().is_some()];
        for (at, seen) in course.iter_mut().zip(seen) {
            if seen && at.is_none() {
                *at = Some(second);
            }
        }
        bench.wait_secs(1);
    }
    assert!(warnings(&bench, chat).len() <= 1, "warned once");
    assert_eq!(bench.count(|fact| matches!(fact, Fact::ChatParked { .. })), usize::from(course[0].is_some()));
    assert!(warnings(&bench, chat).iter().all(|at| Some(*at - since) == warn_after), "to the microsecond");
    if course[2].is_some() {
        assert_eq!(end(&bench, chat), Some((Side::System, EndReason::CustomerSilent)));
        assert!(!bench.record(chat).parked, "what is over is not parked");
    }
    course
}

#[test]
fn the_stages_come_in_the_order_of_their_durations_whatever_these_are() {
    // (park, warn, resolve) as set, and as seen.
    let table = [
        ([None, None, None], [None, None, None]),
        ([Some(10), None, None], [Some(10), None, None]),
        ([None, Some(10), None], [None, Some(10), None]),
        ([None, None, Some(10)], [None, None, Some(10)]),
        ([Some(10), Some(20), Some(30)], [Some(10), Some(20), Some(30)]),
        ([Some(30), Some(20), Some(10)], [None, None, Some(10)]),
        ([Some(20), Some(10), Some(30)], [Some(20), Some(10), Some(30)]),
        ([Some(30), Some(10), Some(20)], [None, Some(10), Some(20)]),
        ([None, Some(10), Some(10)], [None, Some(10), Some(10)]),
        ([None, Some(0), Some(1)], [None, Some(1), Some(1)]),
    ];
    for (set, seen) in table {
        let [park_after, warn_after, resolve_after] = set.map(|it| it.and_then(secs));
        // A duration of zero is over once the timer is looked at; here that is a second later.
        assert_eq!(course(DeskSettings { park_after, warn_after, resolve_after, ..DeskSettings::default() }), seen);
    }
}

#[test]
fn all_stages_at_once_are_all_done_once() {
    let settings =
        DeskSettings { park_after: secs(10), warn_after: secs(10), resolve_after: secs(10), ..DeskSettings::default() };
    let (mut bench, _, _, chat) = replied(settings);
    bench.wait_secs(10);
    let parked = bench.count(|fact| matches!(fact, Fact::ChatParked { .. }));
    assert_eq!((parked, warnings(&bench, chat).len()), (1, 1));
    assert_eq!(end(&bench, chat), Some((Side::System, EndReason::CustomerSilent)));
}

#[test]
fn a_further_word_warns_again_later() {
    let settings = DeskSettings { warn_after: secs(10), resolve_after: secs(20), ..DeskSettings::default() };
    let (mut bench, agent, _, chat) = replied(settings);
    for word in ["a", "b", "c"] {
        bench.wait_secs(15);
        bench.say(agent, chat, word);
    }
    assert_eq!((warnings(&bench, chat).len(), end(&bench, chat)), (3, None));
    bench.wait_secs(20);
    assert_eq!(end(&bench, chat), Some((Side::System, EndReason::CustomerSilent)));
}

#[test]
fn a_parked_chat_whose_agent_goes_waits_until_the_customer_speaks() {
    for lost in [true, false] {
        let (mut bench, agent, customer, chat) = replied(DeskSettings::default());
        bench.wait_secs(PARK);
        if lost {
            bench.close(agent);
            bench.wait_secs(30);
        } else {
            bench.declare(agent, AgentState::Offline);
        }
        assert_eq!((bench.status(chat), bench.record(chat).parked), (ChatStatus::Open, true));
        bench.agent(2, 2, &[1]);
        assert_eq!(bench.holder(chat), None, "nobody is given a chat whose customer says nothing");
        assert_eq!(bench.place(customer, chat).place, Some(1), "it keeps its place");
        bench.check_restore();
        bench.say(customer, chat, "back");
        assert_eq!(bench.holder(chat), Some(2));
        assert!(!bench.record(chat).parked);
    }
}

#[test]
fn a_parked_chat_that_ends_leaves_no_wrap_up() {
    let (mut bench, agent, _, chat) = replied(DeskSettings::default());
    bench.configure(1, CategorySettings { wrap_up: Duration::from_secs(30), ..CategorySettings::default() });
    let (_, second) = bench.arrive(2, 1);
    bench.wait_secs(PARK);
    assert_eq!((bench.holder(second), load(&bench, 1)), (Some(1), 1));
    bench.done(agent, Command::EndChat { chat });
    assert_eq!(load(&bench, 1), 1, "rule 2: a slot that was free is not taken by an end");
    bench.done(agent, Command::EndChat { chat: second });
    assert_eq!(load(&bench, 1), 1, "the wrap-up of one that took room");
    bench.wait_secs(30);
    assert_eq!(load(&bench, 1), 0);
}

#[test]
fn a_new_episode_is_not_parked_and_its_agent_owes_a_reply() {
    let settings = DeskSettings { resolve_after: secs(700), ..DeskSettings::default() };
    let (mut bench, agent, customer, chat) = replied(settings);
    bench.wait_secs(700);
    assert_eq!(bench.status(chat), ChatStatus::Resolved);
    assert_eq!(bench.join(customer, 1), chat);
    assert_eq!((bench.holder(chat), bench.record(chat).parked), (Some(1), false));
    bench.wait_secs(179);
    assert_eq!(bench.holder(chat), Some(1));
    bench.say(agent, chat, "hello-again");
    bench.wait_secs(PARK);
    assert!(bench.record(chat).parked);
}

#[test]
fn each_timer_can_be_switched_off() {
    let off = DeskSettings { first_reply_within: None, park_after: None, ..DeskSettings::default() };
    let mut bench = Bench::with(LongestWait, off);
    let agent = bench.agent(1, 1, &[1]);
    let (_, chat) = bench.arrive(1, 1);
    bench.wait_secs(24 * 3_600);
    assert_eq!(bench.holder(chat), Some(1));
    bench.say(agent, chat, "hello");
    bench.wait_secs(24 * 3_600);
    assert_eq!((bench.holder(chat), bench.record(chat).parked), (Some(1), false));
}

#[test]
fn downtime_is_nobodys_silence() {
    let settings = DeskSettings { resolve_after: secs(1_000), ..DeskSettings::default() };
    let (mut bench, _, _, silent) = replied(settings);
    bench.set_agent(1, 2, &[1]);
    bench.wait_secs(PARK - 1);
    let (_, unanswered) = bench.arrive(2, 1);
    bench.wait_secs(1 + 178);
    assert!(bench.record(silent).parked);
    bench.restart();
    let _agent = bench.agent_session(1);
    bench.customer(2);
    bench.wait_secs(179);
    assert_eq!(bench.holder(unanswered), Some(1), "in full");
    bench.wait_secs(1);
    assert_eq!(bench.holder(unanswered), None);
    bench.wait_secs(819);
    assert_eq!(end(&bench, silent), None, "in full");
    bench.wait_secs(1);
    assert_eq!(end(&bench, silent), Some((Side::System, EndReason::CustomerSilent)));
}

fn impatient(max_wait: u64) -> CategorySettings {
    CategorySettings { max_wait: secs(max_wait), ..CategorySettings::default() }
}

#[test]
fn who_waits_too_long_is_told_so() {
    let mut bench = Bench::new();
    bench.configure(1, impatient(60));
    let (_, chat) = bench.arrive(1, 1);
    bench.wait(Duration::from_micros(59_999_999));
    assert_eq!(end(&bench, chat), None);
    bench.wait(Duration::from_micros(1));
    assert_eq!(end(&bench, chat), Some((Side::System, EndReason::WaitedTooLong)));

    // Changed while somebody waits: it holds for the whole wait.
    let (_, chat) = bench.arrive(2, 2);
    bench.wait_secs(100);
    bench.configure(2, impatient(120));
    bench.wait_secs(19);
    assert_eq!(end(&bench, chat), None);
    bench.configure(2, CategorySettings::default());
    bench.wait_secs(100);
    assert_eq!(end(&bench, chat), None, "switched off");
    bench.configure(2, impatient(120));
    bench.settle();
    assert_eq!(end(&bench, chat), Some((Side::System, EndReason::WaitedTooLong)));
}

#[test]
fn while_it_is_offered_the_longest_wait_is_off() {
    let mut bench = Bench::new();
    bench.configure(1, CategorySettings { routing: Routing::Offer, ..impatient(60) });
    let (_, chat) = bench.arrive(1, 1);
    bench.wait_secs(50);
    let agent = bench.agent(1, 1, &[1]);
    bench.wait_secs(20);
    assert_eq!(bench.offered(chat), Some(1));
    bench.decline(agent, chat);
    bench.settle();
    assert_eq!(end(&bench, chat), Some((Side::System, EndReason::WaitedTooLong)), "it comes due on the return");
}

#[test]
fn who_was_answered_has_not_waited_since_but_who_was_not_has() {
    for answered in [true, false] {
        let mut bench = Bench::new();
        bench.configure(1, impatient(60));
        let agent = bench.agent(1, 1, &[1]);
        let (_, chat) = bench.arrive(1, 1);
        bench.wait_secs(100);
        if answered {
            bench.say(agent, chat, "hello");
        }
        bench.declare(agent, AgentState::Offline);
        bench.settle();
        assert_eq!(end(&bench, chat).is_none(), answered, "the loss of an agent throws nobody out");
        bench.wait_secs(59);
        assert_eq!(end(&bench, chat).is_none(), answered);
        bench.wait_secs(1);
        assert!(end(&bench, chat).is_some());
    }
}
