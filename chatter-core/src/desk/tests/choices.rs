//! Row B18, what is stored: the choice behind each assignment, in brief. Who could not and why, and who or what would
//! have been next.

use std::time::Duration;

use super::super::DeskSettings;
use super::support::Bench;
use crate::protocol::Command;
use crate::{
    AgentId, AgentState, CategoryId, CategoryRecord, CategorySettings, ChatId, Choice, Fact, Name, OverflowStage,
    PassedOver, Routing, Trigger,
};

fn set_category(bench: &mut Bench, category: u32, settings: CategorySettings) {
    let name = Name::new(&format!("Category {category}")).unwrap();
    let record = CategoryRecord { category: CategoryId(category), name, settings };
    bench.put(super::super::Input::SetCategory(record));
}

/// The newest choice about a chat, and who was chosen.
fn choice_of(bench: &Bench, chat: ChatId) -> (u64, Choice) {
    let choice = |fact: &&Fact| match fact {
        Fact::ChatAssigned { chat: of, agent, choice } | Fact::ChatOffered { chat: of, agent, choice } => {
            (*of == chat).then(|| (agent.0, choice.clone()))
        }
        _ => None,
    };
    bench.facts_since(0).iter().rev().find_map(choice).expect("somebody was chosen")
}

fn agents(choice: &Choice) -> Vec<u64> {
    choice.next_agents.iter().map(|agent| agent.0).collect()
}

fn chats(choice: &Choice) -> Vec<u64> {
    choice.next_chats.iter().map(|chat| chat.0).collect()
}

#[test]
fn an_arrival_counts_everybody_who_could_not_take_it_and_names_the_next_ten() {
    let settings = DeskSettings { breathing_gap: Duration::from_secs(30), ..DeskSettings::default() };
    let mut bench = Bench::with(crate::policy::LeastLoaded, settings);
    // 1 and 2 are full, 3 rests with another slot, 4 is away, 5 on a last call, 6 lost, 7 offline.
    for (agent, max) in [(1, 1), (2, 1), (3, 2), (5, 1)] {
        let session = bench.agent(agent, max, &[1]);
        let (_, chat) = bench.arrive(u128::from(agent), 1);
        assert_eq!(bench.holder(chat), Some(agent));
        if agent == 5 {
            bench.declare(session, AgentState::LastCall);
        }
    }
    let away = bench.agent_after(4);
    bench.declare(away, AgentState::Away);
    let lost = bench.agent_after(6);
    bench.close(lost);
    let offline = bench.agent_after(7);
    bench.declare(offline, AgentState::Offline);
    // One who serves something else counts nowhere, and twelve have room.
    bench.agent(8, 1, &[2]);
    for agent in 20..32 {
        bench.agent(agent, 1, &[1]);
    }
    let (_, chat) = bench.arrive(100, 1);
    let (agent, choice) = choice_of(&bench, chat);
    assert_eq!((agent, choice.trigger, &*choice.policy, choice.waited), (20, Trigger::ChatReady, "least-loaded", 0));
    let expected = PassedOver { full: 2, away: 1, last_call: 1, disconnected: 1, resting: 1, cooling: 0 };
    assert_eq!(choice.passed_over, expected);
    assert_eq!(agents(&choice), (21..31).collect::<Vec<_>>(), "ten of the eleven others, in order");
    assert!(choice.next_chats.is_empty());
}

impl Bench {
    /// An agent of category 1, online.
    fn agent_after(&mut self, agent: u64) -> crate::SessionId {
        self.agent(agent, 1, &[1])
    }
}

#[test]
fn the_next_are_those_whom_dispatch_would_have_chosen() {
    let mut bench = Bench::with(crate::policy::LeastLoaded, DeskSettings::default());
    let after = Duration::from_secs(60);
    let overflow = vec![OverflowStage { after, category: CategoryId(2) }];
    set_category(&mut bench, 1, CategorySettings { routing: Routing::Offer, overflow, ..CategorySettings::default() });
    // It waits until the agents of its overflow may take it, held back by its customer's absence.
    let (customer, chat) = bench.arrive(1, 1);
    let first = bench.agent(1, 1, &[1]);
    bench.done(first, Command::DeclineOffer { chat, reason: None });
    bench.wait_secs(58);
    bench.close(customer);
    bench.wait_secs(2);
    bench.agent(4, 2, &[2]);
    bench.agent(3, 2, &[1, 2]);
    bench.agent(5, 2, &[1]);
    bench.arrive(7, 1);
    assert_eq!(bench.desk.state.agents[&AgentId(3)].load(), 1, "the least number of equals is asked first");
    let _customer = bench.customer(1);
    let (agent, choice) = choice_of(&bench, chat);
    assert_eq!(agent, 5, "of its own category, with the least load");
    assert_eq!(agents(&choice), [3, 4, 1], "own category, overflow, and who let it pass a while ago");
    assert_eq!(choice.passed_over, PassedOver::default(), "they could have it again");
}

#[test]
fn who_let_it_pass_is_counted_once() {
    let mut bench = Bench::with(crate::policy::LeastLoaded, DeskSettings::default());
    set_category(&mut bench, 1, CategorySettings { routing: Routing::Offer, ..CategorySettings::default() });
    let one = bench.agent(1, 1, &[1, 2]);
    let two = bench.agent(2, 1, &[1]);
    let (_, chat) = bench.arrive(1, 1);
    bench.done(one, Command::DeclineOffer { chat, reason: None });
    let (asked, choice) = choice_of(&bench, chat);
    assert_eq!((asked, choice.trigger), (2, Trigger::ChatReady));
    assert_eq!((choice.passed_over.cooling, choice.passed_over.full), (1, 0));
    assert_eq!(agents(&choice), [0; 0], "nobody else could have it now");
    // Full by now as well, 1 is counted as full.
    let (_, other) = bench.arrive(2, 2);
    assert_eq!(bench.holder(other), Some(1));
    bench.done(two, Command::DeclineOffer { chat, reason: None });
    bench.agent(3, 1, &[1]);
    let (asked, choice) = choice_of(&bench, chat);
    assert_eq!((asked, choice.trigger), (3, Trigger::AgentFree));
    assert_eq!((choice.passed_over.cooling, choice.passed_over.full), (1, 1), "2 cools down, 1 is full");
}

#[test]
fn a_freed_agent_names_the_chats_that_came_next() {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 1, &[1, 2, 3]);
    let (_, held) = bench.arrive(1, 1);
    let mut waiting = Vec::new();
    for (customer, category) in [(2, 2), (3, 1), (4, 3), (5, 1), (6, 2)] {
        bench.wait_secs(1);
        waiting.push(bench.arrive(customer, category).1.0);
    }
    bench.done(agent, Command::EndChat { chat: held });
    let (_, choice) = choice_of(&bench, ChatId(waiting[0]));
    assert_eq!((choice.trigger, choice.waited), (Trigger::AgentFree, 4_000_000));
    assert_eq!(chats(&choice), [waiting[1], waiting[2], waiting[4]], "the first of each line, also of the same one");
    assert!(choice.next_agents.is_empty());
}

#[test]
fn a_chat_that_they_let_pass_does_not_come_next() {
    let mut bench = Bench::new();
    set_category(&mut bench, 1, CategorySettings { routing: Routing::Offer, ..CategorySettings::default() });
    let agent = bench.agent(1, 1, &[1, 2, 3]);
    let (_, passed) = bench.arrive(1, 1);
    bench.done(agent, Command::DeclineOffer { chat: passed, reason: None });
    let (_, held) = bench.arrive(2, 2);
    assert_eq!(bench.holder(held), Some(1));
    let [second, third] = [(3, 2), (4, 3)].map(|(customer, category)| bench.arrive(customer, category).1);
    bench.done(agent, Command::EndChat { chat: held });
    let (_, choice) = choice_of(&bench, second);
    assert_eq!(chats(&choice), [third.0], "the one they let pass is left to others");
}
