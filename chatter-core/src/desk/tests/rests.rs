//! Row B17 and lower limits: agents who could, but not now.

use std::time::Duration;

use super::super::DeskSettings;
use super::support::Bench;
use crate::policy::LongestWait;
use crate::protocol::Command;
use crate::{AgentId, AgentState, CategorySettings, Refusal};

fn wrapping(seconds: u64) -> CategorySettings {
    CategorySettings { wrap_up: Duration::from_secs(seconds), ..CategorySettings::default() }
}

fn load(bench: &Bench) -> u32 {
    bench.desk.state.agents[&AgentId(1)].load()
}

#[test]
fn after_a_chat_its_slot_is_kept_for_the_wrap_up() {
    for (ends_early, by_customer) in [(false, false), (true, false), (false, true)] {
        let mut bench = Bench::new();
        bench.configure(1, wrapping(30));
        let agent = bench.agent(1, 1, &[1]);
        let (customer, chat) = bench.arrive(1, 1);
        let (_, next) = bench.arrive(2, 1);
        bench.done(if by_customer { customer } else { agent }, Command::EndChat { chat });
        assert_eq!((load(&bench), bench.holder(next)), (1, None));
        bench.wait(Duration::from_micros(29_999_999));
        assert_eq!(bench.holder(next), None);
        if ends_early {
            bench.done(agent, Command::EndWrapUp);
            bench.done(agent, Command::EndWrapUp);
        } else {
            bench.wait(Duration::from_micros(1));
        }
        assert_eq!((load(&bench), bench.holder(next)), (1, Some(1)));
        assert_eq!(bench.refused(customer, Command::EndWrapUp), Refusal::NotAllowed);
    }
}

#[test]
fn every_chat_has_its_own_wrap_up_and_the_agents_end_ends_all() {
    let mut bench = Bench::new();
    bench.configure(1, wrapping(30));
    let agent = bench.agent(1, 2, &[1]);
    let (_, first) = bench.arrive(1, 1);
    let (_, second) = bench.arrive(2, 1);
    let (_, third) = bench.arrive(3, 1);
    bench.done(agent, Command::EndChat { chat: first });
    bench.wait_secs(10);
    bench.done(agent, Command::EndChat { chat: second });
    assert_eq!(load(&bench), 2);
    bench.wait_secs(20);
    assert_eq!((load(&bench), bench.holder(third)), (2, Some(1)), "one of two is over");
    bench.done(agent, Command::EndWrapUp);
    assert_eq!(load(&bench), 1);
    // A restart ends wrap-ups: whoever comes back has had time.
    bench.done(agent, Command::EndChat { chat: third });
    assert_eq!(load(&bench), 1);
    bench.restart();
    assert_eq!(load(&bench), 0);
}

#[test]
fn a_chat_that_goes_on_with_the_same_agent_ends_its_wrap_up() {
    let mut bench = Bench::new();
    bench.configure(1, wrapping(30));
    let agent = bench.agent(1, 2, &[1]);
    let (customer, chat) = bench.arrive(1, 1);
    bench.done(agent, Command::EndChat { chat });
    assert_eq!(load(&bench), 1);
    bench.say(customer, chat, "one-more-thing");
    assert_eq!((bench.holder(chat), load(&bench)), (Some(1), 1));
    // What is settled while waiting needs no wrap-up, and a chat that goes back none either.
    bench.declare(agent, AgentState::Offline);
    assert_eq!(load(&bench), 0);
}

#[test]
fn between_two_chats_there_is_a_breath() {
    let settings = DeskSettings { breathing_gap: Duration::from_secs(5), ..DeskSettings::default() };
    let mut bench = Bench::with(LongestWait, settings);
    bench.agent(1, 3, &[1]);
    let chats = [1, 2, 3].map(|customer| bench.arrive(customer, 1).1);
    let held = |bench: &Bench| chats.map(|chat| bench.holder(chat).is_some());
    assert_eq!(held(&bench), [true, false, false]);
    bench.wait(Duration::from_micros(4_999_999));
    assert_eq!(held(&bench), [true, false, false]);
    bench.wait(Duration::from_micros(1));
    assert_eq!(held(&bench), [true, true, false]);
    // Somebody else breathes by themselves.
    bench.agent(2, 3, &[1]);
    assert_eq!(held(&bench), [true, true, true]);
}

#[test]
fn a_lower_limit_takes_nothing_away() {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 3, &[1]);
    let chats = [1, 2, 3].map(|customer| bench.arrive(customer, 1).1);
    bench.set_agent(1, 1, &[1]);
    assert_eq!(chats.map(|chat| bench.holder(chat)), [Some(1); 3]);
    let (_, waiting) = bench.arrive(4, 1);
    for chat in &chats[..2] {
        bench.done(agent, Command::EndChat { chat: *chat });
        assert_eq!(bench.holder(waiting), None);
    }
    bench.done(agent, Command::EndChat { chat: chats[2] });
    assert_eq!(bench.holder(waiting), Some(1));
}
