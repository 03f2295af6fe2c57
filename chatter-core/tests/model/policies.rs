//! The seven policies as their descriptions have them, written once more.

use chatter_core::{CategoryId, Priority, Time};

use crate::world::{Agent, Chat, World};

const NAMES: [&str; 7] = [
    "longest-wait",
    "priority-ageing",
    "least-loaded",
    "longest-idle",
    "round-robin",
    "most-specialised-first",
    "gc-mu",
];

/// The name, for as long as the program runs.
pub(crate) fn known(name: &str) -> Option<&'static str> {
    NAMES.into_iter().find(|known| *known == name)
}

/// When a chat counts as having arrived.
pub(crate) fn key(world: &World, chat: &Chat) -> i64 {
    let arrived = i64::try_from(chat.arrived_at.0).expect("a time of this century");
    if world.policy_of(chat.category) != "priority-ageing" {
        return arrived;
    }
    let five_minutes = 5 * 60 * 1_000_000;
    match chat.priority {
        Priority::Low => arrived,
        Priority::Medium => arrived - five_minutes,
        Priority::High => arrived - 2 * five_minutes,
        _ => arrived - 3 * five_minutes,
    }
}

/// What a policy ranks agents by: a share, then when they last got a chat, then their number.
pub(crate) fn better(world: &World, policy: &str, one: &Agent, other: &Agent) -> bool {
    let loads = (u64::from(world.load(one.id)), u64::from(world.load(other.id)));
    let ranks = match policy {
        "least-loaded" => (loads.0 * u64::from(other.max), loads.1 * u64::from(one.max)),
        "longest-idle" => (idle(one, loads.0), idle(other, loads.1)),
        "round-robin" => (one.assigned_at.0, other.assigned_at.0),
        "most-specialised-first" => (specialised(one, loads.0), specialised(other, loads.1)),
        _ => loads,
    };
    (ranks.0, one.assigned_at, one.id) < (ranks.1, other.assigned_at, other.id)
}

/// Idle ones first, by the end of their last chat; busy ones by the start of theirs.
const fn idle(agent: &Agent, load: u64) -> u64 {
    if load == 0 { agent.released_at.0 } else { u64::MAX / 2 + agent.assigned_at.0 }
}

fn specialised(agent: &Agent, load: u64) -> u64 {
    agent.categories.len() as u64 * 1_000_000 + load
}

/// How the desk's policy compares the heads of lines: lower is served.
pub(crate) fn line_rank(world: &World, at: Time, category: CategoryId, head: &Chat) -> f64 {
    if world.desk_policy == "gc-mu" {
        let weight = world.settings_of(category).weight;
        let waited = at.micros_since(head.arrived_at) as f64;
        return -(f64::from(weight.cost) * waited / weight.handle_time.as_micros() as f64);
    }
    key(world, head) as f64
}
