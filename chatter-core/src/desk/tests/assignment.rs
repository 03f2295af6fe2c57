//! Rules 2 to 6; rows B2 and B4: who is served next, and by whom.

use super::super::Reply;
use super::support::{Bench, Sent};
use crate::protocol::{Command, CustomerFrame, CustomerLine, StaffFrame};
use crate::{AgentState, Author, Body, CategoryId, ChatId, Choice, Fact, PassedOver, Seq, SystemLine, Trigger};

fn choices(bench: &Bench) -> Vec<(ChatId, u64, Choice)> {
    let assigned = |event: &crate::Event| match &event.fact {
        Fact::ChatAssigned { chat, agent, choice } => Some((*chat, agent.0, choice.clone())),
        _ => None,
    };
    bench.store.events.iter().filter_map(assigned).collect()
}

#[test]
fn m_chats_on_k_agents_of_capacity_c_are_min_m_kc_assignments() {
    for (chats, agents, capacity) in [(0, 2, 2), (3, 2, 2), (4, 2, 2), (9, 2, 2), (5, 1, 1), (7, 3, 2), (6, 3, 5)] {
        for agents_first in [true, false] {
            let mut bench = Bench::new();
            let arrive = |bench: &mut Bench| {
                for customer in 1..=chats {
                    bench.arrive(customer, 1);
                }
            };
            if !agents_first {
                arrive(&mut bench);
            }
            for agent in 1..=agents {
                bench.agent(agent, capacity, &[1]);
            }
            if agents_first {
                arrive(&mut bench);
            }
            let expected = usize::try_from(chats).unwrap().min(usize::try_from(agents * u64::from(capacity)).unwrap());
            assert_eq!(choices(&bench).len(), expected, "{chats} chats, {agents} agents of {capacity}");
        }
    }
}

#[test]
fn a_freed_agent_takes_the_longest_waiting_of_their_categories() {
    let mut bench = Bench::new();
    let categories = [2, 1, 3, 1, 2];
    let arrivals = (1_u128..).zip(categories).map(|(customer, category)| {
        bench.wait_ms(5);
        bench.arrive(customer, category).1
    });
    let chats: Vec<_> = arrivals.collect();
    let agent = bench.agent(1, 1, &[1, 3]);
    let mut served = Vec::new();
    while let Some(chat) = chats.iter().copied().find(|chat| bench.holder(*chat) == Some(1)) {
        served.push(chat.0);
        bench.done(agent, Command::EndChat { chat });
    }
    assert_eq!(served, [2, 3, 4], "by arrival over all categories that the agent serves, and no others");
}

#[test]
fn an_arriving_chat_goes_to_the_least_loaded_then_to_who_waits_longest_for_one() {
    let mut bench = Bench::new();
    for agent in 1..=3 {
        bench.agent(agent, 3, &[1]);
    }
    let mut holders = Vec::new();
    for customer in 1..=9 {
        bench.wait_ms(1);
        let (_, chat) = bench.arrive(customer, 1);
        holders.push(bench.holder(chat).unwrap());
    }
    assert_eq!(holders, [1, 2, 3, 1, 2, 3, 1, 2, 3], "load, then last assigned, then number");
    let (_, tenth) = bench.arrive(10, 1);
    assert_eq!(bench.holder(tenth), None, "never more than the limit");
}

#[test]
fn only_online_and_connected_agents_of_the_category_with_room_are_chosen() {
    let mut bench = Bench::new();
    let _other = bench.agent(1, 5, &[2]);
    let away = bench.agent(2, 5, &[1]);
    bench.declare(away, AgentState::Away);
    let offline = bench.agent(3, 5, &[1]);
    bench.declare(offline, AgentState::Offline);
    let gone = bench.agent(4, 5, &[1]);
    bench.close(gone);
    let _full = bench.agent(5, 1, &[1]);
    let (_, first) = bench.arrive(1, 1);
    let (_, waits) = bench.arrive(2, 1);
    assert_eq!((bench.holder(first), bench.holder(waits)), (Some(5), None));
    let last_call = bench.agent(6, 5, &[1]);
    assert_eq!(bench.holder(waits), Some(6));
    bench.declare(last_call, AgentState::LastCall);
    let (_, third) = bench.arrive(3, 1);
    assert_eq!(bench.holder(third), None);
    bench.declare(away, AgentState::Online);
    assert_eq!(bench.holder(third), Some(2));
    let [.., (_, _, choice)] = &choices(&bench)[..] else { panic!("a choice") };
    let expected = PassedOver { full: 1, last_call: 1, disconnected: 1, ..PassedOver::default() };
    assert_eq!(choice.passed_over, expected, "passed over by reason");
}

#[test]
fn a_choice_is_explained() {
    let mut bench = Bench::new();
    let (_, waited) = bench.arrive(1, 1);
    bench.wait_secs(7);
    let agent = bench.agent(1, 2, &[1]);
    bench.wait_secs(1);
    let (session, at_once) = bench.arrive(2, 1);
    bench.done(agent, Command::EndChat { chat: at_once });
    bench.say(session, at_once, "again");
    let told: Vec<_> = choices(&bench).into_iter().map(|(chat, _, it)| (chat, it.trigger, it.waited)).collect();
    let expected =
        [(waited, Trigger::AgentFree, 7_000_000), (at_once, Trigger::ChatReady, 0), (at_once, Trigger::LastAgent, 0)];
    assert_eq!(told, expected);
    let (_, _, choice) = &choices(&bench)[0];
    assert_eq!(&*choice.policy, "longest-wait");
    assert_eq!(choice.key, i64::try_from(bench.record(waited).arrived_at.0).unwrap());
    assert_eq!(choice.rank, crate::policy::AgentRank::value(0), "the rank before the choice");
}

#[test]
fn lowering_a_limit_takes_nothing_away_and_raising_it_serves_at_once() {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 3, &[1]);
    let chats: Vec<_> = (1..=5).map(|customer| bench.arrive(customer, 1).1).collect();
    let held = |bench: &Bench| chats.iter().filter(|chat| bench.holder(**chat) == Some(1)).count();
    assert_eq!(held(&bench), 3);
    bench.set_agent(1, 1, &[1]);
    assert_eq!(held(&bench), 3, "nothing is taken away");
    for left in [2, 1, 1] {
        let chat = chats.iter().copied().find(|chat| bench.holder(*chat) == Some(1)).unwrap();
        bench.done(agent, Command::EndChat { chat });
        assert_eq!(held(&bench), left, "new work only below the limit");
    }
    bench.set_agent(1, 2, &[1]);
    assert_eq!(held(&bench), 2);
}

#[test]
fn new_categories_count_at_once_and_held_chats_stay() {
    let mut bench = Bench::new();
    let _agent = bench.agent(1, 2, &[1]);
    let (_, general) = bench.arrive(1, 1);
    let (_, sales) = bench.arrive(2, 2);
    assert_eq!((bench.holder(general), bench.holder(sales)), (Some(1), None));
    bench.set_agent(1, 2, &[2]);
    assert_eq!((bench.holder(general), bench.holder(sales)), (Some(1), Some(1)));
}

#[test]
fn both_sides_learn_of_an_assignment() {
    let mut bench = Bench::new();
    let (customer, chat) = bench.arrive(1, 1);
    let tab = bench.customer(1);
    bench.wait_secs(2);
    bench.sent(customer);
    let agent = bench.agent(1, 1, &[1]);
    let sent = bench.sent(customer);
    let [
        Sent::Customer(CustomerFrame::Entry { entry, .. }),
        Sent::Customer(CustomerFrame::Chat { chat: view }),
        Sent::Token(of),
    ] = &sent[..]
    else {
        panic!("{sent:?}")
    };
    assert!(
        matches!(&entry.body, crate::protocol::CustomerBody::System { line: CustomerLine::AgentJoined { name } } if name.as_str() == "Agent 1")
    );
    assert_eq!((view.agent.as_ref().map(crate::Name::as_str), *of), (Some("Agent 1"), chat));
    let other_tab = bench.sent(tab);
    assert!(other_tab.contains(&Sent::Token(chat)) && other_tab.contains(&sent[1]), "every tab goes on by itself");
    let staff = bench.sent(agent);
    assert!(staff.iter().any(|it| matches!(it, Sent::Staff(StaffFrame::Chat { chat: view }) if view.chat == chat)));
    assert!(staff.iter().any(|it| matches!(it, Sent::Staff(StaffFrame::Agent { agent }) if agent.load == 1)));
    let line = &bench.store.entries[&(chat, Seq(1))];
    assert!(
        matches!(&line.body, Body::System { line: SystemLine::AgentJoined { .. } }) && line.author == Author::System
    );
}

#[test]
fn a_join_that_is_served_at_once_says_so() {
    let mut bench = Bench::new();
    let _agent = bench.agent(1, 1, &[1]);
    let session = bench.customer(1);
    let join = crate::protocol::JoinQueue::new(crate::Name::new("Carla").unwrap()).with_category(CategoryId(1));
    let Reply::Queued { chat, existing, place } = bench.reply(session, Command::JoinQueue(join)) else {
        panic!("queued")
    };
    assert_eq!((chat.status, existing, place), (crate::ChatStatus::InProgress, false, None));
}

#[test]
fn every_agent_who_took_part_is_kept() {
    let mut bench = Bench::new();
    let first = bench.agent(1, 1, &[1]);
    let (_, chat) = bench.arrive(1, 1);
    let second = bench.agent(2, 1, &[1]);
    bench.declare(first, AgentState::Offline);
    assert_eq!(bench.holder(chat), Some(2));
    bench.done(second, Command::EndChat { chat });
    let agents: Vec<_> = bench.record(chat).agents.iter().map(|agent| agent.0).collect();
    assert_eq!(agents, [1, 2], "C23: it is found under each of them");
    let lines: Vec<_> = bench.store.transcript(chat).map(|entry| &entry.body).collect();
    assert_eq!(lines.len(), 5, "joined, left, back in the queue, joined, ended: {lines:?}");
}
