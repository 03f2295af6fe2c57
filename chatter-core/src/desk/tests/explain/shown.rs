//! Who is shown what: explanations, queues and the team.

use super::super::super::{DeskSettings, Input};
use super::super::support::Bench;
use super::{offers, watched};
use crate::protocol::{Command, WaitingView};
use crate::{AgentId, AgentState, CategoryId, CategorySettings, ChatId, Principal, Priority, Refusal};

#[test]
fn who_may_ask() {
    let (mut bench, watcher) = watched(DeskSettings::default());
    let serves = bench.agent(1, 1, &[1]);
    let other = bench.agent(2, 1, &[2]);
    let (customer, held) = bench.arrive(1, 1);
    let (waiter, waiting) = bench.arrive(2, 1);
    let explain = |chat| Command::ExplainChat { chat };
    for session in [watcher, serves] {
        bench.why(session, held);
        bench.why(session, waiting);
    }
    for chat in [held, waiting] {
        assert_eq!(bench.refused(other, explain(chat)), Refusal::UnknownChat { chat });
    }
    assert_eq!(bench.refused(customer, explain(held)), Refusal::NotAllowed);
    assert_eq!(bench.refused(customer, explain(waiting)), Refusal::UnknownChat { chat: waiting });
    assert_eq!(bench.refused(watcher, explain(ChatId(99))), Refusal::UnknownChat { chat: ChatId(99) });
    // Who serves the line may ask while it waits, and afterwards only who had to do with it.
    let colleague = bench.agent(3, 1, &[1]);
    assert_eq!(bench.holder(waiting), Some(3));
    assert_eq!(bench.refused(serves, explain(waiting)), Refusal::UnknownChat { chat: waiting });
    bench.why(colleague, waiting);

    assert_eq!(bench.why_idle(watcher, Some(1)).agent, AgentId(1));
    assert_eq!(bench.why_idle(serves, Some(1)).agent, AgentId(1), "oneself by number");
    let of = |agent| Command::ExplainAgent { agent: Some(AgentId(agent)) };
    assert_eq!(bench.refused(serves, of(2)), Refusal::NotAllowed);
    assert_eq!(bench.refused(watcher, of(99)), Refusal::UnknownAgent);
    assert_eq!(bench.refused(customer, Command::ExplainAgent { agent: None }), Refusal::NotAllowed);

    let queue = |category| Command::ReadQueue { category: CategoryId(category) };
    bench.queue(serves, 1);
    bench.queue(watcher, 1);
    assert_eq!(bench.refused(other, queue(1)), Refusal::NotAllowed);
    assert_eq!(bench.refused(watcher, queue(77)), Refusal::UnknownCategory);
    for command in [queue(1), Command::ReadTeam] {
        assert_eq!(bench.refused(waiter, command), Refusal::NotAllowed);
    }
}

#[test]
fn a_queue_is_shown_in_the_order_of_places() {
    let mut bench = Bench::of(crate::policy::by_name("priority-ageing").unwrap(), DeskSettings::default());
    bench.set_category(9_000, CategorySettings::default());
    bench.set_category(1, offers());
    let watcher = bench.watcher();
    let boss = bench.open(Principal::supervisor(AgentId(900)));
    let [early, urgent, gone, late] = [1, 2, 3, 4].map(|customer| {
        bench.wait_secs(1);
        bench.arrive(customer, 1)
    });
    let priority = Priority::Urgent;
    bench.done(boss, Command::SetPriority { chat: urgent.1, priority });
    bench.close(gone.0);
    let seen = |(_, chats): (u64, Vec<WaitingView>)| {
        chats.iter().map(|it| (it.chat, it.ready, it.offered_to.map(|agent| agent.0))).collect::<Vec<_>>()
    };
    let line = [(urgent.1, true, None), (early.1, true, None), (gone.1, false, None), (late.1, true, None)];
    assert_eq!(seen(bench.queue(watcher, 1)), line);
    let _asked = bench.agent(1, 1, &[1]);
    let queue = bench.queue(watcher, 1);
    assert_eq!(queue.0, 4, "who is offered still waits");
    assert_eq!(seen(queue)[..2], [(urgent.1, true, Some(1)), (early.1, true, None)]);
    for customer in 10..=220 {
        bench.arrive(customer, 1);
    }
    let (waiting, chats) = bench.queue(watcher, 1);
    assert_eq!((waiting, chats.len()), (4 + 211, 200));
    let places: Vec<_> = (1..).zip(chats.iter().skip(1)).map(|(place, shown)| (place, shown.chat)).collect();
    for (place, chat) in places {
        let state = &bench.desk.state.chats[&chat];
        assert_eq!(bench.desk.place_view(bench.now, state).place, Some(place), "{chat}");
    }
}

#[test]
fn the_team_is_shown_to_all_of_it_and_chats_to_those_who_watch() {
    let (mut bench, watcher) = watched(DeskSettings::default());
    let ada = bench.agent(1, 2, &[1, 2]);
    let bob = bench.agent(2, 1, &[2]);
    bench.set_agent(3, 1, &[3]);
    bench.put(Input::RemoveAgent { agent: AgentId(3) });
    let (_, chat) = bench.arrive(1, 1);
    bench.close(bob);
    let team = bench.team(ada);
    let told: Vec<_> = team.iter().map(|it| (it.agent.0, it.state, it.connected, it.load, it.max_chats)).collect();
    let (online, offline) = (AgentState::Online, AgentState::Offline);
    assert_eq!(told, [(1, online, true, 1, 2), (2, online, false, 0, 1), (900, offline, true, 0, 1)]);
    assert!(team.iter().all(|it| it.chats.is_empty()));
    assert_eq!(bench.team(watcher)[0].chats, [chat]);
}
