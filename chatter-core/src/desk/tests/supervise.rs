//! C16: watching, whispering, joining.

use super::support::{Bench, Sent, message, note, whisper};
use crate::desk::Reply;
use crate::protocol::CustomerBody;
use crate::protocol::{Command, CustomerFrame, CustomerLine, StaffFrame};
use crate::{AgentId, AgentState, Author, Body, ChatId, ChatStatus, Fact, Refusal, SessionId, SystemLine};

/// An agent who holds and follows the chat of a customer, and a supervisor.
fn held() -> (Bench, SessionId, SessionId, SessionId, ChatId) {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 2, &[1]);
    let supervisor = bench.overseer(9);
    let (customer, chat) = bench.arrive(1, 1);
    bench.subscribe(agent, chat);
    for session in [agent, supervisor, customer] {
        bench.sent(session);
    }
    (bench, agent, supervisor, customer, chat)
}

fn join(chat: ChatId) -> Command {
    Command::JoinChat { chat }
}

fn leave(chat: ChatId) -> Command {
    Command::LeaveChat { chat }
}

fn joined(bench: &Bench, chat: ChatId) -> Vec<u64> {
    bench.record(chat).joined.iter().map(|agent| agent.0).collect()
}

fn staff_entries(sent: &[Sent]) -> Vec<Body> {
    let entry = |sent: &Sent| match sent {
        Sent::Staff(StaffFrame::Entry { entry, .. }) => Some(entry.body.clone()),
        _ => None,
    };
    sent.iter().filter_map(entry).collect()
}

fn lines(sent: &[Sent]) -> Vec<CustomerLine> {
    let line = |sent: &Sent| match sent {
        Sent::Customer(CustomerFrame::Entry { entry, .. }) => match &entry.body {
            CustomerBody::System { line } => Some(line.clone()),
            _ => None,
        },
        _ => None,
    };
    sent.iter().filter_map(line).collect()
}

fn is_gone(sent: &[Sent], of: ChatId) -> bool {
    sent.iter().any(|it| matches!(it, Sent::Staff(StaffFrame::ChatGone { chat }) if *chat == of))
}

#[test]
fn who_may_watch_follows_any_chat_and_nobody_notices() {
    let (mut bench, agent, supervisor, customer, chat) = held();
    bench.subscribe(supervisor, chat);
    assert_eq!((bench.sent(agent), bench.sent(customer)), (vec![], vec![]), "nobody is told of it");
    bench.say(customer, chat, "m");
    assert_eq!(staff_entries(&bench.sent(supervisor)).len(), 1);
    // It goes on when the chat changes hands, is resolved and reopened.
    bench.declare(agent, AgentState::Offline);
    bench.done(customer, Command::EndChat { chat });
    bench.say(customer, chat, "again");
    let sent = bench.sent(supervisor);
    assert!(!is_gone(&sent, chat), "{sent:?}");
    let last = staff_entries(&sent).pop().unwrap();
    assert!(matches!(last, Body::Message { .. }), "{last:?}");
    assert_eq!(bench.refused(supervisor, message(chat, "m", "hello")), Refusal::NotYourChat { chat });
}

#[test]
fn who_may_not_watch_does_neither() {
    let (mut bench, _, _, customer, chat) = held();
    bench.set_agent(2, 1, &[3]);
    let other = bench.agent_session(2);
    for command in [join(chat), leave(chat), whisper(chat, "w", "psst")] {
        assert_eq!(bench.refused(other, command.clone()), Refusal::UnknownChat { chat }, "{command:?}");
    }
    assert_eq!(bench.refused(customer, join(chat)), Refusal::NotAllowed);
    assert_eq!(bench.refused(customer, leave(chat)), Refusal::NotAllowed);
    assert_eq!(bench.refused(customer, whisper(chat, "w", "psst")), Refusal::NotAllowed);
}

#[test]
fn a_whisper_reaches_staff_alone() {
    let (mut bench, agent, supervisor, customer, chat) = held();
    let second = bench.agent_session(1);
    bench.sent(second);
    let before = bench.record(chat).clone();
    let Reply::Accepted(accepted) = bench.reply(supervisor, whisper(chat, "w", "offer a refund")) else { panic!() };
    assert_eq!(accepted.public_seq, None);
    assert!(matches!(staff_entries(&bench.sent(agent))[..], [Body::Whisper { .. }]), "who follows it reads it");
    let told = bench.sent(second);
    assert!(matches!(&told[..], [Sent::Staff(StaffFrame::Chat { chat })] if chat.last_seq == accepted.seq), "{told:?}");
    assert_eq!(bench.sent(customer), [], "the customer learns nothing");
    let after = bench.record(chat);
    assert_eq!((after.last_public_seq, after.updated_at), (before.last_public_seq, before.updated_at));
    assert_eq!(after.staff_unread, before.staff_unread, "messages alone are counted");
    // Who holds the chat writes notes; whispering is for those beside it.
    assert_eq!(bench.refused(agent, whisper(chat, "w", "to myself")), Refusal::NotYourChat { chat });
}

#[test]
fn joining_is_told_and_lets_write() {
    let (mut bench, agent, supervisor, customer, chat) = held();
    bench.done(supervisor, join(chat));
    assert_eq!(joined(&bench, chat), [9]);
    assert_eq!(bench.holder(chat), Some(1), "the holder stays");
    let by_name = |sent: &[Sent]| lines(sent);
    let told = bench.sent(customer);
    assert!(
        matches!(&by_name(&told)[..], [CustomerLine::AgentJoined { name }] if name.as_str() == "Agent 9"),
        "{told:?}"
    );
    let told = staff_entries(&bench.sent(agent));
    assert!(
        matches!(&told[..], [Body::System { line: SystemLine::AgentJoined { agent, .. } }] if *agent == AgentId(9))
    );
    let told = bench.sent(supervisor);
    assert!(matches!(&told[..], [Sent::Staff(StaffFrame::Chat { chat })] if chat.joined == [AgentId(9)]), "{told:?}");

    bench.say(supervisor, chat, "hello");
    let last = bench.record(chat).last_message.clone().unwrap();
    assert!(matches!(last.author, Author::Agent { agent: AgentId(9), .. }));
    assert_eq!(bench.record(chat).customer_unread.len(), 1);
    // Presence is the holder's: a joined agent who is cut does not concern the customer.
    bench.sent(customer);
    bench.close(supervisor);
    assert_eq!(bench.sent(customer), []);

    // By meaning once: who joined has joined.
    let supervisor = bench.overseer(9);
    let events = bench.store.events.len();
    bench.done(supervisor, join(chat));
    assert_eq!(bench.store.events.len(), events);
    // It takes none of their room.
    let load = bench.desk.agent_view(AgentId(9)).load;
    assert_eq!(load, 0);
}

#[test]
fn leaving_is_told() {
    let (mut bench, agent, supervisor, customer, chat) = held();
    bench.done(supervisor, leave(chat));
    assert!(bench.sent(customer).is_empty(), "who has not joined leaves nothing");
    bench.done(supervisor, join(chat));
    bench.subscribe(supervisor, chat);
    bench.sent(customer);
    bench.sent(supervisor);
    bench.done(supervisor, leave(chat));
    assert!(matches!(&lines(&bench.sent(customer))[..], [CustomerLine::AgentLeft { .. }]));
    let told = bench.sent(supervisor);
    assert!(!is_gone(&told, chat), "they go on watching: {told:?}");
    assert!(matches!(bench.facts_since(0)[..].iter().rev().nth(1), Some(Fact::AgentLeftChat { .. })));
    assert_eq!(bench.refused(supervisor, message(chat, "m", "hello")), Refusal::NotYourChat { chat });
    assert_eq!(bench.refused(agent, leave(chat)), Refusal::NotAllowed, "the holder gives a chat away otherwise");
    bench.done(supervisor, leave(chat));
}

/// Without the permission a session of the same agent sees the chat only while they take part.
#[test]
fn a_session_that_may_not_watch_loses_sight_of_it() {
    for how in ["leaves", "resolved"] {
        let (mut bench, _, supervisor, customer, chat) = held();
        let plain = bench.agent_session(9);
        bench.done(supervisor, join(chat));
        bench.subscribe(plain, chat);
        bench.sent(plain);
        match how {
            "leaves" => bench.done(supervisor, leave(chat)),
            _ => bench.done(customer, Command::EndChat { chat }),
        }
        let told = bench.sent(plain);
        assert!(is_gone(&told, chat), "{how}: {told:?}");
        assert_eq!(bench.refused(plain, note(chat, "n", "late")), Refusal::NotYourChat { chat });
    }
}

#[test]
fn joining_ends_with_those_who_cannot_answer() {
    type End = fn(&mut Bench, SessionId, SessionId);
    let ends: [(&str, bool, End); 6] = [
        ("declared offline", true, |bench, supervisor, _| bench.declare(supervisor, AgentState::Offline)),
        ("signed out", true, |bench, supervisor, _| bench.done(supervisor, Command::SignOut { all: false })),
        ("removed", true, |bench, _, _| {
            bench.put(crate::desk::Input::RemoveAgent { agent: AgentId(9) });
        }),
        ("gone for the grace", true, |bench, supervisor, _| {
            bench.close(supervisor);
            bench.wait_secs(29);
            assert_eq!(joined(bench, ChatId(1)), [9], "the grace is theirs");
            bench.wait_secs(1);
        }),
        ("back within the grace", false, |bench, supervisor, _| {
            bench.close(supervisor);
            bench.wait_secs(29);
            let back = bench.overseer(9);
            bench.wait_secs(29);
            bench.say(back, ChatId(1), "m");
        }),
        ("the chat ends", true, |bench, _, customer| bench.done(customer, Command::EndChat { chat: ChatId(1) })),
    ];
    for (name, ended, end) in ends {
        for online in [true, false] {
            let (mut bench, _, supervisor, customer, chat) = held();
            if online {
                bench.declare(supervisor, AgentState::Online);
            } else if name == "declared offline" {
                continue;
            }
            bench.done(supervisor, join(chat));
            end(&mut bench, supervisor, customer);
            assert_eq!(joined(&bench, chat).is_empty(), ended, "{name}, {online}");
            bench.check_restore();
        }
    }
}

#[test]
fn joining_outlives_the_holder_and_a_restart() {
    let (mut bench, agent, supervisor, _, chat) = held();
    bench.done(supervisor, join(chat));
    bench.declare(agent, AgentState::Offline);
    assert_eq!((bench.status(chat), joined(&bench, chat)), (ChatStatus::Open, vec![9]));
    bench.restart();
    assert_eq!(joined(&bench, chat), [9]);
    // Nobody came back: the grace is over.
    bench.wait_secs(30);
    assert_eq!(joined(&bench, chat), Vec::<u64>::new());
}

#[test]
fn a_chat_that_is_over_cannot_be_joined() {
    let (mut bench, _, supervisor, customer, chat) = held();
    bench.done(customer, Command::EndChat { chat });
    assert_eq!(bench.refused(supervisor, join(chat)), Refusal::ChatResolved { chat });
    bench.wait_secs(24 * 3_600);
    assert_eq!(bench.refused(supervisor, join(chat)), Refusal::ChatClosed { chat });
    bench.done(supervisor, leave(chat));
}

/// Who joined and then gets the chat holds it, and is beside it no more.
#[test]
fn who_gets_the_chat_has_not_joined_it() {
    let (mut bench, agent, supervisor, _, chat) = held();
    bench.done(supervisor, join(chat));
    bench.set_agent(9, 2, &[1]);
    bench.declare(supervisor, AgentState::Online);
    bench.declare(agent, AgentState::Offline);
    assert_eq!((bench.holder(chat), joined(&bench, chat)), (Some(9), vec![]));
    bench.done(supervisor, join(chat));
    assert_eq!(joined(&bench, chat), Vec::<u64>::new(), "who holds it takes part already");
}

/// An agent's new session knows what they have joined.
#[test]
fn a_new_session_knows_what_was_joined() {
    let (mut bench, _, supervisor, _, chat) = held();
    bench.done(supervisor, join(chat));
    let second = bench.agent_session(9);
    bench.say(second, chat, "m");
}
