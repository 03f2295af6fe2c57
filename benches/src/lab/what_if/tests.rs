//! A store written by the engine under load, read back and replayed; and records made by hand.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chatter_core::desk::DeskSettings;
use chatter_core::engine::{AgentSettings, Engine};
use chatter_core::policy::by_name;
use chatter_core::protocol::{Command, CustomerFrame, JoinQueue};
use chatter_core::session::{Flow, Inbox, Session};
use chatter_core::{AgentId, AgentState, CategoryId, CategoryRecord, ChatId, CustomerId, Fact, Name, Store, Time};
use chatter_store_sqlite::{Durability, SqliteOptions, SqliteStore};

use super::fold::Fold;
use super::{Change, Oddities, Outcome, Recorded, RecordedCategory, WhatIfError, usual_grace};
use crate::lab::compare::Estimate;
use crate::lab::metrics::{Options, Scope, metric};
use crate::lab::random::{Law, Purpose, Stream};
use crate::lab::study::{Effort, Study, Variant, names, options, study};

const CUSTOMERS: u64 = 260;
const POLICY: &str = "least-loaded";

fn read(path: &Path) -> Result<Recorded, WhatIfError> {
    super::read(path, usual_grace())
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// Two categories, three agents with two chats each.
async fn engine(path: &Path) -> (Engine, Arc<SqliteStore>) {
    let options = SqliteOptions { durability: Durability::Normal, ..SqliteOptions::default() };
    let store = Arc::new(SqliteStore::open(path, options).unwrap());
    let engine = Engine::builder(Arc::clone(&store) as Arc<dyn Store>)
        .settings(DeskSettings { push_interval: Duration::from_secs(3_600), ..DeskSettings::default() })
        .policy(by_name(POLICY).unwrap())
        .start()
        .await
        .unwrap();
    for (number, text) in [(1, "Sales"), (2, "Support")] {
        engine.set_category(CategoryRecord::new(CategoryId(number), name(text))).await.unwrap();
    }
    for (number, text, categories) in [(1, "Ada", vec![1, 2]), (2, "Bob", vec![1]), (3, "Cy", vec![1, 2])] {
        let categories = categories.into_iter().map(CategoryId).collect();
        let settings = AgentSettings { agent: AgentId(number), name: name(text), max_chats: 2, categories };
        engine.set_agent(settings).await.unwrap();
    }
    (engine, store)
}

/// The customer's chat and its status, as the next frame that shows it says.
async fn shown(inbox: &mut Inbox<CustomerFrame>) -> (ChatId, String) {
    loop {
        let frame = inbox.next().await.unwrap();
        let frame: serde_json::Value = serde_json::from_str(frame.json()).unwrap();
        if let (Some(chat), Some(status)) = (frame["chat"]["chat"].as_u64(), frame["chat"]["status"].as_str()) {
            return (ChatId(chat), status.to_owned());
        }
    }
}

/// A customer who comes, waits as long as their patience lasts, is served and goes.
async fn customer(session: Session, mut inbox: Inbox<CustomerFrame>, number: u64) {
    let draw = |purpose, mean| {
        let law = Law::Exponential { mean };
        Duration::from_micros(law.draw(&mut Stream::new(3, 0, purpose, number)))
    };
    let (work, patience) = (draw(Purpose::Work, 0.05), draw(Purpose::Patience, 0.15));
    let category = CategoryId(u32::try_from(number % 2).unwrap() + 1);
    let join = JoinQueue::new(name("Customer")).with_category(category);
    assert_eq!(session.receive(Command::JoinQueue(join)).await, Flow::Continue);
    let (chat, mut status) = shown(&mut inbox).await;
    let served = async {
        while status == "open" {
            status = shown(&mut inbox).await.1;
        }
    };
    if tokio::time::timeout(patience, served).await.is_ok() {
        tokio::time::sleep(work).await;
    }
    assert_eq!(session.receive(Command::EndChat { chat }).await, Flow::Continue);
    while shown(&mut inbox).await.1 != "resolved" {}
}

/// Lets the customers come, at a rate that fills most of the slots.
async fn load(engine: &Engine) {
    let mut agents = Vec::new();
    for agent in 1..=3 {
        let (session, mut inbox) = engine.connect_agent(AgentId(agent)).await.unwrap();
        assert_eq!(session.receive(Command::SetAgentState { state: AgentState::Online }).await, Flow::Continue);
        // What agents are told is read, so that nobody is closed as slow.
        agents.push((session, tokio::spawn(async move { while inbox.next().await.is_ok() {} })));
    }
    let mut customers = Vec::new();
    for number in 0..CUSTOMERS {
        let gap = Law::Exponential { mean: 0.009 }.draw(&mut Stream::new(3, 0, Purpose::Arrival, number));
        tokio::time::sleep(Duration::from_micros(gap)).await;
        let (session, inbox) = engine.connect_customer(CustomerId(u128::from(number) + 1)).await.unwrap();
        customers.push(tokio::spawn(customer(session, inbox, number)));
    }
    for customer in customers {
        customer.await.unwrap();
    }
}

fn replay(recorded: &Recorded, plans: &[(&str, &str, Change)], effort: Effort) -> (Study, Options) {
    let base = recorded.scenario(&Change::default(), effort.seed, 0);
    let options = options(&base, Some(20_000), 0);
    let scenarios: Vec<_> = plans
        .iter()
        .map(|plan| move |replication| Cow::Owned(recorded.scenario(&plan.2, effort.seed, replication)))
        .collect();
    let variants: Vec<Variant<'_>> = plans
        .iter()
        .zip(&scenarios)
        .map(|(plan, scenario)| Variant { label: plan.0.to_owned(), policy: plan.1.to_owned(), scenario })
        .collect();
    (study(&variants, &options, &names(&base), effort, &|_, _| ()).unwrap(), options)
}

/// The engine writes a store under load; the store is read while the engine has it open and again afterwards; replaying
/// its own policy gives the waits that were recorded, and another agent shortens them.
#[test]
fn a_store_written_under_load_replays_its_own_waits() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("desk.db");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (live, store) = runtime.block_on(async {
        let (engine, store) = engine(&path).await;
        load(&engine).await;
        let live = read(&path).unwrap();
        engine.stop().await;
        (live, store)
    });
    store.close();
    let recorded = read(&path).unwrap();
    assert_eq!(recorded.episodes, live.episodes, "a server at work is no hindrance");
    assert_eq!(recorded.episodes.len() as u64, CUSTOMERS);
    assert_eq!(recorded.policy(), Some(POLICY));
    let described: Vec<_> =
        recorded.agents.iter().map(|it| (it.name.as_str(), it.max_chats, it.skills.len())).collect();
    assert_eq!(described, [("Ada", 2, 2), ("Bob", 2, 1), ("Cy", 2, 2)]);
    assert_eq!(recorded.oddities, Oddities::default());
    let left = recorded.episodes.iter().filter(|it| it.wait().1).count();
    assert!(left > 0 && left * 2 < recorded.episodes.len(), "some left, most did not: {left}");

    let effort = Effort { seed: 9, replications: 10, threads: 2 };
    let more = Change { like: Some(0), ..Change::default() };
    let fewer = Change { max_chats: Some(1), ..Change::default() };
    let plans = [("own", POLICY, Change::default()), ("more", POLICY, more), ("fewer", POLICY, fewer)];
    let (study, options) = replay(&recorded, &plans, effort);
    let observed = [recorded.observed(&options)];
    for id in ["wait_mean", "asa", "sl_offered", "abandonment", "wait_p90"] {
        let observed = Estimate::of(&observed, &metric(id, &options).unwrap(), Scope::All).unwrap().estimate;
        let replayed = study.comparison.metric(id).unwrap().values[0].unwrap();
        let (low, high) = replayed.interval().unwrap();
        // What the record says is replayed as it was, so the interval is narrow; a thousandth is for rounding.
        let rounding = observed.abs() * 1e-3;
        assert!(low - rounding <= observed && observed <= high + rounding, "{id}: {observed} and {replayed:?}");
    }
    let waits = study.comparison.metric("wait_mean").unwrap();
    let difference = |at: usize| waits.differences[at].as_ref().unwrap();
    assert!(difference(0).difference < 0.0 && difference(1).difference > 0.0, "{waits:?}");
    assert!(observed[0].all().waits.sum > 0, "somebody waited");
}

const MIDNIGHT: u64 = 20_000 * 86_400_000_000;

/// Events as a store has them, at seconds of its first day.
fn folded(events: &[(u64, serde_json::Value)]) -> Recorded {
    folded_with(chatter_core::CategorySettings::default(), events)
}

/// The same with a category of these settings.
fn folded_with(settings: chatter_core::CategorySettings, events: &[(u64, serde_json::Value)]) -> Recorded {
    let category = RecordedCategory { number: 7, name: "Sales".to_owned(), settings };
    let mut fold = Fold::new(vec![category], usual_grace());
    for (second, event) in events {
        let fact: Fact = serde_json::from_value(event.clone()).unwrap();
        fold.fact(Time(MIDNIGHT + second * 1_000_000), &fact);
    }
    fold.done("by hand".to_owned()).unwrap()
}

#[test]
fn events_become_waits() {
    use serde_json::json;
    let opened = |chat| {
        json!({"event": "chat_opened", "chat": chat, "customer": "00000000000000000000000000000001", "category": 7,
            "priority": "medium"})
    };
    let resolved = |chat, reason| json!({"event": "chat_resolved", "chat": chat, "by": "staff", "reason": reason});
    let by_hand = |chat| json!({"event": "chat_assigned_by_hand", "chat": chat, "agent": 5, "by": 5});
    let state = |state| json!({"event": "agent_state_changed", "agent": 5, "state": state, "cause": "declared"});
    let message = json!({"event": "entry_added", "chat": 1, "seq": 2, "kind": "message", "author": {"agent": 5}});
    let recorded = folded(&[
        (10, json!({"event": "agent_set", "agent": 5, "max_chats": 3, "categories": [7]})),
        (20, state("online")),
        (30, opened(1)),
        (31, opened(2)),
        (32, opened(3)),
        (33, json!({"event": "priority_set", "chat": 3, "priority": "urgent", "agent": 5})),
        (40, by_hand(1)),
        (41, by_hand(3)),
        (50, message.clone()),
        (55, message),
        (60, resolved(2, "left_queue")),
        (70, state("away")),
        (80, resolved(1, "agent_ended")),
        (90, json!({"event": "chat_reopened", "chat": 1, "by": "customer", "episode": 2})),
        (95, state("online")),
        (97, resolved(1, "waited_too_long")),
        (100, json!({"event": "agent_set", "agent": 5, "max_chats": 4, "categories": [7]})),
    ]);
    const S: u64 = 1_000_000;
    let of =
        |at: usize| (recorded.episodes[at].arrived / S, recorded.episodes[at].priority, recorded.episodes[at].outcome);
    let served = |assigned, first_reply: Option<u64>, ended: Option<u64>| Outcome::Served {
        assigned: assigned * S,
        first_reply: first_reply.map(|it| it * S),
        ended: ended.map(|it| it * S),
        agent: Some(0),
    };
    assert_eq!(of(0), (30, 1, served(40, Some(50), Some(80))));
    assert_eq!(of(1), (31, 1, Outcome::Left { at: 60 * S }));
    assert_eq!(of(2), (32, 3, served(41, None, None)), "open at the end");
    assert_eq!(of(3), (90, 1, Outcome::TooLong { at: 97 * S }), "the desk ended it, not the customer");
    // In a run too they have abandoned whose wait the desk ended.
    let observed = recorded.observed(&Options::default());
    assert_eq!((observed.all().abandoned, observed.all().unfinished), (2, 1));
    assert_eq!(recorded.agents[0].online, [(20 * S, 70 * S), (95 * S, 100 * S + 1)]);
    assert_eq!(recorded.agents[0].max_chats, 4);
    let wanted = Oddities { by_hand: 2, reopened: 1, limits_changed: 1, ..Oddities::default() };
    assert_eq!(recorded.oddities, wanted);
    assert_eq!((recorded.days(), recorded.midnight), (1, MIDNIGHT));

    // One left after 29 s; the others waited 10, 9 and 7 s: 55 s of waiting for one who left.
    let fit = recorded.patience(0);
    assert_eq!((fit.law, fit.left, fit.censored), (Law::Exponential { mean: 55.0 }, 1, 3));
    let notes = recorded.notes().join(" ");
    assert!(
        notes.contains("2 chats were given to an agent by hand") && notes.contains("1 chats were reopened"),
        "{notes}"
    );
    assert!(notes.contains("who left without a word") && !notes.contains("0 chats"), "{notes}");
}

/// What a chat of one agent and one category is made of.
mod told {
    use serde_json::{Value, json};

    pub(super) fn opened(chat: u64) -> Value {
        json!({"event": "chat_opened", "chat": chat, "customer": "00000000000000000000000000000001", "category": 7,
            "priority": "medium"})
    }

    pub(super) fn set(agent: u64, max_chats: u32) -> Value {
        json!({"event": "agent_set", "agent": agent, "max_chats": max_chats, "categories": [7]})
    }

    pub(super) fn state(agent: u64, state: &str) -> Value {
        json!({"event": "agent_state_changed", "agent": agent, "state": state, "cause": "declared"})
    }

    pub(super) fn given(chat: u64, agent: u64) -> Value {
        json!({"event": "chat_assigned_by_hand", "chat": chat, "agent": agent, "by": agent})
    }

    pub(super) fn resolved(chat: u64, reason: &str) -> Value {
        json!({"event": "chat_resolved", "chat": chat, "by": "staff", "reason": reason})
    }

    pub(super) fn requeued(chat: u64, agent: u64) -> Value {
        json!({"event": "chat_requeued", "chat": chat, "agent": agent, "cause": "no_first_reply"})
    }
}

/// The desk ends a chat a grace after its customer's connection was gone: they had left by then.
#[test]
fn who_is_gone_left_a_grace_before_the_desk_said_so() {
    use told::{opened, resolved, set, state};
    let recorded = folded(&[
        (1, set(5, 1)),
        (2, state(5, "online")),
        (10, opened(1)),
        (11, opened(2)),
        (50, resolved(2, "abandoned")),
        (100, resolved(1, "abandoned")),
    ]);
    let outcome = |at: usize| recorded.episodes[at].outcome;
    assert_eq!(outcome(0), Outcome::Left { at: 40_000_000 }, "60 s before");
    assert_eq!(outcome(1), Outcome::Left { at: 11_000_000 }, "not before they came");
    assert_eq!(recorded.patience(0).law, Law::Exponential { mean: 15.0 });
    let waits = recorded.observed(&Options::default()).all().waits.sum;
    assert_eq!(waits, 30_000_000);
    let notes = recorded.notes().join(" ");
    assert!(notes.contains("2 chats were ended by the desk") && notes.contains("left 60 s before"), "{notes}");
}

/// An agent who misses half of what they are offered, and declines a third of the rest, does so in a replay.
#[test]
fn offers_are_missed_as_often_as_recorded() {
    use serde_json::json;
    let mut events = vec![(1, told::set(5, 1)), (2, told::state(5, "online"))];
    let ended = |chat, how| json!({"event": "offer_ended", "chat": chat, "agent": 5, "how": how});
    for chat in 1..=100_u64 {
        let at = chat * 400;
        events.push((at, told::opened(chat)));
        // Three offers are missed, one is declined after 2 s, and two are accepted after 4 s: by the next chat.
        let choice = json!({"policy": "longest-wait", "trigger": "chat_ready", "key": 0, "waited": 0,
            "rank": {"part": 0, "whole": 1}, "passed_over": {}});
        let offer = json!({"event": "chat_offered", "chat": chat, "agent": 5, "choice": choice});
        match chat % 3 {
            0 => {
                for second in [at, at + 90, at + 180] {
                    events.push((second, offer.clone()));
                    events.push((second + 30, ended(chat, "missed")));
                }
                events.push((at + 270, offer));
                events.push((at + 272, ended(chat, "declined")));
                events.push((at + 280, told::resolved(chat, "waited_too_long")));
            }
            _ => {
                events.push((at, offer));
                events.push((at + 4, told::given(chat, 5)));
                events.push((at + 34, told::resolved(chat, "agent_ended")));
            }
        }
    }
    let settings = serde_json::from_value(json!({"routing": "offer"})).unwrap();
    let recorded = folded_with(settings, &events);
    let agent = &recorded.agents[0];
    assert_eq!((agent.offers, agent.missed, agent.declined, agent.answers.len()), (199, 99, 33, 100));
    let (mut refused, mut taken) = (0, 0);
    for replication in 0..20 {
        let scenario = recorded.scenario(&Change::default(), 3, replication);
        let run = crate::lab::sim::run(&scenario, "longest-wait", 3, replication).unwrap();
        refused += run.agents[0].refused;
        taken += run.agents[0].assigned;
    }
    let share = f64::from(refused) / f64::from(refused + taken);
    assert!((share - 132.0 / 199.0).abs() < 0.03, "{share}");
}

/// Whoever still has chats to finish is at work, as in a replay: what they are busy with is no more than they are there.
#[test]
fn agents_who_finish_their_chats_are_online() {
    use told::{given, opened, resolved, set, state};
    let recorded = folded(&[
        (1, set(5, 2)),
        (10, state(5, "online")),
        (20, opened(1)),
        (20, given(1, 5)),
        (30, opened(2)),
        (30, given(2, 5)),
        (40, state(5, "last_call")),
        (50, resolved(1, "agent_ended")),
        (100, resolved(2, "agent_ended")),
        (200, state(5, "offline")),
    ]);
    let summary = recorded.observed(&Options::default());
    let row = summary.agents[0];
    const S: u64 = 1_000_000;
    assert_eq!((row.online, row.busy, row.chat_time), (90 * S, 80 * S, 100 * S), "from 10 s to 100 s");
    assert_eq!(recorded.agents[0].online, [(10 * S, 40 * S)], "new chats they took until 40 s");
}

/// A chat that goes back to its queue has one wait, ended by the first assignment, and the handling of all who had it; who
/// leaves from there has left.
#[test]
fn a_requeued_chat_is_counted_as_in_a_run() {
    use told::{given, opened, requeued, resolved, set, state};
    let recorded = folded(&[
        (1, set(5, 2)),
        (1, set(6, 2)),
        (10, state(5, "online")),
        (10, state(6, "online")),
        (20, opened(1)),
        (25, opened(2)),
        (30, given(1, 5)),
        (30, given(2, 5)),
        (90, requeued(1, 5)),
        (90, requeued(2, 5)),
        (100, given(1, 6)),
        (120, resolved(2, "left_queue")),
        (150, resolved(1, "agent_ended")),
    ]);
    const S: u64 = 1_000_000;
    let first = recorded.episodes[0];
    assert_eq!((first.wait(), first.work()), ((10 * S, false), Some(110 * S)));
    assert_eq!(recorded.episodes[1].outcome, Outcome::Left { at: 120 * S });
    // Who left had waited 5 s and 30 s, the other one 10 s and 10 s: while an agent had the chat, they did not.
    let fit = recorded.patience(0);
    assert_eq!((fit.law, fit.left, fit.censored), (Law::Exponential { mean: 55.0 }, 1, 1));
    let replayed = recorded.scenario(&Change::default(), 1, 0).trace.unwrap().customers;
    assert_eq!((replayed[0].work, replayed[1].patience), (Some(110 * S), Some(35 * S)));
    assert!(replayed[0].patience > Some(20 * S));
    let summary = recorded.observed(&Options::default());
    assert_eq!((summary.all().answered, summary.all().abandoned), (1, 1));
    assert_eq!((summary.all().chats, summary.all().chat_time), (1, 110 * u128::from(S)));
    let agents: Vec<_> = summary.agents.iter().map(|it| (it.assigned, it.chat_time / S, it.busy / S)).collect();
    assert_eq!(agents, [(2, 120, 60), (1, 50, 50)]);
}

/// Who comes while an agent has the first chat waits alone, who comes when it is back in its queue does not.
#[test]
fn who_waits_again_is_counted_when_they_do() {
    use told::{given, opened, requeued, resolved, set, state};
    let most_waiting = |comes| {
        let mut events = [
            (1, set(5, 2)),
            (10, state(5, "online")),
            (20, opened(1)),
            (30, given(1, 5)),
            (90, requeued(1, 5)),
            (110, given(1, 5)),
            (150, resolved(1, "agent_ended")),
            (comes, opened(2)),
            (comes + 5, given(2, 5)),
        ];
        events.sort_by_key(|event| event.0);
        folded(&events).observed(&Options::default()).most_waiting
    };
    assert_eq!([31, 80, 85, 104, 105, 110].map(most_waiting), [1, 1, 1, 2, 2, 1]);
}

#[test]
fn only_what_is_not_recorded_is_drawn() {
    use serde_json::json;
    let mut events = vec![
        (1, json!({"event": "agent_set", "agent": 5, "max_chats": 1, "categories": [7]})),
        (2, json!({"event": "agent_state_changed", "agent": 5, "state": "online", "cause": "declared"})),
    ];
    for chat in 1..=40_u64 {
        let at = 10 + chat * 100;
        events.push((
            at,
            json!({"event": "chat_opened", "chat": chat,
            "customer": "00000000000000000000000000000001", "category": 7, "priority": "low"}),
        ));
        let (reason, end) = if chat % 4 == 0 { ("left_queue", at + 30) } else { ("agent_ended", at + 50 + chat) };
        if chat % 4 != 0 {
            events.push((at + 20, json!({"event": "chat_assigned_by_hand", "chat": chat, "agent": 5, "by": 5})));
        }
        events.push((end, json!({"event": "chat_resolved", "chat": chat, "by": "staff", "reason": reason})));
    }
    let recorded = folded(&events);
    let draw = |change: &Change, replication| recorded.scenario(change, 1, replication).trace.unwrap().customers;
    let own = Change::default();
    let (first, again, second) = (draw(&own, 0), draw(&own, 0), draw(&own, 1));
    assert_eq!(first, again);
    let other = Change { max_chats: Some(9), like: Some(0), one_policy: true };
    assert_eq!(first, draw(&other, 0), "a change of agents or policy meets the same customers");
    for (at, (one, two)) in first.iter().zip(&second).enumerate() {
        let recorded_work = Some((30 + at as u64 + 1) * 1_000_000);
        if (at + 1) % 4 == 0 {
            assert_eq!((one.patience, two.patience), (Some(30_000_000), Some(30_000_000)), "they left after that");
        } else {
            assert_eq!((one.work, two.work), (recorded_work, recorded_work));
            assert!(one.patience > Some(20_000_000), "they were there until then");
            assert_ne!(one.patience, two.patience);
        }
        assert_eq!(one.priority, Some(0));
    }
    assert!(first.iter().zip(&second).any(|(one, two)| one.work != two.work), "the work of those who left is drawn");
    assert_eq!(recorded.scenario(&other, 1, 0).groups.len(), 2);
}
