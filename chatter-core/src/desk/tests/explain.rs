//! Row B18: why a chat waits and why an agent gets none, and that it is so: what is named as the reason is what must
//! change.

use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::super::{DeskSettings, Reply};
use super::support::Bench;
use crate::protocol::{
    AgentExplanation, Candidate, ChatExplanation, ColleagueView, Command, LineView, WaitingView, WhyIdle, WhyWaiting,
};
use crate::{
    AgentId, AgentState, CategoryId, CategoryRecord, CategorySettings, ChatId, ChatStatus, Name, OverflowStage,
    Permission, Permissions, Principal, Priority, Refusal, Routing, SessionId, Time, Unavailable,
};

impl Bench {
    fn set_category(&mut self, category: u32, settings: CategorySettings) {
        let name = Name::new(&format!("Category {category}")).unwrap();
        let record = CategoryRecord { category: CategoryId(category), name, settings };
        self.put(super::super::Input::SetCategory(record));
    }

    fn why(&mut self, session: SessionId, chat: ChatId) -> ChatExplanation {
        match self.reply(session, Command::ExplainChat { chat }) {
            Reply::ChatExplained(explanation) => *explanation,
            other => panic!("an explanation, not {other:?}"),
        }
    }

    fn why_idle(&mut self, session: SessionId, agent: Option<u64>) -> AgentExplanation {
        match self.reply(session, Command::ExplainAgent { agent: agent.map(AgentId) }) {
            Reply::AgentExplained(explanation) => *explanation,
            other => panic!("an explanation, not {other:?}"),
        }
    }

    fn queue(&mut self, session: SessionId, category: u32) -> (u64, Vec<WaitingView>) {
        match self.reply(session, Command::ReadQueue { category: CategoryId(category) }) {
            Reply::Queue { category: of, waiting, chats } => {
                assert_eq!(of, CategoryId(category));
                (waiting, chats)
            }
            other => panic!("a queue, not {other:?}"),
        }
    }

    fn team(&mut self, session: SessionId) -> Vec<ColleagueView> {
        match self.reply(session, Command::ReadTeam) {
            Reply::Team(agents) => agents,
            other => panic!("a team, not {other:?}"),
        }
    }

    fn watcher(&mut self) -> SessionId {
        self.set_agent(900, 1, &[9_000]);
        let permissions = Permissions::NONE.with(Permission::Watch);
        self.open(Principal::Agent { agent: AgentId(900), permissions })
    }
}

/// A desk with a watcher of no category that anybody joins.
fn watched(settings: DeskSettings) -> (Bench, SessionId) {
    let mut bench = Bench::with(crate::policy::LeastLoaded, settings);
    bench.set_category(9_000, CategorySettings::default());
    let watcher = bench.watcher();
    (bench, watcher)
}

fn offers() -> CategorySettings {
    CategorySettings { routing: Routing::Offer, ..CategorySettings::default() }
}

fn reasons(explanation: &ChatExplanation) -> Vec<(u64, Option<Unavailable>, Option<Time>)> {
    explanation.candidates.iter().map(|it: &Candidate| (it.agent.0, it.reason, it.until)).collect()
}

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
        reasons(&explanation),
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
    assert_eq!((reasons(&explanation), explanation.place), (vec![], Some(1)), "who is asked is not passed over");
    bench.done(asked, Command::DeclineOffer { chat, reason: None });
    let cooled = bench.now + Duration::from_secs(60);
    let explanation = bench.why(watcher, chat);
    assert_eq!(explanation.why, WhyWaiting::NobodyFree);
    assert_eq!(reasons(&explanation), [(1, Some(Unavailable::Cooling), Some(cooled))]);
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
    assert_eq!(reasons(&bench.why(watcher, waiting)), [(1, Some(Unavailable::Full), None)], "nobody knows when");
    bench.done(agent, Command::EndChat { chat: first });
    let until = bench.now + Duration::from_secs(40);
    assert_eq!(reasons(&bench.why(watcher, waiting)), [(1, Some(Unavailable::Full), Some(until))]);
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
    assert_eq!(reasons(&explanation), [(2, None, None), (1, Some(Unavailable::Full), None)]);
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
    assert_eq!(reasons(&explanation), [(5, Some(Unavailable::Full), None)]);
    assert_eq!(bench.refused(helper, Command::ExplainChat { chat }).code(), "unknown_chat", "not theirs yet");
    bench.wait_secs(60);
    let explanation = bench.why(helper, chat);
    assert_eq!((explanation.overflow, explanation.next_overflow_at), (1, None));
    assert_eq!(reasons(&explanation), [(5, Some(Unavailable::Full), None), (2, Some(Unavailable::Full), None)]);
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
    assert_eq!(reasons(&explanation)[49].0, 50);
}

#[test]
fn who_may_ask() {
    let (mut bench, watcher) = watched(DeskSettings::default());
    let serves = bench.agent(1, 1, &[1]);
    let other = bench.agent(2, 1, &[2]);
    let (customer, held) = bench.arrive(1, 1);
    let (waiter, waiting) = bench.arrive(2, 1);
    let explain = |chat| Command::ExplainChat { chat };
    for session in [watcher, serves] {
        bench.why(session, held);
        bench.why(session, waiting);
    }
    for chat in [held, waiting] {
        assert_eq!(bench.refused(other, explain(chat)), Refusal::UnknownChat { chat });
    }
    assert_eq!(bench.refused(customer, explain(held)), Refusal::NotAllowed);
    assert_eq!(bench.refused(customer, explain(waiting)), Refusal::UnknownChat { chat: waiting });
    assert_eq!(bench.refused(watcher, explain(ChatId(99))), Refusal::UnknownChat { chat: ChatId(99) });
    // Who serves the line may ask while it waits, and afterwards only who had to do with it.
    let colleague = bench.agent(3, 1, &[1]);
    assert_eq!(bench.holder(waiting), Some(3));
    assert_eq!(bench.refused(serves, explain(waiting)), Refusal::UnknownChat { chat: waiting });
    bench.why(colleague, waiting);

    assert_eq!(bench.why_idle(watcher, Some(1)).agent, AgentId(1));
    assert_eq!(bench.why_idle(serves, Some(1)).agent, AgentId(1), "oneself by number");
    let of = |agent| Command::ExplainAgent { agent: Some(AgentId(agent)) };
    assert_eq!(bench.refused(serves, of(2)), Refusal::NotAllowed);
    assert_eq!(bench.refused(watcher, of(99)), Refusal::UnknownAgent);
    assert_eq!(bench.refused(customer, Command::ExplainAgent { agent: None }), Refusal::NotAllowed);

    let queue = |category| Command::ReadQueue { category: CategoryId(category) };
    bench.queue(serves, 1);
    bench.queue(watcher, 1);
    assert_eq!(bench.refused(other, queue(1)), Refusal::NotAllowed);
    assert_eq!(bench.refused(watcher, queue(77)), Refusal::UnknownCategory);
    for command in [queue(1), Command::ReadTeam] {
        assert_eq!(bench.refused(waiter, command), Refusal::NotAllowed);
    }
}

#[test]
fn a_queue_is_shown_in_the_order_of_places() {
    let mut bench = Bench::of(crate::policy::by_name("priority-ageing").unwrap(), DeskSettings::default());
    bench.set_category(9_000, CategorySettings::default());
    bench.set_category(1, offers());
    let watcher = bench.watcher();
    let boss = bench.open(Principal::supervisor(AgentId(900)));
    let [early, urgent, gone, late] = [1, 2, 3, 4].map(|customer| {
        bench.wait_secs(1);
        bench.arrive(customer, 1)
    });
    let priority = Priority::Urgent;
    bench.done(boss, Command::SetPriority { chat: urgent.1, priority });
    bench.close(gone.0);
    let seen = |(_, chats): (u64, Vec<WaitingView>)| {
        chats.iter().map(|it| (it.chat, it.ready, it.offered_to.map(|agent| agent.0))).collect::<Vec<_>>()
    };
    let line = [(urgent.1, true, None), (early.1, true, None), (gone.1, false, None), (late.1, true, None)];
    assert_eq!(seen(bench.queue(watcher, 1)), line);
    let _asked = bench.agent(1, 1, &[1]);
    let queue = bench.queue(watcher, 1);
    assert_eq!(queue.0, 4, "who is offered still waits");
    assert_eq!(seen(queue)[..2], [(urgent.1, true, Some(1)), (early.1, true, None)]);
    for customer in 10..=220 {
        bench.arrive(customer, 1);
    }
    let (waiting, chats) = bench.queue(watcher, 1);
    assert_eq!((waiting, chats.len()), (4 + 211, 200));
    let places: Vec<_> = (1..).zip(chats.iter().skip(1)).map(|(place, shown)| (place, shown.chat)).collect();
    for (place, chat) in places {
        let state = &bench.desk.state.chats[&chat];
        assert_eq!(bench.desk.place_view(bench.now, state).place, Some(place), "{chat}");
    }
}

#[test]
fn the_team_is_shown_to_all_of_it_and_chats_to_those_who_watch() {
    let (mut bench, watcher) = watched(DeskSettings::default());
    let ada = bench.agent(1, 2, &[1, 2]);
    let bob = bench.agent(2, 1, &[2]);
    bench.set_agent(3, 1, &[3]);
    bench.put(super::super::Input::RemoveAgent { agent: AgentId(3) });
    let (_, chat) = bench.arrive(1, 1);
    bench.close(bob);
    let team = bench.team(ada);
    let told: Vec<_> = team.iter().map(|it| (it.agent.0, it.state, it.connected, it.load, it.max_chats)).collect();
    let (online, offline) = (AgentState::Online, AgentState::Offline);
    assert_eq!(told, [(1, online, true, 1, 2), (2, online, false, 0, 1), (900, offline, true, 0, 1)]);
    assert!(team.iter().all(|it| it.chats.is_empty()));
    assert_eq!(bench.team(watcher)[0].chats, [chat]);
}

/// One agent of the random floor.
#[derive(Clone, Debug)]
struct Hand {
    max_chats: u32,
    categories: u8,
    state: u8,
    connected: bool,
}

fn hand() -> impl Strategy<Value = Hand> {
    (1..3_u32, 1..8_u8, 0..6_u8, prop::bool::weighted(0.8)).prop_map(|(max_chats, categories, state, connected)| Hand {
        max_chats,
        categories,
        state,
        connected,
    })
}

/// Does what ends the reason for which an agent does not take a chat.
fn mend(bench: &mut Bench, candidate: &Candidate) {
    let agent = candidate.agent;
    let session = bench.desk.state.agents[&agent].sessions.first().copied();
    let online = |bench: &mut Bench, session| bench.declare(session, AgentState::Online);
    match candidate.reason.expect("one that has a reason") {
        Unavailable::Full => {
            let record = bench.desk.state.agents[&agent].record.clone();
            let categories: Vec<_> = record.categories.iter().map(|category| category.0).collect();
            bench.set_agent(agent.0, record.max_chats + 1, &categories);
        }
        Unavailable::Resting | Unavailable::Cooling => {
            let until = candidate.until.expect("it ends by itself");
            assert!(until > bench.now, "what is over is no reason");
            bench.wait(until - bench.now);
        }
        Unavailable::Away | Unavailable::LastCall | Unavailable::Offline => match session {
            Some(session) => online(bench, session),
            None => {
                let session = bench.agent_session(agent.0);
                online(bench, session);
            }
        },
        Unavailable::Disconnected => drop(bench.agent_session(agent.0)),
        Unavailable::Holds => panic!("nobody holds who waits"),
    }
}

/// Whoever is named has the reason that is named: ended, the chat goes to them or to somebody nearer, or they have
/// another reason, or others were before it.
#[test]
fn what_is_named_is_what_must_change() {
    let defaults = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { defaults.cases } else { 200 };
    let mut runner = TestRunner::new(ProptestConfig { cases, source_file: Some(file!()), ..defaults });
    let floor = (
        prop::sample::select(&crate::policy::NAMES),
        prop::collection::vec(hand(), 1..6),
        prop::collection::vec((0..3_u32, 0..3_u64), 1..12),
        any::<(bool, bool, bool)>(),
        prop::collection::vec(any::<u8>(), 1..12),
    );
    let result = runner.run(&floor, |(policy, hands, arrivals, (offer, rests, helps), picks)| {
        let gap = Duration::from_secs(if rests { 7 } else { 0 });
        let settings = DeskSettings {
            breathing_gap: gap,
            offer_timeout: Duration::from_secs(100_000),
            first_reply_within: None,
            park_after: None,
            ..DeskSettings::default()
        };
        let mut bench = Bench::of(crate::policy::by_name(policy).expect("a shipped policy"), settings);
        bench.set_category(9_000, CategorySettings::default());
        let routing = if offer { Routing::Offer } else { Routing::Assign };
        let stage = OverflowStage { after: Duration::from_secs(2), category: CategoryId(3) };
        let overflow = if helps { vec![stage] } else { Vec::new() };
        bench.set_category(1, CategorySettings { routing, overflow, ..CategorySettings::default() });
        let watcher = bench.watcher();
        for (number, hand) in (1..).zip(&hands) {
            seat(&mut bench, number, hand);
        }
        for (customer, (category, pause)) in (1..).zip(arrivals) {
            bench.arrive(customer, category + 1);
            bench.wait_secs(pause);
        }
        bench.wait_secs(2);
        decline_some(&mut bench, &picks);
        for pick in picks {
            try_mending(&mut bench, watcher, pick);
        }
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}\n{runner}");
    }
}

fn seat(bench: &mut Bench, number: u64, hand: &Hand) {
    let categories: Vec<_> = (0..3).filter(|bit| hand.categories & (1 << bit) != 0).map(|bit| bit + 1).collect();
    bench.set_agent(number, hand.max_chats, &categories);
    if hand.state == 0 {
        return;
    }
    let session = bench.agent_session(number);
    let state = match hand.state {
        1 => AgentState::Away,
        _ => AgentState::Online,
    };
    bench.declare(session, state);
    if !hand.connected {
        bench.close(session);
    }
}

/// Some of those who are asked decline.
fn decline_some(bench: &mut Bench, picks: &[u8]) {
    for pick in picks.iter().filter(|pick| **pick % 3 == 0) {
        let asked = bench.desk.state.agents.values().filter(|it| !it.sessions.is_empty());
        let offers: Vec<_> =
            asked.flat_map(|it| it.offers.iter().map(|chat| (it.sessions.first().copied(), *chat))).collect();
        let Some((Some(session), chat)) = offers.get(usize::from(*pick) % offers.len().max(1)).copied() else { return };
        bench.done(session, Command::DeclineOffer { chat, reason: None });
    }
}

fn try_mending(bench: &mut Bench, watcher: SessionId, pick: u8) {
    // A chat that came back from an offer may have overflowed meanwhile.
    bench.settle();
    let ready: Vec<_> = bench.desk.state.lines.iter().filter(|(.., ready)| *ready).map(|(_, chat, _)| chat).collect();
    let Some(chat) = ready.get(usize::from(pick) % ready.len().max(1)).copied() else { return };
    let before = bench.why(watcher, chat);
    let Some(at) = (!before.candidates.is_empty()).then(|| usize::from(pick / 7) % before.candidates.len()) else {
        assert_eq!(before.why, WhyWaiting::NobodyServes);
        return;
    };
    let named = before.candidates[at].clone();
    assert!(named.reason.is_some(), "rule 3: nobody who could take {chat} lets it wait");
    mend(bench, &named);
    let record = bench.record(chat).clone();
    let Some(got) = record.agent().or(record.offered_to()) else {
        let after = bench.why(watcher, chat);
        let Some(now) = after.candidates.iter().find(|it| it.agent == named.agent) else { panic!("{after:?}") };
        let another_reason = (now.reason, now.until) != (named.reason, named.until);
        let took_another = now.load > named.load;
        assert!(
            now.reason.is_some() && (another_reason || took_another),
            "{chat} waits for {now:?}, mended: {named:?}"
        );
        return;
    };
    // Nothing but rests and cool-downs ends while time passes here.
    let sooner = before.candidates.iter().any(|it| it.agent == got && it.until.is_some_and(|until| until <= bench.now));
    assert!(got == named.agent || sooner, "{chat} went to {got}, not to {named:?}: {before:?}");
}
