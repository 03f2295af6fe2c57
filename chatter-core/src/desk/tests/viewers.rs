//! C22: who has a chat open, and who writes in it.

use super::support::{Bench, Sent};
use crate::protocol::{Command, StaffFrame};
use crate::{AgentState, ChatId, SessionId};

/// A held chat that its agent follows, and a supervisor.
fn held() -> (Bench, SessionId, SessionId, SessionId, ChatId) {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 2, &[1]);
    let supervisor = bench.overseer(9);
    let (customer, chat) = bench.arrive(1, 1);
    bench.subscribe(agent, chat);
    (bench, agent, supervisor, customer, chat)
}

/// The sets of viewers a session was told, in order; who writes is negative.
fn viewers(bench: &mut Bench, session: SessionId) -> Vec<Vec<i64>> {
    let told = |sent| match sent {
        Sent::Staff(StaffFrame::Viewers { viewers, .. }) => {
            let number = |agent: crate::AgentId| i64::try_from(agent.0).unwrap();
            Some(viewers.iter().map(|it| if it.writing { -number(it.agent) } else { number(it.agent) }).collect())
        }
        _ => None,
    };
    bench.sent(session).into_iter().filter_map(told).collect()
}

#[test]
fn who_takes_part_and_follows_is_seen_and_who_only_watches_is_not() {
    let (mut bench, agent, supervisor, customer, chat) = held();
    assert_eq!(viewers(&mut bench, agent), [vec![1]]);
    bench.subscribe(supervisor, chat);
    assert_eq!(viewers(&mut bench, supervisor), [vec![1]], "who comes learns who is there");
    assert_eq!(viewers(&mut bench, agent), Vec::<Vec<i64>>::new(), "watching is silent");
    bench.done(supervisor, Command::JoinChat { chat });
    assert_eq!((viewers(&mut bench, agent), viewers(&mut bench, supervisor)), (vec![vec![1, 9]], vec![vec![1, 9]]));
    bench.types(supervisor, chat, None);
    bench.types(supervisor, chat, None);
    assert_eq!(viewers(&mut bench, agent), [vec![1, -9]], "what is not new is not told");
    bench.wait_secs(6);
    assert_eq!(viewers(&mut bench, agent), [vec![1, 9]]);
    bench.done(supervisor, Command::LeaveChat { chat });
    assert_eq!(viewers(&mut bench, agent), [vec![1]]);
    bench.types(customer, chat, None);
    assert_eq!(viewers(&mut bench, agent), Vec::<Vec<i64>>::new(), "customers are no viewers");
}

#[test]
fn who_had_a_chat_and_may_watch_is_no_viewer_of_its_next_episode() {
    let (mut bench, agent, supervisor, customer, chat) = held();
    bench.declare(supervisor, AgentState::Online);
    bench.done(supervisor, Command::TakeOver { chat });
    bench.subscribe(supervisor, chat);
    assert_eq!(viewers(&mut bench, supervisor), [vec![9]]);
    bench.declare(agent, AgentState::Away);
    bench.declare(supervisor, AgentState::Away);
    bench.done(customer, Command::EndChat { chat });
    bench.say(customer, chat, "again");
    assert_eq!(viewers(&mut bench, supervisor), [Vec::<i64>::new()], "it waits, and nobody takes part in it");
}

#[test]
fn two_sessions_are_one_viewer() {
    let (mut bench, agent, _, _, chat) = held();
    viewers(&mut bench, agent);
    let second = bench.agent_session(1);
    bench.subscribe(second, chat);
    assert_eq!((viewers(&mut bench, agent), viewers(&mut bench, second)), (vec![], vec![vec![1]]));
    bench.close(agent);
    assert_eq!(viewers(&mut bench, second), Vec::<Vec<i64>>::new());
}

#[test]
fn leaving_closing_and_disconnecting_are_seen() {
    let (mut bench, agent, supervisor, _, chat) = held();
    bench.done(supervisor, Command::JoinChat { chat });
    bench.subscribe(supervisor, chat);
    viewers(&mut bench, agent);
    bench.done(supervisor, Command::Unsubscribe { chat });
    assert_eq!(viewers(&mut bench, agent), [vec![1]]);
    bench.done(supervisor, Command::Unsubscribe { chat });
    bench.done(supervisor, Command::Unsubscribe { chat: ChatId(77) });
    assert_eq!(viewers(&mut bench, agent), Vec::<Vec<i64>>::new());
    bench.subscribe(supervisor, chat);
    bench.close(supervisor);
    assert_eq!(viewers(&mut bench, agent), [vec![1, 9], vec![1]]);
}

#[test]
fn who_follows_no_more_gets_nothing_more() {
    let (mut bench, agent, _, customer, chat) = held();
    bench.done(agent, Command::Unsubscribe { chat });
    bench.done(customer, Command::Unsubscribe { chat });
    bench.sent(agent);
    bench.sent(customer);
    bench.types(customer, chat, Some("words"));
    bench.types(agent, chat, None);
    assert_eq!((bench.sent(agent), bench.sent(customer)), (vec![], vec![]));
    // What they hold they still hear of, whole.
    bench.say(customer, chat, "m");
    let told = bench.sent(agent);
    assert!(matches!(&told[..], [Sent::Staff(StaffFrame::Chat { chat })] if chat.unread == 1), "{told:?}");
}

/// After a failed write the sessions go on with a desk that does not know what they were told.
#[test]
fn viewers_are_told_again_after_the_desk_was_loaded_again() {
    let (mut bench, agent, _, _, chat) = held();
    bench.done(agent, Command::Unsubscribe { chat });
    let second = bench.agent_session(1);
    bench.subscribe(second, chat);
    bench.types(agent, chat, None);
    assert_eq!(viewers(&mut bench, second), [vec![1], vec![-1]]);
    bench.reload();
    assert_eq!(viewers(&mut bench, second), [vec![1]], "what was typed is forgotten");
}
