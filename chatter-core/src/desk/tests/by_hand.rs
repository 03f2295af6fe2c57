//! Rows B11 and C16: assigning by hand, putting back, taking over.

use std::time::Duration;

use super::super::Input;
use super::support::{Bench, Sent};
use super::transfer::offers_in;
use crate::protocol::{Command, StaffFrame};
use crate::{
    AgentId, AgentState, CategoryId, CategoryRecord, ChatId, ChatStatus, Fact, Name, OverflowStage, Permission,
    Permissions, Principal, Refusal, SessionId, Unavailable,
};

fn take(chat: ChatId) -> Command {
    Command::AssignChat { chat, agent: None, override_limit: false }
}

fn give(chat: ChatId, agent: u64, override_limit: bool) -> Command {
    Command::AssignChat { chat, agent: Some(AgentId(agent)), override_limit }
}

/// An agent who is connected and away: the desk gives them nothing.
fn away(bench: &mut Bench, agent: u64, max_chats: u32, categories: &[u32]) -> SessionId {
    bench.set_agent(agent, max_chats, categories);
    let session = bench.agent_session(agent);
    bench.declare(session, AgentState::Away);
    session
}

/// An agent of category 3 with permissions, away.
fn supervisor(bench: &mut Bench, permissions: &[Permission]) -> SessionId {
    bench.set_agent(9, 1, &[3]);
    let permissions = permissions.iter().fold(Permissions::NONE, |all, it| all.with(*it));
    let session = bench.open(Principal::Agent { agent: AgentId(9), permissions });
    bench.declare(session, AgentState::Away);
    session
}

fn by_hand(bench: &Bench) -> Vec<&Fact> {
    bench.facts_since(0).into_iter().filter(|fact| matches!(fact, Fact::ChatAssignedByHand { .. })).collect()
}

fn unavailable(agent: u64, reason: Unavailable) -> Refusal {
    Refusal::AgentUnavailable { agent: AgentId(agent), reason }
}

#[test]
fn of_many_who_take_it_one_wins_and_the_others_hear_so() {
    let mut bench = Bench::new();
    let (customer, chat) = bench.arrive(1, 1);
    let agents: Vec<_> = (1..=5).map(|agent| away(&mut bench, agent, 1, &[1])).collect();
    bench.done(agents[2], take(chat));
    assert_eq!(bench.holder(chat), Some(3), "being away does not stop what one does oneself");
    assert!(bench.sent(customer).contains(&Sent::Token(chat)));
    for loser in [0, 1, 3, 4] {
        let taken = Refusal::NotWaiting { chat, status: ChatStatus::InProgress };
        assert_eq!(bench.refused(agents[loser], take(chat)), taken);
    }
    bench.done(agents[2], take(chat));
    let (agent, by) = (AgentId(3), AgentId(3));
    assert_eq!(by_hand(&bench), [&Fact::ChatAssignedByHand { chat, from: None, agent, by, over_limit: false }]);
    bench.restart();
    assert_eq!(bench.holder(chat), Some(3));
}

#[test]
fn what_one_may_not_take_is_refused() {
    let mut bench = Bench::new();
    let (customer, chat) = bench.arrive(1, 1);
    let other = away(&mut bench, 1, 1, &[2]);
    let full = away(&mut bench, 2, 1, &[1, 2]);
    let (_, held) = bench.arrive(2, 2);
    bench.done(full, take(held));
    bench.set_agent(3, 1, &[1]);
    let offline = bench.agent_session(3);
    let (_, ended) = bench.arrive(3, 1);
    bench.done(full, Command::EndChat { chat: held });
    bench.done(full, take(ended));
    bench.done(full, Command::EndChat { chat: ended });
    let (_, busy) = bench.arrive(4, 2);
    bench.done(full, take(busy));
    let table = [
        (other, take(chat), Refusal::UnknownChat { chat }),
        (other, take(busy), Refusal::NotWaiting { chat: busy, status: ChatStatus::InProgress }),
        (full, take(chat), unavailable(2, Unavailable::Full)),
        (full, take(ended), Refusal::NotWaiting { chat: ended, status: ChatStatus::Resolved }),
        (offline, take(chat), unavailable(3, Unavailable::Offline)),
        (full, give(chat, 2, true), Refusal::NotAllowed),
        (full, give(chat, 3, false), Refusal::UnknownChat { chat }),
        (full, give(busy, 1, false), Refusal::NotYourChat { chat: busy }),
        (full, take(ChatId(99)), Refusal::UnknownChat { chat: ChatId(99) }),
        (customer, take(chat), Refusal::NotAllowed),
        (full, Command::TakeOver { chat: busy }, Refusal::NotYourChat { chat: busy }),
        (other, Command::TakeOver { chat: busy }, Refusal::UnknownChat { chat: busy }),
        (other, Command::UnassignChat { chat: busy }, Refusal::UnknownChat { chat: busy }),
        (customer, Command::UnassignChat { chat }, Refusal::NotAllowed),
    ];
    for (session, command, refusal) in table {
        assert_eq!(bench.refused(session, command.clone()), refusal, "{session} {command:?}");
    }
    bench.wait_secs(25 * 3_600);
    assert_eq!(bench.refused(full, take(ended)), Refusal::ChatClosed { chat: ended });
}

#[test]
fn who_serves_a_stage_of_the_overflow_may_take_it_from_then_on() {
    let mut bench = Bench::new();
    let mut record = CategoryRecord::new(CategoryId(1), Name::new("General").unwrap());
    record.settings.overflow = vec![OverflowStage { after: Duration::from_secs(10), category: CategoryId(2) }];
    bench.put(Input::SetCategory(record));
    let helper = away(&mut bench, 2, 1, &[2]);
    let (_customer, chat) = bench.arrive(1, 1);
    bench.wait(Duration::from_millis(9_999));
    assert_eq!(bench.refused(helper, take(chat)), Refusal::UnknownChat { chat });
    bench.wait(Duration::from_millis(1));
    bench.done(helper, take(chat));
    assert_eq!(bench.holder(chat), Some(2));
}

#[test]
fn an_offer_is_withdrawn_before_its_chat_is_taken() {
    let mut bench = Bench::new();
    offers_in(&mut bench, 1);
    let one = bench.agent(1, 1, &[1]);
    let two = away(&mut bench, 2, 1, &[1]);
    let (_customer, chat) = bench.arrive(1, 1);
    assert_eq!(bench.record(chat).offered_to(), Some(AgentId(1)));
    let status = ChatStatus::Open;
    assert_eq!(bench.refused(two, take(chat)), Refusal::NotWaiting { chat, status }, "it is offered to somebody");
    // The slot of the offer becomes that of the chat.
    bench.done(one, take(chat));
    assert_eq!(bench.holder(chat), Some(1));
    assert_eq!(bench.refused(one, Command::AcceptOffer { chat }), Refusal::OfferGone { chat });
    let (_second, other) = bench.arrive(2, 1);
    bench.agent(3, 1, &[1]);
    assert_eq!(bench.record(other).offered_to(), Some(AgentId(3)));
    let lead = supervisor(&mut bench, &[Permission::Assign]);
    bench.done(lead, take(other));
    assert_eq!(bench.holder(other), Some(9));
    assert_eq!(bench.desk.state.agents[&AgentId(3)].load(), 0);
}

#[test]
fn with_the_permission_any_chat_goes_to_anybody_who_is_there() {
    let mut bench = Bench::new();
    let one = bench.agent(1, 1, &[1]);
    let (_customer, chat) = bench.arrive(1, 1);
    bench.agent(2, 1, &[2]);
    let away = away(&mut bench, 3, 1, &[1]);
    bench.set_agent(4, 1, &[1]);
    let gone = bench.agent(5, 1, &[3]);
    bench.close(gone);
    let lead = supervisor(&mut bench, &[Permission::Assign]);
    assert_eq!(bench.refused(lead, give(chat, 3, false)), unavailable(3, Unavailable::Away));
    assert_eq!(bench.refused(lead, give(chat, 3, true)), Refusal::NotAllowed, "to override takes the permission");
    bench.done(lead, give(chat, 1, false));
    assert_eq!(by_hand(&bench).len(), 0, "they hold it already");
    bench.sent(one);
    bench.done(lead, give(chat, 2, false));
    assert_eq!(bench.holder(chat), Some(2), "of whatever category");
    assert!(bench.sent(one).contains(&Sent::Staff(StaffFrame::ChatGone { chat })));
    let (_second, other) = bench.arrive(2, 2);
    assert_eq!(bench.refused(lead, give(other, 2, false)), unavailable(2, Unavailable::Full));
    assert_eq!(bench.refused(lead, give(other, 8, false)), Refusal::UnknownAgent);
    let boss = bench.open(Principal::Agent { agent: AgentId(9), permissions: Permissions::ALL });
    assert_eq!(bench.refused(boss, give(other, 4, true)), unavailable(4, Unavailable::Offline));
    assert_eq!(bench.refused(boss, give(other, 5, true)), unavailable(5, Unavailable::Disconnected));
    bench.done(boss, give(other, 2, true));
    let (agent, by) = (AgentId(2), AgentId(9));
    let over = Fact::ChatAssignedByHand { chat: other, from: None, agent, by, over_limit: true };
    assert_eq!(by_hand(&bench).last(), Some(&&over), "past the limit is logged");
    let (_third, more) = bench.arrive(3, 2);
    assert_eq!(bench.holder(more), None, "and blocks new work");
    bench.done(boss, give(more, 3, true));
    assert_eq!(bench.holder(more), Some(3), "away too, when it is overridden");
    bench.done(away, Command::EndChat { chat: more });
    assert_eq!(bench.refused(boss, give(more, 2, true)), Refusal::ChatResolved { chat: more });
}

#[test]
fn a_supervisor_takes_over_whatever_their_limit() {
    let mut bench = Bench::new();
    let holders: Vec<_> = (1..=2).map(|agent| bench.agent(agent, 1, &[1])).collect();
    let chats = [bench.arrive(1, 1).1, bench.arrive(2, 1).1];
    let lead = supervisor(&mut bench, &[Permission::Assign, Permission::Watch]);
    bench.subscribe(lead, chats[0]);
    for chat in chats {
        bench.done(lead, Command::TakeOver { chat });
        bench.done(lead, Command::TakeOver { chat });
        assert_eq!(bench.holder(chat), Some(9));
    }
    let over: Vec<_> =
        by_hand(&bench).iter().map(|fact| matches!(fact, Fact::ChatAssignedByHand { over_limit: true, .. })).collect();
    assert_eq!(over, [false, true], "past the limit is logged");
    for (holder, chat) in holders.into_iter().zip(chats) {
        assert!(bench.sent(holder).contains(&Sent::Staff(StaffFrame::ChatGone { chat })));
    }
    bench.declare(lead, AgentState::Offline);
    let waiting = bench.arrive(3, 2).1;
    assert_eq!(bench.refused(lead, Command::TakeOver { chat: waiting }), unavailable(9, Unavailable::Offline));
}

#[test]
fn put_back_it_keeps_its_place_and_goes_to_somebody_else() {
    let mut bench = Bench::new();
    let one = bench.agent(1, 1, &[1]);
    let (customer, chat) = bench.arrive(1, 1);
    bench.wait_secs(5);
    bench.declare(one, AgentState::LastCall);
    let (_second, later) = bench.arrive(2, 1);
    bench.done(one, Command::UnassignChat { chat });
    assert_eq!(bench.state_of(1), AgentState::Offline, "that was the last chat of the last call");
    assert_eq!(bench.place(customer, chat).place, Some(1), "rule 5: seniority survives");
    bench.declare(one, AgentState::Online);
    assert_eq!(bench.holder(later), Some(1), "it is not given back to who let it pass");
    let two = bench.agent(2, 1, &[1]);
    assert_eq!(bench.holder(chat), Some(2));
    let lead = supervisor(&mut bench, &[Permission::Assign]);
    bench.done(lead, Command::UnassignChat { chat });
    assert_eq!(bench.holder(chat), None, "both have let it pass");
    bench.done(lead, Command::UnassignChat { chat });
    assert_eq!(bench.refused(two, Command::UnassignChat { chat }), Refusal::NotYourChat { chat });
    bench.wait_secs(60);
    assert_eq!(bench.holder(chat), Some(2), "rule 3: once cooled down they may have it again");
    bench.done(two, Command::EndChat { chat });
    assert_eq!(bench.refused(lead, Command::UnassignChat { chat }), Refusal::ChatResolved { chat });
}
