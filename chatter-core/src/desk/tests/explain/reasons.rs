//! Each reason is named, and ends when it is said to end.

use std::time::Duration;

use super::super::super::DeskSettings;
use super::{named, offers, watched};
use crate::protocol::{Command, LineView, WhyIdle, WhyWaiting};
use crate::{AgentId, AgentState, CategoryId, CategorySettings, ChatStatus, OverflowStage, Unavailable};

#[test]
fn every_reason_of_an_agent_is_named_the_nearest_first() {
    let settings = DeskSettings { breathing_gap: Duration::from_secs(20), ..DeskSettings::default() };
    let (mut bench, watcher) = watched(settings);
    let (_, chat) = bench.arrive(1, 1);
    assert_eq!(bench.why(watcher, chat).why, WhyWaiting::NobodyServes);
    for agent in [10, 11, 12, 13, 14, 15] {
        bench.set_agent(agent, 1, &[1]);
    }
    assert_eq!(bench.why(watcher, chat).why, WhyWaiting::NobodyThere);
    // 10 is offline, 11 connected and offline, 12 away, 13 disconnected, 14 on a last call, 15 full.
    let [signed_in, away, gone, last, full] = [11, 12, 13, 14, 15].map(|agent| bench.agent_session(agent));
    bench.declare(full, AgentState::Online);
    assert_eq!(bench.holder(chat), Some(15));
    bench.wait_secs(30);
    let (_, held) = bench.arrive(2, 1);
    bench.declare(last, AgentState::Online);
    assert_eq!(bench.holder(held), Some(14));
    bench.declare(last, AgentState::LastCall);
    bench.declare(away, AgentState::Away);
    bench.declare(signed_in, AgentState::Offline);
    // 13 says online while somebody waits for another category alone, and is lost.
    bench.declare(gone, AgentState::Online);
    bench.close(gone);
    // 16 has a second slot and just got a chat.
    let resting = bench.agent(16, 2, &[1, 2]);
    bench.arrive(3, 2);
    let rested = bench.now + Duration::from_secs(20);
    let (_, waiting) = bench.arrive(4, 1);
    let explanation = bench.why(watcher, waiting);
    assert_eq!(explanation.why, WhyWaiting::NobodyFree);
    assert_eq!(
        named(&explanation),
        [
            (16, Some(Unavailable::Resting), Some(rested)),
            (15, Some(Unavailable::Full), None),
            (12, Some(Unavailable::Away), None),
            (14, Some(Unavailable::LastCall), None),
            (13, Some(Unavailable::Disconnected), None),
            (10, Some(Unavailable::Offline), None),
            (11, Some(Unavailable::Offline), None),
        ]
    );
    let counts = explanation.passed_over;
    assert_eq!((counts.full, counts.resting, counts.away, counts.last_call, counts.disconnected), (1, 1, 1, 1, 1));
    assert_eq!((explanation.policy.as_str(), explanation.place, explanation.overflow), ("least-loaded", Some(1), 0));
    // Each of them is told the same of themselves.
    let told = [(resting, Unavailable::Resting, Some(rested)), (full, Unavailable::Full, None)];
    let more = [(away, Unavailable::Away), (signed_in, Unavailable::Offline), (last, Unavailable::LastCall)];
    for (session, reason, until) in told.into_iter().chain(more.map(|(session, reason)| (session, reason, None))) {
        assert_eq!(bench.why_idle(session, None).why, WhyIdle::Unavailable { reason, until });
    }
    bench.wait_secs(20);
    assert_eq!(bench.holder(waiting), Some(16), "once the rest is over");
}

#[test]
fn who_let_a_chat_pass_is_named_until_the_cool_down_is_over() {
    let (mut bench, watcher) = watched(DeskSettings::default());
    bench.set_category(1, offers());
    let asked = bench.agent(1, 1, &[1]);
    let (_, chat) = bench.arrive(1, 1);
    let until = bench.now + Duration::from_secs(30);
    let explanation = bench.why(watcher, chat);
    assert_eq!(explanation.why, WhyWaiting::Offered { agent: AgentId(1), until });
    assert_eq!((named(&explanation), explanation.place), (vec![], Some(1)), "who is asked is not passed over");
    bench.done(asked, Command::DeclineOffer { chat, reason: None });
    let cooled = bench.now + Duration::from_secs(60);
    let explanation = bench.why(watcher, chat);
    assert_eq!(explanation.why, WhyWaiting::NobodyFree);
    assert_eq!(named(&explanation), [(1, Some(Unavailable::Cooling), Some(cooled))]);
    assert_eq!(explanation.passed_over.cooling, 1);
    let idle = bench.why_idle(asked, None);
    assert_eq!(idle.why, WhyIdle::OnlyHeld, "they have room, but not for this one");
    assert_eq!(idle.lines.iter().map(|line| (line.waiting, line.ready, line.head)).collect::<Vec<_>>(), [(1, 1, None)]);
    bench.wait_secs(60);
    assert!(matches!(bench.why(watcher, chat).why, WhyWaiting::Offered { .. }));
}

#[test]
fn a_slot_that_wraps_up_is_free_at_a_known_time() {
    let (mut bench, watcher) = watched(DeskSettings::default());
    bench.set_category(1, CategorySettings { wrap_up: Duration::from_secs(40), ..CategorySettings::default() });
    let agent = bench.agent(1, 2, &[1]);
    let (_, first) = bench.arrive(1, 1);
    let (_, _second) = bench.arrive(2, 1);
    let (_, waiting) = bench.arrive(3, 1);
    assert_eq!(named(&bench.why(watcher, waiting)), [(1, Some(Unavailable::Full), None)], "nobody knows when");
    bench.done(agent, Command::EndChat { chat: first });
    let until = bench.now + Duration::from_secs(40);
    assert_eq!(named(&bench.why(watcher, waiting)), [(1, Some(Unavailable::Full), Some(until))]);
    let idle = bench.why_idle(agent, None);
    assert_eq!((idle.load.active, idle.load.wrapping_up, idle.max_chats), (1, 1, 2));
    bench.wait_secs(39);
    assert_eq!(bench.holder(waiting), None);
    bench.wait_secs(1);
    assert_eq!(bench.holder(waiting), Some(1));
}

#[test]
fn everything_that_holds_a_chat_is_named() {
    let (mut bench, watcher) = watched(DeskSettings::default());
    let sticky = CategorySettings { sticky_wait: Some(Duration::from_secs(90)), ..CategorySettings::default() };
    bench.set_category(1, sticky);
    let agent = bench.agent(1, 1, &[1]);
    let (customer, first) = bench.arrive(1, 1);
    bench.done(customer, Command::EndChat { chat: first });
    bench.wait_secs(25 * 3_600);
    assert_eq!(bench.why(watcher, first).why, WhyWaiting::NotWaiting { status: ChatStatus::Closed });
    let (_, busy) = bench.arrive(2, 1);
    let held = bench.why(watcher, busy);
    assert_eq!((held.why, held.place), (WhyWaiting::NotWaiting { status: ChatStatus::InProgress }, None));
    assert!(held.candidates.is_empty() && held.next_overflow_at.is_none());
    // 1 comes again and waits for the agent they had, who is full.
    let again = bench.join(customer, 1);
    let other = bench.agent(2, 1, &[1]);
    let until = bench.now + Duration::from_secs(90);
    let explanation = bench.why(watcher, again);
    assert_eq!(explanation.why, WhyWaiting::Sticky { agent: AgentId(1), until });
    assert_eq!(explanation.also, [], "another one could take it, and is held off");
    assert_eq!(named(&explanation), [(2, None, None), (1, Some(Unavailable::Full), None)]);
    assert_eq!(bench.why_idle(other, None).why, WhyIdle::OnlyHeld);
    // Gone as well.
    bench.close(customer);
    let explanation = bench.why(watcher, again);
    let grace = bench.now + Duration::from_secs(60);
    assert_eq!(explanation.why, WhyWaiting::CustomerAway { until: Some(grace) });
    assert_eq!(explanation.also, [WhyWaiting::Sticky { agent: AgentId(1), until }]);
    bench.declare(other, AgentState::Away);
    let explanation = bench.why(watcher, again);
    assert_eq!(explanation.also[1], WhyWaiting::NobodyFree);
    bench.declare(agent, AgentState::Away);
    let explanation = bench.why(watcher, again);
    assert_eq!(explanation.also, [WhyWaiting::NobodyThere], "nobody waits for somebody who is away");
}

#[test]
fn overflow_is_told_and_its_agents_come_after_ones_own() {
    let (mut bench, watcher) = watched(DeskSettings::default());
    let after = Duration::from_secs(60);
    let overflow = vec![OverflowStage { after, category: CategoryId(2) }];
    bench.set_category(1, CategorySettings { overflow, ..CategorySettings::default() });
    let helper = bench.agent(2, 1, &[2]);
    bench.arrive(8, 2);
    let own = bench.agent(5, 1, &[1]);
    bench.arrive(9, 1);
    let (_, chat) = bench.arrive(1, 1);
    let explanation = bench.why(watcher, chat);
    assert_eq!((explanation.overflow, explanation.next_overflow_at), (0, Some(bench.now + after)));
    assert_eq!(named(&explanation), [(5, Some(Unavailable::Full), None)]);
    assert_eq!(bench.refused(helper, Command::ExplainChat { chat }).code(), "unknown_chat", "not theirs yet");
    bench.wait_secs(60);
    let explanation = bench.why(helper, chat);
    assert_eq!((explanation.overflow, explanation.next_overflow_at), (1, None));
    assert_eq!(named(&explanation), [(5, Some(Unavailable::Full), None), (2, Some(Unavailable::Full), None)]);
    let line = LineView { category: CategoryId(1), level: 0, stage: 1, waiting: 1, ready: 1, head: Some(chat) };
    assert_eq!(bench.why_idle(helper, None).lines, [line]);
    assert_eq!(bench.why_idle(own, None).lines, [line]);
}

#[test]
fn lines_are_told_in_the_order_of_choice() {
    let (mut bench, watcher) = watched(DeskSettings::default());
    let agent = bench.agent(1, 1, &[1, 2, 3]);
    bench.arrive(1, 3);
    let (_, second) = bench.arrive(2, 2);
    bench.wait_secs(1);
    let (_, third) = bench.arrive(3, 1);
    bench.arrive(4, 1);
    let (gone, _) = bench.arrive(5, 3);
    bench.close(gone);
    let lines = bench.why_idle(watcher, Some(1)).lines;
    let told: Vec<_> = lines.iter().map(|line| (line.category.0, line.waiting, line.ready, line.head)).collect();
    assert_eq!(told, [(2, 1, 1, Some(second)), (1, 2, 2, Some(third)), (3, 1, 0, None)]);
    let _ = agent;
}

#[test]
fn at_most_fifty_are_named_and_all_are_counted() {
    let (mut bench, watcher) = watched(DeskSettings::default());
    for agent in 1..=60 {
        let session = bench.agent(agent, 1, &[1]);
        bench.declare(session, AgentState::Away);
    }
    let (_, chat) = bench.arrive(1, 1);
    let explanation = bench.why(watcher, chat);
    assert_eq!((explanation.candidates.len(), explanation.passed_over.away), (50, 60));
    assert_eq!(named(&explanation)[49].0, 50);
}
