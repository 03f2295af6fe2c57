//! Memory is bounded by open chats, connections and settings: whoever and whatever is gone is forgotten.

use super::super::Input;
use super::support::{Bench, message};
use crate::protocol::Command;
use crate::{AgentId, AgentState, CategoryId, ClientMsgId};

#[test]
fn nothing_is_left_of_those_who_are_gone() {
    let mut bench = Bench::new();
    for round in 0..20_u128 {
        let agent = bench.agent(1, 3, &[1, 2]);
        for customer in 0..8 {
            let (session, chat) = bench.arrive(round * 100 + customer, u32::try_from(customer % 3).unwrap() + 1);
            bench.subscribe(session, chat);
            for number in 0..12 {
                bench.ask(session, message(chat, &format!("m{number}"), "hello"));
            }
            let client_msg_id = ClientMsgId::new("lost").unwrap();
            bench.put(Input::MessageRefused { session, chat, client_msg_id });
            match customer % 4 {
                0 => bench.done(session, Command::EndChat { chat }),
                1 => bench.close(session),
                2 => bench.done(session, Command::SignOut { all: true }),
                _ => bench.wait_secs(1),
            }
        }
        bench.declare(agent, AgentState::Away);
        bench.done(agent, Command::SignOut { all: true });
        for session in bench.desk.state.sessions.keys().collect::<Vec<_>>() {
            bench.close(session);
        }
    }
    bench.wait_secs(25 * 3_600);
    let state = &bench.desk.state;
    assert!(state.chats.is_empty() && state.customers.is_empty() && state.sessions.is_empty(), "{}", bench.desk.dump());
    assert!(state.staff.is_empty() && state.deadlines.iter().next().is_none() && state.lines.iter().next().is_none());
    assert!(state.pool.keys().next().is_none());
    assert_eq!(state.agents.keys().collect::<Vec<_>>(), [AgentId(1)]);
    assert!(state.agents[&AgentId(1)].chats.is_empty());
    for category in state.categories.values() {
        assert!(category.assigned.len() <= 64, "estimates look at so many");
        assert_eq!((category.push_at, category.push_next), (None, None));
    }
    assert!(!bench.desk.touched.keeps_closed(), "rows that were taken are not kept");
    assert!(state.lines.waiting(CategoryId(1)) == 0);
}
