//! What goes wrong, each a few lines.

use std::time::Duration;

use chatter_core::engine::AgentSettings;
use chatter_core::testing::{Call, Dice, Fault};
use chatter_core::{AgentId, CategoryId, CategoryRecord, Name, StoreErrorKind};

use crate::plan::Plan;
use crate::world::{End, World};

/// Something that may go wrong at any moment.
#[derive(Debug)]
pub(crate) struct Mishap {
    pub(crate) name: &'static str,
    pub(crate) weight: u64,
    pub(crate) strike: fn(&mut World) -> Option<End>,
}

const fn may(name: &'static str, weight: u64, strike: fn(&mut World) -> Option<End>) -> Mishap {
    Mishap { name, weight, strike }
}

pub(crate) const FAULTS: &[Mishap] = &[
    may("cut", 40, cut),
    may("stall", 12, stall),
    may("freeze", 8, freeze),
    may("crash", 6, crash),
    may("restart", 2, restart),
    may("full_disk", 4, full_disk),
    may("unknown_outcome", 6, unknown_outcome),
    may("key_violated", 3, key_violated),
    may("failed_sync", 2, failed_sync),
    may("hang", 5, hang),
    may("reads_fail", 4, reads_fail),
    may("settling_fails", 3, settling_fails),
    may("all_cut", 2, all_cut),
    may("agent_changed", 5, agent_changed),
    may("category_changed", 4, category_changed),
];

fn some_device(world: &mut World) -> usize {
    usize::try_from(world.dice.below(world.devices.len() as u64)).unwrap_or(0)
}

/// A connection is cut without a word.
fn cut(world: &mut World) -> Option<End> {
    let at = some_device(world);
    world.with_device(at, |device, ctx| device.cut(ctx));
    None
}

/// Every connection is cut at once.
fn all_cut(world: &mut World) -> Option<End> {
    for at in 0..world.devices.len() {
        world.with_device(at, |device, ctx| device.cut(ctx));
    }
    None
}

/// A client does not read for a while.
fn stall(world: &mut World) -> Option<End> {
    let (at, time) = (some_device(world), 1 + world.dice.below(15));
    world.devices[at].stalled_until = world.clock.now() + Duration::from_secs(time);
    None
}

/// A connection is half open: nothing passes, and nobody is told.
fn freeze(world: &mut World) -> Option<End> {
    let at = some_device(world);
    if let Some(conn) = &world.devices[at].conn {
        conn.wire.freeze();
    }
    None
}

fn crash(_: &mut World) -> Option<End> {
    Some(End::Crash)
}

/// The process is asked to stop.
fn restart(world: &mut World) -> Option<End> {
    let engine = world.host.as_ref()?.engine.clone();
    tokio::spawn(async move { engine.stop().await });
    None
}

/// Writes are refused for a while.
fn full_disk(world: &mut World) -> Option<End> {
    world.faults.always(Call::Commit, Fault::Fail(StoreErrorKind::Retryable));
    world.heal_within(20_000);
    None
}

/// The next write may stand, or may not.
fn unknown_outcome(world: &mut World) -> Option<End> {
    let kind = StoreErrorKind::UnknownOutcome;
    let stands = world.dice.once_in(2);
    world.faults.next(Call::Commit, if stands { Fault::FailAfter(kind) } else { Fault::Fail(kind) });
    None
}

fn key_violated(world: &mut World) -> Option<End> {
    world.faults.next(Call::Commit, Fault::Fail(StoreErrorKind::Conflict));
    None
}

/// The store fails for good: the process exits and is started again.
fn failed_sync(world: &mut World) -> Option<End> {
    let fatal = StoreErrorKind::Fatal;
    let stands = world.dice.once_in(2);
    world.faults.next(Call::Commit, if stands { Fault::FailAfter(fatal) } else { Fault::Fail(fatal) });
    None
}

/// Calls of one kind do not return for a while: before they are carried out, or after.
fn hang(world: &mut World) -> Option<End> {
    let calls = [Call::Commit, Call::Commit, Call::Load, Call::Acquire, Call::Entries, Call::Dedupe, Call::Chat];
    let call = world.dice.pick(&calls).copied()?;
    if world.dice.once_in(2) {
        world.faults.hold(call)
    } else {
        world.faults.hold_answer(call)
    }
    world.heal_within(8_000);
    None
}

/// Reads fail for a while.
fn reads_fail(world: &mut World) -> Option<End> {
    let calls = [Call::Entries, Call::Dedupe, Call::Chat, Call::Load];
    let call = world.dice.pick(&calls).copied()?;
    world.faults.always(call, Fault::Fail(StoreErrorKind::Retryable));
    world.heal_within(8_000);
    None
}

/// The outcome of a write is not known, and cannot be settled for a while.
fn settling_fails(world: &mut World) -> Option<End> {
    let _ = unknown_outcome(world);
    let kinds = [StoreErrorKind::Retryable, StoreErrorKind::UnknownOutcome];
    let kind = world.dice.pick(&kinds).copied()?;
    world.faults.always(Call::Acquire, Fault::Fail(kind));
    world.heal_within(6_000);
    None
}

/// The operator changes an agent, or removes one.
fn agent_changed(world: &mut World) -> Option<End> {
    let engine = world.host.as_ref()?.engine.clone();
    let agent = AgentId(1 + world.dice.below(world.plan.agents));
    let settings = agent_settings(world, agent);
    let remove = world.dice.once_in(5);
    let bench = world.bench.clone();
    tokio::spawn(async move {
        let done = if remove { engine.remove_agent(agent).await } else { engine.set_agent(settings).await };
        bench.note(format_args!("agent {agent} removed: {remove}, done: {}", done.is_ok()));
    });
    None
}

/// The operator changes how a category is served.
fn category_changed(world: &mut World) -> Option<End> {
    let engine = world.host.as_ref()?.engine.clone();
    let category = CategoryId(1 + u32::try_from(world.dice.below(u64::from(world.plan.categories))).unwrap_or(0));
    let record = category_record(&world.plan, &mut world.dice, category);
    let bench = world.bench.clone();
    tokio::spawn(async move {
        let done = engine.set_category(record).await;
        bench.note(format_args!("category {category} changed: {done:?}"));
    });
    None
}

pub(crate) fn category_record(plan: &Plan, dice: &mut Dice, category: CategoryId) -> CategoryRecord {
    let name = Name::new(&format!("Category {category}")).expect("it is short");
    CategoryRecord { category, name, settings: plan.category(dice, category) }
}

/// An agent with some limit, serving some categories.
pub(crate) fn agent_settings(world: &mut World, agent: AgentId) -> AgentSettings {
    let dice = &mut world.dice;
    let mut categories: Vec<_> = (1..=world.plan.categories).map(CategoryId).collect();
    if dice.once_in(3) && categories.len() > 1 {
        categories.remove(usize::try_from(dice.below(categories.len() as u64)).unwrap_or(0));
    }
    let max_chats = 1 + u32::try_from(dice.below(4)).unwrap_or(0);
    AgentSettings { agent, name: Name::new(&format!("Agent {agent}")).expect("it is short"), max_chats, categories }
}
