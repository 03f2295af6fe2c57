//! Agents, categories, sessions, and who may do what.

use std::collections::BTreeSet;

use super::super::{Action, Answer, Input, Opened, Reply, may};
use super::support::{Bench, Sent};
use crate::protocol::{Command, JoinQueue, StaffFrame};
use crate::{
    AgentId, AgentState, CategoryId, CategoryRecord, ChatId, ChatRecord, ChatState, CloseReason, CustomerId, EndReason,
    Fact, Invalid, Name, Principal, Refusal, SessionId, Side,
};

#[test]
fn authority_is_one_table_and_everything_else_is_denied() {
    let mut bench = Bench::new();
    bench.agent(1, 1, &[1]);
    let (_, chat) = bench.arrive(1, 1);
    let record = bench.record(chat).clone();
    let with = |state| ChatRecord { state, agents: [AgentId(1), AgentId(2)].into(), ..record.clone() };
    let (at, by, reason) = (bench.now, Side::Staff, EndReason::AgentEnded);
    // Agent 1 has it now or had it last, agent 2 took part, agent 3 did not.
    let states = [
        with(ChatState::Waiting),
        with(ChatState::Active { agent: AgentId(1) }),
        with(ChatState::Resolved { at, by, reason }),
        with(ChatState::Closed { at, by, reason }),
    ];
    let customer = |number, chat| Principal::Customer { customer: CustomerId(number), chat };
    let own = "Subscribe Read Stand Write End SetSubject";
    let none = "";
    // What each may do, by state: waiting, active, resolved, closed.
    let table = [
        (customer(1, None), [own; 4]),
        (customer(1, Some(chat)), [own; 4]),
        (customer(1, Some(ChatId(99))), [none; 4]),
        (customer(2, None), [none; 4]),
        (customer(2, Some(chat)), [none; 4]),
        (
            Principal::agent(AgentId(1)),
            [
                "Read Take Explain",
                "Subscribe Read Write Note End SetSubject SetPriority Transfer Unassign Merge Explain",
                "Subscribe Read Write Note End Reopen SetSubject SetPriority Merge Explain",
                "Read Explain",
            ],
        ),
        (Principal::agent(AgentId(2)), ["Read Take Explain", "Read Explain", "Read Explain", "Read Explain"]),
        (Principal::agent(AgentId(3)), ["Take", none, none, none]),
        (
            Principal::supervisor(AgentId(3)),
            [
                "Subscribe Read Note SetPriority Whisper Join Take Assign Unassign Merge Explain",
                "Subscribe Read Note SetPriority Whisper Join Assign Unassign Merge Explain",
                "Subscribe Read Note SetPriority Whisper Merge Explain",
                "Subscribe Read Note SetPriority Whisper Merge Explain",
            ],
        ),
    ];
    for (principal, allowed) in table {
        for (record, allowed) in states.iter().zip(allowed) {
            let actions = Action::ALL.iter().filter(|action| may(&principal, **action, record));
            let named: Vec<_> = actions.map(|action| format!("{action:?}")).collect();
            assert_eq!(named.join(" "), allowed, "{principal:?} in {:?}", record.state);
        }
    }
}

#[test]
fn settings_are_checked() {
    let mut bench = Bench::new();
    let set = |agent, max_chats, categories: &[u32]| Input::SetAgent {
        agent: AgentId(agent),
        name: Name::new("Ann").unwrap(),
        max_chats,
        categories: categories.iter().copied().map(CategoryId).collect(),
    };
    let invalid = |field, rule| Refusal::Invalid(Invalid::new(field, rule));
    let category = |number| Input::SetCategory(CategoryRecord::new(CategoryId(number), Name::new("X").unwrap()));
    let table = [
        (set(0, 1, &[1]), invalid("agent", "1 and up")),
        (set(1, 0, &[1]), invalid("max_chats", "1 to 1000")),
        (set(1, 1_001, &[1]), invalid("max_chats", "1 to 1000")),
        (set(1, 1, &[]), invalid("categories", "one at least")),
        (set(1, 1, &[1, 9]), Refusal::UnknownCategory),
        (category(0), invalid("category", "1 and up")),
        (Input::RemoveAgent { agent: AgentId(1) }, Refusal::UnknownAgent),
        (Input::OpenSession { session: SessionId(9), principal: Principal::agent(AgentId(1)) }, Refusal::UnknownAgent),
    ];
    let before = bench.store.events.len();
    for (input, refusal) in table {
        assert_eq!(bench.put(input.clone()), Answer::Refused(refusal), "{input:?}");
    }
    for max_chats in [1, 1_000] {
        assert_eq!(bench.put(set(1, max_chats, &[1])), Answer::Reply(Reply::Done));
    }
    assert_eq!(bench.put(set(1, 1_000, &[1])), Answer::Reply(Reply::Done));
    assert_eq!(bench.store.events.len(), before + 2, "the same again is no event");
}

#[test]
fn a_removed_agent_holds_nothing_and_is_sent_away() {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 2, &[1]);
    let second = bench.agent_session(1);
    let (customer, chat) = bench.arrive(1, 1);
    let before = bench.store.events.len();
    assert_eq!(bench.put(Input::RemoveAgent { agent: AgentId(1) }), Answer::Reply(Reply::Done));
    let facts = bench.facts_since(before);
    assert!(matches!(facts[0], Fact::ChatRequeued { .. }) && matches!(facts.last(), Some(Fact::AgentRemoved { .. })));
    assert_eq!(bench.holder(chat), None);
    for session in [agent, second] {
        assert_eq!(bench.sent(session).last(), Some(&Sent::Closed(CloseReason::Revoked)));
        assert_eq!(bench.refused(session, Command::SetAgentState { state: AgentState::Online }), Refusal::NotAllowed);
        bench.close(session);
    }
    assert_eq!(bench.put(Input::RemoveAgent { agent: AgentId(1) }), Answer::Reply(Reply::Done), "twice is once");
    let Answer::Reply(Reply::Roster { categories, agents }) = bench.put(Input::Roster) else { panic!("a roster") };
    assert_eq!((categories.len(), agents.len()), (3, 0));
    // The name stays in the transcript, and the agent can be made again.
    assert!(bench.record(chat).agents.contains(&AgentId(1)));
    let _again = bench.agent(1, 1, &[1]);
    assert_eq!(bench.holder(chat), Some(1));
    bench.say(customer, chat, "m1");
}

#[test]
fn an_agent_removed_while_lost_leaves_no_grace_behind() {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 2, &[1]);
    let (_, chat) = bench.arrive(1, 1);
    bench.close(agent);
    bench.put(Input::RemoveAgent { agent: AgentId(1) });
    assert_eq!(bench.holder(chat), None);
    bench.wait_secs(60);
}

#[test]
fn a_session_is_told_first_what_is_its_own() {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 2, &[1]);
    let (customer, chat) = bench.arrive(1, 1);
    let two = bench.join(customer, 2);
    bench.arrive(2, 1);
    let open = |bench: &mut Bench, principal| {
        let session = bench.next_session();
        match bench.put(Input::OpenSession { session, principal }) {
            Answer::Reply(Reply::Opened(opened)) => *opened,
            other => panic!("opened, not {other:?}"),
        }
    };
    let chats = |opened| match opened {
        Opened::Customer { chats, .. } => chats.iter().map(|chat| chat.chat).collect::<Vec<_>>(),
        Opened::Agent { chats, .. } => chats.iter().map(|chat| chat.chat).collect(),
    };
    let customer_with = |chat| Principal::Customer { customer: CustomerId(1), chat };
    assert_eq!(chats(open(&mut bench, customer_with(None))), [chat, two]);
    assert_eq!(chats(open(&mut bench, customer_with(Some(two)))), [two]);
    assert_eq!(chats(open(&mut bench, Principal::agent(AgentId(1)))), [chat, ChatId(3)]);
    bench.done(agent, Command::EndChat { chat });
    let Opened::Agent { agent, agents, categories, .. } = open(&mut bench, Principal::agent(AgentId(1))) else {
        panic!("an agent")
    };
    assert_eq!((agent.load, agent.max_chats, agent.state), (1, 2, AgentState::Online));
    assert_eq!((agents.signed_in, agents.online), (1, 1));
    assert_eq!(categories.iter().map(|it| it.agents_online).collect::<Vec<_>>(), [1, 0, 0]);
}

#[test]
fn a_session_number_is_used_once_and_an_unknown_one_may_nothing() {
    let mut bench = Bench::new();
    let customer = bench.customer(1);
    let again = Input::OpenSession { session: customer, principal: Principal::customer(CustomerId(2)) };
    assert_eq!(bench.put(again), Answer::Refused(Refusal::Internal));
    let unknown = SessionId(4_711);
    for command in [Command::SignOut { all: true }, Command::JoinQueue(JoinQueue::new(Name::new("C").unwrap()))] {
        assert_eq!(bench.refused(unknown, command), Refusal::NotAllowed);
    }
    bench.close(unknown);
    assert_eq!(bench.refused(customer, Command::SetAgentState { state: AgentState::Online }), Refusal::NotAllowed);
}

#[test]
fn an_answer_goes_out_before_what_follows_from_it() {
    // (what is asked, how many effects may precede the answer)
    let mut bench = Bench::new();
    let agent = bench.agent(1, 2, &[1]);
    let (customer, chat) = bench.arrive(1, 1);
    bench.subscribe(agent, chat);
    bench.wait_secs(2);
    let too_high = Command::Receipt { chat, delivered: Some(99), read: None };
    let table = [
        (customer, Command::EndChat { chat }, true),
        (customer, super::support::message(chat, "m1", "again"), false),
        (customer, too_high, true),
        (agent, Command::SignOut { all: true }, true),
    ];
    for (session, command, first) in table {
        let input = Input::Ask { session, command: command.clone(), facts: None };
        let outcome = bench.outcome(input);
        assert_eq!(outcome.answer_at == 0, first, "{command:?}");
    }
}

#[test]
fn a_new_name_is_told_where_it_shows() {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 2, &[1]);
    bench.arrive(1, 1);
    bench.sent(agent);
    let name = Name::new("Ann").unwrap();
    let categories = BTreeSet::from([CategoryId(1)]);
    bench.put(Input::SetAgent { agent: AgentId(1), name, max_chats: 2, categories });
    let sent = bench.sent(agent);
    assert!(
        sent.iter().any(|it| matches!(it, Sent::Staff(StaffFrame::Agent { agent }) if agent.name.as_str() == "Ann"))
    );
    // That the customer's picture is true as well is checked by the bench.
}
