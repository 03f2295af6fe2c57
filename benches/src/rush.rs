use std::time::{Duration, Instant};

use chatter_core::desk::{Answer, Desk, DeskSettings, Input};
use chatter_core::policy::LongestWait;
use chatter_core::protocol::{Command, JoinQueue};
use chatter_core::{
    AgentId, AgentState, CategoryId, CategoryRecord, CustomerId, Name, Principal, SessionId, Snapshot, Time,
};

/// Lets agents come online to a crowd that waits, and tells how long each took until all were assigned.
///
/// # Panics
/// When somebody is left waiting.
#[must_use]
pub fn rush(waiting: u64, agents: u64, clock: fn() -> Instant) -> Vec<Duration> {
    let mut now = Time(1_700_000_000_000_000);
    let policy = std::sync::Arc::new(LongestWait);
    let mut desk = Desk::restore(Snapshot::default(), now, DeskSettings::default(), policy);
    let name = Name::new("Somebody").expect("a good name");
    let category = CategoryId(1);
    let mut tell = |desk: &mut Desk, input: Input| {
        now = Time(now.0 + 1);
        let start = clock();
        let outcome = desk.handle(now, &input);
        let took = clock() - start;
        assert!(matches!(outcome.answer, Answer::Reply(_)), "{:?}", outcome.answer);
        let _rows = desk.take_rows();
        took
    };
    tell(&mut desk, Input::SetCategory(CategoryRecord::new(category, name.clone())));
    for number in 1..=waiting {
        let (session, customer) = (SessionId(number), CustomerId(u128::from(number)));
        tell(&mut desk, Input::OpenSession { session, principal: Principal::customer(customer) });
        let command = Command::JoinQueue(JoinQueue::new(name.clone()).with_category(category));
        tell(&mut desk, Input::Ask { session, command, facts: None });
    }
    let max_chats = u32::try_from(waiting.div_ceil(agents)).expect("few chats an agent");
    let mut took = Vec::new();
    for number in 1..=agents {
        let (agent, session) = (AgentId(number), SessionId(waiting + number));
        tell(&mut desk, Input::SetAgent { agent, name: name.clone(), max_chats, categories: [category].into() });
        tell(&mut desk, Input::OpenSession { session, principal: Principal::agent(agent) });
        let command = Command::SetAgentState { state: AgentState::Online };
        took.push(tell(&mut desk, Input::Ask { session, command, facts: None }));
    }
    let Answer::Refused(_) = desk
        .handle(
            now,
            &Input::Ask {
                session: SessionId(waiting),
                command: Command::QueueStatus { chat: chatter_core::ChatId(waiting) },
                facts: None,
            },
        )
        .answer
    else {
        panic!("the last one still waits")
    };
    took
}
