//! On random floors: what is named as the reason is what must change.

use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::super::super::DeskSettings;
use super::super::support::Bench;
use crate::protocol::{Candidate, Command, WhyWaiting};
use crate::{AgentState, CategoryId, CategorySettings, OverflowStage, Routing, SessionId, Unavailable};

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
    let Some(got) = record.agent().or_else(|| record.offered_to()) else {
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
