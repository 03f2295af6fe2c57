//! The negative control of `check()`: a planted fault of each kind is found.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::super::{Desk, Timer};
use super::support::Bench;
use crate::{AgentId, AgentState, ChatId, ChatState, CustomerId, SessionId, Time};

type Fault = fn(&mut Desk);

/// Chat 1 is with agent 1, who follows it; chat 2 waits with its customer there, chat 3 with the customer
/// gone, chat 4 is resolved.
fn desk() -> Desk {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 1, &[1]);
    bench.agent(2, 1, &[3]);
    let (_, held) = bench.arrive(1, 1);
    bench.subscribe(agent, held);
    bench.arrive(2, 1);
    let (gone, _) = bench.arrive(3, 2);
    bench.close(gone);
    let (fourth, resolved) = bench.arrive(4, 2);
    bench.done(fourth, crate::protocol::Command::EndChat { chat: resolved });
    bench.copy()
}

fn chat(desk: &mut Desk, number: u64) -> &mut super::super::state::Chat {
    desk.state.chats.get_mut(&ChatId(number)).expect("one of the four")
}

fn agent(desk: &mut Desk) -> &mut super::super::state::Agent {
    desk.state.agents.get_mut(&AgentId(1)).expect("the agent")
}

#[test]
fn check_finds_a_planted_fault_of_each_kind() {
    desk().check();
    let faults: [(&str, Fault); 20] = [
        ("held and in line", |desk| chat(desk, 2).record.state = ChatState::Active { agent: AgentId(1) }),
        ("in no place", |desk| chat(desk, 1).record.state = ChatState::Waiting),
        ("with the wrong agent", |desk| chat(desk, 1).record.state = ChatState::Active { agent: AgentId(2) }),
        ("without a key", |desk| chat(desk, 2).spot = None),
        ("two in a category", |desk| chat(desk, 1).record.customer = CustomerId(2)),
        ("more public entries than entries", |desk| chat(desk, 1).record.last_public_seq.0 = 9),
        ("read beyond the end", |desk| chat(desk, 1).record.customer_receipts.read.0 = 9),
        ("a limit that leaves room", |desk| agent(desk).record.max_chats = 2),
        ("an agent who is offline holds a chat", |desk| agent(desk).record.state = AgentState::Offline),
        ("a removed agent holds a chat", |desk| agent(desk).record.active = false),
        ("a chat that may be served is left waiting", |desk| {
            let spot = chat(desk, 2).spot.expect("it waits");
            desk.state.lines.set_ready(spot, ChatId(2), false);
        }),
        ("an absent customer would be served", |desk| {
            let spot = chat(desk, 3).spot.expect("it waits");
            desk.state.lines.set_ready(spot, ChatId(3), true);
        }),
        ("out of order", |desk| chat(desk, 2).record.arrived_at = Time(1)),
        ("an absent customer without a grace", |desk| chat(desk, 3).grace_until = None),
        ("a resolved chat that never closes", |desk| {
            desk.state.deadlines.retain(|it| it != Timer::CloseChat(ChatId(4)))
        }),
        ("a deadline of nobody", |desk| desk.state.deadlines.set(Time(1), Timer::AgentGrace(AgentId(1)))),
        ("a session of nobody", |desk| {
            desk.state.customers.get_mut(&CustomerId(4)).expect("a customer").sessions.clear();
        }),
        ("a chat that misses a session", |desk| chat(desk, 2).customer_sessions.clear()),
        ("an agent follows a chat of another", |desk| {
            let session = desk.state.agents[&AgentId(2)].sessions.first().copied().unwrap_or(SessionId(0));
            let session = desk.state.sessions.get_mut(&session).expect("the agent's session");
            session.subscriptions.insert(ChatId(1));
        }),
        ("something is left to match", |desk| {
            desk.pending.ready.note(ChatId(2));
        }),
    ];
    for (name, plant) in faults {
        let mut desk = desk();
        plant(&mut desk);
        assert!(catch_unwind(AssertUnwindSafe(|| desk.check())).is_err(), "{name} goes unnoticed");
    }
}
