//! Rule 8; rows A6, B9 and C13: intent, connectivity, graces, and who is told.

use std::time::Duration;

use super::support::{Bench, Sent};
use crate::protocol::{AgentsOnline, Command, CustomerFrame, PartyState, StaffFrame};
use crate::{AgentState, Body, ChatStatus, CloseReason, CustomerId, Fact, Principal, RequeueCause, SystemLine};

fn lines(bench: &Bench, chat: crate::ChatId) -> Vec<SystemLine> {
    let line = |entry: &crate::Entry| match &entry.body {
        Body::System { line } => Some(line.clone()),
        _ => None,
    };
    bench.store.transcript(chat).filter_map(line).collect()
}

fn numbers(bench: &mut Bench, session: crate::SessionId) -> Vec<AgentsOnline> {
    let number = |sent| match sent {
        Sent::Staff(StaffFrame::Agents { agents }) => Some(agents),
        _ => None,
    };
    bench.sent(session).into_iter().filter_map(number).collect()
}

#[test]
fn an_agent_has_half_a_minute_to_come_back() {
    for (away_ms, holder) in [(0, Some(1)), (29_999, Some(1)), (30_000, None)] {
        let mut bench = Bench::new();
        let agent = bench.agent(1, 2, &[1]);
        let (customer, chat) = bench.arrive(1, 1);
        bench.wait_secs(10);
        bench.sent(customer);
        bench.close(agent);
        bench.now = bench.now + Duration::from_millis(away_ms);
        let lost = Sent::Customer(CustomerFrame::Presence { chat, agent: PartyState::ConnectionLost });
        assert_eq!(bench.sent(customer), [lost]);
        bench.settle();
        assert_eq!(bench.holder(chat), holder, "after {away_ms} ms");
        bench.agent_session(1);
        assert_eq!(bench.holder(chat), Some(1), "back online, the agent has room for it");
        let lost = lines(&bench, chat).iter().filter(|line| matches!(line, SystemLine::AgentLost { .. })).count();
        assert_eq!(lost, usize::from(holder.is_none()));
        bench.wait_secs(600);
        assert_eq!(bench.holder(chat), Some(1), "the return ends the grace");
    }
}

#[test]
fn chats_of_a_lost_agent_go_to_the_head_by_their_original_arrival() {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 2, &[1]);
    let chats: Vec<_> = (1..=4)
        .map(|customer| {
            bench.wait_ms(10);
            bench.arrive(customer, 1)
        })
        .collect();
    let arrived: Vec<_> = chats.iter().map(|(_, chat)| bench.record(*chat).arrived_at).collect();
    bench.close(agent);
    bench.wait_secs(30);
    for (at, (session, chat)) in chats.iter().enumerate() {
        assert_eq!(bench.place(*session, *chat).place, Some(at as u64 + 1));
        assert_eq!(bench.record(*chat).arrived_at, arrived[at], "the original waiting time is kept");
    }
    let (_, first) = chats[0];
    let table = lines(&bench, first);
    assert!(matches!(
        table[..],
        [SystemLine::AgentJoined { .. }, SystemLine::AgentLost { .. }, SystemLine::BackInQueue]
    ));
    let _other = bench.agent(2, 1, &[1]);
    assert_eq!(bench.holder(first), Some(2));
}

#[test]
fn a_customer_in_a_chat_is_lost_then_left_and_the_chat_stays() {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 2, &[1]);
    let (customer, chat) = bench.arrive(1, 1);
    bench.sent(agent);
    bench.close(customer);
    let presence = |customer| Sent::Staff(StaffFrame::Presence { chat, customer });
    assert_eq!(bench.sent(agent), [presence(PartyState::ConnectionLost)]);
    bench.wait(Duration::from_millis(59_999));
    assert!(!bench.sent(agent).contains(&presence(PartyState::Left)));
    bench.wait_ms(1);
    assert!(bench.sent(agent).contains(&presence(PartyState::Left)));
    assert_eq!(bench.holder(chat), Some(1));
    bench.customer(1);
    assert!(bench.sent(agent).contains(&presence(PartyState::Joined)));
}

#[test]
fn two_sessions_are_there_until_the_last_one_goes() {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 2, &[1]);
    let second = bench.agent_session(1);
    let (customer, chat) = bench.arrive(1, 1);
    let tab = bench.customer(1);
    bench.wait_secs(5);
    bench.sent(agent);
    bench.sent(tab);
    bench.close(second);
    bench.close(customer);
    assert_eq!(bench.sent(agent), []);
    assert_eq!(bench.sent(tab), [], "nobody is gone");
    bench.wait_secs(120);
    assert_eq!(bench.holder(chat), Some(1));
}

#[test]
fn a_requeued_chat_of_an_absent_customer_is_abandoned_after_a_new_grace() {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 2, &[1]);
    let (customer, chat) = bench.arrive(1, 1);
    bench.say(agent, chat, "hello");
    bench.close(customer);
    bench.wait_secs(300);
    bench.declare(agent, AgentState::Offline);
    bench.declare(agent, AgentState::Online);
    assert_eq!(bench.status(chat), ChatStatus::Open, "it keeps a place but is not served");
    bench.wait_secs(59);
    assert_eq!(bench.status(chat), ChatStatus::Open);
    bench.wait_secs(1);
    assert_eq!(bench.status(chat), ChatStatus::Resolved);
}

#[test]
fn signing_out_the_last_session_gives_chats_back_at_once() {
    for all in [false, true] {
        let mut bench = Bench::new();
        let agent = bench.agent(1, 2, &[1]);
        let (customer, chat) = bench.arrive(1, 1);
        let second = bench.agent_session(1);
        bench.sent(second);
        bench.sent(customer);
        bench.done(agent, Command::SignOut { all });
        assert_eq!(bench.sent(agent).last(), Some(&Sent::Closed(CloseReason::SignedOut)));
        if all {
            assert_eq!(bench.sent(second), [Sent::Closed(CloseReason::SignedOut)]);
        } else {
            assert_eq!(bench.holder(chat), Some(1), "another session is there");
            bench.done(second, Command::SignOut { all });
        }
        assert_eq!((bench.holder(chat), bench.state_of(1)), (None, AgentState::Offline));
        let left = |line: &SystemLine| matches!(line, SystemLine::AgentLeft { .. });
        assert_eq!(lines(&bench, chat).iter().filter(|line| left(line)).count(), 1);
        let lost = |it: &Sent| matches!(it, Sent::Customer(CustomerFrame::Presence { .. }));
        assert!(!bench.sent(customer).iter().any(lost), "who leaves is not lost");
    }
}

#[test]
fn offline_gives_chats_back_and_away_keeps_them() {
    for (state, holder) in [(AgentState::Away, Some(1)), (AgentState::LastCall, Some(1)), (AgentState::Offline, None)] {
        let mut bench = Bench::new();
        let agent = bench.agent(1, 2, &[1]);
        let (_, chat) = bench.arrive(1, 1);
        bench.subscribe(agent, chat);
        bench.declare(agent, state);
        assert_eq!(bench.holder(chat), holder, "{state:?}");
        let (_, second) = bench.arrive(2, 1);
        assert_eq!(bench.holder(second), None, "{state:?} takes no new chats");
        let gone = bench.sent(agent).contains(&Sent::Staff(StaffFrame::ChatGone { chat }));
        assert_eq!(gone, holder.is_none());
    }
}

#[test]
fn a_last_call_ends_with_the_last_chat() {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 2, &[1]);
    bench.declare(agent, AgentState::LastCall);
    assert_eq!(bench.state_of(1), AgentState::Offline, "without a chat at once");

    bench.declare(agent, AgentState::Online);
    let (_, one) = bench.arrive(1, 1);
    let (_, two) = bench.arrive(2, 1);
    bench.declare(agent, AgentState::LastCall);
    bench.done(agent, Command::EndChat { chat: one });
    assert_eq!(bench.state_of(1), AgentState::LastCall);
    bench.done(agent, Command::EndChat { chat: two });
    assert_eq!(bench.state_of(1), AgentState::Offline);

    bench.declare(agent, AgentState::Online);
    let (_, three) = bench.arrive(3, 1);
    bench.declare(agent, AgentState::LastCall);
    bench.close(agent);
    bench.wait_secs(30);
    assert_eq!((bench.holder(three), bench.state_of(1)), (None, AgentState::Offline), "lost on the last call");
}

#[test]
fn numbers_of_agents_are_known_live_at_most_once_a_second() {
    let mut bench = Bench::new();
    let watcher = bench.agent(1, 1, &[1]);
    bench.set_agent(2, 1, &[1, 2]);
    bench.wait_secs(2);
    numbers(&mut bench, watcher);
    let second = bench.agent_session(2);
    bench.wait_ms(100);
    let told = numbers(&mut bench, watcher);
    assert_eq!(told.iter().map(|it| (it.signed_in, it.online)).collect::<Vec<_>>(), [(2, 1)], "the first at once");
    bench.declare(second, AgentState::Online);
    bench.wait_ms(100);
    bench.arrive(1, 3);
    bench.wait_ms(799);
    assert_eq!(numbers(&mut bench, watcher), [], "the next not before a second has passed");
    bench.wait_ms(1);
    let told = numbers(&mut bench, watcher);
    let [told] = &told[..] else { panic!("{told:?}") };
    assert_eq!((told.signed_in, told.online), (2, 2));
    let by_category: Vec<_> =
        told.categories.iter().map(|it| (it.category.0, it.signed_in, it.online, it.waiting)).collect();
    assert_eq!(by_category, [(1, 2, 2, 0), (2, 1, 1, 0), (3, 0, 0, 1)]);
}

#[test]
fn numbers_that_change_and_change_back_reach_who_came_in_between() {
    let mut bench = Bench::new();
    let _watcher = bench.agent(1, 1, &[1]);
    let other = bench.agent(2, 1, &[1]);
    bench.wait_secs(2);
    bench.declare(other, AgentState::Away);
    bench.wait_ms(10);
    bench.declare(other, AgentState::Online);
    let between = bench.agent_session(1);
    bench.declare(other, AgentState::Away);
    bench.wait_secs(2);
    assert_eq!(numbers(&mut bench, between).last().map(|it| it.online), Some(1));
}

#[test]
fn a_reopened_chat_never_lands_on_someone_offline() {
    for state in [AgentState::Offline, AgentState::Away, AgentState::LastCall] {
        let mut bench = Bench::new();
        let agent = bench.agent(1, 2, &[1]);
        let (customer, chat) = bench.arrive(1, 1);
        bench.done(agent, Command::EndChat { chat });
        bench.declare(agent, state);
        bench.say(customer, chat, "m1");
        assert_eq!((bench.status(chat), bench.holder(chat)), (ChatStatus::Open, None), "{state:?}");
    }
    let mut bench = Bench::new();
    let agent = bench.agent(1, 2, &[1]);
    let (customer, chat) = bench.arrive(1, 1);
    bench.done(agent, Command::EndChat { chat });
    bench.close(agent);
    bench.say(customer, chat, "m1");
    assert_eq!(bench.holder(chat), None, "online by their own word, but not connected");
}

#[test]
fn causes_are_kept() {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 2, &[1]);
    bench.arrive(1, 1);
    bench.declare(agent, AgentState::Offline);
    bench.declare(agent, AgentState::Online);
    bench.close(agent);
    bench.wait_secs(30);
    let cause = |fact: &&Fact| match fact {
        Fact::ChatRequeued { cause, .. } => Some(*cause),
        _ => None,
    };
    let causes: Vec<_> = bench.facts_since(0).iter().filter_map(cause).collect();
    assert_eq!(causes, [RequeueCause::AgentLeft, RequeueCause::AgentLost]);
}

#[test]
fn staff_sees_a_customer_only_where_they_can_see_the_chat() {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 4, &[1, 2]);
    let (customer, one) = bench.arrive(1, 1);
    let two = bench.join(customer, 2);
    let scoped = bench.open(Principal::Customer { customer: CustomerId(1), chat: Some(one) });
    bench.sent(agent);
    bench.close(customer);
    let lost = Sent::Staff(StaffFrame::Presence { chat: two, customer: PartyState::ConnectionLost });
    assert_eq!(bench.sent(agent), [lost], "in chat 2 alone");
    bench.close(scoped);
    let lost = Sent::Staff(StaffFrame::Presence { chat: one, customer: PartyState::ConnectionLost });
    assert_eq!(bench.sent(agent), [lost]);
}
