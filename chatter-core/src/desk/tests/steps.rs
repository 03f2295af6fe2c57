//! Goal P7, without a clock: what an operation costs when many wait is at most three times what it costs
//! when few do.

use super::super::{Answer, Input, Reply};
use super::support::Bench;
use crate::protocol::{Command, JoinQueue};
use crate::{AgentState, CategoryId, ChatId, CustomerId, Name, Principal, SessionId};

/// The counted steps of join, place in line, assign and end with so many waiting.
fn costs(waiting: u64) -> [u64; 4] {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 1, &[1, 2]);
    let (_, held) = bench.arrive(u128::MAX, 2);
    let name = Name::new("Carla").unwrap();
    let mut people = Vec::new();
    for customer in 0..waiting {
        let session = bench.next_session();
        let principal = Principal::customer(CustomerId(u128::from(customer)));
        let _opened = bench.quick(&Input::OpenSession { session, principal });
        let joined = bench.quick(&ask(session, Command::JoinQueue(JoinQueue::new(name.clone()))));
        let Answer::Reply(Reply::Queued { chat, .. }) = joined.answer else { panic!("queued") };
        people.push((session, chat.chat));
    }
    // One in the middle asks; nobody is told places meanwhile, which is another cost.
    let (middle, chat) = people[people.len() / 2];
    let session = bench.next_session();
    let _opened =
        bench.quick(&Input::OpenSession { session, principal: Principal::customer(CustomerId(u128::MAX - 1)) });
    let join = Command::JoinQueue(JoinQueue::new(name).with_category(CategoryId(1)));
    let counted = [
        count(&mut bench, &ask(session, join)),
        count(&mut bench, &ask(middle, Command::QueueStatus { chat })),
        count(&mut bench, &ask(agent, Command::EndChat { chat: held })),
        count(&mut bench, &ask(middle, Command::EndChat { chat })),
    ];
    assert_eq!(bench.desk.state.chats[&people[0].1].record.agent().map(|agent| agent.0), Some(1), "it was assigned");
    assert_eq!(bench.desk.state.lines.waiting(CategoryId(1)), waiting - 1);
    counted
}

fn ask(session: SessionId, command: Command) -> Input {
    Input::Ask { session, command, facts: None }
}

fn count(bench: &mut Bench, input: &Input) -> u64 {
    crate::steps::reset();
    let outcome = bench.quick(input);
    assert!(matches!(outcome.answer, Answer::Reply(_)), "{:?}", outcome.answer);
    crate::steps::read()
}

#[test]
fn a_hundred_thousand_waiting_cost_at_most_three_times_a_thousand() {
    let (few, many) = (costs(1_000), costs(100_000));
    for (operation, (few, many)) in ["join", "place", "assign", "end"].into_iter().zip(few.into_iter().zip(many)) {
        assert!(few > 0, "{operation} is counted");
        assert!(many <= 3 * few, "{operation}: {few} steps at 1,000 waiting, {many} at 100,000");
    }
}

/// The heads of many sets of categories are compared, not the agents in them.
#[test]
fn an_arrival_costs_the_sets_of_categories_not_the_agents() {
    let cost = |agents: u64| {
        let mut bench = Bench::new();
        for agent in 1..=agents {
            let categories = [CategoryId(1), CategoryId(2)].into();
            let name = Name::new("Ann").unwrap();
            let agent = crate::AgentId(agent);
            let _made = bench.quick(&Input::SetAgent { agent, name, max_chats: 2, categories });
            let session = bench.next_session();
            let _opened = bench.quick(&Input::OpenSession { session, principal: Principal::agent(agent) });
            let state = AgentState::Online;
            let _online = bench.quick(&ask(session, Command::SetAgentState { state }));
        }
        let session = bench.next_session();
        let _opened = bench.quick(&Input::OpenSession { session, principal: Principal::customer(CustomerId(1)) });
        let join = Command::JoinQueue(JoinQueue::new(Name::new("Carla").unwrap()));
        let counted = count(&mut bench, &ask(session, join));
        assert!(bench.desk.state.chats[&ChatId(1)].record.agent().is_some());
        counted
    };
    assert!(cost(2_000) <= 3 * cost(20));
}
